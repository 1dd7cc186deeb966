package fleet

import (
	"container/heap"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"slipway/internal/test/testkit"
)

// The simulation of a fleet: members that follow a Course, a store that keeps lines, and a
// clock that jumps from event to event. The decisions are those of the product; what is
// simulated are the store, its delays, and programs.

// event is something that happens at a time.
type event struct {
	at time.Time
	n  int // events of one time happen in their order
	do func()
}

type events []event

func (e events) Len() int { return len(e) }
func (e events) Less(i, j int) bool {
	return e[i].at.Before(e[j].at) || e[i].at.Equal(e[j].at) && e[i].n < e[j].n
}
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)   { *e = append(*e, x.(event)) }
func (e *events) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}

// world is a fleet and its store.
type world struct {
	rules    Rules
	now      time.Time
	queue    events
	n        int
	random   *rand.Rand
	lanes    [][]*member
	down     bool
	acting   int // members that act, whoever lets them
	most     int
	requests int // to the store
	bytes    int // from it, of a rollout
}

type member struct {
	w       *world
	course  Course
	lane    int  // -1: in none
	asks    bool // for a slot: its source program runs
	dead    bool
	works   bool // it acts at this moment
	changes int  // that it has acted on
	wanted  int
	alone   bool
	done    time.Time
	ill     bool   // with the change that it acts on
	after   func() // called when it has acted; may be nil
}

func (w *world) after(d time.Duration, do func()) {
	w.n++
	heap.Push(&w.queue, event{w.now.Add(d), w.n, do})
}

func (w *world) span(most time.Duration) time.Duration {
	return time.Duration(w.random.Int64N(int64(most) + 1))
}

func (w *world) run() {
	for len(w.queue) > 0 {
		e := heap.Pop(&w.queue).(event)
		w.now = e.at
		e.do()
	}
}

// change tells all members of a change, each after a delay.
func (w *world) change(all []*member) {
	for _, m := range all {
		w.after(w.span(200*time.Millisecond), func() {
			if !m.dead {
				m.wanted++
				m.course.Want(w.now, w.span(w.rules.Splay))
				m.step()
			}
		})
	}
}

// step does what the course says, until there is nothing to do.
func (m *member) step() {
	w := m.w
	for !m.dead {
		action, at := m.course.Next(w.rules, w.now)
		switch action {
		case Nothing:
			if at.After(w.now) {
				w.after(at.Sub(w.now), m.step)
			}
			return
		case Ask:
			m.asks = true
			w.after(w.span(20*time.Millisecond), m.join)
		case Return:
			m.leave()
		case Act:
			m.act()
		}
	}
}

// act renders and tells programs, which are healthy a moment later.
func (m *member) act() {
	w := m.w
	m.alone = m.alone || m.course.Alone() != ""
	wanted := m.wanted
	m.course.Acted(w.now)
	if m.works { // it is at it, and does this as well
		m.changes = wanted
		return
	}
	m.works = true
	w.acting++
	w.most = max(w.most, w.acting)
	w.after(time.Second+w.span(3*time.Second), func() {
		w.acting--
		m.works = false
		if m.dead {
			return
		}
		m.changes, m.done = max(m.changes, wanted), w.now
		m.course.Calm()
		if m.after != nil {
			m.after()
		}
		m.step()
	})
}

// join is what the source program does with a slot that is asked for.
func (m *member) join() {
	w := m.w
	if m.dead || m.lane >= 0 || !m.asks {
		return
	}
	if w.down {
		m.course.Silent(w.now)
		w.after(time.Second+w.span(time.Second), m.join)
		return
	}
	lengths := make([]int, len(w.lanes))
	for i, l := range w.lanes {
		lengths[i] = len(l)
	}
	w.requests += 4 // lengths, lease, key, the one before
	m.lane = Lane(lengths, w.random.IntN)
	w.lanes[m.lane] = append(w.lanes[m.lane], m)
	m.course.Heard()
	m.turn()
	m.step()
}

// turn tells a member that it is the first of its line, as soon as the store can.
func (m *member) turn() {
	if m.dead || m.lane < 0 || m.w.lanes[m.lane][0] != m {
		return
	}
	if m.w.down {
		m.course.Silent(m.w.now)
		m.w.after(time.Second+m.w.span(time.Second), func() { m.turn(); m.step() })
		return
	}
	m.course.Held()
}

// leave takes a member out of its line, and the next one finds out.
func (m *member) leave() {
	w := m.w
	m.asks = false
	if m.lane < 0 {
		return
	}
	lane := m.lane
	m.lane = -1
	w.requests += 2 // its end, and the event for the next
	w.lanes[lane] = slices.DeleteFunc(w.lanes[lane], func(o *member) bool { return o == m })
	if len(w.lanes[lane]) > 0 {
		next := w.lanes[lane][0]
		w.after(w.span(20*time.Millisecond), func() { next.turn(); next.step() })
	}
}

// die ends a member. Its lease does later.
func (m *member) die(ttl time.Duration) {
	m.dead = true
	m.w.after(ttl, m.leave)
}

func newWorld(t *testing.T, n int, rules Rules) (*world, []*member) {
	t.Helper()
	w := &world{rules: rules, now: time.Unix(0, 0), lanes: make([][]*member, rules.Slots), random: rand.New(rand.NewPCG(uint64(testkit.Seed(t)), 2))}
	all := make([]*member, n)
	for i := range all {
		all[i] = &member{w: w, lane: -1}
	}
	return w, all
}

// converged checks that every member that lives has acted on all changes, and is in no line.
func converged(t *testing.T, w *world, all []*member, changes int) (last time.Duration) {
	t.Helper()
	for i, m := range all {
		if m.dead {
			continue
		}
		if m.changes != changes || m.course.Busy() || m.lane >= 0 {
			t.Fatalf("member %d has acted on %d changes of %d, line %d, course %+v", i, m.changes, changes, m.lane, m.course)
		}
		last = max(last, m.done.Sub(time.Unix(0, 0)))
	}
	return last
}

// Ten thousand watchers: never more than N act at once while the store answers, however many
// changes come and whoever dies, and every one converges.
func TestTenThousand(t *testing.T) {
	for _, slots := range []int{1, 20, 100} {
		t.Run(fmt.Sprint(slots, " slots"), func(t *testing.T) {
			n := 10_000
			if slots == 1 {
				n = 1000
			}
			w, all := newWorld(t, n, Rules{Slots: slots, Wait: 5 * time.Minute, Splay: 30 * time.Second})
			w.change(all)
			w.after(40*time.Second, func() { w.change(all) })
			for i := range n / 100 {
				w.after(w.span(5*time.Minute), func() { all[i].die(30 * time.Second) })
			}
			w.run()
			if w.most > slots {
				t.Errorf("%d act at one time, want at most %d", w.most, slots)
			}
			last := converged(t, w, all, 2)
			for i, m := range all {
				if m.alone {
					t.Fatalf("member %d acts without a slot, and the store answers", i)
				}
			}
			if w.requests > 15*n {
				t.Errorf("%d requests for %d members", w.requests, n)
			}
			t.Logf("%d members, %d slots: the last one is done after %v, %d requests, at most %d at once", n, slots, last.Round(time.Second), w.requests, w.most)
		})
	}
}

// A store that is away for less than the wait changes nothing, and one that does not come
// back stops nobody.
func TestStoreIsAway(t *testing.T) {
	t.Run("a while", func(t *testing.T) {
		w, all := newWorld(t, 1000, Rules{Slots: 10, Wait: 5 * time.Minute})
		w.change(all)
		w.after(20*time.Second, func() { w.down = true })
		w.after(80*time.Second, func() { w.down = false })
		w.run()
		converged(t, w, all, 1)
		for i, m := range all {
			if m.alone || w.most > 10 {
				t.Fatalf("member %d acts without a slot (%v), %d at once", i, m.alone, w.most)
			}
		}
	})
	t.Run("for ever", func(t *testing.T) {
		w, all := newWorld(t, 1000, Rules{Slots: 10, Wait: time.Minute})
		w.down = true
		w.change(all)
		w.after(time.Hour, func() { w.down = false })
		w.run()
		if last := converged(t, w, all, 1); last > 2*time.Minute {
			t.Errorf("the last one is done after %v, want little more than a minute", last)
		}
		for i, m := range all {
			if !m.alone {
				t.Fatalf("member %d acts with a slot of a store that is away", i)
			}
		}
	})
}
