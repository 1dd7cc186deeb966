package kerneltest

import (
	"syscall"

	"slipway/supervise/kernel"
)

// Kill implements System.
func (m *Machine) Kill(pid int, sig syscall.Signal) error {
	m.enter()
	defer m.leave()
	if err := m.fails("Kill"); err != nil {
		return err
	}
	if pid > 0 && sig != 0 && m.reaped[pid] {
		m.complain("sends signal %d to process %d, which it has reaped", sig, pid)
	}
	if m.settings.Signalled != nil {
		m.settings.Signalled(pid, sig)
	}
	return m.kill(m.self, pid, sig)
}

// KillFrom sends a signal as kill(1) does that somebody has called inside the machine.
func (m *Machine) KillFrom(uid, pid int, sig syscall.Signal) error {
	m.visit()
	defer m.leave()
	return m.kill(&Process{m: m, uid: uid}, pid, sig)
}

// kill is kill(2). m.mu is held.
func (m *Machine) kill(from *Process, pid int, sig syscall.Signal) error {
	if sig < 0 || sig > 64 {
		return syscall.EINVAL
	}
	if pid == 0 {
		pid = -from.pgid
	}
	found, reached, refused := false, false, false
	for _, n := range m.pids() {
		p := m.byPID[n]
		switch {
		case pid > 0 && p.pid != pid, pid < -1 && p.pgid != -pid, pid == -1 && (p == from || p.pid == 1):
			continue
		}
		found = true
		if from.uid != 0 && from.uid != p.uid {
			refused = true
			continue
		}
		reached = true
		if p.keeper != nil && from == m.self && p.handlers[sig] != nil {
			continue // it does not pass on what is from the supervisor
		}
		p.receive(sig)
	}
	switch {
	case !found:
		return syscall.ESRCH
	case refused && !reached && pid != -1: // kill(-1) that reaches nobody says nothing
		return syscall.EPERM
	}
	return nil
}

// receive is the arrival of a signal. m.mu is held.
func (p *Process) receive(sig syscall.Signal) {
	switch {
	case sig == 0 || p.zombie || p.gone:
		return
	case p == p.m.self:
		p.m.noted(sig)
		return
	case sig == syscall.SIGKILL:
		if p.deep {
			p.killed = true
			return
		}
		p.endBy(sig)
		return
	case sig == syscall.SIGCONT:
		p.goOn()
	case stops(sig) && (sig == syscall.SIGSTOP || !p.ignored[sig] && p.handlers[sig] == nil):
		if !p.stopped {
			p.stopped, p.halted = true, true
			p.parent.told()
		}
		return
	}
	switch {
	case p.handlers[sig] != nil:
		p.pending = append(p.pending, sig)
		p.m.after(p.m.lag(), p.interrupted)
	case p.ignored[sig] || harmless(sig):
	case p.stopped || p.deep: // it ends when it goes on
		p.pending = append(p.pending, sig)
	default:
		p.endBy(sig)
	}
}

// interrupted lets a process go on for the sake of its handlers.
func (p *Process) interrupted() {
	if len(p.pending) > 0 && !p.zombie {
		p.resume()
	}
}

// goOn is what SIGCONT does, before anything else.
func (p *Process) goOn() {
	if !p.stopped {
		return
	}
	p.stopped = false
	p.parent.told()
	p.late()
}

// late deals with what has come while a process could not go on.
func (p *Process) late() {
	for _, sig := range p.pending {
		if p.handlers[sig] == nil {
			p.endBy(sig)
			return
		}
	}
	if p.owed || len(p.pending) > 0 {
		p.owed = false
		p.m.after(p.m.lag(), p.resume)
	}
}

// endBy ends a process by a signal. One that has sent it to itself ends when that call is
// over.
func (p *Process) endBy(sig syscall.Signal) {
	exit := kernel.Exit{Signal: int(sig)}
	if p.running {
		p.ends, p.exit = true, exit
		return
	}
	p.die(exit)
}

func stops(sig syscall.Signal) bool {
	switch sig {
	case syscall.SIGSTOP, syscall.SIGTSTP, syscall.SIGTTIN, syscall.SIGTTOU:
		return true
	}
	return false
}

func harmless(sig syscall.Signal) bool {
	switch sig {
	case syscall.SIGCHLD, syscall.SIGWINCH, syscall.SIGURG, syscall.SIGCONT:
		return true
	}
	return false
}
