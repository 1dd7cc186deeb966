package order

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"slipway/internal/test/testkit"
)

func sharer(name string, priority int, wait time.Duration, needs ...string) *Member {
	return &Member{Program: name, Group: name, Name: name, Priority: priority, Wait: wait, Needs: ParseNeeds(needs)}
}

// The budget is shared by the turns that a stop has, not by the priorities that there are.
func TestShareIsByTurns(t *testing.T) {
	for _, tt := range []struct {
		name string
		left []*Member
		want time.Duration
	}{
		{"a dependant of low priority goes first", []*Member{sharer("db", 999, time.Second), sharer("app", 10, 9*time.Second, "db")}, 9 * time.Second},
		{"a chain of one priority has three turns", []*Member{
			sharer("db", 999, 10*time.Second), sharer("api", 999, 10*time.Second, "db"), sharer("web", 999, 10*time.Second, "api"),
		}, 10 * time.Second / 3},
		{"a circle goes by priority", []*Member{sharer("a", 2, 10*time.Second, "b"), sharer("b", 1, 10*time.Second, "a")}, 5 * time.Second},
		{"waits without an end", []*Member{sharer("a", 2, 1<<62), sharer("b", 1, 1<<62)}, 5 * time.Second},
		{"nobody", nil, shortest},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Share(tt.left, 10*time.Second); got.Round(time.Millisecond) != tt.want.Round(time.Millisecond) {
				t.Errorf("Share() = %v, want %v", got, tt.want)
			}
		})
	}
}

// turnWaits foresees the turns that Turn takes.
func TestTurnWaitsAreThoseOfTurn(t *testing.T) {
	seed := testkit.Seed(t)
	r := rand.New(rand.NewPCG(uint64(seed), 0))
	for range 2000 {
		var left []*Member
		for i := range 1 + r.IntN(8) {
			m := sharer(strconv.Itoa(i), r.IntN(3), time.Duration(1+r.IntN(5))*time.Second)
			for other := range i { // no circles
				if r.IntN(3) == 0 {
					m.Needs = append(m.Needs, Need{Name: strconv.Itoa(other)})
				}
			}
			left = append(left, m)
		}
		r.Shuffle(len(left), func(i, j int) { left[i], left[j] = left[j], left[i] })
		got := turnWaits(left)
		var want []time.Duration
		for rest := left; len(rest) > 0; {
			var wait time.Duration
			turn := Turn(rest)
			for _, i := range turn {
				wait = max(wait, rest[i].Wait)
			}
			want = append(want, wait)
			var next []*Member
			for i, m := range rest {
				if !slices.Contains(turn, i) {
					next = append(next, m)
				}
			}
			rest = next
		}
		if !slices.Equal(got, want) {
			t.Fatalf("turnWaits = %v, want %v", got, want)
		}
	}
}

func TestLinearTimeOfShare(t *testing.T) {
	chain := func(n int) func() {
		var left []*Member
		for i := range n {
			left = append(left, sharer("p"+strconv.Itoa(i), 999, time.Second))
			if i > 0 {
				left[i].Needs = []Need{{Name: "p" + strconv.Itoa(i-1)}}
			}
		}
		return func() { Share(left, time.Second) }
	}
	testkit.WantLinear(t, chain(500), chain(8000))
}
