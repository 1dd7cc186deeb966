package loop

import "time"

// Timer calls its owner once when its time has come. It is a value in the struct of the
// owner, who sets and clears it: a timer that was cleared or set anew does not fire for
// what it was set for before. The zero value is not set. A Timer must not be copied while
// it is set.
type Timer struct {
	at    time.Time
	due   func()
	order uint64 // of setting, among those of one time
	place int32  // in the heap, from 1; 0: not set
	live  bool   // see SetLive
}

// IsSet reports whether the timer is going to fire.
func (t *Timer) IsSet() bool { return t.place > 0 }

// At is the time that the timer is set for; zero if it is not set.
func (t *Timer) At() time.Time {
	if t.place == 0 {
		return time.Time{}
	}
	return t.at
}

// Set sets a timer, in place of what it was set for before: due is called when at has
// come. A time that has passed is as good as now. The zero time clears it.
func (l *Loop) Set(t *Timer, at time.Time, due func()) {
	if at.IsZero() {
		l.Clear(t)
		return
	}
	t.due = due
	l.timers.forget(t)
	if t.place > 0 && t.at.Equal(at) {
		return
	}
	t.at = at
	l.timers.sets++
	t.order = l.timers.sets
	if t.place == 0 {
		l.timers.heap = append(l.timers.heap, t)
		t.place = int32(len(l.timers.heap))
	}
	l.timers.fix(int(t.place) - 1)
}

// SetLive is Set for a time that counts against somebody who may be frozen together with the
// loop. While such a timer is set, the loop wakes up every 100 ms. So a freeze cannot hide in
// a wait: Handler.Stalled learns how long it was, to a tenth of a second.
func (l *Loop) SetLive(t *Timer, at time.Time, due func()) {
	l.Set(t, at, due)
	if t.place > 0 && !t.live {
		t.live = true
		l.timers.live++
	}
}

// After is Set with a pause from now on.
func (l *Loop) After(t *Timer, d time.Duration, due func()) {
	l.Set(t, l.poller.Now().Add(d), due)
}

// Clear clears a timer.
func (l *Loop) Clear(t *Timer) {
	if t.place > 0 {
		l.timers.remove(int(t.place) - 1)
	}
}

// timers is a heap, nearest first, of which every entry knows its place. Those of one time
// are in the order in which they were set.
type timers struct {
	heap []*Timer
	sets uint64
	live int // timers of SetLive
}

// wait is how long the loop may wait; negative is for ever.
func (h *timers) wait(now time.Time) time.Duration {
	if len(h.heap) == 0 {
		return -1
	}
	d := max(h.heap[0].at.Sub(now), 0)
	if h.live > 0 {
		d = min(d, stall)
	}
	return d
}

// fire calls the owners of all timers that are due.
func (l *Loop) fire() {
	h := &l.timers
	for len(h.heap) > 0 {
		t := h.heap[0]
		if t.at.After(l.poller.Now()) {
			return
		}
		h.remove(0)
		l.due(t)
	}
}

// forget makes a timer one that Set has set.
func (h *timers) forget(t *Timer) {
	if t.live {
		t.live = false
		h.live--
	}
}

func (h *timers) remove(i int) {
	t, last := h.heap[i], len(h.heap)-1
	h.swap(i, last)
	h.heap[last] = nil
	h.heap = h.heap[:last]
	t.place = 0
	h.forget(t)
	if i < last {
		h.fix(i)
	}
}

// fix moves an entry, whose time may have changed, to its place.
func (h *timers) fix(i int) {
	for i > 0 && h.less(i, (i-1)/2) {
		h.swap(i, (i-1)/2)
		i = (i - 1) / 2
	}
	for {
		least := i
		for c := 2*i + 1; c <= 2*i+2 && c < len(h.heap); c++ {
			if h.less(c, least) {
				least = c
			}
		}
		if least == i {
			return
		}
		h.swap(i, least)
		i = least
	}
}

func (h *timers) less(i, j int) bool {
	a, b := h.heap[i], h.heap[j]
	return a.at.Before(b.at) || a.at.Equal(b.at) && a.order < b.order
}

func (h *timers) swap(i, j int) {
	h.heap[i], h.heap[j] = h.heap[j], h.heap[i]
	h.heap[i].place, h.heap[j].place = int32(i+1), int32(j+1)
}
