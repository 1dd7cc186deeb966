package language

import (
	"strconv"
	"strings"
	"time"
)

// Dates are in UTC. sprig's are in the zone of the process, and its date writes the time
// of the render when it is given a text. Zones by name are read from files of the image,
// which nobody hands in: UTC and fixed distances from it are what there is.

func borrowedDates() []borrowed {
	const (
		notDate  = "Fails for what is not a date or a number of seconds since 1970; a text becomes a date by toDate. "
		utc      = "Local time is UTC."
		zones    = "Zones are UTC and distances such as +02:00; others fail."
		layout   = "Fails for a text that is not in the layout. Without a zone in it the date is in UTC; names of other zones fail."
		modified = "Fails for what is not a duration such as -1h30m, and for what is not a date."
	)
	zoned := func(name string) borrowed {
		return fails(name, func(layout string, date any, zone string) (string, error) {
			return formatDate(name, layout, date, zone)
		},
			notDate+zones, "{{ "+name+` "15:04" 0 "Europe/Berlin" }}`)
	}
	modify := func(name string) borrowed {
		return fails(name, func(by string, date time.Time) (time.Time, error) {
			d, err := time.ParseDuration(by)
			if err != nil {
				return time.Time{}, cannotTake(name, by, "a duration such as -1h30m", "")
			}
			return date.Add(d), nil
		}, modified, "{{ toDate \"2006\" \"2020\" | "+name+` "soon" | unixEpoch }}`)
	}
	parsed := func(name string) borrowed {
		return fails(name, func(layout, text string) (time.Time, error) { return parseDate(name, layout, text) },
			layout, "{{ "+name+` "2006-01-02" "yesterday" | unixEpoch }}`)
	}
	return []borrowed{
		fails("date", func(layout string, date any) (string, error) { return formatDate("date", layout, date, "UTC") }, notDate+utc, `{{ date "2006" "2020-01-01" }}`),
		fails("htmlDate", func(date any) (string, error) { return formatDate("htmlDate", time.DateOnly, date, "UTC") }, notDate+utc, `{{ htmlDate "2020-01-01" }}`),
		fails("htmlDateInZone", func(date any, zone string) (string, error) {
			return formatDate("htmlDateInZone", time.DateOnly, date, zone)
		}, notDate+zones, `{{ htmlDateInZone "" "UTC" }}`),
		zoned("dateInZone"), zoned("date_in_zone"),
		modify("dateModify"), modify("date_modify"), modify("mustDateModify"), modify("must_date_modify"),
		parsed("toDate"), parsed("mustToDate"),
		defined("unixEpoch", func(date time.Time) string { return strconv.FormatInt(date.Unix(), 10) }, "Defined for every date; a text becomes one by toDate.", `{{ toDate "2006" "1970" | unixEpoch }}`, "0"),
		fails("duration", func(v any) (string, error) {
			n, err := wholeSeconds(v)
			if err != nil {
				return "", err
			}
			return (time.Duration(n) * time.Second).String(), nil
		}, "Fails for what is not a whole number of seconds.", `{{ duration "1h" }}`),
		fails("durationRound", durationRound, "Fails for what is not a duration such as 2h30m, or a number of nanoseconds; the time since a date would be read from the clock, and fails.", `{{ durationRound "soon" }}`),
	}
}

// moment is what sprig's functions take for a date.
func moment(fn string, date any) (time.Time, error) {
	switch d := date.(type) {
	case time.Time:
		return d, nil
	case int:
		return time.Unix(int64(d), 0), nil
	case int32:
		return time.Unix(int64(d), 0), nil
	case int64:
		return time.Unix(d, 0), nil
	case string:
		return time.Time{}, cannotTake(fn, date, "a date or a number of seconds since 1970", "a text becomes a date by toDate \"2006-01-02\", and a number by int64")
	}
	return time.Time{}, cannotTake(fn, date, "a date or a number of seconds since 1970", "")
}

func formatDate(fn, layout string, date any, zone string) (string, error) {
	t, err := moment(fn, date)
	if err != nil {
		return "", err
	}
	distance := time.UTC
	if zone != "" && zone != "UTC" {
		at, err := time.Parse("-07:00", zone)
		if err != nil {
			return "", cannotTake(fn, zone, "UTC or a distance from it such as +02:00", "the zones of the image belong to the process, and not to the values")
		}
		_, seconds := at.Zone()
		distance = time.FixedZone(zone, seconds)
	}
	return t.In(distance).Format(layout), nil
}

func parseDate(fn, layout, text string) (time.Time, error) {
	t, err := time.ParseInLocation(layout, text, time.UTC)
	if err != nil {
		return time.Time{}, cannotTake(fn, text, "a date in the layout "+strconv.Quote(layout), "")
	}
	// A name that the location does not know is given the distance 0.
	if name, distance := t.Zone(); strings.Contains(layout, "MST") && distance == 0 && name != "UTC" && name != "GMT" {
		return time.Time{}, cannotTake(fn, text, "a date in UTC, or with the distance from it", "the name of a zone does not tell its distance from UTC")
	}
	return t, nil
}

func wholeSeconds(v any) (int64, error) {
	const longest = int64(1<<63-1) / int64(time.Second)
	n, err := int64(0), error(nil)
	if text, isText := v.(string); isText {
		if n, err = strconv.ParseInt(text, 10, 64); err != nil {
			return 0, cannotTake("duration", v, "a whole number of seconds", "")
		}
	} else if n, err = whole("duration", v); err != nil {
		return 0, err
	}
	if n > longest || n < -longest {
		return 0, refuse("", "duration cannot take %d seconds: that is more than 292 years", n)
	}
	return n, nil
}

// durationRound is the largest unit of a duration, as sprig has it: years of 365 days,
// months of 30.
func durationRound(v any) (string, error) {
	var d time.Duration
	switch x := v.(type) {
	case time.Duration:
		d = x
	case string:
		var err error
		if d, err = time.ParseDuration(x); err != nil {
			return "", cannotTake("durationRound", v, "a duration such as 2h30m", "")
		}
	case time.Time:
		return "", refuse("give it a duration", "durationRound would read the clock for the time since a date")
	default:
		n, err := whole("durationRound", v)
		if err != nil {
			return "", err
		}
		d = time.Duration(n)
	}
	u := uint64(max(d, -d))
	const day = uint64(24 * time.Hour)
	for _, unit := range []struct {
		length uint64
		name   string
	}{{365 * day, "y"}, {30 * day, "mo"}, {day, "d"}, {uint64(time.Hour), "h"}, {uint64(time.Minute), "m"}, {uint64(time.Second), "s"}} {
		if u > unit.length {
			return strconv.FormatUint(u/unit.length, 10) + unit.name, nil
		}
	}
	return "0s", nil
}
