package fleet

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slipway/internal/test/testkit"
)

func TestParseShares(t *testing.T) {
	whole := Share{Percent: 100}
	for text, want := range map[string][]Share{
		"":           nil,
		"1 10% 100%": {{Count: 1}, {Percent: 10}, whole},
		"1":          {{Count: 1}, whole},
		"0.5% 50%":   {{Percent: 0.5}, {Percent: 50}, whole},
		"100%":       {whole},
		"2 5":        {{Count: 2}, {Count: 5}, whole},
	} {
		got, err := ParseShares(strings.Fields(text))
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("ParseShares(%s): %v (-want +got):\n%s", text, err, diff)
		}
	}
	for _, text := range []string{"0", "-1", "x", "1.5", "101%", "10% 5%", "5 5", "10% 3", "0%"} {
		if got, err := ParseShares(strings.Fields(text)); err == nil {
			t.Errorf("ParseShares(%s) = %v, want an error", text, got)
		}
	}
}

func TestStages(t *testing.T) {
	shares, err := ParseShares([]string{"1", "10%", "100%"})
	if err != nil {
		t.Fatal(err)
	}
	s := First(shares, 1)
	if s != (Stage{Admits: 1, Total: 1}) {
		t.Fatalf("the first stage is %v", s)
	}
	for _, tickets := range [][]Ticket{nil, {Waiting}, {Acting}, {Healthy, Acting}} {
		if _, ok := Next(shares, s, tickets, 1000); ok {
			t.Errorf("the stage is over with %v", tickets)
		}
	}
	second, ok := Next(shares, s, []Ticket{Healthy}, 1000)
	if !ok || second != (Stage{Number: 1, Admits: 100, Total: 1000}) {
		t.Errorf("the second stage is %v, %v", second, ok)
	}
	if small, ok := Next(shares, s, []Ticket{Healthy}, 3); !ok || small != (Stage{Number: 2, Admits: -1, Total: 3}) {
		t.Errorf("of a small fleet the second stage is %v, %v: it must be more than the first", small, ok)
	}
	last, ok := Next(shares, second, []Ticket{Healthy, Healthy}, 1000)
	if !ok || last != (Stage{Number: 2, Admits: -1, Total: 1000}) {
		t.Errorf("the last stage is %v, %v", last, ok)
	}
	if _, ok := Next(shares, last, []Ticket{Healthy}, 1000); ok {
		t.Error("there is a stage after the last")
	}
	if back, err := ParseStage(second.String()); err != nil || back != second {
		t.Errorf("ParseStage = %v, %v", back, err)
	}
	if s := second.Among(make([]int64, 99)); s.Last != 0 {
		t.Errorf("the last of fewer tickets than it admits is %d", s.Last)
	}
	if s := (Stage{Admits: 2}).Among([]int64{7, 9}); s.Last != 9 {
		t.Errorf("the last ticket that it admits is that of revision %d, want 9", s.Last)
	}
	if byHand, err := ParseStage("9 -1"); err != nil || byHand != (Stage{Number: 9, Admits: -1}) {
		t.Errorf("ParseStage = %v, %v", byHand, err)
	}
	for _, text := range []string{"x", "", "1", "1 2 3", "1 2 3 4 5", "1 x"} {
		if s, err := ParseStage(text); err == nil {
			t.Errorf("ParseStage takes %q for %v", text, s)
		}
	}
}

// Of a small fleet everyone looks; of a large one five do, on the average.
func TestFewLook(t *testing.T) {
	random := rand.New(rand.NewPCG(1, uint64(testkit.Seed(t))))
	for _, n := range []int{0, 1, 5, 6, 1000} {
		const times = 10_000
		look := 0
		for range times {
			for range n {
				if Few(n, random.IntN) {
					look++
				}
			}
		}
		if got, want := float64(look)/times, float64(min(n, few)); got < want*0.9 || got > want*1.1 {
			t.Errorf("of %d members %.2f look, want %.0f", n, got, want)
		}
	}
}

// Ten thousand members in three shares: a change that makes a member ill reaches the first
// share at most, and a good one reaches all.
func TestRolloutOfTenThousand(t *testing.T) {
	const n = 10_000
	shares, err := ParseShares([]string{"1", "10%", "100%"})
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []bool{false, true} {
		t.Run(fmt.Sprint("bad ", bad), func(t *testing.T) {
			tickets := make([]Ticket, n)
			for i := range tickets {
				tickets[i] = Waiting
			}
			stage, acted := First(shares, n), 0
			for refused := false; !refused; {
				admitted := stage.Admits
				if admitted < 0 {
					admitted = n
				}
				for ; acted < admitted; acted++ {
					tickets[acted] = Healthy
					if bad {
						tickets[acted], refused = Acting, true
					}
				}
				next, ok := Next(shares, stage, tickets[:admitted], n)
				if !ok {
					break
				}
				stage = next
			}
			if want := map[bool]int{false: n, true: 1}[bad]; acted != want {
				t.Errorf("%d have acted on it, want %d", acted, want)
			}
		})
	}
}
