package supervise

import (
	"slices"

	"slipway/supervise/config"
	"slipway/supervise/control"
	"slipway/supervise/machine"
)

// handler is a row of the table: what answers a method of the control protocol.
type handler struct {
	method string
	handle func(s *Supervisor, c *call)
}

// handlers has one row for each row of the control table.
var handlers = slices.Concat(processHandlers, infoHandlers, logHandlers, eventHandlers)

// processHandlers are what starts, stops and tells processes.
var processHandlers = []handler{
	{control.OpProcessStart, opStart.one},
	{control.OpProcessStop, opStop.one},
	{control.OpProcessRestart, opRestart.one},
	{control.OpProcessReload, handleReload},
	{control.OpProcessSignal, opSignal.one},
	{control.OpProcessStdin, handleStdin},
	{control.OpWaitReady, handleWaitReady},
	{control.OpGroupStart, opStart.group},
	{control.OpGroupStop, opStop.group},
	{control.OpGroupSignal, opSignal.group},
	{control.OpAllStart, opStart.all},
	{control.OpAllStop, opStop.all},
	{control.OpAllSignal, opSignal.all},
	{control.OpWaitIdle, handleWaitIdle},
}

// eventHandlers are about events.
var eventHandlers = []handler{
	{control.OpEventSend, handleEventSend},
	{control.OpEventStream, handleEventStream},
}

// dispatch calls the handler of a method. A row of the control table that has none would
// be answered NotOffered; a test holds that there is no such row.
func (s *Supervisor) dispatch(table []handler, c *call) {
	for i := range table {
		if table[i].method == c.Method.Name {
			table[i].handle(s, c)
			return
		}
	}
	c.fault(control.NotOffered, c.Method.Name)
}

// done is the answer of a method that has nothing to say but that it succeeded.
var done = control.Bool(true)

// process returns the process that the first argument names, or answers BadName.
func (c *call) process() *process {
	group, name := control.SplitName(c.Str(0))
	p := c.s.find(group, name)
	if p == nil {
		c.fault(control.BadName, c.Str(0))
	}
	return p
}

// group returns the group that the first argument names, or answers BadName.
func (c *call) group() *group {
	g := c.s.findGroup(c.Str(0))
	if g == nil {
		c.fault(control.BadName, c.Str(0))
	}
	return g
}

// tryStart asks for a start the way clients do, and returns why there is none.
func (s *Supervisor) tryStart(p *process) *control.Fault {
	switch {
	case p.group.removing && p.group.successor == nil:
		return control.NewFault(control.Failed, p.fullName()+" is being removed")
	case p.group.removing:
		p.next = intentUp
		return nil
	case p.m.State == machine.Unknown:
		return control.NewFault(control.Failed, p.fullName()+" is in an unknown process state")
	case p.m.State.IsRunning():
		return control.NewFault(control.AlreadyStarted, p.fullName())
	}
	if _, failure := s.maker.Find(&p.cfg); failure.Text != "" {
		if failure.IsNotFound() {
			return control.NewFault(control.NoFile, failure.Text)
		}
		return control.NewFault(control.NotExecutable, failure.Text)
	}
	s.start(p)
	if p.m.State == machine.Backoff || p.m.State == machine.Fatal {
		return control.NewFault(control.SpawnError, p.fullName())
	}
	return nil
}

// startedUp says whether a start that was asked for has come to its end, and how.
func startedUp(p *process, _ uint64) (f *control.Fault, ok bool) {
	switch {
	case p.held, p.m.State == machine.Starting, p.m.State == machine.Stopping && p.m.Wanted:
		return nil, false
	case p.m.State == machine.Running:
		return nil, true
	case p.m.State == machine.Backoff, p.m.State == machine.Fatal:
		return control.NewFault(control.SpawnError, p.fullName()), true
	}
	return control.NewFault(control.AbnormalTermination, p.fullName()), true
}

// tryStop asks for a stop the way clients do.
func (s *Supervisor) tryStop(p *process) *control.Fault {
	if !isStoppable(p) {
		return control.NewFault(control.NotRunning, p.fullName())
	}
	if p.group.removing {
		p.next = intentDown
	}
	s.stopProcess(p)
	if p.m.State == machine.Unknown {
		return control.NewFault(control.Failed, p.fullName())
	}
	return nil
}

// isStoppable reports whether p is up, or is going to be by itself: one that is being
// restarted is, too.
func isStoppable(p *process) bool {
	return p.m.State.IsRunning() || p.m.Wanted || p.held || p.group.removing && p.group.successor != nil
}

// stoppedDown says whether what was up when the stop was asked for is down. It may be up
// again by then, because somebody has asked for that since.
func stoppedDown(p *process, since uint64) (f *control.Fault, ok bool) {
	return nil, p.m.State.IsStopped() || p.m.Gen != since
}

// renew restarts a process, or starts it if it is down. The second half needs nobody
// who waits for it.
func (s *Supervisor) renew(p *process) *control.Fault {
	if !p.m.State.IsRunning() && p.m.State != machine.Stopping || p.group.removing {
		return s.tryStart(p)
	}
	s.feed(p, machine.Event{Kind: machine.Renew})
	return nil
}

// handleReload does what the reload option says: a signal, nothing, or a restart.
func handleReload(s *Supervisor, c *call) {
	p := c.process()
	if p == nil {
		return
	}
	switch how := p.cfg.Reload; how.How {
	case config.ReloadNone:
		c.reply(done)
	case config.ReloadSignal:
		f := s.sendSignal(p, how.Signal)
		if f == nil {
			s.reloaded(p)
		}
		c.answer(done, f)
	case config.ReloadCommand:
		s.runFor(c, p, how.Command)
	default:
		s.one(c, p, s.renew(p), c.Bool(1), startedUp)
	}
}

func handleWaitReady(s *Supervisor, c *call) {
	if p := c.process(); p != nil {
		s.one(c, p, nil, true, readyUp)
	}
}

func handleWaitIdle(s *Supervisor, c *call) {
	s.server.Defer(c.Call, func() (control.Value, *control.Fault, bool) {
		idle := true
		s.each(func(p *process) {
			switch p.m.State {
			case machine.Starting, machine.Stopping, machine.Backoff:
				idle = false
			}
			idle = idle && !p.held
		})
		return done, nil, idle
	})
}
