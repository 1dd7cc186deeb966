package child

import (
	"strings"

	"slipway/supervise/boot"
	"slipway/supervise/config"
	"slipway/supervise/kernel"
	"slipway/supervise/words"
)

// Probe makes the command of a probe of a process: a shell for exec: as the program itself
// would run it, else slipway, because nothing in here can resolve a name or speak HTTP.
func (m *Maker) Probe(p *config.Process, what config.Probe) (*kernel.Command, Failure) {
	if what.Kind == config.ProbeExec {
		return m.Shell(p, what.Target)
	}
	env := append(boot.Without(m.Environ, boot.EnvProbe), boot.EnvProbe+"="+what.String())
	return m.Own(boot.Probe, env), Failure{}
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
