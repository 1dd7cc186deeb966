package life

import (
	"syscall"
	"time"

	"slipway/supervise/ending"
	"slipway/supervise/machine"
)

// byMemory finds out which of the dead the kernel has killed for the memory limit, of those
// that ended by a KILL of somebody else's.
func (t *Table) byMemory(deaths []death) map[*Process]bool {
	var killed []*Process
	for _, d := range deaths {
		if d.exit.Signal == int(syscall.SIGKILL) && !d.p.Life.Killed {
			killed = append(killed, d.p)
		}
	}
	by := map[*Process]bool{}
	for _, p := range killed[:t.memory.Blame(len(killed), t.log.Warn)] {
		by[p] = true
	}
	return by
}

// news is the end of a process for the state machine. As supervisord it is told no more than
// the original knows.
func (t *Table) news(d death, at time.Time) machine.Event {
	ev := machine.Event{Kind: machine.Died, Gen: d.gen, At: at, Status: machine.Status(d.exit)}
	cause, text := ending.News(ev.Status, d.memory)
	if ev.Cause = cause; t.opts.Explain {
		ev.Text = text
	}
	return ev
}

// howEnded is how the last run of a process has ended, for the log.
func (t *Table) howEnded(p *Process) string {
	if t.opts.Explain {
		return ending.Of(&p.Life)
	}
	return ending.Status(p.Life.Status)
}

// IsPaused reports whether a process was stopped by a signal such as SIGSTOP.
func (t *Table) IsPaused(p *Process) bool {
	return isUp(p) && p.Life.PID != 0 && !p.Life.Remains && t.k.IsPaused(p.Life.PID)
}
