package fleet

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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
	if s != (Stage{0, 1}) {
		t.Fatalf("the first stage is %v", s)
	}
	for _, tickets := range [][]Ticket{nil, {Waiting}, {Acting}, {Healthy, Acting}} {
		if _, ok := Next(shares, s, tickets, 1000); ok {
			t.Errorf("the stage is over with %v", tickets)
		}
	}
	second, ok := Next(shares, s, []Ticket{Healthy}, 1000)
	if !ok || second != (Stage{1, 100}) {
		t.Errorf("the second stage is %v, %v", second, ok)
	}
	if small, ok := Next(shares, s, []Ticket{Healthy}, 3); !ok || small != (Stage{2, -1}) {
		t.Errorf("of a small fleet the second stage is %v, %v: it must be more than the first", small, ok)
	}
	last, ok := Next(shares, second, []Ticket{Healthy, Healthy}, 1000)
	if !ok || last != (Stage{2, -1}) {
		t.Errorf("the last stage is %v, %v", last, ok)
	}
	if _, ok := Next(shares, last, []Ticket{Healthy}, 1000); ok {
		t.Error("there is a stage after the last")
	}
	if back, err := ParseStage(second.String()); err != nil || back != second {
		t.Errorf("ParseStage = %v, %v", back, err)
	}
	if _, err := ParseStage("x"); err == nil {
		t.Error("ParseStage takes x")
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
