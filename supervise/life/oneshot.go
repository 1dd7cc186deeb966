package life

import (
	"slipway/supervise/config"
	"slipway/supervise/machine"
	"slipway/supervise/words"
)

// HasCompleted reports whether p is a oneshot that has ended as it should.
func (p *Process) HasCompleted() bool {
	return p.Spec.Oneshot && p.Life.State == machine.Exited && p.Life.Status.Expected(p.Spec.ExitCodes)
}

// isDone reports whether p need not run, since it has completed before, and says so.
func (t *Table) isDone(p *Process) bool {
	done := p.Spec.Oneshot && p.Config.Once == config.OnceOnce && t.once.Has(p.FullName(), p.Config.Argv)
	if done {
		t.log.Info("not run: ", p.Name(), " has completed before (run=once, ", t.once.Path(p.FullName()), "); slipway start runs it again")
	}
	return done
}

// stamp remembers that p has completed.
func (t *Table) stamp(p *Process, a machine.Action) {
	if a.PID == 0 || !p.HasCompleted() || p.Config.Once != config.OnceOnce {
		return
	}
	if err := t.once.Put(p.FullName(), p.Config.Argv); err != nil {
		t.log.Warn("cannot remember that ", p.Name(), " has completed (run=once): ", t.once.Path(p.FullName()), ": ", words.ErrnoName(err),
			"; it will run again with the next start (state_dir is a folder that can be written)")
	}
}
