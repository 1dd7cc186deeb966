package program

import (
	"slices"
	"time"
)

// Ending is something that contact to a store depends on and that is about to end, such as a
// certificate.
type Ending struct {
	What string    `json:"what"` // what ends, such as the certificate of a client
	At   time.Time `json:"at"`   // when it ends, or has ended
}

// Over reports whether it has ended, at a time.
func (e Ending) Over(now time.Time) bool { return !e.At.After(now) }

// expiring says that something is about to end, or has.
func expiring(what string, at, now time.Time) string {
	if (Ending{what, at}).Over(now) {
		return what + " has ended at " + at.UTC().Format(time.RFC3339)
	}
	return what + " is about to end, at " + at.UTC().Format(time.RFC3339)
}

// maxEndings bounds how much of this a program can have kept.
const maxEndings = 64

// endings are those that a program has told of. What one run of it has told holds until the
// next run has given a snapshot: that one tells again what still holds.
type endings struct {
	list []told
	said []told // those that people were told of; of each name the last
}

// told is an ending that a run of the program has told of, or people were told of, when it was
// about to end or, over, when it had.
type told struct {
	Ending
	run  int
	over bool
}

func find(list []told, what string) int {
	return slices.IndexFunc(list, func(t told) bool { return t.What == what })
}

// tell takes down what a run has told; at is zero for what ends no more.
func (e *endings) tell(what string, at time.Time, run int) {
	i := find(e.list, what)
	if i < 0 && len(e.list) == maxEndings { // what an earlier run has told makes room
		i = slices.IndexFunc(e.list, func(t told) bool { return t.run < run && !at.IsZero() })
	}
	switch {
	case at.IsZero() && i >= 0:
		e.list = slices.Delete(e.list, i, i+1)
	case at.IsZero():
	case i >= 0:
		e.list[i] = told{Ending: Ending{what, at}, run: run}
	case len(e.list) < maxEndings:
		e.list = append(e.list, told{Ending: Ending{what, at}, run: run})
	}
}

// since forgets what runs before this one have told.
func (e *endings) since(run int) {
	e.list = slices.DeleteFunc(e.list, func(t told) bool { return t.run < run })
}

// all are those that there are, the first one to end first.
func (e *endings) all() []Ending {
	var out []Ending
	for _, t := range e.list {
		out = append(out, t.Ending)
	}
	slices.SortStableFunc(out, func(a, b Ending) int { return a.At.Compare(b.At) })
	return out
}

// news are those that people are to be told of at a time: each once before its end, and once
// after it. next is when to ask again; zero: when there is something new.
func (e *endings) news(now time.Time) (out []Ending, next time.Time) {
	for _, t := range e.all() {
		over := t.Over(now)
		if !over && (next.IsZero() || t.At.Before(next)) {
			next = t.At
		}
		i := find(e.said, t.What)
		if i >= 0 && e.said[i].At.Equal(t.At) && e.said[i].over == over {
			continue
		}
		if i >= 0 {
			e.said = slices.Delete(e.said, i, i+1)
		}
		e.said = append(e.said, told{Ending: t, over: over})
		out = append(out, t)
	}
	for i := 0; len(e.said) > 2*maxEndings; {
		if find(e.list, e.said[i].What) < 0 {
			e.said = slices.Delete(e.said, i, i+1)
		} else {
			i++ // there are at most maxEndings of these
		}
	}
	return out, next
}
