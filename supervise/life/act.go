package life

import (
	"strconv"
	"syscall"

	"slipway/supervise/attributes"
	"slipway/supervise/ending"
	"slipway/supervise/logs"
	"slipway/supervise/machine"
	"slipway/supervise/probe"
	"slipway/supervise/words"
)

// Feed gives an event to the state machine of a process and does what it says.
func (t *Table) Feed(p *Process, ev machine.Event) {
	ev.Now, ev.Shutdown = t.k.Now(), ev.Shutdown || !t.opts.Running()
	ev.Chance = machine.Chance(p.FullName(), ev.Now)
	next, actions := machine.Step(p.Life, p.Spec, ev)
	p.Life = next
	t.loop.Set(&p.due, p.Life.Due, p.onDue)
	t.Touch()
	for _, a := range actions {
		t.loop.Guard(p.FullName(), func() { t.act(p, a) })
	}
}

func (t *Table) act(p *Process, a machine.Action) {
	switch a.Do {
	case machine.DoEnter:
		t.entered(p, a)
	case machine.DoSpawn:
		t.spawn(p)
	case machine.DoSignal:
		t.signal(p, a.PID, a.Signal, a.Group, a.Gen)
		// A program that was stopped by SIGSTOP gets its signal only when
		// it goes on (five to eleven seconds to KILL in others).
		if a.Signal != int(syscall.SIGKILL) && p.Life.State == machine.Stopping {
			t.quietSignal(p, a.PID, int(syscall.SIGCONT), a.Group)
		}
	case machine.DoKill:
		t.log.Warn("killing ", words.Quote(p.Name()), " (", itoa(a.PID), ") with SIGKILL")
		t.signal(p, a.PID, int(syscall.SIGKILL), a.Group, a.Gen)
		t.opts.Killed(p)
	case machine.DoHook:
		t.hook(p, a)
	case machine.DoEndHook:
		t.endHook(p, a)
	}
}

// signal sends a signal for the state machine, and tells it when that is impossible.
func (t *Table) signal(p *Process, pid, sig int, asGroup bool, gen uint64) {
	if t.log.Enabled(logs.Debug) {
		what := " (pid " + itoa(pid) + ") "
		if asGroup {
			what = " (pid " + itoa(pid) + ") process group "
		}
		t.log.Debug("killing ", p.Name(), what, "with signal ", words.SignalName(sig))
	}
	err := t.quietSignal(p, pid, sig, asGroup)
	if err == nil || err == syscall.ESRCH {
		return // not yet reaped, so it is on its way out
	}
	t.log.Critical("unknown problem killing ", p.Name(), " (", itoa(pid), "): ", attributes.Refused("kill", err))
	t.Feed(p, machine.Event{Kind: machine.SignalFailed, Gen: gen})
}

// quietSignal sends a signal to a process, its group, or what it left behind. The
// numbers are safe: a process is not reaped, and a group not empty, while the state
// machine knows it.
func (t *Table) quietSignal(p *Process, pid, sig int, asGroup bool) error {
	if p.bond.held() {
		if p.Life.Remains {
			p.bond.holder.SignalAll(syscall.Signal(sig))
		} else {
			p.bond.holder.Signal(syscall.Signal(sig), asGroup)
		}
		return nil
	}
	if p.bond.launched.IsAwaiting() {
		return nil // there is nobody, or it is not known who
	}
	if p.Life.Remains && p.bond.left != nil {
		for _, stray := range p.bond.left.Strays {
			t.k.Kill(stray, syscall.Signal(sig))
		}
		if p.Life.Forked {
			return nil // the group that it was started in is not known to have anybody
		}
	}
	if !asGroup || p.Life.Forked { // a successor has a group of its own, if any
		return t.k.Kill(pid, syscall.Signal(sig))
	}
	err := t.k.Kill(-pid, syscall.Signal(sig))
	if err == syscall.ESRCH && !p.Life.Remains {
		// It has left the group that it was started in.
		err = t.k.Kill(pid, syscall.Signal(sig))
	}
	return err
}

// Signal sends a signal to the main process of p.
func (t *Table) Signal(p *Process, sig syscall.Signal) error {
	return t.quietSignal(p, p.Life.PID, int(sig), false)
}

// entered is a change of state. What follows from it is this list, in its order: people and
// listeners learn of it first, what depends on the state follows it, and whether the
// container is to end is decided last.
func (t *Table) entered(p *Process, a machine.Action) {
	p.Place.Reach(a.To.String())
	for i, react := range [...]func(*Process, machine.Action){
		t.logState,        // the line that it is worth
		t.emitState,       // the event
		t.stamp,           // of a oneshot that has completed
		t.probeEntered,    // readiness and health
		t.comeUp,          // what follows a program that has no readiness of its own
		t.deliverTo,       // events that have waited for a listener
		t.stopWith,        // others, with what has come to rest
		t.closeIdleSocket, // of an fcgi-program
		t.opts.Policy,     // the end of the container
	} {
		if i > 3 && p.IsBeside() && a.To != machine.Running {
			return // it is not what the program is
		}
		t.loop.Guard(p.FullName(), func() { react(p, a) })
	}
}

// comeUp is that p can be used as soon as it is RUNNING, if that is all that readiness means
// for it.
func (t *Table) comeUp(p *Process, a machine.Action) {
	if a.To == machine.Running && p.probing.spec.Ready == probe.ByRunning {
		t.came(p)
	}
}

// deliverTo hands out events that have waited for p to be up.
func (t *Table) deliverTo(p *Process, a machine.Action) {
	if a.To == machine.Running && p.member != nil {
		t.bus.Deliver(p.Group.pool)
	}
}

// closeIdleSocket closes the socket of an fcgi-program of which nothing is up.
func (t *Table) closeIdleSocket(p *Process, a machine.Action) {
	g := p.Group
	if !a.To.IsStopped() || !g.socket.IsOpen() {
		return
	}
	for _, p := range g.Processes {
		if p.Life.PID != 0 || p.Life.Wanted {
			return
		}
	}
	g.socket.Close(t.k, t.log, g.Config.Socket)
}

// logState writes the line that a change of state is worth.
func (t *Table) logState(p *Process, a machine.Action) {
	if a.To == machine.Fatal && t.opts.Running() {
		t.log.Info("gave up: ", p.Name(), " entered FATAL state, too many start retries too quickly")
		t.explain(p)
		return
	}
	line := ending.OfChange(p.Name(), &p.Life, p.Spec, a, t.howEnded(p), t.opts.Explain, p.Inherits)
	write := t.log.Info
	if line.Warn {
		write = t.log.Warn
	}
	switch {
	case line.Text == "":
	case line.Every:
		t.tell(p, line.End, write, line.Text)
	default:
		write(line.Text)
	}
}

// explain shows the last lines that a program printed, where nobody could see them
// otherwise: they usually say why it does not stay up.
func (t *Table) explain(p *Process) {
	if !t.opts.Explain {
		return
	}
	for _, line := range p.LastWords(5) {
		t.log.Warn(p.Name(), ": last output: ", line)
	}
}

func itoa(n int) string { return strconv.Itoa(n) }
