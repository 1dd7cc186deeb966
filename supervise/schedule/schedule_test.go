package schedule

import (
	"math/rand"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the machine need not have zones

	"slipway/internal/test/testkit"
)

func at(t testing.TB, text, zone string) time.Time {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	tm, err := time.ParseInLocation("2006-01-02 15:04:05", text, loc)
	if err != nil {
		t.Fatal(err)
	}
	return tm
}

func TestNext(t *testing.T) {
	for _, tt := range []struct{ text, after, want string }{
		{"* * * * *", "2026-11-29 01:02:03", "2026-11-29 01:03:00"},
		{"* * * * *", "2026-11-29 01:02:00", "2026-11-29 01:03:00"},
		{"0 3 * * *", "2026-11-29 02:59:59", "2026-11-29 03:00:00"},
		{"0 3 * * *", "2026-11-29 03:00:00", "2026-11-30 03:00:00"},
		{"*/15 8-10 * * *", "2026-11-29 10:50:00", "2026-11-30 08:00:00"},
		{"5/20 * * * *", "2026-11-29 10:06:00", "2026-11-29 10:25:00"},
		{"0 0 29 2 *", "2026-11-29 10:06:00", "2028-02-29 00:00:00"},
		{"0 0 31 * *", "2026-11-29 10:06:00", "2026-12-31 00:00:00"},
		{"0 0 * * 7", "2026-11-29 10:06:00", "2026-12-06 00:00:00"},
		{"0 0 * * sun", "2026-11-28 10:06:00", "2026-11-29 00:00:00"},
		{"0 0 13 * Fri", "2026-11-29 10:06:00", "2026-12-04 00:00:00"}, // either kind of day
		{"0 0 1-7 * *", "2026-11-29 10:06:00", "2026-12-01 00:00:00"},
		{"0 12 * Jan-Mar,DEC mon-fri", "2026-11-29 10:06:00", "2026-12-01 12:00:00"},
		{"@hourly", "2026-11-29 10:06:00", "2026-11-29 11:00:00"},
		{"@daily", "2026-11-29 10:06:00", "2026-11-30 00:00:00"},
		{"@weekly", "2026-11-29 10:06:00", "2026-12-06 00:00:00"},
		{"@monthly", "2026-11-29 10:06:00", "2026-12-01 00:00:00"},
		{"@yearly", "2026-11-29 10:06:00", "2027-01-01 00:00:00"},
		{"@every 90s", "2026-11-29 10:06:07", "2026-11-29 10:07:37"},
		{"59 23 31 12 *", "2026-12-31 23:59:00", "2027-12-31 23:59:00"},
	} {
		t.Run(tt.text+" after "+tt.after, func(t *testing.T) {
			s, wrong := Parse("CRON_TZ=UTC " + tt.text)
			if wrong != "" {
				t.Fatal(wrong)
			}
			if got := s.Next(at(t, tt.after, "UTC")).Format("2006-01-02 15:04:05"); got != tt.want {
				t.Errorf("next is %s, want %s", got, tt.want)
			}
		})
	}
}

// In Berlin 2026-03-29 has no time from 2:00 to 3:00, and 2026-10-25 has it twice.
func TestClockChanges(t *testing.T) {
	for _, tt := range []struct{ name, text, after, want string }{
		{"left out", "30 2 * * *", "2026-03-29T01:00:00+01:00", "2026-03-29T03:00:00+02:00"},
		{"the day after", "30 2 * * *", "2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"},
		{"not twice for one that is there as well", "0,30 2,3 * * *", "2026-03-29T01:59:00+01:00", "2026-03-29T03:00:00+02:00"},
		{"every ten minutes, forward", "*/10 * * * *", "2026-03-29T01:50:00+01:00", "2026-03-29T03:00:00+02:00"},
		{"twice, the first", "30 2 * * *", "2026-10-25T01:00:00+02:00", "2026-10-25T02:30:00+02:00"},
		{"twice, not the second", "30 2 * * *", "2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"},
		{"every ten minutes, back", "*/10 * * * *", "2026-10-25T02:50:00+02:00", "2026-10-25T02:00:00+01:00"},
		{"hourly, back", "@hourly", "2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, wrong := Parse("CRON_TZ=Europe/Berlin " + tt.text)
			if wrong != "" {
				t.Fatal(wrong)
			}
			after, err := time.Parse(time.RFC3339, tt.after)
			if err != nil {
				t.Fatal(err)
			}
			if got := s.Next(after).Format(time.RFC3339); got != tt.want {
				t.Errorf("next is %s, want %s", got, tt.want)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"* * * *": "five fields", "@reboot": "five fields", "every day": "five fields", " ": "five fields",
		"60 * * * *": "minute as *", "* 24 * * *": "hour as *", "* * 0 * *": "day of the month as *", "* * * 13 *": "month as *",
		"* * * * 8": "day of the week as *", "*/0 * * * *": "minute", "5-1 * * * *": "minute", "a * * * *": `got "a"`, "1,, * * * *": "minute", "+1 * * * *": "minute",
		"0 0 30 2 *": "a day that there is", "@every 0s": "a second or more", "@every x": `got "x"`, "CRON_TZ=Nowhere/None @daily": "a time zone of this image",
		"* * * janu *": "month", "* * * * * *": "five fields",
	} {
		t.Run(text, func(t *testing.T) {
			if s, wrong := Parse(text); !strings.Contains(wrong, want) || !s.IsZero() {
				t.Errorf("wrong = %q, want one with %q", wrong, want)
			}
		})
	}
	if s, wrong := Parse(""); wrong != "" || !s.IsZero() {
		t.Errorf("an empty schedule is %q", wrong)
	}
}

// Next is the first minute that the fields have, in a zone without changes, whatever they are.
func TestNextIsItsDefinition(t *testing.T) {
	r := rand.New(rand.NewSource(int64(testkit.Seed(t))))
	pick := func(list ...string) string { return list[r.Intn(len(list))] }
	for range testkit.Repeat(t, 300) {
		text := strings.Join([]string{pick("*", "0", "*/7", "5,50", "10-20/3"), pick("*", "3", "*/5", "1-2"), pick("*", "1", "28-31", "*/10"),
			pick("*", "*", "2", "*/3"), pick("*", "0", "mon-fri", "6,7")}, " ")
		s, wrong := Parse("CRON_TZ=UTC " + text)
		if wrong != "" {
			continue // a day that there is not
		}
		after := time.Date(2026, 1, 1, 0, 0, r.Intn(60), 0, time.UTC).Add(time.Duration(r.Intn(400*24*60)) * time.Minute)
		got := s.Next(after)
		want := after.Truncate(time.Minute).Add(time.Minute)
		is := func(t time.Time) bool { return s.hasDay(t) && s.hasMinute(t.Hour()*60+t.Minute()) }
		for i := 0; i < 60*24*62 && !is(want); i++ {
			want = want.Add(time.Minute)
		}
		if got.IsZero() || !is(got) || got.Before(want) || is(want) && !got.Equal(want) {
			t.Fatalf("%q after %v is %v, want %v", text, after, got, want)
		}
	}
}
