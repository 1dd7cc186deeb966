package schedule

import (
	"strconv"
	"strings"
	"time"
)

// field is one of the five.
type field struct {
	name     string
	from, to int
	names    string // of three letters each, from the first value on
}

var fields = [...]field{
	{"minute", 0, 59, ""}, {"hour", 0, 23, ""}, {"day of the month", 1, 31, ""},
	{"month", 1, 12, "janfebmaraprmayjunjulaugsepoctnovdec"}, {"day of the week", 0, 7, "sunmontuewedthufrisat"},
}

// short are the words for fields.
var short = [...][2]string{
	{"@hourly", "0 * * * *"}, {"@daily", "0 0 * * *"}, {"@midnight", "0 0 * * *"}, {"@weekly", "0 0 * * 0"},
	{"@monthly", "0 0 1 * *"}, {"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"},
}

// Parse reads a schedule. Wrong says what is wrong with the text, as an end of the sentence
// "expected …, got …"; "" if nothing is. The zero Schedule of an empty text is never.
func Parse(text string) (s Schedule, wrong string) {
	words := strings.Fields(text)
	s.zone = time.Local
	if len(words) > 0 {
		for _, name := range [...]string{"CRON_TZ=", "TZ="} {
			zone, ok := strings.CutPrefix(words[0], name)
			if !ok {
				continue
			}
			var err error
			if s.zone, err = time.LoadLocation(zone); err != nil || zone == "" {
				return Schedule{}, "a time zone of this image such as CRON_TZ=Europe/Berlin (package tzdata has them), got " + strconv.Quote(words[0])
			}
			words = words[1:]
			break
		}
	}
	switch {
	case len(words) == 0 && text == "":
		return Schedule{}, ""
	case len(words) == 2 && words[0] == "@every":
		d, err := time.ParseDuration(words[1])
		if err != nil || d < time.Second {
			return Schedule{}, "@every with a duration of a second or more, such as @every 5m, got " + strconv.Quote(words[1])
		}
		s.every = d
		return s, ""
	case len(words) == 1:
		for _, w := range short {
			if words[0] == w[0] {
				words = strings.Fields(w[1])
			}
		}
	}
	if len(words) != len(fields) {
		return Schedule{}, "five fields (minute, hour, day, month, day of the week), @hourly, @daily, @weekly, @monthly, @yearly or @every 5m, got " + strconv.Quote(text)
	}
	var bits [len(fields)]uint64
	for i, w := range words {
		if bits[i], wrong = fields[i].parse(w); wrong != "" {
			return Schedule{}, wrong
		}
	}
	bits[4] |= bits[4] >> 7 & 1 // 7 is Sunday
	s.minutes, s.hours, s.days, s.months, s.weekdays = bits[0], uint32(bits[1]), uint32(bits[2]), uint32(bits[3]), uint32(bits[4])
	s.anyHour, s.anyDay, s.anyWeekday = words[1][0] == '*', words[2][0] == '*', words[4][0] == '*'
	if s.Next(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return Schedule{}, "a day that there is, got " + strconv.Quote(text)
	}
	return s, ""
}

// parse reads a list of values, ranges and steps.
func (f *field) parse(text string) (bits uint64, wrong string) {
	bad := func(word string) (uint64, string) {
		return 0, f.name + " as *, a number from " + strconv.Itoa(f.from) + " to " + strconv.Itoa(f.to) + ", a range, a list, or these with a step such as */5, got " + strconv.Quote(word)
	}
	for _, word := range strings.Split(text, ",") {
		span, stepText, stepped := strings.Cut(word, "/")
		step, ok := 1, true
		if stepped {
			if step, ok = number(stepText); !ok || step < 1 {
				return bad(word)
			}
		}
		from, to := f.from, f.to
		if span != "*" {
			first, last, isRange := strings.Cut(span, "-")
			if from, ok = f.value(first); !ok {
				return bad(word)
			}
			switch {
			case isRange:
				if to, ok = f.value(last); !ok || to < from {
					return bad(word)
				}
			case !stepped:
				to = from
			}
		} else if f.to == 7 {
			to = 6
		}
		for v := from; v <= to; v += step {
			bits |= 1 << v
		}
	}
	return bits, ""
}

// value reads a number or a name.
func (f *field) value(word string) (int, bool) {
	if n, ok := number(word); ok {
		return n, n >= f.from && n <= f.to
	}
	if at := strings.Index(f.names, strings.ToLower(word)); len(word) == 3 && at >= 0 && at%3 == 0 {
		return f.from + at/3, true
	}
	return 0, false
}

func number(word string) (int, bool) {
	n, err := strconv.Atoi(word)
	return n, err == nil && n >= 0 && word[0] != '+'
}
