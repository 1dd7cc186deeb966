package fleet

import (
	"strings"
	"testing"

	"slipway/internal/test/testkit"
)

// What the store has of a rollout is read as it was written, or refused.
func FuzzRollout(f *testing.F) {
	f.Add("1 10")
	f.Add("1,10%,100%")
	f.Add("NaN%")
	f.Fuzz(func(t *testing.T, text string) {
		defer testkit.Timed(t, len(text))()
		if s, err := ParseStage(text); err == nil {
			if again, err := ParseStage(s.String()); err != nil || again != s {
				t.Fatalf("%q is %v, and then %v, %v", text, s, again, err)
			}
		}
		shares, err := ParseShares(strings.Split(text, ","))
		if err != nil {
			return
		}
		for _, s := range shares {
			if s.Count <= 0 && !(s.Percent > 0 && s.Percent <= 100) {
				t.Fatalf("%q has the share %+v", text, s)
			}
		}
	})
}
