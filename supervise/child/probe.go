package child

import (
	"strings"

	"slipway/supervise/boot"
	"slipway/supervise/config"
	"slipway/supervise/early"
	"slipway/supervise/kernel"
	"slipway/supervise/words"
)

// Probe makes the command of a probe of a process: a shell for exec: as the program itself
// would run it, else slipway, because nothing in here can resolve a name or speak HTTP.
func (m *Maker) Probe(p *config.Process, what config.Probe) (*kernel.Command, Failure) {
	if what.Kind == config.ProbeExec {
		return m.Shell(p, what.Target)
	}
	return m.Own(boot.Probe, m.WithoutSecrets()), Failure{}
}

// WhyFailed is why a run has failed: the last line that it printed, or how it ended; "" if
// it has not.
func WhyFailed(exit kernel.Exit, answer []byte) string {
	if (exit == kernel.Exit{}) {
		return ""
	}
	text := strings.TrimSpace(string(answer))
	text = strings.TrimSpace(text[strings.LastIndexByte(text, '\n')+1:])
	if text == "" {
		text = words.StatusText(exit.Code, exit.Signal, exit.Core)
	}
	return text
}

// answerKept bounds what is kept of a probe's output, in bytes.
const answerKept = 256

// Probe starts a run of a probe. What it leaves behind in its group ends with it. Done is
// called when it has ended, with why it has failed, "" if it has not; started is false where
// the machine had no room for it, which says nothing about the program. It may be called
// before Probe returns, and then there is no child.
func (r *Runner) Probe(m *Maker, p *config.Process, what config.Probe, done func(why string, started bool)) *Child {
	cmd, failure := m.Probe(p, what)
	if failure.Text != "" {
		done(failure.Text, true)
		return nil
	}
	input := "" // a URL may hold a password, and everybody of the same user can read an environment
	if what.Kind != config.ProbeExec {
		input = what.String()
	}
	run, err := r.Start(Job{Command: cmd, Input: input, Keep: answerKept, Held: what.Kind == config.ProbeExec, Ended: func(exit kernel.Exit, answer []byte) {
		// Our own executable may find the machine full.
		started := what.Kind == config.ProbeExec || exit.Code != early.NoTasks
		done(WhyFailed(exit, answer), started)
	}})
	switch {
	case err == nil:
		return run
	case kernel.IsTransient(err):
		done("", false)
	default:
		done("cannot execute "+cmd.Path+": "+words.ErrnoName(err), true)
	}
	return nil
}
