// Package dns looks names up for peers and follows them: it looks again when what was found is
// as old as its TTL says, and tells when it is another one.
//
// The looking up is Go's, so that /etc/hosts, the search list and the options of /etc/resolv.conf
// count. It does not tell TTLs; they are read from what the servers answer to it. What cannot be
// looked up again, because no server answers, stays as it was found. A name that is not there any
// more is a change.
package dns

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
)

// How long an answer is good for.
const (
	Unknown = 30 * time.Second // where no TTL is known, as of /etc/hosts
	least   = 5 * time.Second  // a TTL of 0 means: ask each time
	most    = time.Hour        // what is wrong for a day is not to be so here
	limit   = 10 * time.Second // of one look
)

// Follower looks names up, and follows those that were asked for.
type Follower struct {
	// Server is host:port of the server to ask instead of those of /etc/resolv.conf; for tests.
	Server string
	// Changed is called when a name that was asked for has another answer. It must not block.
	Changed func()
	// Log is told that a name cannot be looked up, and that it can again.
	Log *slog.Logger
	// Least is the shortest time between two looks for one name; 5 s when 0.
	Least time.Duration

	mu    sync.Mutex // asked by renders, followed by Run
	names map[question]*answer
	added chan struct{}
}

// question is what is asked of DNS.
type question struct {
	name    string
	service bool // its SRV records, not its addresses
}

func (q question) String() string { return q.name }

// answer is what there is to it.
type answer struct {
	hosts   []string
	records []*net.SRV
	err     error
	until   time.Time
	failing bool // it could not be looked up again
}

// LookupHost returns the addresses of a name, sorted, IPv4 first. The error is a *net.DNSError,
// or the context's.
func (f *Follower) LookupHost(ctx context.Context, name string) ([]string, error) {
	a, err := f.ask(ctx, question{name: name})
	return a.hosts, err
}

// LookupSRV returns the SRV records of a name, sorted by priority, weight, name and port. service
// and proto must be empty: it has the form of net.Resolver's.
func (f *Follower) LookupSRV(ctx context.Context, _, _, name string) (string, []*net.SRV, error) {
	a, err := f.ask(ctx, question{name: name, service: true})
	return name, a.records, err
}

// ask answers from what is known, if it is not too old.
func (f *Follower) ask(ctx context.Context, q question) (answer, error) {
	f.mu.Lock()
	known := f.names[q]
	if known != nil && (time.Now().Before(known.until) || known.failing) {
		defer f.mu.Unlock()
		return *known, known.err
	}
	f.mu.Unlock()
	found := f.look(ctx, q)
	if ctx.Err() != nil {
		return answer{}, context.Cause(ctx)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.take(q, found)
	return *f.names[q], f.names[q].err
}

// take notes an answer. It reports whether it is another one than before.
func (f *Follower) take(q question, found answer) bool {
	if f.names == nil {
		f.names = map[question]*answer{}
	}
	former := f.names[q]
	if former != nil && found.err != nil && !gone(found.err) && former.err == nil {
		if !former.failing && f.Log != nil {
			f.Log.Warn("cannot look up " + q.String() + ", what was found stays in force: " + found.err.Error())
		}
		former.failing, former.until = true, found.until
		return false
	}
	if former != nil && former.failing && f.Log != nil {
		f.Log.Info("looking up " + q.String() + " works again")
	}
	f.names[q] = &found
	if f.added != nil {
		select {
		case f.added <- struct{}{}:
		default: // one look sees all
		}
	}
	return former == nil || !found.same(former)
}

// gone reports whether an error says that there is no such name.
func gone(err error) bool {
	var e *net.DNSError
	return errors.As(err, &e) && e.IsNotFound && !e.IsTemporary && !e.IsTimeout
}

// same reports whether two answers are for the same addresses.
func (a *answer) same(b *answer) bool {
	records := func(x, y *net.SRV) bool { return *x == *y }
	return (a.err == nil) == (b.err == nil) && slices.Equal(a.hosts, b.hosts) && slices.EqualFunc(a.records, b.records, records)
}

// look asks.
func (f *Follower) look(parent context.Context, q question) answer {
	ctx, cancel := context.WithTimeout(parent, limit)
	defer cancel()
	heard := &ttl{}
	r := &net.Resolver{PreferGo: true, StrictErrors: true, Dial: func(ctx context.Context, network, server string) (net.Conn, error) {
		if f.Server != "" {
			server = f.Server
		}
		conn, err := new(net.Dialer).DialContext(ctx, network, server)
		if err != nil {
			return nil, err
		}
		return heard.listen(conn), nil
	}}
	var a answer
	if q.service {
		_, a.records, a.err = r.LookupSRV(ctx, "", "", q.name)
		slices.SortFunc(a.records, compareSRV)
	} else {
		a.hosts, a.err = r.LookupHost(ctx, q.name)
		slices.SortFunc(a.hosts, compareHosts)
		a.hosts = slices.Compact(a.hosts)
	}
	a.until = time.Now().Add(heard.lifetime(f.least()))
	return a
}

func (f *Follower) least() time.Duration {
	if f.Least > 0 {
		return f.Least
	}
	return least
}

func compareSRV(a, b *net.SRV) int {
	switch {
	case a.Priority != b.Priority:
		return int(a.Priority) - int(b.Priority)
	case a.Weight != b.Weight:
		return int(b.Weight) - int(a.Weight)
	case a.Target != b.Target:
		return strings.Compare(a.Target, b.Target)
	}
	return int(a.Port) - int(b.Port)
}

func compareHosts(a, b string) int {
	x, errX := netip.ParseAddr(a)
	y, errY := netip.ParseAddr(b)
	if errX != nil || errY != nil {
		return strings.Compare(a, b)
	}
	return x.Compare(y) // IPv4 before IPv6
}

// Run looks up again what was asked for, when its time is over, until ctx ends, whose cause it
// returns.
func (f *Follower) Run(ctx context.Context) error {
	f.mu.Lock()
	f.added = make(chan struct{}, 1)
	f.mu.Unlock()
	for {
		timer := time.NewTimer(time.Until(f.next()))
		select {
		case <-ctx.Done():
			timer.Stop()
			return context.Cause(ctx)
		case <-f.added:
		case <-timer.C:
			if f.again(ctx) && f.Changed != nil {
				f.Changed()
			}
		}
		timer.Stop()
	}
}

// next is when the first answer is too old.
func (f *Follower) next() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	at := time.Now().Add(24 * time.Hour)
	for _, a := range f.names {
		if a.until.Before(at) {
			at = a.until
		}
	}
	return at
}

// again looks up what is too old, and reports whether anything is another one.
func (f *Follower) again(ctx context.Context) (changed bool) {
	f.mu.Lock()
	var old []question
	for q, a := range f.names {
		if !a.until.After(time.Now()) {
			old = append(old, q)
		}
	}
	f.mu.Unlock()
	for _, q := range old {
		found := f.look(ctx, q)
		if ctx.Err() != nil {
			return changed
		}
		f.mu.Lock()
		if f.take(q, found) {
			changed = true
			if f.Log != nil {
				f.Log.Info(fmt.Sprintf("%s has other addresses", q))
			}
		}
		f.mu.Unlock()
	}
	return changed
}

// Following reports whether any name was asked for.
func (f *Follower) Following() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.names) > 0
}
