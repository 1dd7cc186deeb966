package child

import (
	"slices"
	"strings"

	"slipway/supervise/boot"
	"slipway/supervise/config"
	"slipway/supervise/kernel"
)

// withFiles has a command get the variables of its program's env files. Their grammar is none
// that we have: slipway reads them, as the program's user, and becomes the program.
func (m *Maker) withFiles(p *config.Process, c *kernel.Command) Failure {
	if len(p.EnvFiles) == 0 {
		return Failure{}
	}
	for _, file := range p.EnvFiles {
		if !strings.HasPrefix(file, "-") && !m.exists(file) {
			return Failure{Text: "cannot find env_file " + file, Code: NotFound, Missing: true}
		}
	}
	var keep []string
	for _, v := range p.Environment {
		keep = append(keep, v.Name)
	}
	for _, v := range p.Marks() {
		name, _, _ := strings.Cut(v, "=")
		keep = append(keep, name)
	}
	c.Env = append(boot.Without(c.Env, boot.EnvFiles, boot.EnvKeep),
		boot.EnvFiles+"="+strings.Join(p.EnvFiles, "\n"), boot.EnvKeep+"="+strings.Join(keep, ","))
	c.Path, c.Argv = m.Slipway, slices.Concat([]string{boot.Slipway, boot.WithEnv, "--", c.Path}, c.Argv)
	return Failure{}
}
