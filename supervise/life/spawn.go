package life

import (
	"time"

	"slipway/supervise/child"
	"slipway/supervise/config"
	"slipway/supervise/kernel"
	"slipway/supervise/machine"
	"slipway/supervise/ownership"
	"slipway/supervise/probe"
	"slipway/supervise/words"
)

// spawn forks a process and tells the state machine how that went.
func (t *Table) spawn(p *Process) {
	gen := p.Life.Gen
	t.memory.Count()
	pid, failure := 0, child.Failure{Text: "internal error spawning " + words.Quote(p.Name()), Code: 1, Transient: true}
	t.loop.Guard(p.FullName(), func() { pid, failure = t.fork(p) })
	if failure.Text != "" {
		t.notSpawned(p, gen, failure)
		return
	}
	p.Failure = failure
	if pid == 0 {
		return // its holder tells
	}
	t.own(pid, p)
	t.up(p, gen, pid)
}

// notSpawned tells the state machine of a start that has failed.
func (t *Table) notSpawned(p *Process, gen uint64, failure child.Failure) {
	p.Failure = failure
	t.log.Info("spawnerr: ", failure.Text)
	t.Feed(p, machine.Event{Kind: machine.SpawnFailed, Gen: gen, Text: failure.Text, Transient: failure.Transient, Missing: failure.Missing})
	t.sayLate(p)
}

// up tells everybody that a process runs.
func (t *Table) up(p *Process, gen uint64, pid int) {
	p.bond.pgid = pid
	t.feedProbe(p, probe.Event{Kind: probe.Begun, Gen: gen})
	t.tell(p, false, t.log.Info, "spawned: ", words.Quote(p.Name()), " with pid ", itoa(pid))
	t.Feed(p, machine.Event{Kind: machine.Spawned, Gen: gen, PID: pid})
}

// sayLate says when a program is tried again that lacks a file, where nobody else does: the
// file may be on a volume that comes late.
func (t *Table) sayLate(p *Process) {
	if !t.opts.Explain || !p.Failure.Missing || p.Life.State != machine.Backoff {
		return
	}
	t.log.Warn(p.Name(), " cannot be started: ", p.Failure.Text, "; try ", itoa(p.Life.Tries+1), " of ", itoa(p.Spec.StartRetries+1),
		" in ", p.Life.Due.Sub(t.k.Now()).Round(time.Second/10).String())
}

func (t *Table) fork(p *Process) (int, child.Failure) {
	c, failure := t.opts.Maker.Program(p.Config)
	if failure.Text != "" {
		return 0, failure
	}
	ends, err := t.descriptors(p, c)
	pid := 0
	if err != nil {
		failure = child.DescriptorFailure(p.Name(), err)
	} else if pid, err = t.execute(p, c); err != nil {
		failure = t.opts.Maker.SpawnFailure(p.Name(), c.Path, err)
	}
	for _, fd := range ends {
		t.k.Close(fd)
	}
	if err != nil {
		p.in.Close()
	}
	return pid, failure
}

// nameWait is how long a program has at least, after its launcher, to write its pid file.
const nameWait = 5 * time.Second

// execute executes the command of a process. The pid is 0 if a holder is to tell it.
func (t *Table) execute(p *Process, c *kernel.Command) (pid int, err error) {
	p.bond = bond{}
	if t.holds(p) {
		r := &run{t: t, p: p, gen: p.Life.Gen, path: c.Path}
		p.bond.holder, err = t.holders.Start(c, r,
			ownership.Naming{Program: p.Name(), Pidfile: p.Config.Pidfile, Within: max(p.Spec.StartSecs, nameWait)})
		none, without := err.(kernel.NoHolder)
		if !without {
			p.bond.run = r
			return 0, err
		}
		p.bond.why = string(none)
	}
	return t.k.Spawn(c)
}

// holds reports whether a process is to have a holder.
func (t *Table) holds(p *Process) bool {
	switch {
	case p.member != nil || p.Config.Holder == config.HolderNo: // a listener signals its parent
		return false
	case p.Config.Holder == config.HolderYes || p.Config.Conduct == config.ConductForking:
		return true
	}
	return t.opts.Hold
}

// descriptors makes the descriptors of a command: the first three, and what the program
// says on that it is ready. ends are those to close after the fork, also after an error.
func (t *Table) descriptors(p *Process, c *kernel.Command) (ends []int, err error) {
	ends, err = t.stdio(p, c)
	if err == nil && p.notifies() {
		var end int
		if end, err = t.openNotify(p, c); err == nil && end >= 0 {
			ends = append(ends, end)
		}
	}
	return ends, err
}

// RunAs runs a command as p is run: by its user, in its directory and environment. Ended is
// called when it has ended, if it could be started.
func (t *Table) RunAs(p *Process, argv []string, ended func(kernel.Exit)) child.Failure {
	cmd, failure := t.opts.Maker.Words(p.Config, argv)
	if failure.Text != "" {
		return failure
	}
	_, err := t.opts.Runner.Start(child.Job{Command: cmd, Stdin: true, Held: true, Ended: func(exit kernel.Exit, _ []byte) { ended(exit) }})
	if err != nil {
		return t.opts.Maker.SpawnFailure(p.Name(), cmd.Path, err)
	}
	return child.Failure{}
}
