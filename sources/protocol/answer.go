package protocol

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"slipway/sources"
	"slipway/sources/kv"
)

// Kind tells what an update is.
type Kind uint8

// The kinds of updates.
const (
	Whole     Kind = iota // a snapshot: it replaces everything
	Partial               // a change of single names
	UpTo                  // progress: nothing changed up to the revision
	Lost                  // contact with the store is lost; Text says why
	Regained              // contact is back
	Annotated             // a note for the operator
	Expiring              // what Text names, and contact depends on, is about to end: at Until
)

// Update is one complete statement of a program.
type Update struct {
	Kind     Kind
	Revision int64
	Vars     []sources.Var
	Keys     []kv.Pair
	Unset    []string // variables that are gone; Partial
	Deleted  []string // keys that are gone; Partial
	Text     string
	// Store names the store that a snapshot is of, "" where the source does not tell.
	// Another one has another history, whatever its revisions.
	Store string
	// Until is when something ends; zero: that it does is over, because it was renewed.
	Until time.Time
}

// Codes of failures. A program may use others; they count as unavailable.
const (
	CodeUnavailable = "unavailable" // it cannot be reached
	CodeTimeout     = "timeout"     // it was reached, and did not answer in time
	CodeDenied      = "denied"      // it refused the credentials, or the read
	CodeInvalid     = "invalid"     // the settings are wrong; trying again is useless
	CodeConflict    = "conflict"    // of a writing: the store has changed meanwhile
	CodeTooLarge    = "too-large"   // of a writing: the store does not take so much at once
)

// Failure is an error that a program reported.
type Failure struct {
	Code string
	Text string
}

// Error returns the text.
func (f *Failure) Error() string { return f.Text }

// Answer reads what a program writes, and puts lines together to updates.
type Answer struct {
	r       *Reader
	source  string
	greeted bool
	whole   bool  // a snapshot was read
	rev     int64 // of the last update
	flow    Flow
}

// NewAnswer reads from r. source is the name of the source for origins.
func NewAnswer(r *Reader, source string) *Answer {
	return &Answer{r: r, source: source, flow: Flow{PerMinute: max(4*r.limit, leastFlow)}}
}

// What an update costs beside its bytes. A note is a line of a log for people.
const (
	updateCost = 4 << 10
	noteCost   = 64 << 10
	leastFlow  = 4 << 20 // in a minute, however little is read at once
)

// Next returns the next update. The error is io.EOF when the program ended
// between two updates after a snapshot, a *Failure that it reported, else what
// is wrong with its output. Of an update that does not reach its end nothing is
// returned.
func (a *Answer) Next() (Update, error) {
	if !a.greeted {
		if err := a.r.hello(); err != nil {
			return Update{}, err
		}
		a.greeted = true
	}
	a.r.left = a.r.limit // a watch may go on for months
	m, err := a.r.Next()
	if errors.Is(err, io.EOF) && !a.whole {
		return Update{}, io.ErrUnexpectedEOF
	}
	if err != nil {
		return Update{}, err
	}
	cost := int64(updateCost)
	if m.Verb == Note {
		cost = noteCost
	}
	if !a.flow.Take(cost + a.r.limit - a.r.left) {
		return Update{}, ErrFlood
	}
	switch m.Verb {
	case Snapshot, Change:
		u, err := a.block(m)
		if err == nil && !a.flow.Take(a.r.limit-a.r.left) {
			err = ErrFlood
		}
		return u, err
	case Progress:
		if !a.whole || m.Number < a.rev {
			return Update{}, a.bad("progress to revision %d after revision %d", m.Number, a.rev)
		}
		a.rev = m.Number
		return Update{Kind: UpTo, Revision: m.Number}, nil
	case Stale:
		return Update{Kind: Lost, Text: m.Text}, nil
	case Fresh:
		return Update{Kind: Regained}, nil
	case Note:
		return Update{Kind: Annotated, Text: m.Text}, nil
	case Expires:
		until, err := parseTime(m.Name)
		if err != nil {
			return Update{}, a.bad("%w", err)
		}
		return Update{Kind: Expiring, Text: m.Text, Until: until}, nil
	case Error:
		return Update{}, &Failure{Code: m.Name, Text: m.Text}
	default:
		return Update{}, a.bad("%s outside of a snapshot", m.Verb)
	}
}

func (a *Answer) bad(format string, args ...any) error {
	return &LineError{a.r.line, fmt.Errorf(format, args...)}
}

// block reads the lines of a snapshot or change up to its end.
func (a *Answer) block(start Message) (Update, error) {
	u := Update{Kind: Whole, Revision: start.Number}
	if start.Verb == Change {
		u.Kind = Partial
		if !a.whole || start.Number <= a.rev {
			return Update{}, a.bad("a change to revision %d after revision %d", start.Number, a.rev)
		}
	}
	for {
		m, err := a.r.Next()
		if errors.Is(err, io.EOF) {
			return Update{}, fmt.Errorf("%w in a %s", io.ErrUnexpectedEOF, start.Verb)
		}
		if err != nil {
			return Update{}, err
		}
		value := sources.Value{Text: m.Text, Secret: m.Secret, Origin: sources.Origin{Source: a.source, Revision: start.Number}}
		switch {
		case m.Verb == Var && !sources.Usable(m.Name):
			return Update{}, a.bad("a variable cannot have this name")
		case m.Verb == Var && strings.IndexByte(m.Text, 0) >= 0:
			return Update{}, a.bad("variable %s contains a NUL byte", m.Name)
		case m.Verb == Var:
			u.Vars = append(u.Vars, sources.Var{Name: m.Name, Value: value})
		case m.Verb == Key:
			value.Origin.File = m.Name
			u.Keys = append(u.Keys, kv.Pair{Key: m.Name, Value: value})
		case m.Verb == Store && u.Kind == Whole:
			u.Store = m.Name
		case m.Verb == Unset && u.Kind == Partial:
			u.Unset = append(u.Unset, m.Name)
		case m.Verb == Delete && u.Kind == Partial:
			u.Deleted = append(u.Deleted, m.Name)
		case m.Verb == End && m.Number == start.Number:
			a.whole, a.rev = true, start.Number
			return u, nil
		case m.Verb == End:
			return Update{}, a.bad("end %d of %s %d", m.Number, start.Verb, start.Number)
		case m.Verb == Error:
			return Update{}, &Failure{Code: m.Name, Text: m.Text}
		default:
			return Update{}, a.bad("%s within a %s", m.Verb, start.Verb)
		}
	}
}

// State is what a source is known to hold. The zero State is empty.
type State struct {
	Revision int64
	size     int64
	vars     map[string]sources.Var
	keys     map[string]kv.Pair
}

// Apply brings the state up to an update.
func (s *State) Apply(u Update) {
	switch u.Kind {
	case Whole, Partial:
		if u.Kind == Whole || s.vars == nil {
			s.vars, s.keys, s.size = map[string]sources.Var{}, map[string]kv.Pair{}, 0
		}
	case UpTo:
		s.Revision = u.Revision
		return
	default:
		return
	}
	s.Revision = u.Revision
	for _, n := range u.Unset {
		s.size -= cost(n, s.vars[n].Value)
		delete(s.vars, n)
	}
	for _, k := range u.Deleted {
		s.size -= cost(k, s.keys[k].Value)
		delete(s.keys, k)
	}
	for _, v := range u.Vars {
		s.size += cost(v.Name, v.Value) - cost(v.Name, s.vars[v.Name].Value)
		s.vars[v.Name] = v
	}
	for _, p := range u.Keys {
		s.size += cost(p.Key, p.Value) - cost(p.Key, s.keys[p.Key].Value)
		s.keys[p.Key] = p
	}
}

// cost is what a value takes; 0 for one that is not there.
func cost(name string, v sources.Value) int64 {
	if v.Origin.Source == "" {
		return 0
	}
	return int64(len(name)+len(v.Text)) + lineCost
}

// Size is what the state takes, counted as a Reader counts.
func (s *State) Size() int64 { return s.size }

// Snapshot returns the state as one snapshot, sorted by name and key.
func (s *State) Snapshot() Update {
	u := Update{Kind: Whole, Revision: s.Revision}
	for _, v := range s.vars {
		u.Vars = append(u.Vars, v)
	}
	for _, p := range s.keys {
		u.Keys = append(u.Keys, p)
	}
	sortUpdate(&u)
	return u
}
