// Package schedule says when a program is to run next: it reads the option schedule and
// computes times. It is pure: what time it is comes in as an argument.
//
// # What it reads
//
// The five fields of cron: minute, hour, day of the month, month, day of the week; with lists,
// ranges, steps, and the English names of months and days in three letters. Day 7 is Sunday,
// as 0 is. If both kinds of days are restricted, either will do, as in cron. Then @hourly,
// @daily (@midnight), @weekly, @monthly, @yearly (@annually), and @every DURATION, which counts
// from the run before. CRON_TZ=ZONE before it is the zone whose clock counts; without it that
// of the supervisor does.
//
// # When a clock is put forward or back
//
// A time that the clock leaves out comes when the clock has left it out. A time that comes
// twice counts once, unless the hour is * or the like: what runs every ten minutes goes on
// running every ten minutes.
package schedule

import "time"

// Schedule is when a program runs. The zero Schedule is never.
type Schedule struct {
	every                         time.Duration // 0: by the fields
	minutes                       uint64        // bit n: minute n
	hours, days, months, weekdays uint32
	anyHour, anyDay, anyWeekday   bool
	zone                          *time.Location
}

// IsZero reports whether there is no time at all.
func (s *Schedule) IsZero() bool { return s.every == 0 && s.minutes == 0 }

// horizon is how many days are looked through: February 29th may be eight years away.
const horizon = 8*366 + 1

// Next returns the first time after the given one; zero: there is none.
func (s *Schedule) Next(after time.Time) time.Time {
	if s.every > 0 {
		return after.Add(s.every)
	}
	if s.IsZero() {
		return time.Time{}
	}
	local := after.In(s.zone)
	y, m, d := local.Date()
	for i := range horizon {
		day := time.Date(y, m, d+i, 12, 0, 0, 0, s.zone) // noon is on every clock
		if !s.hasDay(day) {
			continue
		}
		if at := s.within(day, after); !at.IsZero() {
			return at
		}
	}
	return time.Time{}
}

// hasDay reports whether it runs on the day of t.
func (s *Schedule) hasDay(t time.Time) bool {
	if s.months&(1<<t.Month()) == 0 {
		return false
	}
	day, weekday := s.days&(1<<t.Day()) != 0, s.weekdays&(1<<t.Weekday()) != 0
	if s.anyDay || s.anyWeekday {
		return day && weekday
	}
	return day || weekday
}

// within returns the first time of a day that is after the given one; zero: there is none. It
// goes from minute to minute, as the clock of the zone does.
func (s *Schedule) within(day, after time.Time) time.Time {
	y, m, d := day.Date()
	t := time.Date(y, m, d, 0, 0, 0, 0, s.zone)
	if t.Day() != d { // midnight is left out
		t = t.Add(time.Hour)
	}
	from := after.Truncate(time.Minute).Add(time.Minute)
	next, latest := 0, -1 // minute of the day that is to come; the latest that has been
	if t.Before(from) && from.In(s.zone).Day() == d && from.Sub(t) < 24*time.Hour && !s.changes(t, from.Add(2*time.Hour)) {
		t = from.In(s.zone) // the walk from the morning on is for what a change makes twice
		next = t.Hour()*60 + t.Minute()
		latest = next - 1
	}
	for ; ; t = t.Add(time.Minute) {
		local := t.In(s.zone)
		if local.Day() != d {
			return time.Time{}
		}
		now := local.Hour()*60 + local.Minute()
		hit := false
		for minute := min(next, now); minute <= now; minute++ { // more than one: the clock was put forward
			again := minute <= latest
			hit = hit || s.hasMinute(minute) && (minute == now || !s.anyHour) && (!again || s.anyHour)
		}
		latest, next = max(latest, now), now+1
		if hit && !t.Before(from) {
			return local
		}
	}
}

// changes reports whether the clock is changed between two times.
func (s *Schedule) changes(a, b time.Time) bool {
	_, before := a.In(s.zone).Zone()
	_, behind := b.In(s.zone).Zone()
	return before != behind
}

func (s *Schedule) hasMinute(n int) bool {
	return s.hours&(1<<(n/60)) != 0 && s.minutes&(1<<(n%60)) != 0
}
