package rotation

import (
	"testing"
	"time"
)

func TestRule(t *testing.T) {
	for _, tt := range []struct {
		name     string
		options  Options
		mistakes int
		want     *Rule
	}{
		{"nothing", Options{}, 0, nil},
		{"the defaults of all programs", Options{"none", "0", "none"}, 0, nil},
		{"daily", Options{Rotate: "daily"}, 0, &Rule{Every: Every{length: day}}},
		{"a duration", Options{Rotate: "6h"}, 0, &Rule{Every: Every{length: 6 * time.Hour}}},
		{"total", Options{Total: "2KB", Compress: "gzip"}, 0, &Rule{Total: 2048, Compress: true}},
		{"a time that is too short", Options{Rotate: "59s"}, 1, &Rule{Every: Every{length: 59 * time.Second}}},
		{"words that are none", Options{Rotate: "yearly", Total: "much"}, 2, nil},
		{"less than nothing", Options{Total: "-1"}, 1, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.options.Mistakes(); len(got) != tt.mistakes {
				t.Errorf("mistakes = %v, want %d", got, tt.mistakes)
			}
			if tt.mistakes > 0 {
				return // a configuration with mistakes does not come into force
			}
			switch got := tt.options.Rule(); {
			case (got == nil) != (tt.want == nil):
				t.Errorf("rule = %v, want %v", got, tt.want)
			case got != nil && *got != *tt.want:
				t.Errorf("rule = %+v, want %+v", *got, *tt.want)
			}
		})
	}
}

// The moments at which a new time begins, by a clock that is an hour before UTC.
func TestTimesBegin(t *testing.T) {
	zone := time.FixedZone("east", 3600)
	at := func(s string) time.Time {
		x, err := time.ParseInLocation("2006-01-02 15:04:05", s, zone)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	for _, tt := range []struct{ every, last, first string }{
		{"hourly", "2026-03-01 11:59:59", "2026-03-01 12:00:00"},
		{"daily", "2026-02-28 23:59:59", "2026-03-01 00:00:00"},
		{"weekly", "2026-03-01 23:59:59", "2026-03-02 00:00:00"}, // a Monday
		{"monthly", "2025-12-31 23:59:59", "2026-01-01 00:00:00"},
		{"monthly", "2026-02-28 23:59:59", "2026-03-01 00:00:00"},
		{"6h", "2026-03-01 05:59:59", "2026-03-01 06:00:00"},
		{"daily", "1969-12-30 23:59:59", "1969-12-31 00:00:00"},
	} {
		e, _ := parseEvery(tt.every)
		last, first := e.number(at(tt.last)), e.number(at(tt.first))
		if first != last+1 {
			t.Errorf("%s: the time of %s is %d, that of %s is %d", tt.every, tt.last, last, tt.first, first)
		}
	}
}
