package life

import (
	"syscall"

	"slipway/supervise/child"
	"slipway/supervise/config"
	"slipway/supervise/hook"
	"slipway/supervise/kernel"
	"slipway/supervise/listening"
	"slipway/supervise/logs"
	"slipway/supervise/loop"
	"slipway/supervise/machine"
	"slipway/supervise/ownership"
	"slipway/supervise/probe"
	"slipway/supervise/streams"
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
	if t.opts.Explain {
		failure.Explain(t.k)
	}
	p.Failure = failure
	p.TellPID(0)
	if !t.opts.Explain || p.Life.Stalls == 0 {
		t.log.Info("spawnerr: ", failure.Text)
	}
	t.Feed(p, machine.Event{Kind: machine.SpawnFailed, Gen: gen, Text: failure.Text, Transient: failure.Transient, Missing: failure.Missing})
	if p.Life.Stalls == 1 {
		p.since = t.k.Now()
	}
	if again := failure.Again(&p.Life, p.Spec.StartRetries, t.k.Now()); again != "" && t.opts.Explain {
		t.log.Warn(p.Name(), " cannot be started: ", failure.Text, again)
	}
}

// up tells everybody that a process runs.
func (t *Table) up(p *Process, gen uint64, pid int) {
	p.bond.pgid, p.bond.launched = pid, t.holders.Launch(p.naming(), t.opts.PID, pid)
	p.TellPID(pid)
	t.feedProbe(p, probe.Event{Kind: probe.Begun, Gen: gen})
	t.tell(p, false, t.log.Info, "spawned: ", words.Quote(p.Name()), " with pid ", itoa(pid))
	t.Feed(p, machine.Event{Kind: machine.Spawned, Gen: gen, PID: pid})
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
		p.Hush()
	}
	return pid, failure
}

// naming is how the main process of p is known if it puts itself into the background.
func (p *Process) naming() ownership.Naming {
	return ownership.Naming{Program: p.Name(), Pidfile: p.Config.Pidfile, Within: p.Spec.StartSecs, User: p.Config.User}
}

// execute executes the command of a process. The pid is 0 if a holder is to tell it.
func (t *Table) execute(p *Process, c *kernel.Command) (pid int, err error) {
	p.bond = bond{}
	if t.holds(p) {
		r := &run{t: t, p: p, gen: p.Life.Gen, path: c.Path}
		p.bond.holder, err = t.holders.Start(c, r, p.naming())
		none, without := err.(kernel.NoHolder)
		if !without {
			p.bond.run = r
			return 0, err
		}
		p.bond.why = string(none)
		if len(c.Attributes) > 0 {
			return 0, none
		}
	}
	listening.Without(c)
	return t.k.Spawn(c)
}

// holds reports whether a process is to have a holder.
func (t *Table) holds(p *Process) bool {
	switch {
	case len(p.Config.Attributes) > 0, len(p.Config.Listen) > 0, p.Config.RestartMode == config.RestartOverlap: // it sets them, or tells two apart
		return true
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
	ends, err = t.streams.Make(&p.Streams, &streams.Owner{
		Config: p.Config, Group: &p.Group.Config, Socket: &p.Group.socket, Pool: p.Group.pool, Member: p.member,
		PID: &p.Life.PID, UID: t.opts.Maker.UID, Alone: t.processes == 1,
	}, c)
	if err == nil {
		err = t.Sockets.Give(c, p.Config.Listen)
	}
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

// hook runs a hook for the state machine of a process.
func (t *Table) hook(p *Process, a machine.Action) {
	h, gen := &child.Waited{Since: t.k.Now()}, p.Life.Gen
	p.hooks.Waited = h
	h.Run = t.runHook(p, a.Hook.String(), func(failure child.Failure) {
		if p.hooks.Waited == h {
			p.hooks.Waited = nil
		}
		if a.Hook == machine.PreStart && failure.Text != "" && p.Life.Gen == gen && p.Life.State == machine.Starting {
			t.notSpawned(p, gen, failure)
			return
		}
		if failure.Text != "" && p.Life.Hook == a.Hook && p.Life.Gen == gen && a.Hook != machine.PreStart {
			t.log.Warn(p.Name(), ": ", failure.Text)
		}
		t.Feed(p, machine.Event{Kind: machine.HookEnded, Gen: gen, Hook: a.Hook})
	})
}

// endHook ends a hook for which the state machine of a process does not wait any more.
func (t *Table) endHook(p *Process, a machine.Action) {
	if p.hooks.Waited == nil {
		return
	}
	if a.Late {
		t.log.Warn(p.Name(), ": ", child.LateHook(a.Hook, p.Spec.Hooks.Limit, t.k.Now().Sub(p.hooks.Waited.Since)))
		if a.Hook == machine.PreStart {
			p.Failure = child.Failure{Text: p.Life.SpawnErr, Code: exitDeadline}
		}
	}
	if p.hooks.Waited.Run != nil {
		p.hooks.Waited.Run.SignalGroup(syscall.Signal(a.Signal))
	}
}

// runHook starts a hook. Done is called, also from here, with what has gone wrong.
func (t *Table) runHook(p *Process, name string, done func(child.Failure)) *child.Child {
	if t.log.Enabled(logs.Debug) {
		t.log.Debug("running ", name, " of ", p.Name())
	}
	run, failure := t.opts.Runner.Hook(t.opts.Maker, p.Config, &p.Life, name, done)
	if failure.Text != "" {
		done(failure)
		return nil
	}
	return run
}

// postStart runs the hook for which nobody waits.
func (t *Table) postStart(p *Process) {
	if p.Config.Hooked.Argv(hook.PostStart) == nil {
		return
	}
	if p.hooks.Warming != nil { // or a program that ends often had ever more of them
		t.log.Warn(p.Name(), ": ", hook.PostStart, " of the start before still runs; it is killed")
		p.hooks.Warming.SignalGroup(syscall.SIGKILL)
	}
	limit, run := new(loop.Timer), (*child.Child)(nil)
	run = t.runHook(p, hook.PostStart, func(failure child.Failure) {
		t.loop.Clear(limit)
		if p.hooks.Warming == run {
			p.hooks.Warming = nil
		}
		if failure.Text != "" {
			t.log.Warn(p.Name(), ": ", failure.Text)
		}
	})
	if p.hooks.Warming = run; run != nil {
		t.loop.After(limit, p.Spec.Hooks.Limit, func() { run.SignalGroup(syscall.SIGKILL) })
	}
}

// came is what follows when p can be used.
func (t *Table) came(p *Process) {
	t.postStart(p)
	t.restartOthers(p)
	t.startWith(p)
}
