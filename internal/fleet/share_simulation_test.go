package fleet

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"slipway/internal/test/testkit"
)

// rollout is what the store keeps of one change: its tickets, in the order of coming, and how
// far it has come. A member with a ticket sees the stage whenever it is another one.
type rollout struct {
	w       *world
	shares  []Share
	hold    time.Duration
	tickets []*holder
	stage   Stage
	open    bool // there is a stage
	refused bool
	tried   int // members that have acted on the change
}

// holder is a member with a ticket.
type holder struct {
	m        *member
	n        int // in the order of tickets
	state    Ticket
	admitted bool
}

// anAnswer and aKey are about what the store sends, in bytes: for a request without a key or with
// a short one, and for each ticket. Of ten keys the change is made.
const anAnswer, aKey = 120, 130

// gathering is how long a fleet is counted before its first share.
const gathering = 5 * time.Second

// begin gives all members tickets, and lets the first share in.
func (r *rollout) begin(all []*member, ill func(*member) bool) {
	for _, m := range all {
		r.w.after(r.w.span(200*time.Millisecond), func() {
			r.w.requests += 5 // what is there, the lease, the ticket, the stage, the refusals
			r.w.bytes += 5*anAnswer + 10*aKey
			h := &holder{m: m, n: len(r.tickets), state: Waiting}
			r.tickets = append(r.tickets, h)
			m.ill, m.after = ill(m), func() { r.acted(h) }
			r.admit(h)
		})
	}
	r.w.after(gathering, func() {
		r.stage, r.open = First(r.shares, len(r.tickets)), true
		r.w.bytes += r.stage.Admits * aKey
		r.admitAll()
	})
}

func (r *rollout) admitAll() {
	for _, h := range r.tickets {
		if h.admitted {
			continue
		}
		r.w.requests += 2 // the refusals, the stage
		r.w.bytes += 3 * anAnswer
		if Few(r.stage.Total-r.stage.Admits, r.w.random.IntN) {
			r.w.requests++ // whether one that it admits is gone
			r.w.bytes += max(r.stage.Admits, 0) * aKey
		}
		r.w.after(r.w.span(20*time.Millisecond), func() { r.admit(h) }) // as its watch is told
	}
}

// admit lets a member act whose ticket is within the stage.
func (r *rollout) admit(h *holder) {
	if !r.open || r.refused || h.admitted || r.stage.Admits >= 0 && h.n >= r.stage.Admits {
		return
	}
	r.w.requests++ // the state of its ticket
	h.admitted, h.state = true, Acting
	h.m.wanted++
	h.m.course.Want(r.w.now, r.w.span(r.w.rules.Splay))
	h.m.step()
}

// acted is told when a member has acted on the change, and whether it was ill with it.
func (r *rollout) acted(h *holder) {
	r.tried++
	if h.m.ill {
		r.refused = true
		r.w.requests++
		return
	}
	r.w.after(r.hold, func() {
		h.state = Healthy
		r.w.requests++ // its ticket
		r.w.bytes += anAnswer
		r.proceed()
	})
}

// proceed begins the next stage if this one is over, or looks again later. A few look.
func (r *rollout) proceed() {
	r.w.requests += 2 // the refusals, the stage
	r.w.bytes += 2 * anAnswer
	if r.refused || r.stage.Admits < 0 {
		return
	}
	if Few(r.stage.Admits, r.w.random.IntN) {
		r.w.requests++
		r.w.bytes += r.stage.Admits * aKey
		var states []Ticket
		for _, t := range r.tickets[:min(r.stage.Admits, len(r.tickets))] {
			states = append(states, t.state)
		}
		if next, ok := Next(r.shares, r.stage, states, len(r.tickets)); ok {
			r.stage = next
			r.w.bytes += max(r.stage.Admits, 0) * aKey
			r.admitAll()
			return
		}
	}
	r.w.after(r.hold/2, r.proceed)
}

// Ten thousand members with slots, splay and rollout: no more than the slots act at one time,
// a good change reaches every one, and a bad one no more than are in the first share, whichever
// of its members it makes ill.
func TestTenThousandInShares(t *testing.T) {
	const n, slots = 10_000, 100
	for _, first := range []string{"1", "20", "1%"} {
		for _, bad := range []bool{false, true} {
			t.Run(fmt.Sprintf("first %s, bad %t", first, bad), func(t *testing.T) {
				shares, err := ParseShares([]string{first, "10%", "100%"})
				if err != nil {
					t.Fatal(err)
				}
				w, all := newWorld(t, n, Rules{Slots: slots, Wait: 5 * time.Minute, Splay: 30 * time.Second, Shares: shares, Hold: time.Minute})
				r := &rollout{w: w, shares: shares, hold: w.rules.Hold}
				r.begin(all, func(*member) bool { return bad })
				w.run()
				share := First(shares, n).Admits
				if w.most > min(slots, share) && bad || w.most > slots {
					t.Errorf("%d act at one time, want at most %d", w.most, slots)
				}
				if bad {
					if r.tried < 1 || r.tried > share {
						t.Errorf("the bad change has reached %d members, want at most %d", r.tried, share)
					}
					t.Logf("of %d members %d have tried the bad change", n, r.tried)
					return
				}
				converged(t, w, all, 1)
				var took []time.Duration
				for _, m := range all {
					took = append(took, m.done.Sub(time.Unix(0, 0)))
				}
				slices.Sort(took)
				t.Logf("%d members, %d slots, first %s: half of them have it after %v, 99%% after %v, all after %v; %.1f requests and %d bytes for each",
					n, slots, first, took[n/2].Round(time.Second), took[n*99/100].Round(time.Second), took[n-1].Round(time.Second), float64(w.requests)/n, w.bytes/n)
				if each := w.bytes / n; each > 8000 { // 1.3 MB, if each read the tickets of all
					t.Errorf("the store sends %d bytes to each member", each)
				}
			})
		}
	}
	t.Run("one of the first share alone is ill", func(t *testing.T) {
		shares, err := ParseShares([]string{"20", "100%"})
		if err != nil {
			t.Fatal(err)
		}
		for range testkit.Repeat(t, 3) {
			w, all := newWorld(t, 1000, Rules{Slots: 2, Wait: 5 * time.Minute, Splay: time.Second, Shares: shares, Hold: time.Minute})
			r := &rollout{w: w, shares: shares, hold: w.rules.Hold}
			r.begin(all, func(m *member) bool { return len(r.tickets) == 7 }) // the seventh to come
			w.run()
			if !r.refused || r.tried > 20 {
				t.Errorf("refused %t, it has reached %d members, want at most 20", r.refused, r.tried)
			}
		}
	})
}
