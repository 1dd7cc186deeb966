package supervise

import (
	"slipway/supervise/child"
	"slipway/supervise/control"
	"slipway/supervise/dialect"
	"slipway/supervise/kernel"
	"slipway/supervise/machine"
	"slipway/supervise/probe"
	"slipway/supervise/words"
)

// spawn forks a process and tells the state machine how that went.
func (s *Supervisor) spawn(p *process) {
	gen := p.m.Gen
	pid, failure := s.fork(p)
	p.failure = failure
	if failure.Text != "" {
		s.log.Info("spawnerr: ", failure.Text)
		s.feed(p, machine.Event{Kind: machine.SpawnFailed, Gen: gen, Text: failure.Text, Transient: failure.Transient})
		return
	}
	p.pgid = pid
	s.own(pid, p)
	s.feedProbe(p, probe.Event{Kind: probe.Begun, Gen: gen})
	s.log.Info("spawned: ", words.Quote(p.name()), " with pid ", itoa(pid))
	s.feed(p, machine.Event{Kind: machine.Spawned, Gen: gen, PID: pid})
}

func (s *Supervisor) fork(p *process) (int, child.Failure) {
	c, failure := s.maker.Program(&p.cfg)
	if failure.Text != "" {
		return 0, failure
	}
	ends, err := s.descriptors(p, c)
	pid := 0
	if err != nil {
		failure = child.DescriptorFailure(p.name(), err)
	} else if pid, err = s.k.Spawn(c); err != nil {
		failure = child.SpawnFailure(p.name(), c.Path, err)
	}
	for _, fd := range ends {
		s.k.Close(fd)
	}
	if err != nil {
		s.closeStdin(p)
	}
	return pid, failure
}

// descriptors makes the descriptors of a command: the first three, and what the program
// says on that it is ready. ends are those to close after the fork, also after an error.
func (s *Supervisor) descriptors(p *process, c *kernel.Command) (ends []int, err error) {
	ends, err = s.stdio(p, c)
	if err == nil && p.notifies() {
		var end int
		if end, err = s.openNotify(p, c); err == nil && end >= 0 {
			ends = append(ends, end)
		}
	}
	return ends, err
}

// runFor runs a command as a program's user, in its directory and environment, and
// answers the call when it has ended: that is how a reload with a command works.
func (s *Supervisor) runFor(c *call, p *process, command string) {
	argv, err := dialect.SplitCommand(command)
	if err != nil {
		c.fault(control.Failed, p.fullName()+": cannot parse reload command: "+err.Error())
		return
	}
	cmd, failure := s.maker.Words(&p.cfg, argv)
	if failure.Text == "" {
		_, err = s.runner.Start(child.Job{Command: cmd, Stdin: true, Ended: func(exit kernel.Exit, _ []byte) {
			if (exit != kernel.Exit{}) {
				how := statusText(machine.Status(exit))
				s.log.Warn("reload of ", p.name(), " has failed (", how, ")")
				c.fault(control.Failed, p.fullName()+": reload command: "+how)
				return
			}
			s.reloaded(p)
			c.reply(done)
		}})
		if err != nil {
			failure = child.SpawnFailure(p.name(), cmd.Path, err)
		}
	}
	if failure.Text != "" {
		c.fault(control.Failed, p.fullName()+": "+failure.Text)
	}
}
