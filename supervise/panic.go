package supervise

import (
	"syscall"
	"time"

	"slipway/supervise/life"
	"slipway/supervise/loop"
)

// What a defect of ours costs. A panic in whatever the loop calls (a handler, a probe, a
// reload, what reacts to a change) is reported and survived; who waits for an answer gets a
// fault. A panic in the loop's own conclusions means that they cannot be trusted any more:
// the programs are stopped in order, and the supervisor ends with exitInternal. All that it
// knows is still in the Supervisor then, as nothing of it is taken down before.
//
// The Go runtime also throws, for a deadlock of its own or a corrupted heap. Nothing can
// survive that.

// exitInternal is the exit status of a supervisor that has a defect.
const exitInternal = 70

// maxBreakdowns is how often the loop may panic. Beyond that nothing of it is asked.
const maxBreakdowns = 4

// defects are those that have shown themselves.
type defects struct {
	said       map[string]bool // where, and what; bounded
	breakdowns int             // panics of the loop itself
}

// maxDefects bounds those that are told apart.
const maxDefects = 32

// panicked implements what loop.OnPanic is told.
func (s *Supervisor) panicked(p loop.Panic) {
	defer func() { _ = recover() }() // it was the report that panicked
	if p.Fatal {
		s.defects.breakdowns++
	}
	text := valueText(p.Value)
	if key := p.What + ": " + text; !s.defects.said[key] && len(s.defects.said) < maxDefects {
		if s.defects.said == nil {
			s.defects.said = map[string]bool{}
		}
		s.defects.said[key] = true
		s.log.Critical("panic in ", p.What, ": ", text, "; this is a defect of slipway, please report it with what follows\n", p.Stack)
	}
	if p.Fatal {
		s.breakDown()
	}
}

// breakDown begins the end after a panic of the loop itself.
func (s *Supervisor) breakDown() {
	e := ending{code: exitInternal, reason: "internal error of the supervisor"}
	if s.phase == phaseRunning {
		s.shutdown(e, false)
		return
	}
	s.stop.restart, s.stop.end = false, e
	if s.phase == phaseSweeping && !s.stop.timers.sweep.IsSet() { // it was being set
		s.loop.After(&s.stop.timers.sweep, killWait, s.sweepOverdue)
	}
	s.table.Touch()
}

// isBroken reports whether the loop has panicked too often to be asked again.
func (s *Supervisor) isBroken() bool { return s.defects.breakdowns >= maxBreakdowns }

// valueText is what a panic was called with.
func valueText(v any) string {
	switch v := v.(type) {
	case error:
		return v.Error()
	case string:
		return v
	case interface{ String() string }:
		return v.String()
	}
	return "a value"
}

// abandonWait is how long programs have to end when nobody keeps account of them.
const abandonWait = 5 * time.Second

// abandon ends everything without the table: asks all, waits, kills.
func (s *Supervisor) abandon() {
	s.loop.Deafen()
	s.each(syscall.SIGTERM)
	s.each(syscall.SIGCONT)
	for deadline := s.k.Now().Add(abandonWait); s.k.Now().Before(deadline); s.k.Wait(nil, sweepPoll) {
		s.k.Signals()
		for {
			pid, err := s.k.Peek()
			if err != nil { // there is nobody left
				return
			}
			if pid == 0 {
				break
			}
			s.k.Reap(pid)
		}
	}
	s.each(syscall.SIGKILL)
}

// each signals whatever may belong to us.
func (s *Supervisor) each(sig syscall.Signal) {
	if s.opts.PID == 1 {
		s.k.Kill(-1, sig)
		return
	}
	s.table.Each(func(p *life.Process) {
		if p.Life.PID != 0 {
			s.k.Kill(-p.Life.PID, sig)
		}
	})
}

// last calls what comes after the loop, whatever it panics with.
func (s *Supervisor) last(do func()) {
	if !s.loop.Guard("the end", do) {
		s.stop.end.code = exitInternal
	}
}
