// Package signals reads and writes what configurations say of signals.
package signals

import (
	"strconv"
	"strings"
	"syscall"

	"slipway/supervise/dialect"
)

// Route says that a signal which comes to the supervisor is passed on.
type Route struct {
	Signal int    // that has come
	To     string // a program, a group, or GROUP:PROCESS
	As     int    // that is sent
}

// Mistake is a word of a list that is wrong.
type Mistake struct {
	Word string // "": there is no word
	Why  string // what is wrong with a signal that there is; begins with a colon
	Hint string
}

// ParseList reads a list of signals that can be caught, at least one.
func ParseList(words []string) ([]int, *Mistake) {
	if len(words) == 0 {
		return nil, new(Mistake)
	}
	list := make([]int, len(words))
	for i, word := range words {
		n, wrong := catchable(word)
		if wrong != nil {
			wrong.Word = word
			return nil, wrong
		}
		list[i] = n
	}
	return list, nil
}

// ParseRoutes reads a list of SIGNAL:PROGRAM and SIGNAL:PROGRAM=SIGNAL.
func ParseRoutes(words []string) ([]Route, *Mistake) {
	var list []Route
	for _, word := range words {
		r, wrong := parseRoute(word)
		if wrong != nil {
			wrong.Word = word
			return nil, wrong
		}
		list = append(list, r)
	}
	return list, nil
}

func parseRoute(word string) (r Route, wrong *Mistake) {
	from, to, _ := strings.Cut(word, ":")
	if r.Signal, wrong = catchable(from); wrong != nil {
		return r, wrong
	}
	r.To, r.As = to, r.Signal
	if i := strings.LastIndexByte(to, '='); i >= 0 {
		var ok bool
		if r.As, ok = Number(to[i+1:]); !ok {
			return r, &Mistake{Hint: Near(to[i+1:])}
		}
		r.To = to[:i]
	}
	if r.To == "" {
		return r, new(Mistake)
	}
	return r, nil
}

// catchable reads a signal that a process can be told of, and does not need itself.
func catchable(s string) (int, *Mistake) {
	n, ok := Number(s)
	switch {
	case !ok:
		return n, &Mistake{Hint: Near(s)}
	case n == int(syscall.SIGKILL) || n == int(syscall.SIGSTOP):
		return n, &Mistake{Why: ": no process can catch " + Name(n)}
	case n == int(syscall.SIGCHLD):
		return n, &Mistake{Why: ": CHLD is how the supervisor learns of the end of its processes"}
	}
	return n, nil
}

// rtMin and rtMax are the real-time signals that programs have, as a C library counts them.
const rtMin, rtMax = 34, 64

// Number gives the number of a signal: what [dialect.SignalNumber] knows, but 0; RTMIN+n
// and RTMAX-n; and every number from 1 to 64.
func Number(s string) (int, bool) {
	if n, ok := dialect.ParseInt(s, 10); ok {
		return int(n), n > 0 && n <= rtMax
	}
	name := strings.TrimPrefix(strings.ToUpper(dialect.Trim(s)), "SIG")
	sign, first := 1, rtMin
	more, ok := strings.CutPrefix(name, "RTMIN+")
	if !ok {
		sign, first = -1, rtMax
		if more, ok = strings.CutPrefix(name, "RTMAX-"); !ok {
			return dialect.SignalNumber(s)
		}
	}
	i, err := strconv.ParseUint(more, 10, 8)
	n := first + sign*int(i)
	return n, err == nil && n >= rtMin && n <= rtMax
}

// Name gives the name of a signal without SIG, such as TERM or RTMIN+3.
func Name(n int) string {
	if n > rtMin && n < rtMax {
		return "RTMIN+" + strconv.Itoa(n-rtMin)
	}
	return strings.TrimPrefix(dialect.SignalName(n), "SIG")
}

// Near is a hint for a word that is no signal.
func Near(s string) string {
	return dialect.DidYouMean(strings.TrimPrefix(strings.ToUpper(dialect.Trim(s)), "SIG"), dialect.SignalNames[1:])
}
