package protocol

import "fmt"

// MaxSlots is the largest number of slots.
const MaxSlots = 10_000

// Turn is what a program tells of a slot that it was asked for.
type Turn uint8

// The turns.
const (
	Queued  Turn = iota // it stands in a line
	Held                // it has a slot, or is admitted
	Away                // there is no contact, or the place in the line was lost; the text says why
	Stopped             // the rollout of the change is refused; the text says why
	Told                // a note for the operator
)

// Holding reads the answer to a request for a slot, or for a rollout, and calls tell with each turn, until
// the program ends. The error is a *Failure that it reported, io.EOF, or what is wrong with
// its answer.
func Holding(r *Reader, tell func(t Turn, text string)) error {
	if err := r.hello(); err != nil {
		return err
	}
	for {
		r.left = r.limit // a line may take hours
		m, err := r.Next()
		if err != nil {
			return err
		}
		switch m.Verb {
		case Progress:
			tell(Queued, "")
		case Fresh:
			tell(Held, "")
		case Stale:
			tell(Away, m.Text)
		case Refused:
			tell(Stopped, m.Text)
		case Note:
			tell(Told, m.Text)
		case Error:
			return &Failure{Code: m.Name, Text: m.Text}
		default:
			return &LineError{r.line, fmt.Errorf("%s is no answer to a request for a slot", m.Verb)}
		}
	}
}
