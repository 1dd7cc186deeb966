package fleet

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Share is how many members of a fleet get a change: a number, or a part.
type Share struct {
	Count   int // 0: it is a part
	Percent float64
}

// ParseShares reads shares such as 1, 10% and 100%. The last one is the whole fleet, also if
// it is not written.
func ParseShares(words []string) ([]Share, error) {
	var out []Share
	for _, w := range words {
		number, isPart := strings.CutSuffix(w, "%")
		n, err := strconv.ParseFloat(number, 64)
		switch {
		case err != nil || !(n > 0) || isPart && n > 100 || !isPart && (n != float64(int(n)) || n > 1e6):
			return nil, fmt.Errorf("expected numbers of containers and parts such as 1, 10%%, 100%%, got %q", w)
		case isPart:
			out = append(out, Share{Percent: n})
		default:
			out = append(out, Share{Count: int(n)})
		}
	}
	for i := 1; i < len(out); i++ {
		a, b := out[i-1], out[i]
		if a.Percent >= b.Percent && a.Count >= b.Count || a.Percent > 0 && b.Count > 0 {
			return nil, errors.New("expected shares that grow, numbers before parts")
		}
	}
	if len(out) > 0 && out[len(out)-1].Percent != 100 {
		out = append(out, Share{Percent: 100})
	}
	return out, nil
}

// String is the share as one writes it.
func (s Share) String() string {
	if s.Count > 0 {
		return strconv.Itoa(s.Count)
	}
	return strconv.FormatFloat(s.Percent, 'g', -1, 64) + "%"
}

// admits is how many of a fleet of that size a share is, -1 for all.
func (s Share) admits(total int) int {
	switch {
	case s.Percent == 100:
		return -1
	case s.Count > 0:
		return s.Count
	}
	return max(1, (total*int(s.Percent*100)+9999)/10000)
}

// Stage is how far a change is rolled out. Who writes it down knows all tickets; the members
// compare their own with it, so that none has to read those of the others.
type Stage struct {
	Number int // of the share, from 0
	Admits int // how many members may act, in the order of their tickets; -1 for all
	// Last is the revision at which the last ticket was taken that it admits; 0 while there are
	// fewer than it admits, and each member has to look.
	Last  int64
	Total int // of the tickets when it was written down
}

// First is the first stage of a fleet in which so many have taken a ticket.
func First(shares []Share, total int) Stage {
	return Stage{Admits: shares[0].admits(total), Total: total}
}

// Ticket is what became of a member with a change.
type Ticket string

// The tickets.
const (
	Waiting Ticket = "waits"
	Acting  Ticket = "acts"
	Healthy Ticket = "healthy"
)

// Next is the stage after one, if that one is over: all members that it admits have been
// healthy. tickets are those of the admitted ones that there are, total is the number of all.
func Next(shares []Share, s Stage, tickets []Ticket, total int) (Stage, bool) {
	if s.Admits < 0 || len(tickets) == 0 || slices.ContainsFunc(tickets, func(t Ticket) bool { return t != Healthy }) {
		return s, false
	}
	for n := s.Number + 1; n < len(shares); n++ {
		if admits := shares[n].admits(total); admits < 0 || admits > s.Admits {
			return Stage{Number: n, Admits: admits, Total: total}, true
		}
	}
	return Stage{Number: len(shares), Admits: -1, Total: total}, true
}

// Among says which ticket is the last that the stage admits. made are the revisions at which the
// first tickets were taken, as many as it admits if there are so many.
func (s Stage) Among(made []int64) Stage {
	s.Last = 0
	if s.Admits > 0 && len(made) >= s.Admits {
		s.Last = made[s.Admits-1]
	}
	return s
}

// few is how many members do what some of them have to do. With that many, one in a hundred and
// fifty times none does, and it is done the next time.
const few = 5

// Few reports whether one of n members does what a few of them have to do: look at all tickets,
// to see whether a stage is over, or whether some of those that it admits are gone. If all did,
// that would grow with the square of the fleet. pick chooses one of n by chance.
func Few(n int, pick func(n int) int) bool { return n <= few || pick(n) < few }

// String is the stage as the store keeps it.
func (s Stage) String() string {
	return fmt.Sprintf("%d %d %d %d", s.Number, s.Admits, s.Last, s.Total)
}

// ParseStage reads what String has written, or the first two numbers, by hand.
func ParseStage(text string) (s Stage, err error) {
	into := []any{&s.Number, &s.Admits, &s.Last, &s.Total}
	n := len(strings.Fields(text))
	if n == 2 || n == len(into) {
		_, err = fmt.Sscan(text, into[:n]...)
	}
	if err != nil || n != 2 && n != len(into) {
		return Stage{}, fmt.Errorf("expected the number of a stage and of its containers, such as 1 10, got %q", text)
	}
	return s, nil
}
