package supervise

import (
	"slipway/supervise/config"
	"slipway/supervise/control"
	"slipway/supervise/dialect"
	"slipway/supervise/kernel"
	"slipway/supervise/life"
	"slipway/supervise/machine"
	"slipway/supervise/outcome"
	"slipway/supervise/server"
	"slipway/supervise/words"
)

// handler is a row of the table: what answers a method of the control protocol. It is a
// function or a literal of one, not a method value: then the tables are part of the
// executable, and no code that writes memory at the start.
type handler struct {
	method string
	handle func(s *Supervisor, c *call)
}

// handlers have one row for each row of the control table.
var handlers = [][]handler{processHandlers, infoHandlers, logHandlers, eventHandlers}

// processHandlers are what starts, stops and tells processes.
var processHandlers = []handler{
	{control.OpProcessStart, func(s *Supervisor, c *call) { opStart.one(s, c) }},
	{control.OpProcessStop, func(s *Supervisor, c *call) { opStop.one(s, c) }},
	{control.OpProcessRestart, func(s *Supervisor, c *call) { opRestart.one(s, c) }},
	{control.OpProcessReload, handleReload},
	{control.OpProcessSignal, func(s *Supervisor, c *call) { opSignal.one(s, c) }},
	{control.OpProcessTrigger, func(s *Supervisor, c *call) { opTrigger.one(s, c) }},
	{control.OpProcessStdin, handleStdin},
	{control.OpWaitReady, handleWaitReady},
	{control.OpGroupStart, func(s *Supervisor, c *call) { opStart.group(s, c) }},
	{control.OpGroupStop, func(s *Supervisor, c *call) { opStop.group(s, c) }},
	{control.OpGroupSignal, func(s *Supervisor, c *call) { opSignal.group(s, c) }},
	{control.OpAllStart, func(s *Supervisor, c *call) { opStart.all(s, c) }},
	{control.OpAllStop, func(s *Supervisor, c *call) { opStop.all(s, c) }},
	{control.OpAllSignal, func(s *Supervisor, c *call) { opSignal.all(s, c) }},
	{control.OpWaitIdle, handleWaitIdle},
}

// eventHandlers are about events.
var eventHandlers = []handler{
	{control.OpEventSend, handleEventSend},
	{control.OpEventStream, handleEventStream},
}

// serve calls the handler of a method.
func (s *Supervisor) serve(c *server.Call) {
	if s.phase != phaseRunning && !c.Method.InShutdown {
		c.Fault(control.ShutdownState, "")
		return
	}
	s.dispatch(handlers, &call{Call: c, s: s})
}

// dispatch calls the handler of a method. A row of the control table that has none would
// be answered NotOffered; a test holds that there is no such row.
func (s *Supervisor) dispatch(tables [][]handler, c *call) {
	for _, table := range tables {
		for i := range table {
			if table[i].method == c.Method.Name {
				table[i].handle(s, c)
				return
			}
		}
	}
	c.fault(control.NotOffered, c.Method.Name)
}

// tryStart asks for a start the way clients do, and returns why there is none.
func (s *Supervisor) tryStart(p *life.Process) *control.Fault {
	switch {
	case p.Group.Removing && p.Group.Successor == nil:
		return control.NewFault(control.Failed, p.FullName()+" is being removed")
	case p.Group.Removing:
		p.Next = life.IntentUp
		return nil
	case p.Life.State == machine.Unknown:
		return control.NewFault(control.Failed, p.FullName()+" is in an unknown process state")
	case p.Life.State.IsRunning():
		return control.NewFault(control.AlreadyStarted, p.FullName())
	}
	if _, failure := s.maker.Find(p.Config); failure.Text != "" {
		if failure.IsNotFound() {
			return control.NewFault(control.NoFile, failure.Text)
		}
		return control.NewFault(control.NotExecutable, failure.Text)
	}
	s.table.Start(p)
	if p.Life.State == machine.Backoff || p.Life.State == machine.Fatal {
		return control.NewFault(control.SpawnError, p.FullName())
	}
	return nil
}

// tryStop asks for a stop the way clients do.
func (s *Supervisor) tryStop(p *life.Process) *control.Fault {
	if s.birth.demand.TakeOut(p) {
		return nil
	}
	if !isStoppable(p) {
		return control.NewFault(control.NotRunning, p.FullName())
	}
	if p.Group.Removing {
		p.Next = life.IntentDown
	}
	s.table.Stop(p)
	if p.Life.State == machine.Unknown {
		return control.NewFault(control.Failed, p.FullName())
	}
	return nil
}

// isStoppable reports whether p is up, or is going to be by itself: one that is being
// restarted is, too.
func isStoppable(p *life.Process) bool {
	return p.Life.State.IsRunning() || p.Life.Wanted || p.Held || p.Waits || p.Group.Removing && p.Group.Successor != nil
}

// renew restarts a process, or starts it if it is down. The second half needs nobody
// who waits for it.
func (s *Supervisor) renew(p *life.Process) *control.Fault {
	if !p.Life.State.IsRunning() && p.Life.State != machine.Stopping || p.Group.Removing {
		return s.tryStart(p)
	}
	s.table.Restart(p)
	return nil
}

// handleReload does what the reload option says: a signal, nothing, or a restart.
func handleReload(s *Supervisor, c *call) {
	p := c.process()
	if p == nil {
		return
	}
	switch how := p.Config.Reload; how.How {
	case config.ReloadNone:
		c.reply(done)
	case config.ReloadSignal:
		f := s.sendSignal(p, how.Signal)
		if f == nil {
			s.table.Reloaded(p)
		}
		c.answer(done, f)
	case config.ReloadCommand:
		s.runFor(c, p, how.Command)
	default:
		s.one(c, p, s.renew(p), c.Bool(1), outcome.Restarted)
	}
}

func handleWaitReady(s *Supervisor, c *call) {
	if p := c.process(); p != nil {
		s.one(c, p, nil, true, outcome.Ready)
	}
}

func handleWaitIdle(s *Supervisor, c *call) {
	s.server.Defer(c.Call, func() (control.Value, *control.Fault, bool) {
		idle := true
		s.table.Each(func(p *life.Process) {
			switch p.Life.State {
			case machine.Starting, machine.Stopping, machine.Backoff:
				idle = false
			}
			idle = idle && (!p.Held || p.Vain != "")
		})
		return done, nil, idle
	})
}

// runFor runs a command as a program's user, in its directory and environment, and
// answers the call when it has ended: that is how a reload with a command works.
func (s *Supervisor) runFor(c *call, p *life.Process, command string) {
	argv, err := dialect.SplitCommand(command)
	if err != nil {
		c.fault(control.Failed, p.FullName()+": cannot parse reload command: "+err.Error())
		return
	}
	failure := s.table.RunAs(p, argv, func(exit kernel.Exit) {
		if (exit != kernel.Exit{}) {
			how := words.StatusText(exit.Code, exit.Signal, exit.Core)
			s.log.Warn("reload of ", p.Name(), " has failed (", how, ")")
			c.fault(control.Failed, p.FullName()+": reload command: "+how)
			return
		}
		s.table.Reloaded(p)
		c.reply(done)
	})
	if failure.Text != "" {
		c.fault(control.Failed, p.FullName()+": "+failure.Text)
	}
}
