package kerneltest

import (
	"slices"
	"strconv"
	"syscall"

	"slipway/supervise/kernel"
)

var processClaims = []claim{
	{"an exit is told, seen and taken once", func(b *bench) {
		pid, _ := b.play("exit 3")
		b.zombie(pid)
		again, err := b.Peek()
		b.must(err)
		equal(b, "the second Peek", again, pid)
		b.until("SIGCHLD has come", func() bool { return b.child })
		equal(b, "exit", b.dead(pid), kernel.Exit{Code: 3})
		_, err = b.Peek()
		b.is("Peek without children", err, syscall.ECHILD)
		_, err = b.Reap(pid)
		b.is("the second Reap", err, syscall.ECHILD)
	}},
	{"a death by a signal", func(b *bench) {
		for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL, syscall.SIGHUP} {
			pid, out := b.play("print 1 up", "pause")
			b.line(out)
			got, err := b.Peek()
			if got != 0 || err != nil {
				b.t.Errorf("Peek while it runs = %d, %v, want nothing", got, err)
			}
			b.kill(pid, sig)
			if got := b.dead(pid); got.Signal != int(sig) || got.Code != 0 {
				b.t.Errorf("exit = %+v, want signal %d", got, sig)
			}
		}
	}},
	{"no children", func(b *bench) {
		_, err := b.Peek()
		b.is("Peek", err, syscall.ECHILD)
		_, err = b.Reap(99999)
		b.is("Reap", err, syscall.ECHILD)
		equal(b, "children", len(b.Children()), 0)
	}},
	{"nobody to signal", func(b *bench) {
		b.is("a process", b.Kill(3999999, 0), syscall.ESRCH)
		b.is("a group", b.Kill(-3999999, syscall.SIGTERM), syscall.ESRCH)
	}},
	{"what cannot be executed", spawnErrors},
	{"a program gets what its command says", func(b *bench) {
		r, w, err := b.OutputPipe()
		b.must(err)
		extraR, extraW, err := b.OutputPipe()
		b.must(err)
		null, err := b.Null()
		b.must(err)
		c := b.Command("env 1 GREETING", "pid 3")
		c.Env = append(c.Env, "GREETING=hello")
		c.Files = []int{null, w, w, extraW}
		pid, err := b.Spawn(c)
		b.must(err)
		for _, fd := range []int{w, extraW, null} {
			b.must(b.Close(fd))
		}
		equal(b, "the variable", b.line(r), "hello")
		equal(b, "the number", b.line(extraR), strconv.Itoa(pid))
		b.dead(pid)
	}},
	{"what is not handed over is closed", func(b *bench) {
		r, _, err := b.Pipe()
		b.must(err)
		pid, out := b.play("print 1 up", "pause")
		b.line(out)
		_, w2, err := b.Pipe()
		b.must(err)
		b.must(b.Close(w2))
		_, err = b.Read(r, make([]byte, 1))
		b.is("reading what has a writer here", err, syscall.EAGAIN)
		b.kill(pid, syscall.SIGKILL)
		b.dead(pid)
	}},
	{"an ignored signal does nothing", func(b *bench) {
		pid, out := b.play("ignore TERM", "on HUP print 1 hup", "print 1 up", "pause")
		b.line(out)
		b.kill(pid, syscall.SIGTERM)
		b.kill(pid, syscall.SIGHUP)
		equal(b, "the answer", b.line(out), "hup")
		b.kill(pid, syscall.SIGKILL)
		equal(b, "exit", b.dead(pid), kernel.Exit{Signal: int(syscall.SIGKILL)})
	}},
	{"a handler may end the process", func(b *bench) {
		pid, out := b.play("on TERM exit 7", "print 1 up", "pause")
		b.line(out)
		b.kill(pid, syscall.SIGTERM)
		equal(b, "exit", b.dead(pid), kernel.Exit{Code: 7})
	}},
	{"a stopped process gets its signals when it goes on", func(b *bench) {
		pid, out := b.play("print 1 up", "pause")
		b.line(out)
		b.take()
		b.child = false
		b.kill(pid, syscall.SIGSTOP)
		b.until("SIGCHLD has come for the stop", func() bool { return b.child })
		got, err := b.Peek()
		b.must(err)
		equal(b, "Peek of a stopped one", got, 0)
		b.kill(pid, syscall.SIGTERM)
		got, err = b.Peek()
		b.must(err)
		equal(b, "Peek after TERM", got, 0)
		b.kill(pid, syscall.SIGCONT)
		equal(b, "exit", b.dead(pid).Signal, int(syscall.SIGTERM))
	}},
	{"a stopped process can be killed", func(b *bench) {
		pid, out := b.play("print 1 up", "raise STOP", "print 1 on", "pause")
		b.line(out)
		b.kill(pid, syscall.SIGKILL)
		equal(b, "exit", b.dead(pid).Signal, int(syscall.SIGKILL))
	}},
	{"a zombie can be signalled, and has no marks", func(b *bench) {
		pid, _ := b.play("exit 0")
		b.zombie(pid)
		b.kill(pid, syscall.SIGTERM)
		b.kill(pid, 0)
		b.kill(-pid, 0)
		equal(b, "marked", b.Marked(pid, []string{"MARK=1"}), false)
		equal(b, "exit", b.dead(pid), kernel.Exit{})
		b.is("a signal afterwards", b.Kill(pid, 0), syscall.ESRCH)
		b.is("one to the group", b.Kill(-pid, 0), syscall.ESRCH)
	}},
	{"marks are what a process was started with", func(b *bench) {
		c := b.Command("pause")
		c.Env = append(c.Env, "MARK=1", "OTHER=2")
		pid, err := b.Spawn(c)
		b.must(err)
		b.until("they are seen", func() bool { return b.Marked(pid, []string{"MARK=1"}) })
		equal(b, "all", b.Marked(pid, []string{"MARK=1", "OTHER=2"}), true)
		equal(b, "the beginning of a value", b.Marked(pid, []string{"OTHER="}), false)
		equal(b, "another value", b.Marked(pid, []string{"MARK=1", "OTHER=3"}), false)
		equal(b, "nobody", b.Marked(3999999, []string{"MARK=1"}), false)
		b.kill(pid, syscall.SIGKILL)
		b.dead(pid)
	}},
	{"children are all who have not been reaped", func(b *bench) {
		var want []int
		for range 5 {
			pid, out := b.play("print 1 up", "pause")
			b.line(out)
			want = append(want, pid)
		}
		got := b.Children()
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			b.t.Errorf("children = %v, want %v", got, want)
		}
		for _, pid := range want {
			b.kill(pid, syscall.SIGKILL)
			b.dead(pid)
		}
		equal(b, "children at the end", len(b.Children()), 0)
	}},
	{"one SIGCHLD may stand for many", func(b *bench) {
		left := map[int]int{}
		for i := range 20 {
			pid, _ := b.play("exit " + strconv.Itoa(i))
			left[pid] = i
		}
		b.until("all have been reaped", func() bool {
			for {
				pid, err := b.Peek()
				if pid == 0 {
					return err == syscall.ECHILD
				}
				exit, err := b.Reap(pid)
				b.must(err)
				if code, ok := left[pid]; !ok || exit.Code != code {
					b.t.Fatalf("process %d ended with %+v, want status %d", pid, exit, code)
				}
				delete(left, pid)
			}
		})
		equal(b, "left", len(left), 0)
	}},
	{"a program without a reader gets SIGPIPE", func(b *bench) {
		pid, out := b.play("on HUP print 1 lost", "print 1 up", "pause")
		b.line(out)
		b.must(b.Close(out))
		b.kill(pid, syscall.SIGHUP)
		equal(b, "exit", b.dead(pid).Signal, int(syscall.SIGPIPE))
	}},
	{"a signal to the supervisor is told once", func(b *bench) {
		began := b.Now()
		b.Signal(syscall.SIGHUP)
		b.until("it has come", func() bool { return len(b.other) > 0 })
		b.Signal(syscall.SIGUSR2)
		b.until("the other has come", func() bool { return len(b.other) > 1 })
		if !slices.Equal(b.other, []syscall.Signal{syscall.SIGHUP, syscall.SIGUSR2}) {
			b.t.Errorf("signals = %v, want HUP and USR2", b.other)
		}
		s := b.Signals()
		if s.Child || len(s.Other) > 0 || !s.At.IsZero() {
			b.t.Errorf("signals afterwards = %+v, want none", s)
		}
		if b.Now().Before(began) {
			b.t.Error("the clock went back")
		}
	}},
}

func spawnErrors(b *bench) {
	b.must(b.WriteFile(b.path("plain"), []byte("x"), 0o644))
	b.must(b.WriteFile(b.path("garbage"), []byte("\x01garbage"), 0o755))
	rows := []struct {
		name string
		set  func(c *kernel.Command)
		want error
	}{
		{"no file", func(c *kernel.Command) { c.Path = b.path("none") }, syscall.ENOENT},
		{"no directory on the way", func(c *kernel.Command) { c.Path = b.path("plain/x") }, syscall.ENOTDIR},
		{"not executable", func(c *kernel.Command) { c.Path = b.path("plain") }, syscall.EACCES},
		{"no format that is known", func(c *kernel.Command) { c.Path = b.path("garbage") }, syscall.ENOEXEC},
		{"a directory", func(c *kernel.Command) { c.Path = b.Dir }, syscall.EACCES},
		{"no working directory", func(c *kernel.Command) { c.Dir = b.path("none") }, syscall.ENOENT},
		{"a working directory that is none", func(c *kernel.Command) { c.Dir = b.path("plain") }, syscall.ENOTDIR},
	}
	for _, r := range rows {
		c := b.Command("exit 0")
		r.set(c)
		pid, err := b.Spawn(c)
		b.is(r.name, err, r.want)
		equal(b, r.name+": pid", pid, 0)
	}
	_, err := b.Peek()
	b.is("Peek afterwards", err, syscall.ECHILD)
}

var groupClaims = []claim{
	{"a process leads a group", func(b *bench) {
		pid, out := b.play("fork (print 1 child; pause)", "pause")
		b.line(out)
		b.kill(-pid, syscall.SIGTERM)
		exits := b.orphans(2) // an orphan may be there before its parent can be reaped
		equal(b, "exit", exits[pid].Signal, int(syscall.SIGTERM))
		b.is("the group afterwards", b.Kill(-pid, 0), syscall.ESRCH)
	}},
	{"a group outlives its leader", func(b *bench) {
		pid, out := b.play("fork (pid 1; pause)", "read 0", "pause")
		child, err := strconv.Atoi(b.line(out))
		b.must(err)
		b.kill(pid, syscall.SIGKILL)
		b.dead(pid)
		b.kill(-pid, 0)
		if got := b.Children(); !slices.Equal(got, []int{child}) {
			b.t.Errorf("children = %v, want the orphan %d", got, child)
		}
		b.kill(-pid, syscall.SIGTERM)
		equal(b, "exit of the orphan", b.dead(child).Signal, int(syscall.SIGTERM))
		b.is("the group afterwards", b.Kill(-pid, 0), syscall.ESRCH)
	}},
	{"setsid leaves the group", func(b *bench) {
		pid, out := b.play("fork (setsid; pid 1; pause)", "pause")
		child, err := strconv.Atoi(b.line(out))
		b.must(err)
		b.kill(-pid, syscall.SIGTERM)
		b.dead(pid)
		b.is("the group", b.Kill(-pid, 0), syscall.ESRCH)
		b.kill(-child, 0)
		if got := b.Children(); !slices.Equal(got, []int{child}) {
			b.t.Errorf("children = %v, want the orphan %d", got, child)
		}
		b.kill(child, syscall.SIGKILL)
		b.dead(child)
	}},
	{"a daemon is adopted with its marks", func(b *bench) {
		c := b.Command("fork (setsid; fork (pid 1; pause); exit 0)", "exit 0")
		r, w, err := b.OutputPipe()
		b.must(err)
		null, err := b.Null()
		b.must(err)
		c.Env, c.Files = append(c.Env, "MARK=daemon"), []int{null, w, w}
		pid, err := b.Spawn(c)
		b.must(err)
		b.must(b.Close(w))
		daemon, err := strconv.Atoi(b.line(r))
		b.must(err)
		for range 2 { // the launcher and what it has forked, in either order
			b.until("one has died", func() bool { got, _ := b.Peek(); return got != 0 })
			got, err := b.Peek()
			b.must(err)
			if got == daemon {
				b.t.Fatal("the daemon has died")
			}
			exit, err := b.Reap(got)
			b.must(err)
			equal(b, "exit", exit, kernel.Exit{})
		}
		b.is("the launcher afterwards", b.Kill(pid, 0), syscall.ESRCH)
		equal(b, "marked", b.Marked(daemon, []string{"MARK=daemon"}), true)
		if got := b.Children(); !slices.Equal(got, []int{daemon}) {
			b.t.Errorf("children = %v, want %d", got, daemon)
		}
		b.kill(daemon, syscall.SIGKILL)
		b.dead(daemon)
	}},
	{"a zombie of a program is ours after its parent", func(b *bench) {
		pid, out := b.play("fork (exit 5)", "print 1 up", "pause")
		b.line(out)
		b.kill(pid, syscall.SIGKILL)
		exits := map[kernel.Exit]bool{}
		for range 2 {
			b.until("one has died", func() bool { got, _ := b.Peek(); return got != 0 })
			got, err := b.Peek()
			b.must(err)
			exit, err := b.Reap(got)
			b.must(err)
			exits[exit] = true
			equal(b, "it is the program", got == pid, exit.Signal != 0)
		}
		equal(b, "the child has been seen", exits[kernel.Exit{Code: 5}], true)
	}},
	{"a child that its parent takes is not ours", func(b *bench) {
		pid, out := b.play("fork (exit 5)", "await", "print 1 done", "pause")
		equal(b, "the parent", b.line(out), "done")
		got, err := b.Peek()
		b.must(err)
		equal(b, "Peek", got, 0)
		b.kill(pid, syscall.SIGKILL)
		b.dead(pid)
		_, err = b.Peek()
		b.is("Peek", err, syscall.ECHILD)
	}},
	{"output stays open while a descendant has it", func(b *bench) {
		pid, out := b.play("fork (read 0; print 1 late; pause)", "exit 0")
		b.dead(pid)
		equal(b, "the line of the child", b.line(out), "late")
		_, err := b.Read(out, make([]byte, 1))
		b.is("reading afterwards", err, syscall.EAGAIN)
		b.kill(-pid, syscall.SIGKILL)
		b.orphans(1)
		equal(b, "the rest", b.all(out), "")
	}},
}

// orphans waits for the end of n children, whoever they are, and returns the exits by pid.
func (b *bench) orphans(n int) map[int]kernel.Exit {
	b.t.Helper()
	exits := map[int]kernel.Exit{}
	for range n {
		b.until("an orphan has died", func() bool { got, _ := b.Peek(); return got != 0 })
		pid, _ := b.Peek()
		exit, err := b.Reap(pid)
		b.must(err)
		exits[pid] = exit
	}
	return exits
}
