package order

import (
	"fmt"
	"math/rand"
	"testing"
)

// actor is what a test knows of a process.
type actor struct{ there, ready, rests, waits bool }

// overPlainly says who is not ready and will not be, by the definition: the least set of
// those at rest that do not wait, and of those that wait for one in the set.
func overPlainly(members []*Member, actors map[*Member]*actor) map[*Member]bool {
	over := map[*Member]bool{}
	for range members {
		for _, m := range members {
			a := actors[m]
			if a.there && !a.ready && a.rests && (!a.waits || vainPlainly(m, members, actors, over) != "") {
				over[m] = true
			}
		}
	}
	return over
}

func vainPlainly(m *Member, members []*Member, actors map[*Member]*actor, over map[*Member]bool) string {
	for _, name := range m.Needs {
		for _, other := range members {
			if actors[other].there && over[other] && other.Is(name) {
				return name
			}
		}
	}
	return ""
}

// Whatever becomes of processes, in whatever order: who waits in vain is what the
// definition says, through any number of others. Loops are left out: Check refuses them.
func TestInVainIsItsDefinition(t *testing.T) {
	eachRandom(t, false, func(t *testing.T, r *rand.Rand, members []*Member) {
		if Check(members) != nil {
			return
		}
		var b Board
		places, actors := map[*Member]*Place{}, map[*Member]*actor{}
		for _, m := range members {
			actors[m] = &actor{}
		}
		for range 40 {
			m := members[r.Intn(len(members))]
			a := actors[m]
			switch {
			case !a.there:
				*a = actor{there: true}
				places[m] = b.Add(*m)
			case r.Intn(8) == 0:
				*a = actor{}
				b.Remove(places[m])
				delete(places, m)
			case r.Intn(3) == 0:
				a.ready = !a.ready
				b.Set(places[m], a.ready)
			default:
				a.rests, a.waits = r.Intn(3) > 0, r.Intn(2) == 0
				b.Judge(places[m], a.rests, a.waits)
			}
			over := overPlainly(members, actors)
			for m, p := range places {
				if p.IsOver() != over[m] || p.InVain() != vainPlainly(m, members, actors, over) {
					t.Errorf("%s is over: %v, in vain for %q; want %v, %q", m.FullName(), p.IsOver(), p.InVain(), over[m], vainPlainly(m, members, actors, over))
				}
			}
		}
	})
}

// A chain whose first link fails is decided as a whole, in linear time, and lives again
// when that comes up.
func TestChainWaitsInVain(t *testing.T) {
	const n = 20000
	var b Board
	var places []*Place
	for i := range n {
		m := member(fmt.Sprint("p", i))
		if i > 0 {
			m.Needs = []string{fmt.Sprint("p", i-1)}
		}
		p := b.Add(*m)
		b.Judge(p, true, i > 0)
		places = append(places, p)
	}
	if last := places[n-1]; !last.IsOver() || last.InVain() != fmt.Sprint("p", n-2) {
		t.Fatal("the end of the chain does not know that it waits in vain")
	}
	b.Judge(places[0], false, false)
	if places[n-1].IsOver() || places[1].InVain() != "" {
		t.Fatal("the chain still waits in vain although its first link comes up")
	}
	b.Remove(places[0])
	if places[n-1].IsOver() || places[1].Unknown() != "p0" {
		t.Fatal("a name that nothing has any more holds others")
	}
}
