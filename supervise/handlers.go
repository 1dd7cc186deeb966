package supervise

import (
	"sort"
	"strings"

	"slipway/supervise/control"
	"slipway/supervise/machine"
)

// handlers has one row for each method of the control protocol that is offered.
var handlers = [...]struct {
	method string
	handle func(s *Supervisor, c *call)
}{
	{control.OpProcessList, handleList},
	{control.OpProcessGet, handleGet},
	{control.OpProcessStart, handleStart},
	{control.OpProcessStop, handleStop},
	{control.OpProcessRestart, handleRestart},
	{control.OpProcessReload, handleReload},
	{control.OpProcessSignal, handleSignal},
	{control.OpProcessStdin, handleStdin},
	{control.OpProcessOpenLog, handleOpenLog},
	{control.OpProcessRecent, handleRecent},
	{control.OpProcessClearLogs, handleClearLogs},
	{control.OpWaitReady, handleWaitReady},
	{control.OpGroupStart, handleGroupStart},
	{control.OpGroupStop, handleGroupStop},
	{control.OpGroupSignal, handleGroupSignal},
	{control.OpGroupAdd, handleGroupAdd},
	{control.OpGroupRemove, handleGroupRemove},
	{control.OpAllStart, handleAllStart},
	{control.OpAllStop, handleAllStop},
	{control.OpAllSignal, handleAllSignal},
	{control.OpAllClearLogs, handleAllClearLogs},
	{control.OpConfigList, handleConfigList},
	{control.OpConfigReread, handleReread},
	{control.OpEventSend, handleEventSend},
	{control.OpEventStream, handleEventStream},
	{control.OpLogOpen, handleLogOpen},
	{control.OpLogClear, handleLogClear},
	{control.OpLogWrite, handleLogWrite},
	{control.OpState, handleState},
	{control.OpInfo, handleInfo},
	{control.OpShutdown, handleShutdown},
	{control.OpRestart, handleSupervisorRestart},
	{control.OpBoot, handleBoot},
	{control.OpWaitIdle, handleWaitIdle},
	{control.OpServers, handleServers},
	{control.OpWatch, handleWatch},
	{control.OpMethods, handleMethods},
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

// byPriority returns processes in the order in which group operations take them.
func byPriority(list []*process) []*process {
	sorted := append([]*process(nil), list...)
	sort.SliceStable(sorted, func(i, j int) bool {
		a, b := sorted[i], sorted[j]
		if a.group != b.group {
			return false // groups are in order already
		}
		return a.cfg.Priority < b.cfg.Priority || a.cfg.Priority == b.cfg.Priority && a.cfg.Name < b.cfg.Name
	})
	return sorted
}

// all returns every process.
func (s *Supervisor) all() []*process {
	var list []*process
	s.each(func(p *process) { list = append(list, p) })
	return list
}

// tryStart asks for a start the way clients do, and returns why there is none.
func (s *Supervisor) tryStart(p *process) *control.Fault {
	switch {
	case p.m.State == machine.Unknown:
		return control.NewFault(control.Failed, p.fullName()+" is in an unknown process state")
	case p.m.State.IsRunning():
		return control.NewFault(control.AlreadyStarted, p.fullName())
	}
	if _, failure := s.resolve(p); failure.text != "" {
		if failure.code == 127 && strings.HasPrefix(failure.text, "can't find") {
			return control.NewFault(control.NoFile, failure.text)
		}
		return control.NewFault(control.NotExecutable, failure.text)
	}
	s.start(p)
	if p.m.State == machine.Backoff || p.m.State == machine.Fatal {
		return control.NewFault(control.SpawnError, p.fullName())
	}
	return nil
}

// startedUp says whether a start that was asked for has come to its end, and how.
func startedUp(p *process) (f *control.Fault, ok bool) {
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
	if !p.m.State.IsRunning() && !p.held {
		return control.NewFault(control.NotRunning, p.fullName())
	}
	s.stopProcess(p)
	if p.m.State == machine.Unknown {
		return control.NewFault(control.Failed, p.fullName())
	}
	return nil
}

func stoppedDown(p *process) (f *control.Fault, ok bool) { return nil, p.m.State.IsStopped() }

// one answers an operation on one process: at once, or with wait when finished says
// so.
func (s *Supervisor) one(c *call, p *process, f *control.Fault, wait bool, finished func(*process) (*control.Fault, bool)) {
	if f != nil || !wait {
		c.answer(done, f)
		return
	}
	s.deferAnswer(c, func() (control.Value, *control.Fault, bool) {
		f, ok := finished(p)
		return done, f, ok
	})
}

// many answers an operation on several processes with a list of Status: failures at
// once first, then the others in the order in which they finish.
func (s *Supervisor) many(c *call, list []*process, wait bool, begin func(*process) *control.Fault, finished func(*process) (*control.Fault, bool)) {
	var results []control.Status
	add := func(p *process, f *control.Fault) {
		results = append(results, control.NewStatus(p.cfg.Group, p.cfg.Name, f))
	}
	var pending []*process
	for _, p := range list {
		switch f := begin(p); {
		case f != nil || !wait:
			add(p, f)
		default:
			pending = append(pending, p)
		}
	}
	s.deferAnswer(c, func() (control.Value, *control.Fault, bool) {
		still := pending[:0]
		for _, p := range pending {
			if f, ok := finished(p); ok {
				add(p, f)
			} else {
				still = append(still, p)
			}
		}
		pending = still
		return control.EncodeList(results), nil, len(pending) == 0
	})
}

func handleStart(s *Supervisor, c *call) {
	if p := c.process(); p != nil {
		s.one(c, p, s.tryStart(p), c.Bool(1), startedUp)
	}
}

func handleStop(s *Supervisor, c *call) {
	if p := c.process(); p != nil {
		s.one(c, p, s.tryStop(p), c.Bool(1), stoppedDown)
	}
}

func handleRestart(s *Supervisor, c *call) {
	if p := c.process(); p != nil {
		s.one(c, p, s.renew(p), c.Bool(1), startedUp)
	}
}

// renew restarts a process, or starts it if it is down. The second half needs nobody
// who waits for it.
func (s *Supervisor) renew(p *process) *control.Fault {
	if !p.m.State.IsRunning() && p.m.State != machine.Stopping {
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
	how, what, _ := strings.Cut(strings.TrimSpace(p.cfg.Reload), " ")
	switch how {
	case "none":
		c.reply(done)
	case "signal":
		f := s.trySignal(p, strings.TrimSpace(what))
		if f == nil {
			s.prove(p)
		}
		c.answer(done, f)
	case "command":
		s.runFor(c, p, strings.TrimSpace(what))
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
	s.deferAnswer(c, func() (control.Value, *control.Fault, bool) {
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

func handleGroupStart(s *Supervisor, c *call) {
	if g := c.group(); g != nil {
		s.startMany(c, g.processes, c.Bool(1))
	}
}

func handleAllStart(s *Supervisor, c *call) { s.startMany(c, s.all(), c.Bool(0)) }

func (s *Supervisor) startMany(c *call, list []*process, wait bool) {
	s.many(c, qualified(list, func(p *process) bool { return !p.m.State.IsRunning() }), wait, s.tryStart, startedUp)
}

func handleGroupStop(s *Supervisor, c *call) {
	if g := c.group(); g != nil {
		s.stopMany(c, g.processes, c.Bool(1))
	}
}

func handleAllStop(s *Supervisor, c *call) { s.stopMany(c, s.all(), c.Bool(0)) }

func (s *Supervisor) stopMany(c *call, list []*process, wait bool) {
	s.many(c, qualified(list, func(p *process) bool { return p.m.State.IsRunning() || p.held }), wait, s.tryStop, stoppedDown)
}

// qualified are the processes that an operation concerns, in its order.
func qualified(list []*process, ok func(*process) bool) []*process {
	var out []*process
	for _, p := range byPriority(list) {
		if ok(p) {
			out = append(out, p)
		}
	}
	return out
}
