package machine

import "time"

// Hook is a command of a program for which its state machine waits.
type Hook uint8

// The hooks.
const (
	NoHook   Hook = iota
	PreStart      // before the fork
	PreStop       // before the stop signal
	PostStop      // after the end

	hooks = int(PostStop) + 1
)

// String returns the name of its option.
func (h Hook) String() string {
	return [hooks]string{"", "pre_start", "pre_stop", "post_stop"}[h]
}

// Hooks are those that a program has.
type Hooks struct {
	PreStart, PreStop, PostStop bool
	Limit                       time.Duration // for each; more than 0
}

// wait begins a hook, and the wait for it.
func (m *stepper) wait(h Hook) {
	m.Hook, m.Due = h, m.ev.Now.Add(m.spec.Hooks.Limit)
	m.do(Action{Do: DoHook, Hook: h})
}

// hookEnded is the end of a hook. One that ends late, when nobody waits for it any more, is
// none.
func (m *stepper) hookEnded() {
	if m.ev.Hook == m.Hook {
		m.goOn()
	}
}

// hookLate ends a hook that has taken too long.
func (m *stepper) hookLate() {
	late := m.Hook
	m.do(Action{Do: DoEndHook, Hook: late, Signal: sigKill, Late: true})
	if late == PreStart && m.State == Starting {
		m.Hook, m.SpawnErr = NoHook, late.String()+" has not ended within "+m.spec.Hooks.Limit.String()
		m.backoff(0)
		return
	}
	m.goOn()
}

// goOn does what has waited for the hook.
func (m *stepper) goOn() {
	over := m.Hook
	m.Hook = NoHook
	switch over {
	case PreStart:
		if m.State == Stopping { // meanwhile
			m.finish(m.ev.Now)
			return
		}
		m.Due, m.Started = time.Time{}, m.ev.Now
		m.do(Action{Do: DoSpawn})
	case PreStop:
		m.endPreStop()
		m.signalStop()
	case PostStop:
		pid := m.Gone
		m.Gone, m.Due = 0, time.Time{}
		m.over(m.Ended, pid)
	case NoHook:
	}
}

// killHook ends a hook at once, and reports whether there was one instead of a process.
func (m *stepper) killHook() (instead bool) {
	if m.Hook == NoHook {
		return false
	}
	m.do(Action{Do: DoEndHook, Hook: m.Hook, Signal: sigKill})
	if m.Hook == PreStop {
		m.endPreStop()
		return false
	}
	m.goOn()
	return true
}

// hurryHook leaves a hook less time. That before the stop signal leaves half of it to the
// program.
func (m *stepper) hurryHook() {
	due := m.ev.Now.Add(m.ev.Limit)
	if m.Hook == PreStop {
		if m.StopBy.IsZero() || due.Before(m.StopBy) {
			m.StopBy = due
		}
		due = m.ev.Now.Add(m.ev.Limit / 2)
	}
	if due.Before(m.Due) {
		m.Due = due
	}
}

// endPreStop ends the wait for the hook before the stop signal: from now on it is as if there
// had been none.
func (m *stepper) endPreStop() {
	m.Hook, m.Due = NoHook, m.ev.Now.Add(m.spec.StopWait)
	if !m.StopBy.IsZero() && m.StopBy.Before(m.Due) {
		m.Due = m.StopBy
	}
	m.StopBy = time.Time{}
}
