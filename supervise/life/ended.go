package life

import (
	"strconv"
	"syscall"

	"slipway/supervise/kernel"
	"slipway/supervise/machine"
	"slipway/supervise/words"
)

// statusText is how Supervisor words an exit status.
func statusText(st machine.Status) string { return words.StatusText(st.Code, st.Signal, st.Core) }

// byMemory finds out which of the dead the kernel has killed for the memory limit, as far
// as can be told: of those that ended by a SIGKILL of somebody else's, as many as the
// counter has grown by.
func (t *Table) byMemory(deaths []death) map[*Process]bool {
	var killed []*Process
	for _, d := range deaths {
		if d.exit.Signal == int(syscall.SIGKILL) && !d.p.Life.Killed {
			killed = append(killed, d.p)
		}
	}
	if len(killed) == 0 {
		return nil
	}
	more, by := t.memory.Killed(), map[*Process]bool{}
	for _, p := range killed {
		if more > 0 {
			by[p] = true
			more--
		}
	}
	if more > 0 {
		t.log.Warn("the memory limit has killed ", strconv.Itoa(more), " more processes of this container")
	}
	return by
}

// ending is the end of a process for the state machine: by memory, and in words where
// Supervisor's are not wanted.
func (t *Table) ending(p *Process, exit kernel.Exit, memory bool, ev *machine.Event) {
	if memory {
		ev.Cause = machine.ByMemory
	}
	if t.opts.Explain && (memory || exit.Signal != 0) {
		ev.Text = statusText(machine.Status(exit)) + ofMemory(ev.Cause)
	}
}

func ofMemory(c machine.Cause) string {
	if c == machine.ByMemory {
		return " by the memory limit"
	}
	return ""
}

// howEnded is how the last run of a process has ended, for the log: more than Supervisor says
// only in a container.
func (t *Table) howEnded(p *Process) string {
	text := statusText(p.Life.Status)
	if t.opts.Explain {
		text += ofMemory(p.Life.Cause)
	}
	return text
}

// IsPaused reports whether a process was stopped by a signal such as SIGSTOP.
func (t *Table) IsPaused(p *Process) bool {
	return isUp(p) && p.Life.PID != 0 && !p.Life.Remains && t.k.IsPaused(p.Life.PID)
}
