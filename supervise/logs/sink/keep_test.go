//go:build linux

package sink

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
)

// Block loses nothing that a program prints, whatever the supervisor has to say beside it.
func TestBlockLosesNoOutputOfPrograms(t *testing.T) {
	r := &reader{}
	w := writerTo(r, nil)
	program, own := w.Source(), w.Source()
	kept(program)
	r.gate.Lock()
	wantLines := 0
	for range 2 * hardLimit / 100 {
		own.Write([]byte(strings.Repeat("o", 99) + "\n"))
		program.Write([]byte(strings.Repeat("p", 9) + "\n"))
		wantLines++
	}
	r.gate.Unlock()
	settle(t, w)
	if got := strings.Count(r.text(), "ppppppppp\n"); got != wantLines {
		t.Errorf("%d lines of the program have arrived, want %d", got, wantLines)
	}
	if w.Lost() == 0 {
		t.Error("nothing of the supervisor's own lines was lost although it may hold nobody up")
	}
}

// Lines that wait for their end fill a Writer like those that wait for the reader: else a
// thousand programs that print prompts hold sixteen megabytes.
func TestUnfinishedLinesFillAWriter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		woken := make(chan struct{}, 10)
		r := &reader{}
		w := writerTo(r, func() { woken <- struct{}{} })
		var all []*Source
		for range 1000 {
			all = append(all, w.Source())
			kept(all[len(all)-1])
		}
		n := 0
		for _, s := range all {
			if s.Full() {
				break
			}
			s.Write(bytes.Repeat([]byte("x"), holdLimit))
			n += holdLimit
		}
		if n > softLimit+holdLimit {
			t.Errorf("%d bytes are held back, want %d at most", n, softLimit+holdLimit)
		}
		<-woken // when they are let go
		synctest.Wait()
		if all[0].Full() {
			t.Error("full when all is written")
		}
		if got := strings.Count(r.text(), "x"); got != n || w.Lost() != 0 {
			t.Errorf("%d bytes have arrived and %d are lost, want all %d", got, w.Lost(), n)
		}
	})
}

func TestGiveUp(t *testing.T) {
	var said []string
	woken := make(chan struct{}, 10)
	r := &reader{}
	sys := realSystem()
	sys.write = r.write
	targets := NewTargets(Options{System: sys, Report: func(s string) { said = append(said, s) }, Wake: func() { woken <- struct{}{} }})
	s := targets.Stdio(1)
	r.gate.Lock()
	s.Write([]byte("12345\n"))
	inFlight(t, targets.stdio[1])
	s.Write([]byte("queued\n"))
	if !targets.Busy() || targets.Reads() {
		t.Error("not busy, or something was read")
	}
	targets.GiveUp()
	if len(said) != 1 || !strings.Contains(said[0], "13 bytes for standard output are lost") {
		t.Errorf("reports %q", said)
	}
	r.gate.Unlock()
	<-woken
	if targets.Busy() {
		t.Error("busy with an empty queue")
	}
	if got := r.text(); got != "12345\n" {
		t.Errorf("output = %q", got)
	}
	targets.GiveUp()
	if len(said) != 1 {
		t.Errorf("reports %q, want no other one", said)
	}
}

// What is dropped is counted by every kind of sink.
func TestDropCounts(t *testing.T) {
	b := newBench(t)
	file := b.Targets.File(b.path("a.log"), Rotation{}, false)
	stdout := b.Targets.Stdio(1)
	syslog := b.syslogTo(b.path("nobody"), "")
	for _, s := range []Sink{file, stdout, syslog} {
		s.(Dropper).Drop([]byte("lost\n"))
	}
	want := map[string]int64{"standard output": 5, b.path("a.log"): 5, "syslog": 5}
	for _, l := range b.Targets.Losses() {
		if want[l.Target] != l.Bytes {
			t.Errorf("%s has lost %d bytes, want %d", l.Target, l.Bytes, want[l.Target])
		}
		delete(want, l.Target)
	}
	if len(want) > 0 {
		t.Errorf("nothing is said of %v", want)
	}
}
