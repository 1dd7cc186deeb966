//go:build linux

package sink

import (
	"strings"
	"testing"
	"testing/synctest"
)

// A panic on the goroutine of a Writer ends the Writer, and not the process; it is told with
// its stack, and what was not written is counted.
func TestPanicOfAWriter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sys := realSystem()
		sys.write = func(int, []byte) (int, error) { panic("planted") }
		woken := false
		w := newWriter(1, "standard output", sys, func() { woken = true })
		s := w.Source()
		s.Write([]byte("one\n"))
		synctest.Wait()
		s.Write([]byte("two\n"))
		synctest.Wait()
		text := w.look()
		for _, want := range []string{"standard output", "panic: planted", "please report", "panic_test.go"} {
			if !strings.Contains(text, want) {
				t.Errorf("the report lacks %q: %s", want, text)
			}
		}
		if w.look() != "" {
			t.Error("it is told twice")
		}
		if !woken || s.Full() || w.drops.bytes != 8 {
			t.Errorf("woken %v, full %v, %d bytes lost, want 8", woken, s.Full(), w.drops.bytes)
		}
	})
}
