package order

import (
	"errors"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/internal/test/testkit"
)

// member is a process "group:name", or "name" in a group of its own, of a program of that
// name, and what it needs.
func member(name string, needs ...string) *Member {
	group, own, ok := strings.Cut(name, ":")
	if !ok {
		own = group
	}
	return &Member{Program: own, Group: group, Name: own, Needs: ParseNeeds(needs), Priority: 999, Wait: 10 * time.Second}
}

func TestIs(t *testing.T) {
	for _, tt := range []struct {
		m    Member
		name string
		want bool
	}{
		{Member{Program: "web", Group: "web", Name: "web"}, "web", true},
		{Member{Program: "web", Group: "web", Name: "web"}, "web:web", false},
		{Member{Program: "web", Group: "web", Name: "web_1"}, "web:web_1", true},
		{Member{Program: "web", Group: "web", Name: "web_1"}, "web_1", false},
		{Member{Program: "web", Group: "all", Name: "web"}, "all", true},
		{Member{Program: "web", Group: "all", Name: "web"}, "web", true},
		{Member{Program: "web", Group: "all", Name: "web"}, "all:web", true},
		{Member{Program: "web", Group: "all", Name: "web"}, "all:wex", false},
		{Member{Program: "web", Group: "all", Name: "web"}, "", false},
	} {
		t.Run(tt.m.FullName()+" "+tt.name, func(t *testing.T) {
			if got := tt.m.Is(tt.name); got != tt.want {
				t.Errorf("Is(%q) = %v, want %v", tt.name, got, tt.want)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	for _, tt := range []struct {
		name    string
		members []*Member
		want    string // after "cannot order programs by depends_on: "
	}{
		{"nothing", nil, ""},
		{"a chain", []*Member{member("a", "b"), member("b", "c"), member("c")}, ""},
		{"a diamond", []*Member{member("a", "b", "c"), member("b", "d"), member("c", "d"), member("d")}, ""},
		{"unknown", []*Member{member("a", "b"), member("b", "x")}, "program 'b' depends on 'x', which does not exist"},
		{"unknown, with a quote", []*Member{member("a", "it's")}, `program 'a' depends on "it's", which does not exist`},
		{"itself", []*Member{member("a", "a")}, "programs wait for each other: a -> a"},
		{"a cycle behind a chain", []*Member{member("a", "b"), member("b", "c"), member("c", "b")}, "programs wait for each other: b -> c -> b"},
		{"its own group", []*Member{member("g:a"), member("g:b", "g")}, "programs wait for each other: g:b -> g:b"},
		{"a sibling by its full name", []*Member{member("g:a"), member("g:b", "g:a")}, ""},
		{"through a group", []*Member{member("a", "g"), member("g:x"), member("g:y", "a")}, "programs wait for each other: a -> g:y -> a"},
		{"the first that is met", []*Member{member("a", "b", "x"), member("b", "b")}, "programs wait for each other: b -> b"},
		{"the same need twice", []*Member{member("a", "b", "b"), member("b")}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := tt.want
			if want != "" {
				want = "cannot order programs by depends_on: " + want
			}
			if got := text(Check(tt.members)); got != want {
				t.Errorf("Check() = %q, want %q", got, want)
			}
		})
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// checkPlainly is Check without an index, by the definition.
func checkPlainly(members []*Member) error {
	finished := map[*Member]bool{}
	var path []*Member
	var visit func(m *Member) error
	visit = func(m *Member) error {
		for i, on := range path {
			if on == m {
				var names []string
				for _, c := range append(path[i:], m) {
					names = append(names, c.FullName())
				}
				return errors.New("programs wait for each other: " + strings.Join(names, " -> "))
			}
		}
		if finished[m] {
			return nil
		}
		path = append(path, m)
		for _, need := range m.Needs {
			name := need.Name
			known := false
			for _, other := range members {
				if other.Is(name) {
					known = true
					if err := visit(other); err != nil {
						return err
					}
				}
			}
			if !known {
				return fmt.Errorf("program %s depends on %s, which does not exist", quote(m.FullName()), quote(name))
			}
		}
		path = path[:len(path)-1]
		finished[m] = true
		return nil
	}
	for _, m := range members {
		if err := visit(m); err != nil {
			return fmt.Errorf("cannot order programs by depends_on: %w", err)
		}
	}
	return nil
}

// random returns up to nine processes in a few groups; with loops they may need each other.
func random(r *rand.Rand, loops bool) []*Member {
	var members []*Member
	for i := range 1 + r.Intn(9) {
		program := string(rune('a' + r.Intn(4)))
		m := &Member{
			Program: program, Group: [...]string{program, "g", "h"}[r.Intn(3)], Name: fmt.Sprint(program, i),
			Priority: r.Intn(3), Wait: time.Duration(r.Intn(4)) * time.Second,
		}
		if r.Intn(3) == 0 {
			m.Name = m.Group
		}
		members = append(members, m)
	}
	for i, m := range members {
		for range r.Intn(3) {
			to := r.Intn(len(members))
			if !loops && to >= i {
				continue
			}
			other := members[to]
			name := [...]string{other.Program, other.Group, other.FullName()}[r.Intn(3)]
			if r.Intn(40) == 0 && loops {
				name = "unknown"
			}
			need := Need{Name: name, Until: Until(r.Intn(untils))}
			if r.Intn(3) == 0 {
				need = Need{Name: name, Any: Facts(1+r.Intn(1<<len(reachedStates)-1)) << reached}
			}
			m.Needs = append(m.Needs, need)
		}
	}
	return members
}

func describe(members []*Member) string {
	var lines []string
	for _, m := range members {
		lines = append(lines, fmt.Sprintf("%s (program %s, priority %d) needs %v", m.FullName(), m.Program, m.Priority, m.Needs))
	}
	return strings.Join(lines, "\n")
}

// eachRandom runs a check on many random tables.
func eachRandom(t *testing.T, loops bool, check func(t *testing.T, r *rand.Rand, members []*Member)) {
	n := int64(1000)
	if testing.Short() {
		n = 500
	}
	for seed := range n {
		r := rand.New(rand.NewSource(seed))
		members := random(r, loops)
		check(t, r, members)
		if t.Failed() {
			t.Fatalf("seed %d:\n%s", seed, describe(members))
		}
	}
}

func TestCheckIsItsDefinition(t *testing.T) {
	wrong := 0
	eachRandom(t, true, func(t *testing.T, _ *rand.Rand, members []*Member) {
		got, want := text(Check(members)), text(checkPlainly(members))
		if got != want {
			t.Errorf("Check() = %q, want %q", got, want)
		}
		if want != "" {
			wrong++
		}
	})
	t.Logf("%d tables were wrong", wrong)
}

// waitsPlainly is WaitsFor by the definition.
func waitsPlainly(m *Member, there []*Member, facts map[*Member]Facts) Need {
	for _, need := range m.Needs {
		if !anyPlainly(need, func(u Until) bool {
			return !slices.ContainsFunc(there, func(other *Member) bool { return other.Is(need.Name) && !facts[other].Has(u) })
		}) {
			return need
		}
	}
	return Need{}
}

// anyPlainly tells whether something is true of one of the conditions of a need.
func anyPlainly(need Need, is func(Until) bool) bool {
	if need.Any == 0 {
		return is(need.Until)
	}
	for u := range Until(conditions) {
		if need.Any.Has(u) && is(u) {
			return true
		}
	}
	return false
}

// Processes come, go, become ready, end and cease to be: a process waits for a name exactly
// when that means one for which its condition does not hold.
func TestBoardIsItsDefinition(t *testing.T) {
	eachRandom(t, true, func(t *testing.T, r *rand.Rand, members []*Member) {
		var b Board
		places := map[*Member]*Place{}
		facts := map[*Member]Facts{}
		var there []*Member
		for range 30 {
			m := members[r.Intn(len(members))]
			switch place := places[m]; {
			case place == nil:
				places[m] = b.Add(*m)
				there = append(there, m)
			case r.Intn(4) == 0:
				b.Remove(place)
				delete(places, m)
				delete(facts, m)
				for i := range there {
					if there[i] == m {
						there = append(there[:i], there[i+1:]...)
						break
					}
				}
			default:
				facts[m] = Facts(r.Intn(int(allFacts) + 1))
				b.Set(place, facts[m])
			}
			for m, place := range places {
				if got, want := place.WaitsFor(), waitsPlainly(m, there, facts); got != want {
					t.Errorf("%s waits for %v, want %v", m.FullName(), got, want)
				}
			}
		}
		for _, place := range places {
			b.Remove(place)
		}
		if len(b.names) > 0 {
			t.Errorf("%d names are left on an empty board", len(b.names))
		}
	})
}

// Who has nothing to wait for is released: without loops everything comes up.
func TestEverythingIsReleased(t *testing.T) {
	eachRandom(t, false, func(t *testing.T, _ *rand.Rand, members []*Member) {
		if Check(members) != nil {
			return // a name that is a group's, too
		}
		var b Board
		var places []*Place
		for _, m := range members {
			places = append(places, b.Add(*m))
		}
		up := map[*Member]bool{}
		for range members {
			for i, m := range members {
				if !up[m] && places[i].WaitsFor().IsZero() {
					for _, other := range members {
						if needs(m, other) && !up[other] {
							t.Errorf("%s starts before %s", m.FullName(), other.FullName())
						}
					}
					up[m] = true
					b.Set(places[i], allFacts)
				}
			}
		}
		if len(up) != len(members) {
			t.Errorf("%d of %d came up", len(up), len(members))
		}
	})
}

func needs(m, other *Member) bool {
	for _, need := range m.Needs {
		if other.Is(need.Name) {
			return true
		}
	}
	return false
}

func TestTurn(t *testing.T) {
	with := func(m *Member, priority int) *Member {
		m.Priority = priority
		return m
	}
	for _, tt := range []struct {
		name string
		left []*Member
		want string
	}{
		{"nothing", nil, ""},
		{"the highest priority", []*Member{with(member("a"), 1), with(member("b"), 5), with(member("c"), 5)}, "b c"},
		{"dependants first", []*Member{with(member("db"), 999), with(member("app", "db"), 1)}, "app"},
		{"a name of a group", []*Member{member("g:x"), member("g:y"), with(member("app", "g"), 1)}, "app"},
		{"the highest of the free ones", []*Member{with(member("db"), 9), with(member("app", "db"), 1), with(member("log"), 2)}, "log"},
		{"negative priorities", []*Member{with(member("a"), -2), with(member("b"), -1)}, "b"},
		{"a loop", []*Member{with(member("a", "b"), 1), with(member("b", "a"), 2)}, "b"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var names []string
			for _, i := range Turn(tt.left) {
				names = append(names, tt.left[i].FullName())
			}
			if got := strings.Join(names, " "); got != tt.want {
				t.Errorf("Turn() = %q, want %q", got, tt.want)
			}
		})
	}
}

// Turn by turn everything is stopped, each process after all that depend on it, and all
// the shares together are no more than the budget, but for what a used up one gives.
func TestStopComesToItsEnd(t *testing.T) {
	eachRandom(t, true, func(t *testing.T, r *rand.Rand, members []*Member) {
		loops := checkPlainly(members) != nil
		budget := time.Duration(r.Intn(8000)) * time.Millisecond
		used, turns := time.Duration(0), 0
		for left := members; len(left) > 0; turns++ {
			turn := Turn(left)
			if len(turn) == 0 {
				t.Errorf("nobody's turn, and %d are left", len(left))
				return
			}
			share := Share(left, budget-used)
			if share <= 0 || share > max(budget-used, shortest) {
				t.Errorf("turn %d of %v gets %v of %v", turns, turn, share, budget-used)
			}
			used += share
			stopped := map[*Member]bool{}
			for _, i := range turn {
				m := left[i]
				stopped[m] = true
				if first := left[turn[0]]; m.Priority != first.Priority {
					t.Errorf("%s and %s stop together", m.FullName(), first.FullName())
				}
				for _, other := range left {
					if !loops && needs(other, m) {
						t.Errorf("%s stops before %s", m.FullName(), other.FullName())
					}
				}
			}
			var rest []*Member
			for _, m := range left {
				if !stopped[m] {
					rest = append(rest, m)
				}
			}
			left = rest
		}
		if over := time.Duration(turns) * shortest; used > budget+over {
			t.Errorf("%v used, of %v", used, budget)
		}
	})
}

func TestShare(t *testing.T) {
	of := func(priority int, wait time.Duration) *Member {
		return &Member{Priority: priority, Wait: wait}
	}
	for _, tt := range []struct {
		name   string
		left   []*Member
		budget time.Duration
		want   time.Duration
	}{
		{"all the time it wants", []*Member{of(1, 2*time.Second), of(2, time.Second)}, 5 * time.Second, time.Second},
		{"a part by weight", []*Member{of(1, 6*time.Second), of(2, 2*time.Second), of(2, time.Second)}, 4 * time.Second, time.Second},
		{"used up", []*Member{of(1, time.Second)}, -time.Second, time.Millisecond},
		{"no wait at all", []*Member{of(1, 0)}, time.Second, time.Millisecond},
		{"nobody", nil, time.Second, time.Millisecond},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Share(tt.left, tt.budget); got != tt.want {
				t.Errorf("Share() = %v, want %v", got, tt.want)
			}
		})
	}
}

// large are tables of about n programs that take for ever unless the cost is linear.
func large(n int) map[string][]*Member {
	chain := []*Member{member("p0")}
	for i := 1; i < n; i++ {
		chain = append(chain, member(fmt.Sprint("p", i), fmt.Sprint("p", i-1)))
	}
	backwards := make([]*Member, len(chain))
	for i, m := range chain {
		backwards[len(chain)-1-i] = m
	}
	group := []*Member{}
	for i := range n / 5 {
		group = append(group, member(fmt.Sprint("g:", i)))
	}
	for i := range n / 5 {
		group = append(group, member(fmt.Sprint("h:", i), "g"))
	}
	list := append([]*Member{}, group[:n/5]...)
	var needs []string
	for range 20 {
		for i := range n / 5 {
			needs = append(needs, fmt.Sprint("g:", i))
		}
	}
	return map[string][]*Member{
		"a chain": chain, "a chain, backwards": backwards, "a group needs a group of its size": group,
		"a list with all names 20 times": append(list, member("app", needs...)),
	}
}

func TestLargeTablesInLinearTime(t *testing.T) {
	small, large := large(1_000), large(16_000)
	for name := range small {
		t.Run(name, func(t *testing.T) {
			testkit.WantLinear(t, func() { use(t, small[name]) }, func() { use(t, large[name]) })
		})
	}
}

// use does with a table what a supervisor does.
func use(t *testing.T, members []*Member) {
	if err := Check(members); err != nil {
		t.Fatal(err)
	}
	var b Board
	var places []*Place
	for _, m := range members {
		places = append(places, b.Add(*m))
	}
	for _, p := range places {
		p.WaitsFor()
		b.Set(p, allFacts)
	}
	for _, p := range places {
		if waits := p.WaitsFor(); !waits.IsZero() {
			t.Fatalf("%s waits for %s when all are up", p.Name, waits)
		}
	}
	if len(Turn(members)) == 0 {
		t.Fatal("nobody has a turn")
	}
}

func BenchmarkCheck(b *testing.B) {
	for name, members := range large(100_000) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := Check(members); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
