package supervise

import (
	"strconv"
	"syscall"

	"slipway/supervise/logs"
	"slipway/supervise/machine"
	"slipway/supervise/probe"
	"slipway/supervise/words"
)

// feed gives an event to the state machine of a process and does what it says.
func (s *Supervisor) feed(p *process, ev machine.Event) {
	ev.Now = s.k.Now()
	next, actions := machine.Step(p.m, &p.spec, ev)
	p.m = next
	s.loop.Set(&p.due, p.m.Due, p.onDue)
	s.dirty = true
	for _, a := range actions {
		s.act(p, a)
	}
}

func (s *Supervisor) act(p *process, a machine.Action) {
	switch a.Do {
	case machine.DoEnter:
		s.entered(p, a)
	case machine.DoSpawn:
		s.spawn(p)
	case machine.DoSignal:
		s.signal(p, a.PID, a.Signal, a.Group, a.Gen)
		// A program that was stopped by SIGSTOP gets its signal only when
		// it goes on (five to eleven seconds to KILL in others).
		if a.Signal != int(syscall.SIGKILL) && p.m.State == machine.Stopping {
			s.quietSignal(p, a.PID, int(syscall.SIGCONT), a.Group)
		}
	case machine.DoKill:
		s.log.Warn("killing ", words.Quote(p.name()), " (", itoa(a.PID), ") with SIGKILL")
		s.signal(p, a.PID, int(syscall.SIGKILL), a.Group, a.Gen)
		s.doubt(p)
	}
}

// signal sends a signal for the state machine, and tells it when that is impossible.
func (s *Supervisor) signal(p *process, pid, sig int, asGroup bool, gen uint64) {
	if s.log.Enabled(logs.Debug) {
		what := " (pid " + itoa(pid) + ") "
		if asGroup {
			what = " (pid " + itoa(pid) + ") process group "
		}
		s.log.Debug("killing ", p.name(), what, "with signal ", words.SignalName(sig))
	}
	err := s.quietSignal(p, pid, sig, asGroup)
	if err == nil || err == syscall.ESRCH {
		return // not yet reaped, so it is on its way out
	}
	s.log.Critical("unknown problem killing ", p.name(), " (", itoa(pid), "): ", words.ErrnoName(err))
	s.feed(p, machine.Event{Kind: machine.SignalFailed, Gen: gen})
}

// quietSignal sends a signal to a process, its group, or what it left behind. The
// numbers are safe: a process is not reaped, and a group not empty, while the state
// machine knows it.
func (s *Supervisor) quietSignal(p *process, pid, sig int, asGroup bool) error {
	if p.m.Remains {
		for _, stray := range p.strays {
			s.k.Kill(stray, syscall.Signal(sig))
		}
	}
	if !asGroup {
		return s.k.Kill(pid, syscall.Signal(sig))
	}
	if p.m.Forked { // the successor has a group of its own, if any
		return s.k.Kill(pid, syscall.Signal(sig))
	}
	err := s.k.Kill(-pid, syscall.Signal(sig))
	if err == syscall.ESRCH && !p.m.Remains {
		// It has left the group that it was started in.
		err = s.k.Kill(pid, syscall.Signal(sig))
	}
	return err
}

// entered is a change of state. What follows from it is this list, in its order: people and
// listeners learn of it first, what depends on the state follows it, and whether the
// container is to end is decided last.
func (s *Supervisor) entered(p *process, a machine.Action) {
	for _, react := range [...]func(*process, machine.Action){
		s.logState,        // the line that it is worth
		s.emitState,       // the event
		s.probeEntered,    // readiness and health
		s.restartWith,     // what is restarted with a program that has no readiness of its own
		s.deliverTo,       // events that have waited for a listener
		s.closeIdleSocket, // of an fcgi-program
		s.exitPolicy,      // the end of the container
	} {
		react(p, a)
	}
}

// restartWith restarts others as soon as p is RUNNING, if that is all that readiness means
// for it.
func (s *Supervisor) restartWith(p *process, a machine.Action) {
	if a.To == machine.Running && p.probing.spec.Ready == probe.ByRunning {
		s.restartOthers(p)
	}
}

// deliverTo hands out events that have waited for p to be up.
func (s *Supervisor) deliverTo(p *process, a machine.Action) {
	if a.To == machine.Running && p.member != nil {
		s.bus.Deliver(p.group.pool)
	}
}

// closeIdleSocket closes the socket of an fcgi-program of which nothing is up.
func (s *Supervisor) closeIdleSocket(p *process, a machine.Action) {
	if a.To.IsStopped() {
		s.closeFCGI(p.group)
	}
}

// logState writes the line that a change of state is worth.
func (s *Supervisor) logState(p *process, a machine.Action) {
	name := p.name()
	switch a.To {
	case machine.Running:
		secs := strconv.FormatInt(int64(p.spec.StartSecs.Seconds()), 10)
		s.log.Info("success: ", name, " entered RUNNING state, process has stayed up for > than ", secs, " seconds (startsecs)")
	case machine.Backoff:
		if a.PID != 0 {
			s.log.Warn("exited: ", name, " (", statusText(p.m.Status), "; not expected)")
		}
	case machine.Exited:
		if a.Expected {
			s.log.Info("exited: ", name, " (", statusText(p.m.Status), "; expected)")
		} else {
			s.log.Warn("exited: ", name, " (", statusText(p.m.Status), "; not expected)")
		}
	case machine.Stopped:
		switch {
		case a.From != machine.Stopping || a.PID == 0:
		case a.Expected:
			s.log.Info("stopped: ", name, " (", statusText(p.m.Status), ")")
		default:
			s.log.Warn("stopped: ", name, " (", statusText(p.m.Status), ")")
		}
	case machine.Fatal:
		if s.phase == phaseRunning {
			s.log.Info("gave up: ", name, " entered FATAL state, too many start retries too quickly")
			s.explain(p)
		}
	}
}

// explain shows the last lines that a program printed, where nobody could see them
// otherwise: they usually say why it does not stay up.
func (s *Supervisor) explain(p *process) {
	if s.opts.Mode != Run {
		return
	}
	for _, o := range []*outlet{&p.err, &p.out} {
		lines := o.Tail(5)
		for _, line := range lines {
			s.log.Warn(p.name(), ": last output: ", line)
		}
		if len(lines) > 0 {
			return
		}
	}
}

// statusText is how Supervisor words an exit status.
func statusText(st machine.Status) string { return words.StatusText(st.Code, st.Signal, st.Core) }

func itoa(n int) string { return strconv.Itoa(n) }
