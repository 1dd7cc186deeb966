package protocol

import (
	"errors"
	"fmt"
	"io"

	"slipway/sources"
	"slipway/sources/kv"
)

// Writing is a request to change keys of a store that were read at a revision.
type Writing struct {
	Settings []Setting
	// Base is the revision that the changes were decided at. A key that has changed
	// since is not touched, and neither is any other.
	Base int64
	// Split allows more than one step of the store, if one cannot hold all.
	Split   bool
	Keys    []kv.Pair
	Deleted []string
}

// splitSetting is the setting that a writing with Split has.
const splitSetting = "split"

// Write sends the request.
func (q Writing) Write(w io.Writer) error {
	out := NewWriter(w)
	out.Write(Message{Verb: Hello, Number: Version})
	for _, s := range q.Settings {
		out.Write(Message{Verb: Set, Name: s.Name, Text: s.Text, Secret: s.Secret})
	}
	if q.Split {
		out.Write(Message{Verb: Set, Name: splitSetting, Text: "true"})
	}
	out.Write(Message{Verb: Write, Number: q.Base})
	for _, k := range q.Deleted {
		out.Write(Message{Verb: Delete, Name: k})
	}
	for _, p := range q.Keys {
		out.Write(Message{Verb: Key, Name: p.Key, Text: p.Value.Text, Secret: p.Value.Secret})
	}
	out.Write(Message{Verb: End, Number: q.Base})
	return out.Flush()
}

// ReadWriting reads what follows the head of a request, as a program does whose request
// is one for writing.
func ReadWriting(r *Reader, head Request) (Writing, error) {
	q := Writing{Base: head.Base}
	for _, s := range head.Settings {
		if s.Name == splitSetting {
			q.Split = s.Text == "true"
			continue
		}
		q.Settings = append(q.Settings, s)
	}
	for {
		m, err := r.Next()
		switch {
		case errors.Is(err, io.EOF):
			return q, fmt.Errorf("cannot read the request: %w before end", io.ErrUnexpectedEOF)
		case err != nil:
			return q, fmt.Errorf("cannot read the request: %w", err)
		case m.Verb == Delete:
			q.Deleted = append(q.Deleted, m.Name)
		case m.Verb == Key:
			q.Keys = append(q.Keys, kv.Pair{Key: m.Name, Value: sources.Value{Text: m.Text, Secret: m.Secret}})
		case m.Verb == End && m.Number == q.Base:
			return q, nil
		default:
			return q, fmt.Errorf("cannot read the request: %w", &LineError{r.line, fmt.Errorf("%s is not part of what is written", m.Verb)})
		}
	}
}

// Written reads the answer to a request for writing: the revisions that it has made, and
// what the program notes. The revisions are those that were made also with an error,
// which is a *Failure that the program reported, or what is wrong with its answer.
func Written(r *Reader, note func(string)) (revisions []int64, err error) {
	if err := r.hello(); err != nil {
		return nil, err
	}
	for {
		m, err := r.Next()
		switch {
		case errors.Is(err, io.EOF):
			return revisions, nil
		case err != nil:
			return revisions, err
		}
		switch m.Verb {
		case Progress:
			revisions = append(revisions, m.Number)
		case Note:
			note(m.Text)
		case Error:
			return revisions, &Failure{Code: m.Name, Text: m.Text}
		default:
			return revisions, &LineError{r.line, fmt.Errorf("%s is no answer to a request for writing", m.Verb)}
		}
	}
}
