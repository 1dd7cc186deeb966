package program

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"slipway/sources/protocol"
)

// Pauses before a followed program is started again. They double while it keeps failing.
const (
	firstPause = time.Second
	maxPause   = 10 * time.Second
)

// Condition is how it stands with a followed source.
type Condition struct {
	Source string `json:"source"` // its name
	// Connected is since when the source has contact to its store; zero while it has none.
	Connected time.Time `json:"connected_since,omitzero"`
	// Contact is when the source was last heard of, or its store by it.
	Contact time.Time `json:"last_contact,omitzero"`
	// Lost is since when there is no contact, and Cause why; zero while there is one.
	Lost  time.Time `json:"stale_since,omitzero"` // since when there is no contact
	Cause string    `json:"cause,omitempty"`      // why there is no contact
	// Store names the store, such as the cluster of etcd; "" where the source does not.
	Store string `json:"store,omitempty"`
	// Wanted is the revision of the newest content that is known.
	Wanted int64 `json:"revision_wanted,omitempty"`
	// Expires is what contact depends on and is about to end, or has, the first first.
	Expires []Ending `json:"expires,omitempty"`
}

// Follower keeps a source program in watch mode and holds what it has said: the content of
// its store at one revision. A program that ends is started again; what it has said stays
// until it says something else.
type Follower struct {
	Program Program
	// Changed is called after anything has changed that the methods tell. It must not block.
	Changed func()
	// Log is told what an operator should know, each thing once.
	Log *slog.Logger
	// Foreign says that the program may be one that cannot watch, and waits for the end of
	// its request for ever. It is read once at first, and again and again if it says nothing.
	Foreign bool
	// Patience is how long a foreign program may take for its first word of a watch;
	// a minute when 0.
	Patience time.Duration

	mu    sync.Mutex // the program is read from a goroutine of its own
	state protocol.State
	cond  Condition
	count int   // of the changes of the content
	whole bool  // there is content
	err   error // why there is none
	ends  endings
	run   int // of the program, from 1
}

// Held returns the content, sorted, as a snapshot. ok is false before the program has said
// anything, or failed for the first time. The error is an *Error: there is no content yet.
func (f *Follower) Held() (u protocol.Update, ok bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.whole {
		u = f.state.Snapshot()
		u.Store = f.cond.Store
		return u, true, nil
	}
	return u, f.err != nil, f.err
}

// Version counts the changes of the content.
func (f *Follower) Version() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.count
}

// Condition returns how it stands.
func (f *Follower) Condition() Condition {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.cond
	c.Source, c.Expires = f.Program.Name, f.ends.all()
	return c
}

// Run follows until ctx ends, whose cause it returns.
func (f *Follower) Run(ctx context.Context) error {
	told := f.Program
	noted := ""
	told.Note = func(text string) {
		if text != noted { // a program that is started again says it again
			noted = text
			f.Log.Info(f.Program.Name + ": " + text)
		}
	}
	way, greeting, poll := told.Watch, f.Foreign, maxPause
	if f.Foreign {
		way = told.once
	}
	for pause := firstPause; ; pause = min(2*pause, maxPause) {
		began := time.Now()
		f.begins()
		err := way(ctx, f.hear)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		_, has, _ := f.Held()
		wait := pause/2 + rand.N(pause)
		switch {
		case err == nil && greeting: // now it is known that it can be read
			greeting, way = false, told.patiently(cmp.Or(f.Patience, time.Minute))
			continue
		case errors.Is(err, errMute):
			f.Log.Info(f.Program.Name + " cannot watch its store, so it is read once a minute")
			way, poll = told.once, time.Minute
			continue
		case err == nil && has: // it has watched all that it can: it is asked again
			wait = poll
		case err == nil:
			f.lose(told.failed(protocol.CodeUnavailable, errors.New("it has ended without a snapshot")))
		default:
			f.lose(err)
		}
		if time.Since(began) > time.Minute {
			pause = firstPause
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(wait):
		}
	}
}

// begins counts a run of the program.
func (f *Follower) begins() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.run++
}

// WarnOfEnds says of each thing that contact depends on once that it is about to end, and once
// that it has. It returns when to call it again; zero: after something has changed.
func (f *Follower) WarnOfEnds(now time.Time) (next time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	news, next := f.ends.news(now)
	for _, e := range news {
		f.Log.Warn(f.Program.Name + ": " + expiring(e.What, e.At, now))
	}
	return next
}

// once is Get in the form of Watch.
func (p Program) once(ctx context.Context, update func(protocol.Update) error) error {
	var endings []protocol.Update
	u, err := p.get(ctx, func(u protocol.Update) { endings = append(endings, u) })
	if err != nil {
		return err
	}
	for _, e := range endings {
		if err := update(e); err != nil {
			return err
		}
	}
	return update(u)
}

// errMute ends a watch that has said nothing.
var errMute = errors.New("it has said nothing")

// patiently is Watch that ends with errMute when nothing was said for a time.
func (p Program) patiently(limit time.Duration) func(context.Context, func(protocol.Update) error) error {
	return func(parent context.Context, update func(protocol.Update) error) error {
		ctx, cancel := context.WithCancelCause(parent)
		defer cancel(nil)
		mute := time.AfterFunc(limit, func() { cancel(errMute) })
		defer mute.Stop()
		err := p.Watch(ctx, func(u protocol.Update) error {
			mute.Stop()
			return update(u)
		})
		if errors.Is(context.Cause(ctx), errMute) && parent.Err() == nil {
			return errMute
		}
		return err
	}
}

// hear takes an update over. It ends the watch when all that has changed since its begin is
// too much: the next one begins with what the store holds then.
func (f *Follower) hear(u protocol.Update) error {
	f.take(u)
	if f.Changed != nil {
		f.Changed()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if limit := f.Program.limit(); f.state.Size() > limit {
		return f.Program.failed(protocol.CodeTooLarge, fmt.Errorf("it has told of more than %d MiB of values, one after the other", limit>>20))
	}
	return nil
}

func (f *Follower) take(u protocol.Update) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	switch u.Kind {
	case protocol.Annotated:
		return
	case protocol.Expiring:
		f.ends.tell(u.Text, u.Until, f.run)
		return
	case protocol.Lost:
		f.lost(now, u.Text)
		return
	}
	f.cond.Contact = now
	f.regained(now)
	switch u.Kind {
	case protocol.UpTo:
		f.state.Apply(u)
		return
	case protocol.Regained:
		return
	case protocol.Whole:
		former := f.state.Snapshot()
		first := !f.whole
		f.ends.since(f.run)
		if !first && (u.Revision < former.Revision || u.Store != f.cond.Store) {
			f.Log.Warn("history of "+f.Program.Name+" was replaced, everything is taken from the new one",
				"revision", u.Revision, "former", former.Revision, "store", u.Store, "former_store", f.cond.Store)
		}
		f.cond.Store = u.Store
		f.state.Apply(u)
		f.whole, f.err = true, nil
		if !first && protocol.SameContent(former, f.state.Snapshot()) {
			return
		}
	case protocol.Partial:
		f.state.Apply(u)
	}
	f.cond.Wanted = u.Revision
	f.count++
}

// lose notes that the program has ended.
func (f *Follower) lose(err error) {
	f.mu.Lock()
	if !f.whole {
		f.err = err
	}
	var e *Error
	text := err.Error()
	if errors.As(err, &e) {
		text = e.Cause.Error()
	}
	f.lost(time.Now(), text)
	f.mu.Unlock()
	if f.Changed != nil {
		f.Changed()
	}
}

// lost says once that contact is lost; a further cause is in the condition.
func (f *Follower) lost(now time.Time, cause string) {
	if f.cond.Lost.IsZero() {
		f.cond.Lost, f.cond.Connected = now, time.Time{}
		what := "lost contact to " + f.Program.Name + ", what was read stays in force"
		if !f.whole {
			what = "no contact to " + f.Program.Name + " yet"
		}
		f.Log.Warn(what, "cause", cause)
	}
	f.cond.Cause = cause
}

// regained says that contact is back, if it was lost.
func (f *Follower) regained(now time.Time) {
	if f.cond.Connected.IsZero() {
		f.cond.Connected = now
	}
	if f.cond.Lost.IsZero() {
		return
	}
	f.Log.Info("contact to "+f.Program.Name+" is back", "after", now.Sub(f.cond.Lost).Round(time.Second))
	f.cond.Lost, f.cond.Cause = time.Time{}, ""
}
