package probe

import (
	"strconv"
	"time"
)

// Times that no option sets.
const (
	// FirstPause is how long after its start a program is probed for the first time. The
	// pauses double up to ready_interval: most programs are ready long before that. It is
	// the shortest pause between two runs of either probe, too.
	FirstPause = 50 * time.Millisecond
	// ReadyAnswer is how long a run of the ready probe may take.
	ReadyAnswer = 5 * time.Second
	// maxDoublings is after how many runs the pause is ready_interval, whatever that is.
	maxDoublings = 8
)

// tooSlow is why a run has failed that was killed.
const tooSlow = "no answer in time"

// Step is the state machine: what becomes of p by ev, and what is to be done. It is
// total: every event has a meaning for every p, if only that nothing happens. News about
// another incarnation than the present one change nothing.
func Step(p Probe, s *Spec, ev Event) (Probe, []Action) {
	m := stepper{Probe: p, spec: s, ev: ev}
	if m.isStale() {
		return p, nil
	}
	switch ev.Kind {
	case Timer:
		m.timer()
	case Stalled:
		m.stalled()
	case Begun:
		m.begun()
	case Up:
		m.up()
	case Gone:
		m.gone()
	case Said:
		m.said()
	case Reloaded:
		m.reloaded()
	case NotStarted:
		m.notStarted()
	case Done:
		m.done()
	}
	return m.Probe, m.actions
}

type stepper struct {
	Probe
	spec    *Spec
	ev      Event
	actions []Action
}

// isStale reports whether the event is about something that is over.
func (m *stepper) isStale() bool {
	switch m.ev.Kind {
	case Begun:
		return m.ev.Gen <= m.Gen
	case Gone: // an incarnation whose fork has failed was not begun
		return m.ev.Gen < m.Gen
	case Up, Said, Reloaded:
		return m.ev.Gen != m.Gen
	case NotStarted, Done:
		return m.Run.Kind == NoRun || m.ev.Gen != m.Run.Gen
	case Timer, Stalled:
	}
	return false
}

// begun starts over for an incarnation that was just forked.
func (m *stepper) begun() {
	m.kill()
	m.Probe = Probe{Gen: m.ev.Gen, Phase: Starting, Run: m.Run}
	if m.spec.Health && m.spec.HealthGrace > 0 {
		m.Grace = m.ev.Now.Add(m.spec.HealthGrace)
	}
	if m.spec.Ready != ByRunning && m.spec.ReadyTimeout > 0 {
		m.Limit = m.ev.Now.Add(m.spec.ReadyTimeout)
	}
	if m.spec.Ready == ByProbe {
		m.Next = m.ev.Now.Add(FirstPause)
	}
}

func (m *stepper) up() {
	switch m.Phase {
	case Starting:
		m.Phase = Running
		m.beginHealth()
	case Down, Running, Failed:
	}
}

// gone forgets what is known of an incarnation that is over.
func (m *stepper) gone() {
	m.kill()
	m.Probe = Probe{Gen: m.ev.Gen, Run: m.Run}
}

// kill ends the run under way; Done is still to come.
func (m *stepper) kill() {
	if m.Run.Kind == NoRun || m.Run.Killed {
		return
	}
	m.Run.Killed = true
	m.do(Action{Do: DoKill, Gen: m.Run.Gen})
}

// beginHealth has the health probe run for the first time in this incarnation, as soon as
// the process is up and ready.
func (m *stepper) beginHealth() {
	if !m.spec.Health || m.Health != HealthUnknown || m.Phase != Running || !m.IsReady(m.spec) {
		return
	}
	m.Health = HealthStarting
	m.Next = m.ev.Now
}

func (m *stepper) timer() {
	due := m.Due()
	if due.IsZero() || m.ev.Now.Before(due) {
		return
	}
	switch {
	case m.Run.Kind != NoRun:
		m.kill() // its end is the answer
	case m.ev.Stopping:
		m.Next, m.Limit = time.Time{}, time.Time{}
	case m.isLate():
		m.late()
	case m.spec.Ready == ByProbe && (!m.Ready || !m.spec.Health):
		m.run(ReadyRun, ReadyAnswer)
	case m.Health != HealthUnknown:
		m.run(HealthRun, m.spec.HealthTimeout)
	default:
		m.Next = time.Time{}
		if !m.spec.Health {
			m.Confirm = time.Time{} // there is no probe: it has stayed up, that is all
		}
	}
}

// run has a probe run for no longer than limit; 0: for any time.
func (m *stepper) run(kind RunKind, limit time.Duration) {
	m.Next = time.Time{}
	m.Run = Run{Kind: kind, Gen: m.Gen, Began: m.ev.Now}
	if limit > 0 {
		m.Run.Until = m.ev.Now.Add(limit)
	}
	m.do(Action{Do: DoRun, Run: kind})
}

func (m *stepper) isLate() bool { return !m.Limit.IsZero() && !m.ev.Now.Before(m.Limit) }

// late is the end of ready_timeout.
func (m *stepper) late() {
	text := "not ready within " + m.spec.ReadyTimeout.String()
	if m.Why != "" {
		text += ", the last answer: " + m.Why
	}
	m.do(Action{Do: DoLate, Text: text})
	m.fail(ReadyRun, text)
}

// fail has the process treated like one whose start has failed.
func (m *stepper) fail(by RunKind, text string) {
	m.Phase = Failed
	m.do(Action{Do: DoFail, Run: by, Text: text})
}

// stalled moves what is still to come on by the time in which the loop did not run.
func (m *stepper) stalled() {
	if m.ev.For <= 0 {
		return
	}
	since := m.ev.Now.Add(-m.ev.For)
	for _, t := range []*time.Time{&m.Next, &m.Limit, &m.Confirm, &m.Grace, &m.Run.Until} {
		if !t.IsZero() && !t.Before(since) {
			*t = t.Add(m.ev.For)
		}
	}
}

// said is the program's own word that it is ready.
func (m *stepper) said() {
	if m.spec.Ready == ByItself && m.IsUp() && !m.Ready {
		m.becomeReady()
	}
}

// reloaded asks for a confirmation that the process has survived a reload.
func (m *stepper) reloaded() {
	if !m.IsUp() {
		return
	}
	m.Confirm = m.ev.Now.Add(m.spec.StartSecs)
	m.Fails = 0
	if m.spec.Ready == ByProbe && m.spec.ReadyTimeout > 0 {
		m.Limit = m.Confirm.Add(m.spec.ReadyTimeout)
	}
	if m.Health == Unhealthy {
		m.Health = HealthStarting
	}
	m.Next = m.Confirm // a run that is under way sets it anew when it ends
}

// notStarted tries a run again that the machine had no resources for.
func (m *stepper) notStarted() {
	run := m.Run
	m.Run = Run{}
	if run.Gen == m.Gen && m.IsUp() {
		m.Next = m.ev.Now.Add(m.pause(run.Kind))
	}
}

// pause is how long after a run the next one is started.
func (m *stepper) pause(kind RunKind) time.Duration {
	if kind == HealthRun {
		return max(m.spec.HealthInterval, FirstPause)
	}
	longest := max(m.spec.ReadyInterval, FirstPause)
	if m.Tries > maxDoublings {
		return longest
	}
	return min(FirstPause<<m.Tries, longest)
}

// done draws the conclusions from a run.
func (m *stepper) done() {
	run, why := m.Run, m.ev.Why
	m.Run = Run{}
	if run.Gen != m.Gen || !m.IsUp() {
		return // Next is what the present incarnation has been waiting for
	}
	if m.ev.Stopping {
		m.Next, m.Limit = time.Time{}, time.Time{}
		return
	}
	if run.Killed {
		why = tooSlow
	}
	m.do(Action{Do: DoAnswer, Text: why})
	confirmed := why == "" && !run.Began.Before(m.Confirm)
	if confirmed {
		m.Confirm, m.Limit = time.Time{}, time.Time{}
	}
	if why != "" && (!run.Killed || m.Why == "") { // one that ready_timeout cut short says nothing
		m.Why = why
	}
	switch {
	case run.Kind == HealthRun:
		m.countHealth(why)
	case confirmed:
		m.becomeReady()
	case why != "" && m.isLate():
		m.late()
	default:
		m.Tries++
		m.Next = m.ev.Now.Add(m.pause(ReadyRun))
	}
}

// becomeReady notes that the process is ready, for the first time in this incarnation or
// again after a reload.
func (m *stepper) becomeReady() {
	again := m.Ready
	m.Ready, m.Limit = true, time.Time{}
	if m.Next = m.Confirm; again { // the reload of a program that was not ready yet
		return
	}
	m.do(Action{Do: DoConfirm})
	m.do(Action{Do: DoReady})
	m.beginHealth()
}

// countHealth counts a run of the health probe.
func (m *stepper) countHealth(why string) {
	m.Next = m.ev.Now.Add(m.pause(HealthRun))
	if why == "" {
		if !m.Confirm.IsZero() {
			m.Next = m.Confirm
		}
		m.Fails = 0
		if m.Goods++; m.Health != Healthy && m.Goods < m.spec.HealthSuccesses {
			return
		}
		if m.Health == Unhealthy {
			m.do(Action{Do: DoRecovered})
		}
		m.Health, m.Goods, m.Grace = Healthy, 0, time.Time{}
		m.do(Action{Do: DoConfirm})
		return
	}
	m.Goods = 0
	if m.ev.Now.Before(m.Grace) {
		return
	}
	m.Fails++
	if m.Fails < m.spec.HealthRetries || m.Health == Unhealthy {
		return
	}
	m.Health = Unhealthy
	text := illness(m.Fails, why)
	m.do(Action{Do: DoUnhealthy, Text: text})
	switch m.spec.HealthPolicy {
	case Ignore:
	case Shutdown:
		m.do(Action{Do: DoShutdown})
	case Restart:
		m.fail(HealthRun, text)
	}
}

// Illness is why a process is unhealthy, in words.
func (p *Probe) Illness() string { return illness(p.Fails, p.Why) }

func illness(fails int, why string) string {
	return strconv.Itoa(fails) + " health checks have failed in a row, the last: " + why
}

func (m *stepper) do(a Action) {
	if a.Gen == 0 {
		a.Gen = m.Gen
	}
	m.actions = append(m.actions, a)
}
