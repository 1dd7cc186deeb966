// Package summary says in a few lines what happens to many programs: those that end again
// and again, and those that wait. It is pure: what happens in, lines out, no clock and no
// log.
//
// A log is for people. Three lines for each end of each of a hundred programs would bury
// what matters, and one line for a hundred that wait is of no use without names. So the
// first are told one by one, and the rest is counted and named.
package summary

import (
	"strconv"
	"strings"
	"time"
)

const (
	// Every is how often a summary is due.
	Every = time.Minute
	// Lines is how many lines about programs that end again and again are told until the
	// next summary.
	Lines = 30
	// Named is how many programs are named at once.
	Named = 8
)

// Ends are the programs that end again and again, since the last summary. The zero value is
// ready.
type Ends struct {
	lines int
	ends  map[string]int // that had no line
	names []string       // of these, in the order in which they came
}

// Tell reports whether a line about a program is to be told. The end of one that is not is
// counted.
func (e *Ends) Tell(name string, end bool) bool {
	if e.lines < Lines {
		e.lines++
		return true
	}
	if end {
		if e.ends == nil {
			e.ends = map[string]int{}
		}
		if e.ends[name]++; e.ends[name] == 1 {
			e.names = append(e.names, name)
		}
	}
	return false
}

// Sum is the summary, "" if everything was told, and begins anew. How says how a program has
// ended last.
func (e *Ends) Sum(how func(name string) string) string {
	was := *e
	*e = Ends{}
	all := 0
	for _, n := range was.ends {
		all += n
	}
	if all == 0 {
		return ""
	}
	var list []string
	for _, name := range was.names[:min(len(was.names), Named)] {
		list = append(list, name+" ("+times(was.ends[name])+", the last: "+how(name)+")")
	}
	text := "programs that do not stay up have ended " + times(all) + " more in the last minute: " + strings.Join(list, ", ")
	if more := len(was.names) - len(list); more > 0 {
		text += ", and " + strconv.Itoa(more) + " more programs"
	}
	return text
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return strconv.Itoa(n) + " times"
}

// Wait is a program that waits, and what for, as what follows its name.
type Wait struct {
	Name, Text string
	Since      time.Time
}

// Waits are the lines about those that have waited for as long as a summary is away.
func Waits(list []Wait, now time.Time) []string {
	var lines, more []string
	for _, w := range list {
		d := now.Sub(w.Since)
		switch {
		case d < Every:
		case len(lines) < Named:
			lines = append(lines, w.Name+" "+w.Text+" for "+d.Round(time.Second).String())
		default:
			more = append(more, w.Name)
		}
	}
	if len(more) == 0 {
		return lines
	}
	text := "so it is with " + strconv.Itoa(len(more)) + " more: " + strings.Join(more[:min(len(more), Named)], ", ")
	if len(more) > Named {
		text += " …"
	}
	return append(lines, text)
}
