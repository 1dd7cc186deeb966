package child

import (
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"slipway/supervise/kernel"
	"slipway/supervise/kernel/kerneltest"
	"slipway/supervise/loop"
	"slipway/supervise/loop/looptest"
)

// onRunner runs a test of a runner in a bubble. At its end nothing but the standard
// descriptors may be open.
func onRunner(t *testing.T, program kerneltest.Program, test func(m *kerneltest.Machine, l *loop.Loop, r *Runner)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		m := kerneltest.New(t)
		m.Install("/bin/child", program)
		l := loop.New(m, m)
		test(m, l, NewRunner(m, l))
		for fd, what := range m.Descriptors() {
			if fd > 2 {
				t.Errorf("descriptor %d (%s) is still open", fd, what)
			}
		}
	})
}

func command() *kernel.Command {
	return &kernel.Command{Path: "/bin/child", Argv: []string{"child"}, Umask: -1}
}

// Of what a child prints the last is kept, however much it is, and what it leaves behind in
// its group ends with it.
func TestKeepsTheLastThatIsPrinted(t *testing.T) {
	onRunner(t, func(p *kerneltest.Process) {
		p.Fork(func(q *kerneltest.Process) { q.Sleep(time.Hour) })
		p.Print(1, strings.Repeat("x", 100_000))
		p.Print(2, "the end")
		p.Exit(3)
	}, func(m *kerneltest.Machine, l *loop.Loop, r *Runner) {
		var got []string
		_, err := r.Start(Job{Command: command(), Keep: 9, Ended: func(exit kernel.Exit, output []byte) {
			if exit.Code != 3 {
				t.Errorf("exit status = %d, want 3", exit.Code)
			}
			got = append(got, string(output))
		}})
		if err != nil {
			t.Fatal(err)
		}
		looptest.Run(l, time.Second)
		if len(got) != 1 || got[0] != "xxthe end" {
			t.Errorf("it ended with %q, want once, xxthe end", got)
		}
		if left := m.Processes(); len(left) > 0 {
			t.Errorf("%v is left", left)
		}
	})
}

// A child without Keep prints to our own outputs, reads nothing, and what it leaves is left.
func TestPrintsToOurOutputs(t *testing.T) {
	onRunner(t, func(p *kerneltest.Process) {
		var b [1]byte
		if _, err := p.Read(0, b[:]); err == nil {
			p.Exit(1)
		}
		p.Print(1, "out")
		p.Print(2, "err")
		p.Fork(func(q *kerneltest.Process) { q.Sleep(time.Hour) })
	}, func(m *kerneltest.Machine, l *loop.Loop, r *Runner) {
		ended := false
		if _, err := r.Start(Job{Command: command(), Ended: func(exit kernel.Exit, _ []byte) { ended = exit == kernel.Exit{} }}); err != nil {
			t.Fatal(err)
		}
		looptest.Run(l, time.Second)
		if !ended || m.Output(1) != "out" || m.Output(2) != "err" || len(m.Processes()) != 1 {
			t.Errorf("ended well: %v, printed %q and %q, left %v", ended, m.Output(1), m.Output(2), m.Processes())
		}
	})
}

// The connection is the first descriptor after the standard ones; the caller's files follow.
func TestConnects(t *testing.T) {
	onRunner(t, func(p *kerneltest.Process) {
		line, _ := p.ReadLine(4)
		p.Print(3, line)
	}, func(m *kerneltest.Machine, l *loop.Loop, r *Runner) {
		in, out, err := m.InputPipe()
		if err != nil {
			t.Fatal(err)
		}
		m.Write(out, []byte("hello\n"))
		c, err := r.Start(Job{Command: command(), Connect: true, Files: []int{in}})
		if err != nil {
			t.Fatal(err)
		}
		looptest.Run(l, time.Second)
		var b [16]byte
		if n, _ := m.Read(c.Socket, b[:]); string(b[:n]) != "hello" {
			t.Errorf("the child said %q over its connection, want hello", b[:n])
		}
		for _, fd := range []int{in, out, c.Socket} {
			m.Close(fd)
		}
	})
}

// Whichever step fails, nothing is left of a child that was not started.
func TestNothingIsLeftOfAFailure(t *testing.T) {
	for _, call := range []string{"Pipe", "Pair", "Spawn"} {
		t.Run(call, func(t *testing.T) {
			onRunner(t, func(*kerneltest.Process) {}, func(m *kerneltest.Machine, _ *loop.Loop, r *Runner) {
				m.Fail(call, syscall.EMFILE)
				_, err := r.Start(Job{Command: command(), Connect: true, Keep: 10, Ended: func(kernel.Exit, []byte) { t.Error("it has ended") }})
				if err != syscall.EMFILE {
					t.Errorf("error = %v, want EMFILE", err)
				}
			})
		})
	}
}
