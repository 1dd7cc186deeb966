package kerneltest

import (
	"io"
	"strconv"
	"syscall"

	"slipway/supervise/holder"
	"slipway/supervise/kernel"
)

// held is a holder of a bench, and what it says.
type held struct {
	kernel.Held
	b   *bench
	out int // what its program prints
	buf []byte
}

// hold starts a program with a holder, whose output is read by line.
func (b *bench) hold(scripts ...string) *held {
	b.t.Helper()
	return b.holdCommand(b.Command(scripts...))
}

func (b *bench) holdCommand(c *kernel.Command) *held {
	b.t.Helper()
	r, w, err := b.OutputPipe()
	b.must(err)
	null, err := b.Null()
	b.must(err)
	c.Files = []int{null, w, w}
	h := &held{b: b, out: r}
	h.Held, err = b.Hold(c)
	b.must(err)
	b.must(b.Close(w))
	b.must(b.Close(null))
	return h
}

// next is the next record; false at the end.
func (h *held) next() (r holder.Record, ok bool) {
	h.b.t.Helper()
	chunk := make([]byte, 4*holder.Size)
	h.b.until("the holder has said something", func() bool {
		if r, h.buf, ok = holder.Read(h.buf); ok {
			return true
		}
		n, err := h.b.Read(h.Channel, chunk)
		h.buf = append(h.buf, chunk[:max(n, 0)]...)
		return err == io.EOF || err == syscall.ECONNRESET
	})
	return r, ok
}

// says insists on the next record, and returns it. A PID or A of -1 may be anything.
func (h *held) says(kind holder.Kind, pid, a, b int) holder.Record {
	h.b.t.Helper()
	r, _ := h.next()
	if r.Kind != kind || pid >= 0 && int(r.PID) != pid || a >= 0 && int(r.A) != a || int(r.B) != b {
		h.b.t.Fatalf("the holder says %+v, want kind %d of %d with %d, %d", r, kind, pid, a, b)
	}
	return r
}

// begins waits until the program runs, and returns its number.
func (h *held) begins() int {
	h.b.t.Helper()
	pid := int(h.says(holder.Born, -1, 0, 0).PID)
	h.says(holder.Running, pid, holder.Adopts, 0)
	return pid
}

// ends insists that the holder says nothing more and ends.
func (h *held) ends() {
	h.b.t.Helper()
	if r, ok := h.next(); ok {
		h.b.t.Fatalf("the holder says %+v, want nothing more", r)
	}
	equal(h.b, "exit of the holder", h.b.dead(h.PID), kernel.Exit{})
}

func (h *held) tell(kind holder.Kind, pid, a, b int) {
	h.b.t.Helper()
	n, err := h.b.Send(h.Channel, holder.Record{Kind: kind, PID: int32(pid), A: int32(a), B: int32(b)}.Append(nil), -1)
	h.b.must(err)
	equal(h.b, "bytes", n, holder.Size)
}

// number reads a line that is a number.
func (h *held) number() int {
	h.b.t.Helper()
	n, err := strconv.Atoi(h.b.line(h.out))
	h.b.must(err)
	return n
}

// holderClaims are what holders do, where there can be some.
var holderClaims = []claim{
	{"a program is told its own number", func(b *bench) {
		c := b.Command("pid 1; env 1 OWN_PID; env 1 OWN")
		c.Env = append(c.Env, "OWN=1", "OWN_PID=0000000000")
		c.PIDVariable = "OWN_PID"
		h := b.holdCommand(c)
		pid := h.begins()
		for _, want := range []string{strconv.Itoa(pid), strconv.Itoa(pid), "1"} {
			equal(b, "line", b.line(h.out), want)
		}
		h.says(holder.Died, pid, -1, 0)
		h.ends()
		b.must(b.Close(h.out))
		b.must(b.Close(h.Channel))
	}},
	{"a program runs below its holder, and its end is told", func(b *bench) {
		h := b.hold("pid 1; exit 3")
		pid := h.begins()
		equal(b, "the program's own number", h.number(), pid)
		h.says(holder.Died, pid, 3<<8, 0)
		equal(b, "the rest of the output", b.all(h.out), "")
		h.ends()
	}},
	{"a death by a signal is told as it was", func(b *bench) {
		h := b.hold("pause")
		pid := h.begins()
		h.tell(holder.Signal, 0, int(syscall.SIGKILL), 0)
		h.says(holder.Died, pid, int(syscall.SIGKILL), 0)
		h.ends()
	}},
	{"a signal for the group reaches it", func(b *bench) {
		h := b.hold("fork (on TERM print 1 child; print 1 up; pause); on TERM exit 4; read 0; pause")
		pid := h.begins()
		equal(b, "the child", b.line(h.out), "up")
		h.tell(holder.Signal, 0, int(syscall.SIGTERM), 1)
		equal(b, "the child", b.line(h.out), "child")
		h.says(holder.Died, pid, 4<<8, 1)
		b.SignalTree(h.PID, syscall.SIGKILL)
		h.tell(holder.Go, 0, 0, 0)
		h.says(holder.Empty, 0, 0, 0)
		h.ends()
	}},
	{"what cannot be executed is told", func(b *bench) {
		b.must(b.WriteFile(b.path("garbage"), []byte("\x01garbage"), 0o755))
		for path, want := range map[string]syscall.Errno{"none": syscall.ENOENT, "garbage": syscall.ENOEXEC, "": syscall.EACCES} {
			c := b.Command("exit 0")
			c.Path = b.path(path)
			h := b.holdCommand(c)
			h.says(holder.Born, -1, 0, 0)
			h.says(holder.Failed, -1, holder.RowExec, int(want))
			h.over()
		}
	}},
	{"an orphan comes to the holder, and is the program from then on", func(b *bench) {
		h := b.hold("fork (setsid; fork (pid 1; pause); exit 0); await; exit 0")
		pid := h.begins()
		daemon := h.number()
		h.says(holder.Died, pid, 0, 1)
		list := b.Descendants(h.PID)
		if len(list) != 1 || list[0].PID != daemon || list[0].Parent != h.PID || list[0].Session == daemon || list[0].Zombie {
			b.t.Fatalf("descendants = %+v, want the daemon %d", list, daemon)
		}
		h.tell(holder.Main, daemon, 0, 0)
		h.says(holder.Chosen, daemon, 0, 0)
		h.tell(holder.Signal, 0, int(syscall.SIGTERM), 0)
		h.says(holder.Died, daemon, int(syscall.SIGTERM), 0)
		h.ends()
	}},
	{"nobody is reaped until the supervisor has decided", func(b *bench) {
		h := b.hold("fork (setsid; pid 1; pause); read 0; exit 0")
		pid := h.begins()
		child := h.number()
		h.says(holder.Died, pid, 0, 1)
		b.kill(child, syscall.SIGKILL)
		b.until("it is a zombie", func() bool {
			list := b.Descendants(h.PID)
			return len(list) == 1 && list[0].PID == child && list[0].Zombie
		})
		h.tell(holder.Main, child, 0, 0)
		h.says(holder.Chosen, child, 0, 0)
		h.says(holder.Died, child, int(syscall.SIGKILL), 0)
		h.ends()
	}},
	{"a stranger cannot be the program", func(b *bench) {
		h := b.hold("fork (pid 1; pause); pause")
		pid := h.begins()
		grandchild := h.number()
		h.tell(holder.Main, grandchild, 0, 0)
		h.says(holder.Refused, grandchild, int(holder.Main), int(syscall.ECHILD))
		h.tell(holder.Signal, 0, int(syscall.SIGKILL), 0)
		h.says(holder.Died, pid, int(syscall.SIGKILL), 1)
		h.tell(holder.Go, 0, 0, 0)
		b.SignalTree(h.PID, syscall.SIGKILL)
		h.says(holder.Empty, 0, 0, 0)
		h.ends()
	}},
	{"a tree is signalled as a whole", func(b *bench) {
		h := b.hold("fork (setsid; fork (setpgid; fork (print 1 up; pause); pause); pause); read 0; pause")
		pid := h.begins()
		equal(b, "the deepest", b.line(h.out), "up")
		equal(b, "processes", len(b.Descendants(h.PID)), 4)
		if n := b.SignalTree(h.PID, syscall.SIGKILL); n != 4 {
			b.t.Errorf("%d processes were signalled, want 4", n)
		}
		r, _ := h.next()
		if r.Kind == holder.Stopped { // for the time in which the others were looked for
			r, _ = h.next()
		}
		if r.Kind != holder.Died || int(r.PID) != pid {
			b.t.Fatalf("the holder says %+v, want the end of %d", r, pid)
		}
		if r.B != 0 { // the others have not ended yet
			h.tell(holder.Go, 0, 0, 0)
			h.says(holder.Empty, 0, 0, 0)
		}
		h.ends()
	}},
	{"what is left can be left to the supervisor", func(b *bench) {
		h := b.hold("fork (setsid; pid 1; pause); read 0; exit 5")
		pid := h.begins()
		child := h.number()
		h.says(holder.Died, pid, 5<<8, 1)
		h.tell(holder.Leave, 0, 0, 0)
		h.ends()
		b.kill(child, syscall.SIGKILL)
		equal(b, "exit of the child", b.dead(child).Signal, int(syscall.SIGKILL))
	}},
	{"the program of a holder that is killed is ours", func(b *bench) {
		h := b.hold("print 1 up; read 0; on TERM exit 6; pause")
		pid := h.begins()
		b.line(h.out)
		b.kill(h.PID, syscall.SIGKILL)
		equal(b, "exit of the holder", b.dead(h.PID).Signal, int(syscall.SIGKILL))
		b.until("it is our child", func() bool { list := b.Children(); return len(list) == 1 && list[0] == pid })
		b.kill(pid, syscall.SIGKILL)
		equal(b, "exit", b.dead(pid).Signal, int(syscall.SIGKILL))
	}},
	{"a program that is stopped is told, and when it goes on", func(b *bench) {
		h := b.hold("print 1 up; pause")
		pid := h.begins()
		b.line(h.out)
		h.tell(holder.Signal, 0, int(syscall.SIGSTOP), 0)
		h.says(holder.Stopped, pid, int(syscall.SIGSTOP), 0)
		h.tell(holder.Signal, 0, int(syscall.SIGCONT), 0)
		h.says(holder.Continued, pid, 0, 0)
		h.tell(holder.Signal, 0, int(syscall.SIGKILL), 0)
		h.says(holder.Died, pid, int(syscall.SIGKILL), 0)
		h.ends()
	}},
	{"a holder that is stopped is seen", func(b *bench) {
		h := b.hold("pause")
		pid := h.begins()
		equal(b, "halted", b.Halted(), 0)
		b.kill(h.PID, syscall.SIGSTOP)
		b.until("it is seen", func() bool { return b.Halted() == h.PID })
		equal(b, "halted afterwards", b.Halted(), 0)
		h.tell(holder.Signal, 0, int(syscall.SIGKILL), 0)
		b.kill(h.PID, syscall.SIGCONT)
		h.says(holder.Died, pid, int(syscall.SIGKILL), 0)
		h.ends()
	}},
	{"a holder does not die of what a program's parent gets", func(b *bench) {
		h := b.hold("pause")
		pid := h.begins()
		for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGPIPE, syscall.SIGALRM} {
			b.kill(h.PID, sig) // ours: they are not passed on
		}
		h.tell(holder.Signal, 0, int(syscall.SIGKILL), 0)
		h.says(holder.Died, pid, int(syscall.SIGKILL), 0)
		h.ends()
	}},
	{"a program gets its signal when the supervisor is gone", func(b *bench) {
		c := b.Command("on USR1 print 1 alone; print 1 up; pause")
		c.DeathSignal = int(syscall.SIGUSR1)
		h := b.holdCommand(c)
		pid := h.begins()
		equal(b, "the program", b.line(h.out), "up")
		b.must(b.Close(h.Channel))
		equal(b, "the program", b.line(h.out), "alone")
		b.kill(pid, syscall.SIGKILL)
		equal(b, "exit of the holder", b.dead(h.PID), kernel.Exit{})
	}},
	{"a holder goes on when nobody listens, and ends with the last", func(b *bench) {
		h := b.hold("fork (setsid; pid 1; pause); read 0; pause")
		pid := h.begins()
		child := h.number()
		b.must(b.Close(h.Channel))
		b.kill(pid, syscall.SIGKILL)
		b.kill(child, syscall.SIGKILL)
		equal(b, "exit of the holder", b.dead(h.PID), kernel.Exit{})
	}},
}

// over lets a holder end that has not come to its program.
func (h *held) over() {
	h.b.t.Helper()
	for {
		if _, ok := h.next(); !ok {
			break
		}
	}
	h.b.zombie(h.PID)
	_, err := h.b.Reap(h.PID)
	h.b.must(err)
}
