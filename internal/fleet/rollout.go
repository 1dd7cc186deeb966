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

// Stage is how far a change is rolled out.
type Stage struct {
	Number int // of the share, from 0
	Admits int // how many members may act, in the order of their tickets; -1 for all
}

// First is the first stage of a fleet in which so many have taken a ticket.
func First(shares []Share, total int) Stage {
	return Stage{0, shares[0].admits(total)}
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
			return Stage{n, admits}, true
		}
	}
	return Stage{len(shares), -1}, true
}

// String is the stage as the store keeps it.
func (s Stage) String() string { return fmt.Sprintf("%d %d", s.Number, s.Admits) }

// ParseStage reads what String has written.
func ParseStage(text string) (s Stage, err error) {
	if _, err := fmt.Sscanf(text, "%d %d", &s.Number, &s.Admits); err != nil {
		return s, fmt.Errorf("expected the number of a stage and of its containers, such as 1 10, got %q", text)
	}
	return s, nil
}
