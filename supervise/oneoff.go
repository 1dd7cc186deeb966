package supervise

import (
	"slipway/supervise/control"
	"slipway/supervise/dialect"
	"slipway/supervise/kernel"
	"slipway/supervise/machine"
)

// runFor runs a command as a program's user, in its directory and environment, and
// answers the call when it has ended: that is how a reload with a command works.
func (s *Supervisor) runFor(c *call, p *process, command string) {
	argv, err := dialect.SplitCommand(command)
	if err != nil {
		c.fault(control.Failed, p.fullName()+": cannot parse reload command: "+err.Error())
		return
	}
	helper := &process{cfg: p.cfg, group: p.group, stdin: -1}
	helper.cfg.Argv, helper.cfg.ArgvErr, helper.cfg.Command = argv, "", command
	path, failure := s.resolve(helper)
	cmd := &kernel.Command{Path: path, Argv: argv, Dir: p.cfg.Directory, Umask: p.cfg.Umask, Files: []int{0, 1, 2}}
	if failure.text == "" {
		failure = s.identity(helper, cmd)
	}
	if failure.text != "" {
		c.fault(control.Failed, p.fullName()+": "+failure.text)
		return
	}
	cmd.Env = s.environ(p)
	pid, err := s.k.Spawn(cmd)
	if err != nil {
		c.fault(control.Failed, p.fullName()+": "+forkFailure(p, path, err).text)
		return
	}
	s.loop.OnExit(pid, func(exit kernel.Exit) {
		if (exit != kernel.Exit{}) {
			s.log.Warn("reload of ", p.name(), " has failed (", statusText(machine.Status(exit)), ")")
			c.fault(control.Failed, p.fullName()+": reload command: "+statusText(machine.Status(exit)))
			return
		}
		s.reloaded(p)
		c.reply(done)
	})
}
