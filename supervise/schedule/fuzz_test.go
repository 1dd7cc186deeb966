package schedule

import (
	"testing"
	"time"

	"slipway/internal/test/testkit"
)

// What is read has a next time that is later, or none; what is not read says why.
func FuzzSchedule(f *testing.F) {
	for _, s := range []string{"* * * * *", "*/5 0-23/2 1,15 jan-mar mon", "@daily", "TZ=Europe/Berlin 30 2 * * 0", "0 0 30 2 *", "@every 1h", "60 * * * *", "0 0 29 2 1#5"} {
		f.Add(s)
	}
	now := time.Date(2026, 3, 29, 0, 59, 59, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		defer testkit.Timed(t, len(text))()
		s, wrong := Parse(text)
		if wrong != "" {
			return
		}
		if next := s.Next(now); !next.IsZero() && !next.After(now) {
			t.Fatalf("%q is next at %v, which is not after %v", text, next, now)
		}
	})
}
