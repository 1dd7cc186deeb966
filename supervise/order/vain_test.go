package order

import (
	"fmt"
	"math/rand"
	"slices"
	"testing"
)

// actor is what a test knows of a process.
type actor struct {
	there, rests, waits bool
	facts               Facts
}

// lacksPlainly says what is not the case with whom and will not be, by the definition: all
// that is not the case with those at rest that do not wait, and with those that wait for
// something of that.
func lacksPlainly(members []*Member, actors map[*Member]*actor) map[*Member]Facts {
	lacks := map[*Member]Facts{}
	for range members {
		for _, m := range members {
			a := actors[m]
			if a.there && a.rests && (!a.waits || !vainPlainly(m, members, actors, lacks).IsZero()) {
				lacks[m] = allFacts &^ a.facts
			}
		}
	}
	return lacks
}

func vainPlainly(m *Member, members []*Member, actors map[*Member]*actor, lacks map[*Member]Facts) Need {
	for _, need := range m.Needs {
		if !anyPlainly(need, func(u Until) bool {
			return !slices.ContainsFunc(members, func(other *Member) bool {
				return actors[other].there && lacks[other].Has(u) && other.Is(need.Name)
			})
		}) {
			return need
		}
	}
	return Need{}
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
				a.facts = Facts(r.Intn(int(allFacts) + 1))
				b.Set(places[m], a.facts)
			default:
				a.rests, a.waits = r.Intn(3) > 0, r.Intn(2) == 0
				b.Judge(places[m], a.rests, a.waits)
			}
			lacks := lacksPlainly(members, actors)
			for m, p := range places {
				if p.lacks != lacks[m] || p.InVain() != vainPlainly(m, members, actors, lacks) {
					t.Errorf("%s lacks %b, in vain for %v; want %b, %v", m.FullName(), p.lacks, p.InVain(), lacks[m], vainPlainly(m, members, actors, lacks))
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
			m.Needs = ParseNeeds([]string{fmt.Sprint("p", i-1)})
		}
		p := b.Add(*m)
		b.Judge(p, true, i > 0)
		places = append(places, p)
	}
	if last := places[n-1]; !last.Lacks(Need{}) || last.InVain().Name != fmt.Sprint("p", n-2) {
		t.Fatal("the end of the chain does not know that it waits in vain")
	}
	b.Judge(places[0], false, false)
	if places[n-1].Lacks(Need{}) || !places[1].InVain().IsZero() {
		t.Fatal("the chain still waits in vain although its first link comes up")
	}
	b.Remove(places[0])
	if places[n-1].Lacks(Need{}) || places[1].Unknown() != "p0" {
		t.Fatal("a name that nothing has any more holds others")
	}
}
