package summary

import (
	"strconv"
	"strings"
	"time"
)

const (
	// Every is how often a summary of ends is due.
	Every = time.Minute
	// linesTold is how many lines about programs that end again and again are told until
	// the next summary.
	linesTold = 30
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
	if e.lines < linesTold {
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
	for _, name := range was.names[:min(len(was.names), remindMost)] {
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
