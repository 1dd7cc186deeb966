package etcd

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"

	"slipway/sources/protocol"
)

// pace are the times of a watch.
type pace struct {
	// watchdog is how long nothing may be heard before a read asks whether the
	// cluster is still there: a partitioned member says nothing at all, and the
	// client library does not either.
	watchdog time.Duration
	// entropy is how often everything is read and compared. Servers have lost
	// events around compactions (etcd issues 18089 and 19179).
	entropy time.Duration
	// quiet is how long after an event several ranges are read anew, so that
	// the events of one transaction are one read.
	quiet time.Duration
	// certificates is how often they are looked at. Servers read theirs anew for each
	// connection, and that of a watch may be months old.
	certificates time.Duration
}

func usualPace(timeout time.Duration) pace {
	return pace{watchdog: 3 * timeout, entropy: 20 * time.Minute, quiet: 50 * time.Millisecond, certificates: time.Hour}
}

// errRelist ends a watch that has lost its place in the history.
var errRelist = errors.New("everything has to be read anew")

// stopped is an error of the caller's function.
type stopped struct{ error }

// Watch calls emit with a snapshot, and then with whatever changes, until ctx
// ends (the error is its cause) or emit returns an error (that one). Before the
// first snapshot it fails as Snapshot does. After it, it never gives up: it says
// that contact is lost, once for each cause, and once that it is back.
//
// With one prefix, what a response of the watch tells of is one partial update. With several,
// each change is a new snapshot, because the events of one transaction come on
// several watches. A watch that lost its place (compaction, another cluster, a
// restored one) goes on with a new snapshot too.
func (r *Reader) Watch(ctx context.Context, emit func(protocol.Update) error) error {
	return r.watch(ctx, emit, usualPace(r.Timeout))
}

func (r *Reader) watch(ctx context.Context, emit func(protocol.Update) error, p pace) error {
	u, err := r.Snapshot(ctx)
	if err != nil {
		return err
	}
	f := &follower{r: r, pace: p, emit: emit, fresh: true}
	if err := f.send(u); err != nil {
		return err
	}
	for pause := firstPause; ; pause = min(pause*2, 4*longestPause) {
		err := f.follow(ctx)
		f.fresh = false // whatever it has come to: the next one reads, and says that contact is back
		var mine stopped
		switch {
		case errors.As(err, &mine):
			return mine.error
		case ctx.Err() != nil:
			return context.Cause(ctx)
		}
		if f.healthy {
			pause = firstPause
		}
		if !errors.Is(err, errRelist) {
			if err := f.away(err); err != nil {
				return err
			}
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case <-time.After(pause/2 + rand.N(pause)):
			}
		}
	}
}

// follower is the state of a watch.
type follower struct {
	r    *Reader
	pace pace
	emit func(protocol.Update) error

	state   protocol.State
	store   string          // the cluster that the state is of
	term    uint64          // of the newest answer
	lost    string          // why there is no contact; "" while there is
	fresh   bool            // the state was read this moment
	healthy bool            // the last follow got as far as reading
	rare    map[string]bool // the keys of the state that are in rare ranges

	certificates certificates
}

// send applies an update and passes it on.
func (f *follower) send(u protocol.Update) error {
	f.state.Apply(u)
	if u.Kind == protocol.Whole {
		f.store, f.rare = u.Store, f.r.rareKeys(u)
	}
	return f.emit(u)
}

// away says that contact is lost, and why, once for each cause.
func (f *follower) away(err error) error {
	if f.lost == err.Error() {
		return nil
	}
	f.lost = err.Error()
	return f.emit(protocol.Update{Kind: protocol.Lost, Text: f.lost})
}

// back says that contact is there again, if it was lost.
func (f *follower) back() error {
	if f.lost == "" {
		return nil
	}
	f.lost = ""
	return f.emit(protocol.Update{Kind: protocol.Regained})
}

// renew brings the state up to a new reading.
func (f *follower) renew(u protocol.Update) error {
	if f.store != u.Store || u.Revision < f.state.Revision || !protocol.SameContent(f.state.Snapshot(), sorted(u)) {
		return f.send(u)
	}
	if u.Revision > f.state.Revision {
		return f.send(protocol.Update{Kind: protocol.UpTo, Revision: u.Revision})
	}
	return nil
}

// sorted is a snapshot in the order that a state has.
func sorted(u protocol.Update) protocol.Update {
	var s protocol.State
	s.Apply(u)
	return s.Snapshot()
}

// follow connects, reads everything unless that was done this moment, and
// watches from the next revision on, until something is wrong.
func (f *follower) follow(ctx context.Context) error {
	f.healthy = false
	c, endpoints, err := f.r.connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	if !f.fresh {
		u, err := f.r.read(ctx, c)
		if err != nil {
			return f.r.explain(ctx, endpoints, err)
		}
		if err := errors.Join(f.back(), f.renew(u)); err != nil {
			return stopped{err}
		}
	}
	f.fresh, f.healthy = false, true
	err = f.listen(ctx, c)
	var mine stopped
	if errors.As(err, &mine) || errors.Is(err, errRelist) {
		return err
	}
	return f.r.explain(ctx, endpoints, err)
}

// heard is one response of a watch.
type heard struct {
	clientv3.WatchResponse
	open bool
	rare bool // the range is
}

// listen watches all ranges from the revision of the state on.
func (f *follower) listen(parent context.Context, c *clientv3.Client) error {
	ctx, cancel := context.WithCancel(clientv3.WithRequireLeader(parent))
	defer cancel()
	spans := f.r.spans()
	in := make(chan heard)
	large := 0
	for _, s := range spans {
		if !s.rare {
			large++
		}
		opts := []clientv3.OpOption{clientv3.WithRev(f.state.Revision + 1), clientv3.WithProgressNotify(), clientv3.WithFragment()}
		if s.to != "" {
			opts = append(opts, clientv3.WithRange(s.to))
		}
		// Ends with ctx, which listen's return cancels. Watch itself blocks until
		// a server has answered, so it is not called where the watchdog is.
		go func() {
			ch := c.Watch(ctx, s.from, opts...)
			for {
				resp, open := <-ch
				if s.optional && refused(resp.Err()) {
					return // it was asked for out of caution
				}
				select {
				case in <- heard{resp, open, s.rare}:
				case <-ctx.Done():
					return
				}
				if !open {
					return
				}
			}
		}()
	}
	seen := make(chan map[string][]certificate)
	go func() { // ends with ctx, as above
		for {
			select {
			case seen <- f.r.examine(ctx):
			case <-ctx.Done():
				return
			}
			select {
			case <-time.After(f.pace.certificates/2 + rand.N(f.pace.certificates)):
			case <-ctx.Done():
				return
			}
		}
	}()
	dog := time.NewTimer(f.pace.watchdog)
	defer dog.Stop()
	entropy := time.NewTimer(f.pace.entropy/2 + rand.N(f.pace.entropy))
	defer entropy.Stop()
	var quiet <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case h := <-in:
			dog.Reset(f.pace.watchdog)
			changed, err := f.hear(ctx, c, h, large == 1)
			if err != nil {
				return err
			}
			if changed && quiet == nil {
				quiet = time.After(f.pace.quiet)
			}
		case <-quiet:
			quiet = nil
			if err := f.reread(ctx, c, ""); err != nil {
				return err
			}
		case <-dog.C:
			dog.Reset(f.pace.watchdog)
			if err := f.ask(ctx, c); err != nil {
				return err
			}
		case now := <-seen:
			for _, u := range f.certificates.news(now, f.r.clock()) {
				if err := f.emit(u); err != nil {
					return stopped{err}
				}
			}
		case <-entropy.C:
			entropy.Reset(f.pace.entropy/2 + rand.N(f.pace.entropy))
			if err := f.reread(ctx, c, "a change was missed by the watch and found by reading everything"); err != nil {
				return err
			}
		}
	}
}

// refused reports whether a watch was refused for want of permission. The library has no error of
// its own for that: it passes on the server's text.
func refused(err error) bool {
	return err != nil && strings.Contains(err.Error(), rpctypes.ErrPermissionDenied.Error())
}

// hear takes one response. With a single large range its events are passed on; with
// several, and for the rare ones, changed says that everything has to be read.
func (f *follower) hear(ctx context.Context, c *clientv3.Client, h heard, single bool) (changed bool, err error) {
	switch {
	case !h.open:
		return false, errors.New("the watch was closed")
	case h.CompactRevision != 0:
		if f.r.Note != nil {
			f.r.Note(fmt.Sprintf("the history was compacted up to revision %d before it was followed so far; everything is read anew", h.CompactRevision))
		}
		return false, errRelist
	case h.Err() != nil:
		return false, h.Err()
	case f.strange(h.Header):
		return false, errRelist
	case single && !h.rare && h.IsProgressNotify():
		return false, f.upTo(ctx, c, h.Header.Revision, nil)
	case single && !h.rare && len(h.Events) > 0:
		return false, f.upTo(ctx, c, h.Events[len(h.Events)-1].Kv.ModRevision, h.Events)
	}
	for _, e := range h.Events {
		changed = changed || e.Kv.ModRevision > f.state.Revision && !ours(string(e.Kv.Key))
	}
	return changed, nil
}

// strange reports whether an answer is not of the history that the state is of. The client
// library resumes a watch wherever its endpoint leads: at another cluster, or at this one
// restored from a backup, whose revisions may be further than the former's meanwhile. Terms
// do not go back otherwise.
func (f *follower) strange(h *pb.ResponseHeader) bool {
	if h == nil {
		return false
	}
	if h.ClusterId != 0 && f.store != strconv.FormatUint(h.ClusterId, 16) || h.RaftTerm != 0 && h.RaftTerm < f.term {
		f.term = 0
		return true
	}
	f.term = max(f.term, h.RaftTerm)
	return false
}

// upTo passes the events of the large range on that were not passed on yet, with what the rare
// ones have at the revision up to which they reach: one update.
func (f *follower) upTo(ctx context.Context, c *clientv3.Client, revision int64, events []*clientv3.Event) error {
	if revision <= f.state.Revision {
		return nil
	}
	u := protocol.Update{Kind: protocol.Partial, Revision: revision}
	last := map[string]*clientv3.Event{} // several revisions may come at once
	for _, e := range events {
		if e.Kv.ModRevision > f.state.Revision && !ours(string(e.Kv.Key)) {
			last[string(e.Kv.Key)] = e
		}
	}
	for _, key := range slices.Sorted(maps.Keys(last)) {
		e := last[key]
		if e.Type == clientv3.EventTypeDelete {
			u.Deleted = append(u.Deleted, key)
		} else {
			u.Keys = append(u.Keys, f.r.pair(key, string(e.Kv.Value), e.Kv.ModRevision))
		}
	}
	if err := f.complete(ctx, c, &u); err != nil {
		return err
	}
	if len(u.Keys)+len(u.Deleted) == 0 {
		u = protocol.Update{Kind: protocol.UpTo, Revision: revision}
	}
	if err := f.send(u); err != nil {
		return stopped{err}
	}
	return nil
}

// reread reads everything and passes on what is different. note is said when
// there is a difference that the watch should have told.
func (f *follower) reread(ctx context.Context, c *clientv3.Client, note string) error {
	u, err := f.r.read(ctx, c)
	if err != nil {
		return err
	}
	if now := f.state.Snapshot(); note != "" && u.Revision == now.Revision && !protocol.SameContent(now, sorted(u)) && f.r.Note != nil {
		f.r.Note(note)
	}
	if err := f.renew(u); err != nil {
		return stopped{err}
	}
	return nil
}

// ask reads one key to see whether the cluster is there, and whether it is the
// one that it was: a restored cluster is behind, and tells a watch nothing.
func (f *follower) ask(ctx context.Context, c *clientv3.Client) error {
	spans := f.r.spans()
	s := spans[slices.IndexFunc(spans, func(s span) bool { return !s.rare })]
	opts := []clientv3.OpOption{clientv3.WithLimit(1), clientv3.WithKeysOnly(), clientv3.WithRange(s.to)}
	ctx, cancel := context.WithTimeout(ctx, f.r.Timeout)
	defer cancel()
	resp, err := c.Get(ctx, s.from, opts...)
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", s.of, err)
	case resp.Header.Revision < f.state.Revision, f.strange(resp.Header):
		return errRelist
	}
	// Not its own revision: an event may be under way.
	if err := f.send(protocol.Update{Kind: protocol.UpTo, Revision: f.state.Revision}); err != nil {
		return stopped{err}
	}
	return nil
}
