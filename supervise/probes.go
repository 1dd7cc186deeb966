package supervise

import (
	"strings"
	"time"

	"slipway/supervise/boot"
	"slipway/supervise/child"
	"slipway/supervise/config"
	"slipway/supervise/control"
	"slipway/supervise/kernel"
	"slipway/supervise/logs"
	"slipway/supervise/loop"
	"slipway/supervise/machine"
	"slipway/supervise/probe"
	"slipway/supervise/words"
)

// answerKept bounds what is kept of a probe's output, in bytes.
const answerKept = 256

// probing is what the supervisor keeps of the readiness and health of a process. What
// becomes of them is decided by package probe; this file carries its actions out.
type probing struct {
	spec   probe.Spec
	state  probe.Probe
	due    loop.Timer // of state.Due
	onDue  func()
	run    *child.Child // that probes; nil: none
	notify readyChannel
}

// probeSpec is what package probe has to know of a configuration.
func probeSpec(c *config.Process) probe.Spec {
	s := probe.Spec{
		ReadyInterval: c.Ready.Interval, ReadyTimeout: c.Ready.Timeout, StartSecs: c.StartSecs,
		Health:         c.Health.Probe.Kind != config.ProbeNone,
		HealthInterval: c.Health.Interval, HealthTimeout: c.Health.Timeout, HealthRetries: c.Health.Retries,
	}
	switch c.Ready.Probe.Kind {
	case config.ProbeNone:
		s.Ready = probe.ByRunning
	case config.ProbeFD, config.ProbeNotify:
		s.Ready = probe.ByItself
	default:
		s.Ready = probe.ByProbe
	}
	switch c.Health.Action {
	case config.HealthRestart:
		s.HealthPolicy = probe.Restart
	case config.HealthNone:
		s.HealthPolicy = probe.Ignore
	case config.HealthShutdown:
		s.HealthPolicy = probe.Shutdown
	}
	return s
}

// notifies reports whether the program says itself when it is ready.
func (p *process) notifies() bool { return p.probing.spec.Ready == probe.ByItself }

// isReady reports whether p does what it is for: its ready probe has succeeded, or
// without one it is RUNNING.
func (p *process) isReady() bool { return p.probing.state.IsReady(&p.probing.spec) }

// feedProbe gives an event to the readiness and health of a process and does what they
// say.
func (s *Supervisor) feedProbe(p *process, ev probe.Event) {
	ev.Now, ev.Stopping = s.k.Now(), s.phase != phaseRunning
	next, actions := probe.Step(p.probing.state, &p.probing.spec, ev)
	p.probing.state = next
	s.board.Set(p.place, p.isReady())
	s.loop.Set(&p.probing.due, p.probing.state.Due(), p.probing.onDue)
	s.dirty = true
	for _, a := range actions {
		s.actProbe(p, a)
	}
}

// probeEntered passes a change of state on to readiness and health.
func (s *Supervisor) probeEntered(p *process, a machine.Action) {
	switch a.To {
	case machine.Running:
		s.feedProbe(p, probe.Event{Kind: probe.Up, Gen: a.Gen})
	case machine.Starting:
	default:
		s.closeNotify(p)
		s.feedProbe(p, probe.Event{Kind: probe.Gone, Gen: a.Gen})
	}
}

// reloaded has p confirm that it has survived a reload.
func (s *Supervisor) reloaded(p *process) {
	s.feedProbe(p, probe.Event{Kind: probe.Reloaded, Gen: p.m.Gen})
}

// Stalled implements loop.Handler. Time in which the loop did not run is no time in which
// a program could have become ready, or a probe could have answered.
func (s *Supervisor) Stalled(d time.Duration) {
	s.log.Debug("not run for ", d.String(), ", which counts for no probe")
	s.each(func(p *process) {
		if p.probing.state.IsUp() {
			s.feedProbe(p, probe.Event{Kind: probe.Stalled, For: d})
		}
	})
}

func (s *Supervisor) actProbe(p *process, a probe.Action) {
	switch a.Do {
	case probe.DoRun:
		s.startRun(p, a)
	case probe.DoKill:
		if p.probing.run != nil {
			p.probing.run.KillGroup()
		}
	case probe.DoAnswer:
		if s.log.Enabled(logs.Debug) {
			s.log.Debug("probe of ", p.name(), ": ", orOK(a.Text))
		}
	case probe.DoReady:
		s.log.Info("ready: ", p.name())
		s.restartOthers(p)
	case probe.DoConfirm:
		s.feed(p, machine.Event{Kind: machine.Proved, Gen: a.Gen})
	case probe.DoLate:
		s.log.Warn("failed: ", p.name(), " (", a.Text, ")")
	case probe.DoRecovered:
		s.log.Info("healthy: ", p.name(), " has recovered")
	case probe.DoUnhealthy:
		s.log.Warn("unhealthy: ", p.name(), " (", a.Text, ")")
	case probe.DoFail:
		p.failure = child.Failure{Text: a.Text, Code: exitDeadline}
		s.feed(p, machine.Event{Kind: machine.Failed, Gen: a.Gen, Text: a.Text})
	case probe.DoShutdown:
		s.shutdown(ending{code: exitDeadline, reason: p.name() + " is unhealthy (health_action=shutdown)"}, false)
	}
}

func orOK(why string) string {
	if why == "" {
		return "ok"
	}
	return why
}

// startRun starts a run of a probe. What it leaves behind in its group ends with it.
func (s *Supervisor) startRun(p *process, a probe.Action) {
	what := p.cfg.Health.Probe
	if a.Run == probe.ReadyRun {
		what = p.cfg.Ready.Probe
	}
	cmd, failure := s.probeCommand(p, what)
	if failure.Text != "" {
		s.feedProbe(p, probe.Event{Kind: probe.Done, Gen: a.Gen, Why: failure.Text})
		return
	}
	run, err := s.runner.Start(child.Job{Command: cmd, Keep: answerKept, Ended: func(exit kernel.Exit, answer []byte) {
		p.probing.run = nil
		s.feedProbe(p, probe.Event{Kind: probe.Done, Gen: a.Gen, Why: whyFailed(exit, answer)})
	}})
	switch {
	case err == nil:
		p.probing.run = run
	case kernel.IsTransient(err):
		s.feedProbe(p, probe.Event{Kind: probe.NotStarted, Gen: a.Gen})
	default:
		s.feedProbe(p, probe.Event{Kind: probe.Done, Gen: a.Gen, Why: "cannot execute " + cmd.Path + ": " + words.ErrnoName(err)})
	}
}

// probeCommand is the command of a probe: a shell for exec: as the program itself would
// run it, else slipway, because nothing in here can resolve a name or speak HTTP.
func (s *Supervisor) probeCommand(p *process, what config.Probe) (*kernel.Command, child.Failure) {
	if what.Kind == config.ProbeExec {
		return s.maker.Shell(&p.cfg, what.Target)
	}
	env := append(boot.Without(s.opts.Environ, boot.EnvProbe), boot.EnvProbe+"="+what.String())
	return s.maker.Own(boot.Probe, env), child.Failure{}
}

// whyFailed is why a run has failed: the last line that it printed, or how it ended; "" if
// it has not.
func whyFailed(exit kernel.Exit, answer []byte) string {
	if (exit == kernel.Exit{}) {
		return ""
	}
	text := strings.TrimSpace(string(answer))
	text = strings.TrimSpace(text[strings.LastIndexByte(text, '\n')+1:])
	if text == "" {
		text = statusText(machine.Status(exit))
	}
	return text
}

func isUp(p *process) bool { return p.m.State == machine.Running || p.m.State == machine.Starting }

// readyUp says whether a process is ready, or can no longer become so.
func readyUp(p *process, since uint64) (f *control.Fault, ok bool) {
	f, ok = startedUp(p, since)
	switch {
	case ok && f != nil:
		return f, true
	case p.probing.state.Health == probe.Unhealthy:
		return control.NewFault(control.Failed, p.fullName()+" is unhealthy"), true
	case !p.isReady() || !p.probing.state.Confirm.IsZero():
		return nil, false
	case p.probing.spec.Ready == probe.ByRunning && p.probing.spec.Health:
		return nil, p.probing.state.Health == probe.Healthy
	}
	return nil, true
}
