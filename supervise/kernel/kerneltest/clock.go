package kerneltest

import (
	"runtime"
	"syscall"
	"time"

	"slipway/supervise/kernel"
)

// freeze is a time in which the supervisor does not run.
type freeze struct {
	d   time.Duration
	all bool // the programs do not, either
}

// Freeze lets the time pass while the supervisor does not run, as when its process is
// stopped, or the machine is busy with others. With all, the programs do not run either, as
// in a container that is paused. It begins when the supervisor is about to wait.
func (m *Machine) Freeze(d time.Duration, all bool) {
	m.visit()
	defer m.leave()
	m.frozen = freeze{m.frozen.d + d, all}
	m.poke()
}

// thaw lets the time of a freeze pass. m.mu is held.
func (m *Machine) thaw() {
	f := m.frozen
	m.frozen = freeze{}
	if f.all {
		for _, e := range m.events {
			e.at = e.at.Add(f.d)
		}
	}
	m.mu.Unlock()
	time.Sleep(f.d)
	m.mu.Lock()
}

// Now implements System.
func (m *Machine) Now() time.Time { return time.Now() }

// Wall implements System.
func (m *Machine) Wall() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return time.Now().Add(m.set).Round(0)
}

// SetClock sets the time of day by d. The supervisor is not woken by that.
func (m *Machine) SetClock(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.set += d
}

// Wait implements System. Like Linux it never returns before the time has passed, which it
// knows in milliseconds.
func (m *Machine) Wait(buf []kernel.Ready, timeout time.Duration) []kernel.Ready {
	if m.settings.Idle != nil {
		m.settings.Idle()
	}
	m.call()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.busy()
	forever := timeout < 0
	deadline := time.Now().Add((timeout + time.Millisecond - 1).Truncate(time.Millisecond))
	for {
		m.run()
		if m.frozen.d > 0 {
			m.thaw()
			continue
		}
		list, woken := m.poll(buf)
		if len(list) > 0 || woken || !forever && !time.Now().Before(deadline) {
			return list
		}
		m.pause(deadline, forever)
	}
}

// maxPasses is how often Wait may be called before any time has passed.
const maxPasses = 20_000

// busy ends the goroutine of a supervisor that looks at the same things again and again:
// the time, which waits for it, would stand still for ever.
func (m *Machine) busy() {
	if now := time.Now(); !now.Equal(m.passes.at) {
		m.passes = passes{at: now}
	}
	if m.passes.n++; m.passes.n > maxPasses {
		m.complain("does not wait: %d passes without any time", maxPasses)
		runtime.Goexit()
	}
}

// passes count how often Wait was called at a time.
type passes struct {
	at time.Time
	n  int
}

// pause waits for the next event, the deadline, or a poke. m.mu is held.
func (m *Machine) pause(until time.Time, forever bool) {
	if len(m.events) > 0 && (forever || m.events[0].at.Before(until)) {
		until, forever = m.events[0].at, false
	}
	m.mu.Unlock()
	defer m.mu.Lock()
	if forever {
		<-m.woken
		return
	}
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	select {
	case <-m.woken:
	case <-timer.C:
	}
}

// Signals implements System.
func (m *Machine) Signals() kernel.Signals {
	m.enter()
	defer m.leave()
	s := m.signals
	m.signals = kernel.Signals{Other: m.handed[:0]}
	m.handed = s.Other
	return s
}

// noted is a signal for the supervisor. m.mu is held.
func (m *Machine) noted(sig syscall.Signal) {
	if m.signals.At.IsZero() {
		m.signals.At = time.Now()
	}
	switch {
	case sig == syscall.SIGCHLD:
		m.signals.Child = true
	case len(m.signals.Other) < 1024:
		m.signals.Other = append(m.signals.Other, sig)
	}
	m.wake()
}

// Signal sends a signal to the supervisor.
func (m *Machine) Signal(sig syscall.Signal) {
	m.visit()
	defer m.leave()
	m.noted(sig)
}

// Wake implements System.
func (m *Machine) Wake() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.wake()
}

func (m *Machine) wake() {
	m.wakes = true
	m.poke()
}

// lag is how long it takes until a process goes on that can: no time at all, or, with dice,
// a little. m.mu is held.
func (m *Machine) lag() time.Duration {
	if m.dice == nil {
		return 0
	}
	return time.Duration(m.dice(3)*m.dice(300)) * time.Microsecond
}

// Trim implements System.
func (m *Machine) Trim() {}
