package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"slipway/internal/handoff"
	"slipway/internal/watcher"
)

// followedSources are the sources that the watcher follows, as it has written them down.
func followedSources(boot handoff.Snapshot) ([]watcher.Source, error) {
	if boot.Runtime == "" {
		return nil, nil
	}
	list, err := watcher.Sources(boot.Runtime)
	if err != nil {
		return nil, fmt.Errorf("cannot read what the watcher knows of the sources: %w", err)
	}
	return list, nil
}

// writeSources prints the sources alone.
func writeSources(a *app, output string, list []watcher.Source) error {
	var err error
	if output == "json" {
		if list == nil {
			list = []watcher.Source{}
		}
		err = writeJSON(a.stdout, list)
	} else {
		err = sourceTable(a, list)
	}
	if err != nil {
		return err
	}
	for _, s := range list {
		if !s.Lost.IsZero() || s.Refused != "" || s.Owed != "" {
			return &silent{1}
		}
	}
	return nil
}

func sourceTable(a *app, list []watcher.Source) error {
	if len(list) == 0 {
		_, err := fmt.Fprintln(a.stdout, "no source is followed: a source is a store such as etcd, or a program")
		return err
	}
	now := time.Now()
	t := newTable(a.stdout, "SOURCE", "STATE", "SINCE", "LAST CONTACT", "WANTED", "APPLIED", "DETAIL")
	for _, s := range list {
		t.row(s.Source, sourceState(s), ago(now, sourceSince(s)), ago(now, s.Contact), revision(s.Wanted), revision(s.Applied), sourceDetail(s, now))
	}
	return t.flush()
}

// sourceState is the state of a source in few words.
func sourceState(s watcher.Source) string {
	switch {
	case s.Lost.IsZero() && s.Connected.IsZero():
		return "begins"
	case s.Lost.IsZero():
		return "in contact"
	case s.Wanted == 0:
		return "no contact"
	}
	return "stale"
}

func sourceSince(s watcher.Source) time.Time {
	if s.Lost.IsZero() {
		return s.Connected
	}
	return s.Lost
}

// sourceDetail is what there is to know, and after that what is about to end.
func sourceDetail(s watcher.Source, now time.Time) string {
	var parts []string
	if p := pressing(s); p != "" {
		parts = append(parts, p)
	}
	for _, e := range s.Expires {
		when := " ends in " + span(e.At.Sub(now))
		if e.Over(now) {
			when = " has ended " + span(now.Sub(e.At)) + " ago"
		}
		parts = append(parts, oneLine(e.What+when))
	}
	return strings.Join(parts, "; ")
}

// span is about how long something takes, in words that need no seconds.
func span(d time.Duration) string {
	switch days := int(d / (24 * time.Hour)); {
	case days > 1:
		return strconv.Itoa(days) + " days"
	case d >= time.Minute:
		return d.Round(time.Minute).String()
	}
	return d.Round(time.Second).String()
}

// pressing is what is most pressing to know.
func pressing(s watcher.Source) string {
	switch {
	case s.Refused != "":
		return oneLine("revision " + revision(s.Wanted) + " is refused: " + s.Refused)
	case s.Owed != "":
		return oneLine("revision " + revision(s.Wanted) + " is owed, and tried again: " + s.Owed)
	case !s.Kept.IsZero():
		return oneLine("the values are those that were kept at " + s.Kept.Local().Format(time.DateTime) + ": " + s.Cause)
	case s.Cause != "":
		return oneLine(s.Cause)
	case s.Waits != "":
		return oneLine(s.Waits)
	case s.Applied != s.Wanted:
		return "the wanted revision is not applied yet"
	}
	return ""
}

func revision(n int64) string {
	if n == 0 {
		return "-"
	}
	return strconv.FormatInt(n, 10)
}

// ago is how long ago a time was.
func ago(now, at time.Time) string {
	if at.IsZero() {
		return "-"
	}
	return max(now.Sub(at), 0).Round(time.Second).String()
}
