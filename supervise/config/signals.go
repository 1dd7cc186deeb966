package config

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

// Mistake is what is wrong with a value.
type Mistake struct {
	At         int // offset of the word
	Text, Hint string
}

// ParseSignals reads a list of signals that can be caught, at least one.
func ParseSignals(s string) (list []int, m *Mistake) {
	for _, word := range ParseWords(s) {
		n, wrong := catchable(word)
		if wrong != nil {
			return nil, wrong.in(TypeSignals, s, word)
		}
		list = append(list, n)
	}
	if len(list) == 0 {
		return nil, new(Mistake).in(TypeSignals, s, s)
	}
	return list, nil
}

// ParseRoutes reads a list of SIGNAL:PROGRAM and SIGNAL:PROGRAM=SIGNAL.
func ParseRoutes(s string) (list []Route, m *Mistake) {
	for _, word := range ParseWords(s) {
		from, to, _ := strings.Cut(word, ":")
		n, wrong := catchable(from)
		r := Route{Signal: n, To: to, As: n}
		if i := strings.LastIndexByte(to, '='); i >= 0 && wrong == nil {
			var ok bool
			if r.As, ok = SignalNumber(to[i+1:]); !ok {
				wrong = &Mistake{Hint: NearSignal(to[i+1:])}
			}
			r.To = to[:i]
		}
		if r.To == "" && wrong == nil {
			wrong = new(Mistake)
		}
		if wrong != nil {
			return nil, wrong.in(TypeRoutes, s, word)
		}
		list = append(list, r)
	}
	return list, nil
}

// in makes a mistake in a word one of a value of that type.
func (m *Mistake) in(t Type, value, word string) *Mistake {
	m.At = strings.Index(value, word)
	m.Text = "expected " + t.Expected() + ", got " + dialect.Quote(word) + m.Text
	return m
}

// catchable reads a signal that a process can be told of, and does not need itself.
func catchable(s string) (int, *Mistake) {
	n, ok := SignalNumber(s)
	switch {
	case !ok:
		return n, &Mistake{Hint: NearSignal(s)}
	case n == int(syscall.SIGKILL) || n == int(syscall.SIGSTOP):
		return n, &Mistake{Text: ": no process can catch " + SignalName(n)}
	case n == int(syscall.SIGCHLD):
		return n, &Mistake{Text: ": CHLD is how the supervisor learns of the end of its processes"}
	}
	return n, nil
}

// rtMin and rtMax are the real-time signals that programs have, as a C library counts them.
const rtMin, rtMax = 34, 64

// SignalNumber gives the number of a signal: what [dialect.SignalNumber] knows, but 0;
// RTMIN+n and RTMAX-n; and every number from 1 to 64.
func SignalNumber(s string) (int, bool) {
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

// SignalName gives the name of a signal without SIG, such as TERM or RTMIN+3.
func SignalName(n int) string {
	if n > rtMin && n < rtMax {
		return "RTMIN+" + strconv.Itoa(n-rtMin)
	}
	return strings.TrimPrefix(dialect.SignalName(n), "SIG")
}

// NearSignal is a hint for a word that is no signal.
func NearSignal(s string) string {
	return dialect.DidYouMean(strings.TrimPrefix(strings.ToUpper(dialect.Trim(s)), "SIG"), dialect.SignalNames[1:])
}
