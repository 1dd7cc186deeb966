package output

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"slipway/supervise/kernel/kerneltest"
	"slipway/supervise/logs"
	"slipway/supervise/logs/sink"
	"slipway/supervise/loop"
	"slipway/supervise/loop/looptest"
)

// onCarrier runs a test of one outlet, whose log is /log, in a bubble.
func onCarrier(t *testing.T, test func(m *kerneltest.Machine, l *loop.Loop, c *Carrier, o *Outlet, open func() int)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		m := kerneltest.New(t)
		l := loop.New(m, m)
		targets := sink.NewTargets(sink.Options{System: m})
		c, o := NewCarrier(m, l, targets), &Outlet{}
		test(m, l, c, o, func() int {
			w, err := c.Open(o, logs.Spec{Destination: sink.Destination{Process: "p", Logfile: "/log"}}, logs.Hooks{}, Manner{Patient: true})
			if err != nil {
				t.Fatal(err)
			}
			return w
		})
		targets.Close(m.Now())
	})
}

// A channel lasts until the last holder closes the pipe, whatever became of its program.
func TestLateChannelsAreRead(t *testing.T) {
	onCarrier(t, func(m *kerneltest.Machine, l *loop.Loop, _ *Carrier, _ *Outlet, open func() int) {
		first := open()
		second := open()
		m.Write(first, []byte("late\n"))
		m.Write(second, []byte("new\n"))
		looptest.Run(l, time.Second)
		m.Close(first)
		m.Close(second)
		looptest.Run(l, time.Second)
		if got := m.Text("/log"); got != "late\nnew\n" && got != "new\nlate\n" {
			t.Errorf("the log has %q, want both lines", got)
		}
		for fd, what := range m.Descriptors() {
			if what == "pipe" {
				t.Errorf("pipe %d is still open", fd)
			}
		}
	})
}

// Of former incarnations so many are read on; the oldest beyond that is closed.
func TestLateChannelsAreBounded(t *testing.T) {
	onCarrier(t, func(m *kerneltest.Machine, l *loop.Loop, _ *Carrier, _ *Outlet, open func() int) {
		var ends []int
		for range maxLate + 3 {
			ends = append(ends, open())
		}
		looptest.Run(l, time.Second)
		pipes := 0
		for _, what := range m.Descriptors() {
			if what == "pipe" {
				pipes++
			}
		}
		if ours := pipes - len(ends); ours != maxLate+1 {
			t.Errorf("%d channels are open, want %d", ours, maxLate+1)
		}
		for i, fd := range ends {
			fmt.Fprint(writer{m, fd}, "line of ", i, "\n")
			m.Close(fd)
		}
		looptest.Run(l, time.Second)
		for i := range ends {
			if has, want := strings.Contains(m.Text("/log"), fmt.Sprint("line of ", i, "\n")), i >= 2; has != want {
				t.Errorf("the log has the line of incarnation %d: %v, want %v", i, has, want)
			}
		}
	})
}

// writer writes to a descriptor of the supervisor, as a program would to its end.
type writer struct {
	m  *kerneltest.Machine
	fd int
}

func (w writer) Write(p []byte) (int, error) { return w.m.Write(w.fd, p) }

// One that prints little by little, as fast as it can, is throttled, and nothing is lost.
func TestManyLittleWrites(t *testing.T) {
	onCarrier(t, func(m *kerneltest.Machine, l *loop.Loop, _ *Carrier, o *Outlet, open func() int) {
		var passed strings.Builder
		stop := o.Follow(func(p []byte) { passed.Write(p) })
		w, want := open(), ""
		for i := range 500 {
			line := fmt.Sprintln("line", i)
			m.Write(w, []byte(line))
			want += line
			looptest.Run(l, time.Millisecond)
		}
		looptest.Run(l, time.Second)
		stop()
		m.Write(w, []byte("unseen\n"))
		m.Close(w)
		looptest.Run(l, time.Second)
		if m.Text("/log") != want+"unseen\n" {
			t.Errorf("the log has %d bytes, want %d", len(m.Text("/log")), len(want)+7)
		}
		if passed.String() != want {
			t.Errorf("a follower was told %d bytes, want %d", passed.Len(), len(want))
		}
		if tail := o.Tail(1); len(tail) != 1 || tail[0] != "unseen" {
			t.Errorf("the last line is %q, want unseen", tail)
		}
	})
}

// Who prints in vain, without end, waits in its own write, and costs the loop a read now and
// then; one that is throttled for a shorter time is not held up by it.
func TestVainOutput(t *testing.T) {
	onCarrier(t, func(m *kerneltest.Machine, l *loop.Loop, c *Carrier, _ *Outlet, _ func() int) {
		reads, vain := 0, false
		w, err := c.Open(&Outlet{}, logs.Spec{Destination: sink.Destination{Process: "v", Logfile: "/vain"}}, logs.Hooks{Chunk: func([]byte) { reads++ }}, Manner{Vain: func() bool { return vain }})
		if err != nil {
			t.Fatal(err)
		}
		flood := func() (read int) {
			reads = 0
			for end := l.Now().Add(time.Second); l.Now().Before(end); {
				m.Write(w, []byte("chatter "))
				looptest.Run(l, time.Millisecond)
			}
			return reads
		}
		if n := flood(); n < 900 {
			t.Errorf("%d reads in a second of what is waited for, want one for each write", n)
		}
		vain = true
		if n, most := flood(), int(time.Second/vainEvery)+2; n > most {
			t.Errorf("%d reads in a second of what is in vain, want %d at most", n, most)
		}
		looptest.Run(l, time.Second)
		if got, want := strings.Count(m.Text("/vain"), "chatter "), 2000; got < want-20 {
			t.Errorf("%d of about %d words are in the log", got, want)
		}
	})
}
