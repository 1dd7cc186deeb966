package machine

import "time"

// Pauses that Supervisor does not have, each for a reason.
const (
	// RestartPause is the shortest time between two starts of a process that
	// keeps exiting: without it a program with startsecs=0 that fails is
	// restarted as fast as the machine can fork.
	RestartPause = time.Second
	// KillPause is the shortest time between two KILLs: with stopwaitsecs=0
	// Supervisor repeats it, and its log line, in every pass of its loop.
	KillPause = time.Second
	// RestPause is how long a successor waits for killed remains of its
	// predecessor's group to vanish.
	RestPause = 2 * time.Second
	// maxStall bounds the pause after a start that the kernel had no
	// resources for; it grows by a second each.
	maxStall = 5 * time.Second
)

// Step is the state machine: what becomes of p by ev, and what is to be done. It
// is total: every event has a meaning in every state, if only that nothing
// happens. News about an incarnation that is over change nothing.
func Step(p Proc, s *Spec, ev Event) (Proc, []Action) {
	if ev.Kind > Skip && ev.Gen != p.Gen {
		return p, nil
	}
	m := stepper{Proc: p, spec: s, ev: ev}
	switch ev.Kind {
	case Start:
		m.start()
	case Stop:
		m.stop()
	case Renew:
		m.renew()
	case Kill:
		m.killNow()
	case Skip:
		m.skip()
	case Spawned:
		m.spawned()
	case SpawnFailed:
		m.spawnFailed()
	case Died:
		m.died()
	case Emptied:
		m.emptied()
	case Timer:
		m.timer()
	case SignalFailed:
		m.signalFailed()
	case Failed:
		m.failed()
	case Confirmed:
		m.confirmed()
	case HookEnded:
		m.hookEnded()
	}
	return m.Proc, m.actions
}

type stepper struct {
	Proc
	spec    *Spec
	ev      Event
	actions []Action
}

func (m *stepper) start() {
	switch m.State {
	case Stopped, Exited, Fatal:
		m.Streak, m.Spent = 0, time.Time{}
		m.launch()
	case Unknown:
		if m.PID == 0 {
			m.launch()
		}
	case Stopping:
		m.Wanted, m.Faulty = true, false // as soon as it has ended
	case Starting, Running, Backoff:
	}
}

func (m *stepper) stop() {
	m.Wanted = false
	switch m.State {
	case Exited:
		m.Due = time.Time{} // was about to be restarted
	case Backoff:
		// Tries are kept, as Supervisor keeps them: a stop is no success.
		m.Due = time.Time{}
		if m.ev.Shutdown {
			m.Tries = 0
			m.enter(Fatal, 0)
			return
		}
		m.enter(Stopped, 0)
	case Starting, Running:
		m.ask()
	case Unknown:
		if m.PID != 0 {
			m.ask()
		}
	case Stopping:
		if m.ev.Limit > 0 {
			m.hurryHook()
		}
	case Stopped, Fatal:
	}
}

// ask begins a stop. A start whose fork is still under way has no PID; it is
// signalled when Spawned comes.
func (m *stepper) ask() {
	m.enter(Stopping, m.PID)
	wait := m.spec.StopWait
	if m.ev.Limit > 0 && m.ev.Limit < wait {
		wait = m.ev.Limit
	}
	due := m.ev.Now.Add(wait)
	switch {
	case m.Hook == PreStart: // nothing has been started
		m.do(Action{Do: DoEndHook, Hook: PreStart, Signal: sigTerm})
	case m.Hook == PostStop: // it has ended already
		if m.Due.Before(due) {
			return
		}
	case m.spec.Hooks.PreStop && m.PID != 0 && !m.Remains && !m.Killed:
		if m.wait(PreStop); m.ev.Limit > 0 {
			m.hurryHook()
		}
		return
	}
	m.Due = due
	m.signalStop()
}

func (m *stepper) signalStop() {
	if m.PID == 0 {
		return
	}
	m.do(Action{Do: DoSignal, PID: m.PID, Signal: m.spec.StopSignal, Group: m.spec.StopAsGroup || m.Remains})
}

func (m *stepper) renew() {
	m.Streak, m.Spent = 0, time.Time{}
	switch m.State {
	case Stopped, Exited, Fatal:
		m.launch()
	case Backoff:
		m.Due = time.Time{}
		m.enter(Stopped, 0)
		m.launch()
	case Starting, Running:
		m.ask()
		m.Wanted = true
	case Stopping:
		m.Wanted, m.Faulty = true, false
	case Unknown:
		if m.PID == 0 {
			m.launch()
			return
		}
		m.ask()
		m.Wanted = true
	}
}

func (m *stepper) killNow() {
	switch m.State {
	case Starting, Running, Unknown:
		if m.State == Unknown && m.PID == 0 {
			m.Wanted = false
			return
		}
		m.Wanted = false
		m.enter(Stopping, m.PID)
		m.kill()
	case Stopping:
		m.Wanted = false
		m.kill()
	case Stopped, Backoff, Exited, Fatal:
		m.stop()
	}
}

// skip makes a oneshot one that has completed.
func (m *stepper) skip() {
	switch m.State {
	case Stopped, Fatal:
		m.do(Action{Do: DoEnter, From: m.State, To: Exited, Expected: true})
		m.State, m.Status, m.Ending, m.Cause, m.SpawnErr = Exited, Status{}, Ending{}, ByItself, ""
	case Starting, Running, Backoff, Stopping, Exited, Unknown:
	}
}

// kill sends KILL and comes back if that was not the end of it.
func (m *stepper) kill() {
	if m.killHook() {
		return
	}
	m.Due = m.ev.Now.Add(max(m.spec.StopWait, KillPause))
	if m.PID == 0 {
		return
	}
	m.Killed = true
	m.do(Action{Do: DoKill, PID: m.PID, Group: m.spec.KillAsGroup || m.Remains})
}

// launch begins a new incarnation.
func (m *stepper) launch() {
	m.Gen++
	m.enter(Starting, 0)
	m.Wanted, m.PID, m.Remains, m.Forked, m.Killed, m.Faulty = true, 0, false, false, false, false
	m.SpawnErr, m.Due, m.Started, m.StopBy = "", time.Time{}, m.ev.Now, time.Time{}
	if m.spec.Hooks.PreStart {
		m.wait(PreStart)
		return
	}
	m.do(Action{Do: DoSpawn})
}

func (m *stepper) spawned() {
	if m.Hook != NoHook {
		return
	}
	switch m.State {
	case Starting:
		// From when the program runs: on a busy machine the fork alone may take
		// longer than startsecs.
		m.PID, m.Started = m.ev.PID, m.ev.Now
		m.Due = m.Started.Add(m.spec.StartSecs)
		if m.spec.StartSecs <= 0 {
			m.run()
		}
	case Stopping: // the stop came while the fork was under way; its wait begins now
		m.PID = m.ev.PID
		if took := m.ev.Now.Sub(m.Started); took > 0 {
			m.Due = m.Due.Add(took)
		}
		m.signalStop()
	case Stopped, Running, Backoff, Exited, Fatal, Unknown:
	}
}

func (m *stepper) spawnFailed() {
	if m.Hook == PostStop {
		return
	}
	if m.PID == 0 {
		m.Hook = NoHook
	}
	switch m.State {
	case Starting:
		m.SpawnErr = m.ev.Text
		if m.ev.Transient {
			m.stall()
			return
		}
		m.backoff(0)
	case Stopping:
		if m.PID != 0 {
			return
		}
		m.SpawnErr = m.ev.Text
		m.finish(m.ev.Now)
	case Stopped, Running, Backoff, Exited, Fatal, Unknown:
	}
}

func (m *stepper) run() {
	if m.Stalls = 0; !m.spec.Probed && !m.spec.Oneshot {
		m.Tries = 0
	}
	m.Due = time.Time{}
	if m.spec.Oneshot && m.spec.Timeout > 0 {
		m.Due = m.Started.Add(m.spec.Timeout)
	}
	m.enter(Running, m.PID)
}

// backoff counts a failed start. When the tries are used up it does not pause once
// more. pid is that of the process that died too early, 0 if there was none.
func (m *stepper) backoff(pid int) {
	m.Tries++
	m.Stalls = 0
	m.Due = m.ev.Now.Add(m.afterFailure())
	m.enter(Backoff, pid)
	if m.Tries > m.spec.StartRetries || m.spec.Oneshot && m.spec.Autorestart == RestartNever {
		m.Tries, m.Wanted, m.Due = 0, false, time.Time{}
		m.enter(Fatal, 0)
		return
	}
	if m.isSpent() {
		m.giveUp()
	}
}

// stall is a start that failed for want of a process, of memory or of a
// descriptor: nothing that retrying does not mend, so it never leads to FATAL.
func (m *stepper) stall() {
	m.Stalls++
	m.Due = m.ev.Now.Add(min(time.Duration(m.Stalls)*time.Second, maxStall))
	m.enter(Backoff, 0)
}

func (m *stepper) died() {
	if m.PID == 0 || m.Remains {
		return
	}
	at := m.ev.At
	if at.IsZero() || at.After(m.ev.Now) {
		at = m.ev.Now
	}
	switch m.State {
	case Starting, Running, Stopping, Unknown:
		if m.ev.Successor != 0 {
			m.PID, m.Forked = m.ev.Successor, true
			switch {
			case m.Killed:
				m.kill()
			case m.State == Stopping && m.Hook == NoHook:
				m.signalStop()
			}
			return
		}
		if m.Hook == PreStop { // it may have done that
			m.do(Action{Do: DoEndHook, Hook: PreStop, Signal: sigKill})
			m.endPreStop()
		}
		m.Status, m.Ended = m.ev.Status, at
		m.Ran = at.Sub(m.Started)
		m.Cause, m.How = m.cause()
		if !m.ev.Remains {
			m.finish(at)
			return
		}
		m.Remains = true
		switch {
		case m.State == Stopping && m.Killed: // the time to stop by itself is over for all of it
			m.kill()
			return
		case m.State == Stopping:
			m.signalStop()
			return
		}
		m.Due = m.ev.Now.Add(RestPause)
		m.do(Action{Do: DoSignal, PID: m.PID, Signal: sigKill, Group: true})
	case Stopped, Backoff, Exited, Fatal:
	}
}

// cause is what has ended a process that has just died, and how in words.
func (m *stepper) cause() (Cause, string) {
	switch {
	case m.State != Stopping || m.ev.Cause == ByMemory:
		return m.ev.Cause, m.ev.Text
	case m.Faulty:
		return m.Fault, m.SpawnErr
	case m.Killed:
		return ByKill, m.ev.Text
	}
	return ByStop, m.ev.Text
}

const (
	sigKill = 9
	sigTerm = 15
)

func (m *stepper) emptied() {
	if m.Remains {
		m.finish(m.Ended)
	}
}

// finish is the end of an incarnation, which was at the given time. A hook may come first.
func (m *stepper) finish(at time.Time) {
	pid := m.PID
	m.PID, m.Remains, m.Ended, m.Due = 0, false, at, time.Time{}
	if m.spec.Hooks.PostStop && pid != 0 && m.State != Unknown {
		m.Gone = pid
		m.wait(PostStop)
		return
	}
	m.over(at, pid)
}

// over is what follows the end of a process, which was at the given time.
func (m *stepper) over(at time.Time, pid int) {
	switch m.State {
	case Starting:
		if at.Sub(m.Started) < m.spec.StartSecs {
			m.SpawnErr = TooQuickly
			m.backoff(pid)
			return
		}
		m.PID = pid
		m.run()
		m.PID = 0
		m.exited(pid)
	case Running:
		m.exited(pid)
	case Stopping:
		m.Wanted = m.Wanted && !m.ev.Shutdown
		if m.Wanted && m.Faulty {
			m.backoff(pid)
			return
		}
		m.do(Action{Do: DoEnter, From: Stopping, To: Stopped, PID: pid, Expected: m.Status.Expected(m.spec.ExitCodes)})
		m.State = Stopped
		if m.Wanted {
			m.launch()
		}
	case Unknown:
		m.Wanted = false
		m.exitedAs(pid)
	case Stopped, Backoff, Exited, Fatal:
	}
}

// exited is the end of a process that had been RUNNING.
func (m *stepper) exited(pid int) {
	if m.spec.Oneshot && m.spec.Autorestart != RestartNever && !m.Status.Expected(m.spec.ExitCodes) {
		m.blame()
		m.backoff(pid)
		return
	}
	m.exitedAs(pid)
	expected := m.Status.Expected(m.spec.ExitCodes)
	again := !m.spec.Oneshot && m.spec.Autorestart == RestartAlways || m.spec.Autorestart == RestartUnexpected && !expected
	if !again || m.ev.Shutdown {
		m.Wanted = false
		return
	}
	m.count(m.Ended.Sub(m.Started))
	if m.isSpent() {
		m.giveUp()
		return
	}
	m.Due = m.Started.Add(m.betweenStarts())
	if !m.Due.After(m.ev.Now) {
		m.Restarts++
		m.launch()
	}
}

func (m *stepper) exitedAs(pid int) {
	m.Tries, m.Stalls = 0, 0
	expected := m.Status.Expected(m.spec.ExitCodes)
	if !expected {
		m.blame()
	}
	m.do(Action{Do: DoEnter, From: m.State, To: Exited, PID: pid, Expected: expected})
	m.State = Exited
}

// blame says that the status of the last end is what was wrong.
func (m *stepper) blame() {
	if m.SpawnErr = m.How; m.How == "" {
		m.SpawnErr = badExit(m.Status)
	}
}

func (m *stepper) timer() {
	if m.Due.IsZero() || m.ev.Now.Before(m.Due) {
		return
	}
	if m.Hook != NoHook {
		m.hookLate()
		return
	}
	if m.Remains && m.State != Stopping {
		m.finish(m.Ended) // what KILL does not end cannot be waited for
		return
	}
	switch m.State {
	case Starting:
		m.run()
	case Backoff, Exited:
		m.Restarts++
		m.launch()
	case Stopping:
		m.kill()
	case Running: // a oneshot
		m.SpawnErr = "has not ended within " + m.spec.Timeout.String()
		m.ask()
		m.Wanted, m.Faulty, m.Fault = true, true, ByTimeout
	case Stopped, Fatal, Unknown:
		m.Due = time.Time{}
	}
}

// failed is the verdict of a probe on a process that is up. It counts as a failed
// start: the process is stopped, and started again after the pause of BACKOFF, until
// the tries are used up.
func (m *stepper) failed() {
	switch m.State {
	case Starting, Running:
		if m.PID == 0 || m.Remains {
			return
		}
		m.SpawnErr = m.ev.Text
		m.ask()
		m.Wanted, m.Faulty, m.Fault = true, true, m.ev.Cause
	case Stopped, Backoff, Stopping, Exited, Fatal, Unknown:
	}
}

// confirmed makes up for the failed starts before.
func (m *stepper) confirmed() {
	if m.State == Running || m.State == Starting {
		m.Tries = 0
	}
}

func (m *stepper) signalFailed() {
	if m.Hook != NoHook && m.PID == 0 {
		return // there is nobody who could be signalled
	}
	m.killHook()
	switch m.State {
	case Starting, Running, Stopping:
		if m.Remains {
			m.finish(m.Ended) // what cannot be killed cannot be waited for
			return
		}
		m.Wanted, m.Due = false, time.Time{}
		m.enter(Unknown, m.PID)
	case Stopped, Backoff, Exited, Fatal, Unknown:
	}
}

func (m *stepper) enter(to State, pid int) {
	m.do(Action{Do: DoEnter, From: m.State, To: to, PID: pid})
	m.State = to
}

func (m *stepper) do(a Action) {
	a.Gen, a.Tries = m.Gen, m.Tries
	m.actions = append(m.actions, a)
}
