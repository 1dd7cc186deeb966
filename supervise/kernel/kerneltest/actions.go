package kerneltest

import (
	"io"
	"slices"
	"strings"
	"syscall"
	"time"

	"slipway/supervise/kernel"
)

// PID returns the number of the process.
func (p *Process) PID() int { return p.pid }

// Env returns a variable of the environment; "" without it.
func (p *Process) Env(name string) string {
	for _, v := range p.env {
		if value, ok := strings.CutPrefix(v, name+"="); ok {
			return value
		}
	}
	return ""
}

// Setenv makes /proc/PID/environ show only this from now on, as a program does that
// overwrites its environment, or is executed anew.
func (p *Process) Setenv(env ...string) { p.env, p.marks = env, env }

// Now returns the time.
func (p *Process) Now() time.Time { return time.Now() }

// Sleep waits for d; handlers of signals do not shorten it.
func (p *Process) Sleep(d time.Duration) {
	until := time.Now().Add(d)
	p.m.after(d, p.resume)
	for time.Now().Before(until) {
		p.wait()
	}
}

// Pause waits for ever; handlers of signals are called all the same.
func (p *Process) Pause() {
	for {
		p.wait()
	}
}

// Exit ends the process.
func (p *Process) Exit(code int) {
	p.exit = kernel.Exit{Code: code}
	panic(ended{})
}

// Handle calls do when a signal comes, whenever the process waits for something.
func (p *Process) Handle(sig syscall.Signal, do func()) {
	p.handlers[sig] = do
	delete(p.ignored, sig)
}

// Ignore makes signals do nothing.
func (p *Process) Ignore(signals ...syscall.Signal) {
	for _, sig := range signals {
		p.ignored[sig] = true
		delete(p.handlers, sig)
	}
}

// Kill sends a signal as kill(2) does.
func (p *Process) Kill(pid int, sig syscall.Signal) error {
	err := p.m.kill(p, pid, sig)
	if p.ends {
		panic(ended{})
	}
	if p.stopped {
		p.owed = true
		p.wait()
	}
	return err
}

// Deep waits for d, or for ever if that is negative, where nothing interrupts it.
func (p *Process) Deep(d time.Duration) {
	p.sink(d)
	p.owed = true
	p.wait()
}

// Fork starts a child that has the same descriptors, environment, group, session and
// dispositions, and runs program.
func (p *Process) Fork(program Program) (pid int) {
	pid = p.m.newPID()
	if pid == 0 {
		return -1
	}
	c := &Process{
		m: p.m, pid: pid, pgid: p.pgid, sid: p.sid, uid: p.uid, parent: p, fds: map[int]*open{},
		Path: p.Path, Dir: p.Dir, Args: slices.Clone(p.Args), env: p.env, marks: p.marks,
	}
	for fd, o := range p.fds {
		c.fds[fd] = o
		o.refs++
	}
	p.m.begin(c, program)
	for sig, is := range p.ignored {
		c.ignored[sig] = is
	}
	return pid
}

// Setsid makes the process the leader of a session and a group of its own. EPERM: it leads
// a group already.
func (p *Process) Setsid() error {
	if p.pgid == p.pid {
		return syscall.EPERM
	}
	p.pgid, p.sid = p.pid, p.pid
	return nil
}

// Setpgid puts the process into a group: its own for 0.
func (p *Process) Setpgid(pgid int) error {
	if pgid == 0 {
		pgid = p.pid
	}
	if pgid != p.pid && !slices.ContainsFunc(p.m.pids(), func(pid int) bool { return p.m.byPID[pid].pgid == pgid }) {
		return syscall.EPERM
	}
	p.pgid = pgid
	return nil
}

// Setuid changes the user.
func (p *Process) Setuid(uid int) { p.uid = uid }

// WaitChild waits for the end of a child and takes its status; ECHILD without children.
func (p *Process) WaitChild() (pid int, exit kernel.Exit, err error) {
	for {
		if len(p.children) == 0 {
			return 0, kernel.Exit{}, syscall.ECHILD
		}
		for _, c := range p.children {
			if c.zombie {
				c.remove()
				return c.pid, c.exit, nil
			}
		}
		p.block()
	}
}

// block waits until anything has changed.
func (p *Process) block() {
	p.blocked = true
	p.m.blocked = append(p.m.blocked, p)
	p.wait()
	p.blocked = false
}

// Read reads from a descriptor, and waits for it if it blocks.
func (p *Process) Read(fd int, b []byte) (int, error) {
	for {
		o := p.fds[fd]
		if o == nil || !o.reads {
			return 0, syscall.EBADF
		}
		n, err := o.thing.read(o, b)
		if err == syscall.EAGAIN && !o.nonblock {
			p.block()
			continue
		}
		if err == nil && n == 0 && len(b) > 0 {
			err = io.EOF
		}
		return n, err
	}
}

// Write writes all of b to a descriptor, and waits for it if it blocks. A pipe without
// readers is a SIGPIPE, which ends the process unless it is ignored or handled.
func (p *Process) Write(fd int, b []byte) (int, error) {
	done := 0
	for done < len(b) {
		o := p.fds[fd]
		if o == nil || !o.writes {
			return done, syscall.EBADF
		}
		n, err := o.thing.write(o, b[done:])
		done += n
		switch {
		case err == syscall.EPIPE:
			p.receive(syscall.SIGPIPE)
			if p.ends {
				panic(ended{})
			}
			return done, err
		case err == syscall.EAGAIN && !o.nonblock:
			p.block()
		case err != nil:
			return done, err
		case done < len(b) && o.nonblock:
			return done, nil
		}
	}
	return done, nil
}

// Print writes text to a descriptor.
func (p *Process) Print(fd int, text string) { p.Write(fd, []byte(text)) }

// ReadLine reads up to the end of a line, which is not returned; io.EOF.
func (p *Process) ReadLine(fd int) (string, error) {
	var line []byte
	var b [1]byte
	for {
		if _, err := p.Read(fd, b[:]); err != nil {
			return string(line), err
		}
		if b[0] == '\n' {
			return string(line), nil
		}
		line = append(line, b[0])
	}
}

// Close closes a descriptor.
func (p *Process) Close(fd int) error {
	o := p.fds[fd]
	if o == nil {
		return syscall.EBADF
	}
	delete(p.fds, fd)
	o.drop()
	return nil
}

// Pipe returns a pipe that blocks.
func (p *Process) Pipe() (r, w int, err error) {
	return p.pair(p.m.newPipe(16, true, true))
}

// Notify does what sd_notify(3) does. ENOTCONN without NOTIFY_SOCKET.
func (p *Process) Notify(text string) error {
	return p.m.notify(p.Env("NOTIFY_SOCKET"), p.uid, text)
}

// Stop is raise(SIGSTOP).
func (p *Process) Stop() { p.Kill(p.pid, syscall.SIGSTOP) }
