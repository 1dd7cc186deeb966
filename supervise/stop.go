package supervise

import (
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"slipway/supervise/events"
	"slipway/supervise/life"
	"slipway/supervise/loop"
	"slipway/supervise/machine"
	"slipway/supervise/order"
	"slipway/supervise/output"
	"slipway/supervise/ownership"
	"slipway/supervise/words"
)

// Times of an ordered stop that no option sets.
const (
	// hurry is how long a program has after the second signal.
	hurry = time.Second
	// reportEvery is how often a stop says what it waits for.
	reportEvery = 3 * time.Second
	// sweepReserve is the part of the budget that is kept for what programs
	// left behind.
	sweepReserve = 500 * time.Millisecond
	// hardReserve and flushReserve are the parts of it from when on no turn is waited for,
	// and only the output is waited for. See ownership.Sweep for what is between.
	hardReserve, flushReserve = 400 * time.Millisecond, 100 * time.Millisecond
	// killWait is how long a killed process may take to vanish.
	killWait = time.Second
	// goneWait is that outside of an ordered stop, where nobody hurries: a process with
	// much memory takes a while.
	goneWait = 5 * time.Second
	// shortKillWait is that with hardly anything left of the budget.
	shortKillWait = 100 * time.Millisecond
	// flushWait is how long a reader of the output may take nothing of the rest before
	// it is given up, when somebody has asked for the end.
	flushWait = 500 * time.Millisecond
	// readerWait is that when the end has come by itself. A program alone would wait in
	// its write for ever.
	readerWait = 10 * time.Second
)

// stopping is what an ordered stop knows.
type stopping struct {
	restart  bool      // afterwards the configuration is read and all begins anew
	deadline time.Time // of the whole stop; zero: none
	signals  int       // that have asked for it
	end      ending
	report   loop.Timer       // say what is waited for
	hard     loop.Timer       // wait for no turn any more
	sweep    *ownership.Sweep // in phaseSweeping
}

// ending is why the supervisor ends, and with what status.
type ending struct {
	code   int
	reason string
	failed bool     // of a program that cannot be kept up
	last   []string // that the program has printed
}

// newStop forgets the last stop.
func (s *Supervisor) newStop(restart bool, e ending) {
	s.loop.Clear(&s.stop.report)
	s.loop.Clear(&s.stop.hard)
	s.stop = stopping{restart: restart, end: e}
}

// shutdown begins an ordered stop, unless one is under way.
func (s *Supervisor) shutdown(e ending, restart bool) {
	if s.phase != phaseRunning {
		if s.stop.restart && !restart {
			s.stop.restart, s.stop.end = false, e // the end wins over a restart
		}
		return
	}
	s.phase = phaseStopping
	s.newStop(restart, e)
	if budget := s.cfg.Slipway.StopBudget; budget > 0 && s.opts.Mode == Run && !restart {
		s.endBy(s.k.Now().Add(budget))
	}
	switch {
	case e.reason == "":
	case e.failed && s.opts.Mode == Run:
		s.log.Warn("stopping: ", e.reason)
	case s.post.IsSole(s.cfg): // its own end, of which the status tells
		s.log.Info("stopping: ", e.reason)
	default:
		s.log.Urgent("stopping: ", e.reason)
	}
	s.bus.Emit(events.SupervisorState(false))
	s.table.Disinherit()
	s.birth.compressor.Stop()
	if !restart {
		s.birth.up.Stopping(e.reason)
		s.table.Sockets.Release() // whoever connects from now on would wait in vain
		s.watcher.Signal(syscall.SIGTERM)
	}
	s.table.EachOne(func(p *life.Process) {
		p.Unhold()
		if timer := p.Doubted(); timer != nil { // there is less time now
			s.loop.Clear(timer)
			s.doubt(p)
		}
	})
	s.reportStop()
	s.table.Touch()
}

// endBy gives the stop a deadline. Whatever happens, it is over by then.
func (s *Supervisor) endBy(deadline time.Time) {
	s.stop.deadline = deadline
	s.loop.Set(&s.stop.hard, deadline.Add(-hardReserve), s.stopHard)
}

// stopHard is the moment from which on no turn is waited for: many turns that each need a
// little more than their share would add up.
func (s *Supervisor) stopHard() {
	left, _ := s.left()
	if s.phase != phaseStopping || len(left) == 0 {
		return
	}
	s.log.Warn("stop_budget is used up; what is left is killed")
	for _, p := range left {
		s.table.Feed(p, machine.Event{Kind: machine.Kill, Shutdown: true})
	}
	s.startSweep()
}

// asked is a signal that asks for the end. The second one shortens what is waited
// for, the third kills.
func (s *Supervisor) asked(sig syscall.Signal) {
	s.log.Warn("received ", words.SignalName(int(sig)), " indicating exit request")
	s.shutdown(ending{}, false)
	s.stop.signals++
	switch {
	case s.stop.signals == 2:
		s.endBy(s.k.Now().Add(hurry + sweepReserve))
		s.table.EachOne(func(p *life.Process) {
			s.table.Feed(p, machine.Event{Kind: machine.Stop, Limit: hurry, Shutdown: true})
		})
	case s.stop.signals > 2:
		s.endBy(s.k.Now())
		s.table.EachOne(func(p *life.Process) { s.table.Feed(p, machine.Event{Kind: machine.Kill, Shutdown: true}) })
		if s.phase == phaseSweeping {
			s.stop.sweep.Overdue()
		}
	}
	switch {
	case s.phase != phaseFlushing:
	case s.stop.signals > 2:
		s.phase = phaseEnded
	default:
		s.carrier.Hurry()
	}
}

// advance carries the stop on: it asks those to stop whose turn has come, and goes
// to the next phase when there are none left.
func (s *Supervisor) advance() {
	_, all := s.left()
	idle := machine.Event{Kind: machine.Stop, Limit: s.share(all), Shutdown: true} // what has not begun has no turn
	s.table.EachOne(func(p *life.Process) {
		if l := &p.Life; l.State == machine.Backoff || l.State == machine.Starting && l.Hook == machine.PreStart || l.Wanted && (l.State == machine.Exited || l.State == machine.Stopping) {
			s.table.Feed(p, idle)
		}
	})
	left, places := s.left()
	if len(left) == 0 {
		s.startSweep()
		return
	}
	turn := order.Turn(places)
	turn = slices.DeleteFunc(turn, func(i int) bool { return left[i].Life.State == machine.Stopping })
	if len(turn) == 0 {
		return
	}
	limit := s.share(places)
	for _, i := range turn {
		s.table.Feed(left[i], machine.Event{Kind: machine.Stop, Limit: limit, Shutdown: true})
	}
}

// doubt looks in a while whether a process that was killed is gone. One in an
// uninterruptible system call, or in a frozen cgroup, is not: an ordered stop goes on
// without it then, since the others and the container would wait for ever. Clients who wait
// for it are told, and the rest of its group is no longer held up.
func (s *Supervisor) doubt(p *life.Process) {
	timer := p.Doubt()
	if timer == nil {
		return
	}
	wait := killWait
	if s.phase == phaseRunning {
		wait = goneWait
	}
	if !s.stop.deadline.IsZero() {
		wait = min(wait, max(s.stop.deadline.Sub(s.k.Now())/4, shortKillWait)) // the others need the rest
	}
	gen, remains := p.Life.Gen, p.Life.Remains
	s.loop.After(timer, wait, func() {
		if p.Life.State != machine.Stopping || p.Life.Gen != gen || p.Life.Remains != remains || p.Stuck == gen {
			return
		}
		p.Stuck = gen
		s.log.Warn(p.Name(), " (", strconv.Itoa(p.Life.PID), ") cannot be killed; a stop of all does not wait for it")
		s.table.Touch()
	})
}

// left returns the processes that a stop has to wait for, and their places in the order.
func (s *Supervisor) left() (left []*life.Process, places []*order.Member) {
	s.table.EachOne(func(p *life.Process) {
		if !p.IsOver() && !p.IsStuck() {
			left = append(left, p)
			places = append(places, &p.Place.Member)
		}
	})
	return left, places
}

// share is how long the processes whose turn it is may take; 0 means as long as they are
// configured to.
func (s *Supervisor) share(left []*order.Member) time.Duration {
	if s.stop.deadline.IsZero() {
		return 0
	}
	return order.Share(left, s.stop.deadline.Sub(s.k.Now())-sweepReserve)
}

// reportStop says what the stop waits for.
func (s *Supervisor) reportStop() {
	if s.phase != phaseStopping {
		return
	}
	var names []string
	s.table.EachOne(func(p *life.Process) {
		if !p.IsOver() && !p.IsStuck() {
			names = append(names, p.Name())
		}
	})
	if len(names) > 0 {
		s.log.Info("waiting for ", strings.Join(names, ", "), " to die")
	}
	s.loop.After(&s.stop.report, reportEvery, s.reportStop)
}

// startSweep ends what programs have left behind. As supervisord, which leaves strays alone,
// only PID 1 does.
func (s *Supervisor) startSweep() {
	if s.stop.restart {
		s.restarted()
		return
	}
	s.phase = phaseSweeping
	if s.opts.PID != 1 && s.opts.Mode == Daemon {
		s.startFlush()
		return
	}
	s.stop.sweep = ownership.NewSweep(s.holders, s.opts.PID == 1)
	s.stop.sweep.Start(s.stop.deadline, s.startFlush)
}

// startFlush waits until the readers of the output have taken what is left of it.
func (s *Supervisor) startFlush() {
	s.phase = phaseFlushing
	s.birth.up.Ended(s.stop.end.reason, s.stop.end.code, s.stop.end.last) // while it can still say that it cannot
	s.carrier.Deliver(output.Wait{Patience: s.patience, Late: s.isLate, Over: func() { s.phase = phaseEnded }})
}

// patience is how long the readers of the output may take nothing.
func (s *Supervisor) patience() time.Duration {
	switch {
	case !s.isAsked():
		return readerWait
	case s.stop.deadline.IsZero():
		return flushWait
	}
	return min(flushWait, max(s.stop.deadline.Sub(s.k.Now()), flushReserve))
}

// isAsked reports whether somebody has asked for the stop, who waits for it.
func (s *Supervisor) isAsked() bool { return s.stop.end.reason == "" || s.stop.signals > 0 }

// isLate reports whether a stop that somebody has asked for should be over.
func (s *Supervisor) isLate() bool {
	return s.isAsked() && !s.stop.deadline.IsZero() && !s.k.Now().Before(s.stop.deadline)
}

// finish lets go of everything.
func (s *Supervisor) finish() {
	s.table.SumUp()
	s.carrier.Abandon()
	s.front.Close()
	s.table.Sockets.Remove()
	s.watcher.Signal(syscall.SIGKILL)
	s.server.Close()
	s.birth.pidfile.Remove(s.k)
	s.log.Close()
	wait := flushWait
	if s.isLate() {
		wait = flushReserve
	}
	s.targets.Close(s.k.Now().Add(wait))
}
