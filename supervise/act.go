package supervise

import (
	"strconv"
	"syscall"

	"slipway/supervise/logs"
	"slipway/supervise/machine"
	"slipway/supervise/probe"

	"golang.org/x/sys/unix"
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
		s.log.Warn("killing ", quote(p.name()), " (", itoa(a.PID), ") with SIGKILL")
		s.signal(p, a.PID, int(syscall.SIGKILL), a.Group, a.Gen)
	}
}

// signal sends a signal for the state machine, and tells it when that is impossible.
func (s *Supervisor) signal(p *process, pid, sig int, asGroup bool, gen uint64) {
	if s.log.Enabled(logs.Debug) {
		what := " (pid " + itoa(pid) + ") "
		if asGroup {
			what = " (pid " + itoa(pid) + ") process group "
		}
		s.log.Debug("killing ", p.name(), what, "with signal ", signalName(sig))
	}
	err := s.quietSignal(p, pid, sig, asGroup)
	if err == nil || err == syscall.ESRCH {
		return // not yet reaped, so it is on its way out
	}
	s.log.Critical("unknown problem killing ", p.name(), " (", itoa(pid), "): ", errnoName(err))
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

// entered writes the line that a change of state is worth and passes it on.
func (s *Supervisor) entered(p *process, a machine.Action) {
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
	s.emitState(p, a)
	s.probeEntered(p, a)
	if a.To == machine.Running && p.probing.spec.Ready == probe.ByRunning {
		s.restartOthers(p)
	}
	if a.To == machine.Running && p.group.pool != nil {
		s.deliver(p.group)
	}
	if a.To.IsStopped() {
		s.closeFCGI(p.group)
	}
	s.judge(p, a)
}

// explain shows the last lines that a program printed, where nobody could see them
// otherwise: they usually say why it does not stay up.
func (s *Supervisor) explain(p *process) {
	if s.opts.Mode != Run {
		return
	}
	for _, ch := range []*channel{p.err, p.out} {
		if ch == nil || ch.stream == nil {
			continue
		}
		lines := ch.stream.Tail(5)
		for _, line := range lines {
			s.log.Warn(p.name(), ": last output: ", line)
		}
		if len(lines) > 0 {
			return
		}
	}
}

// statusText is how Supervisor words an exit status.
func statusText(st machine.Status) string {
	if st.Signal == 0 {
		return "exit status " + itoa(st.Code)
	}
	text := "terminated by " + signalName(st.Signal)
	if st.Core {
		text += " (core dumped)"
	}
	return text
}

func signalName(sig int) string {
	if name := unix.SignalName(syscall.Signal(sig)); name != "" {
		return name
	}
	return "signal " + itoa(sig)
}

func itoa(n int) string { return strconv.Itoa(n) }

func isAgain(err error) bool { return err == syscall.EAGAIN || err == syscall.EINTR }
