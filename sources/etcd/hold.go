package etcd

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"go.etcd.io/etcd/api/v3/mvccpb"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"

	"slipway/internal/fleet"
	"slipway/sources/protocol"
)

// leaseTime is how long the place of a container that has died stays. It must be longer
// than etcd takes to find a new leader.
const leaseTime = 20 // seconds

// farewell bounds giving a place back. It is shorter than what a source program has between
// TERM and KILL.
const farewell = 700 * time.Millisecond

// Hold stands in a line for one of so many slots below PREFIX/.slipway/slots, of the first
// prefix, and holds it, until ctx ends, whose cause is returned. It tells when it is in the
// line, when it has a slot, and when contact is lost or its place is, after which it begins
// anew. That the user may not write there ends it.
func (r *Reader) Hold(ctx context.Context, slots int, tell func(t protocol.Turn, text string)) error {
	return whileAway(ctx, tell, func(ctx context.Context) error { return r.hold(ctx, slots, tell) })
}

// whileAway does something until it has come to its end, ctx is over, whose cause is returned
// then, or the user may not write. In between it tells why there is no contact, and waits longer
// each time.
func whileAway(ctx context.Context, tell func(t protocol.Turn, text string), do func(context.Context) error) error {
	for pause := firstPause; ; pause = min(pause*2, longestPause) {
		began := time.Now()
		err := do(ctx)
		var e *Error
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.As(err, &e) && e.Writes:
			return err
		}
		tell(protocol.Away, err.Error())
		if time.Since(began) > leaseTime*time.Second {
			pause = firstPause
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(pause/2 + rand.N(pause)):
		}
	}
}

// slotsBelow is where the lines are.
func (c *Config) slotsBelow() string { return c.ownBelow() + "slots/" }

func (r *Reader) hold(ctx context.Context, slots int, tell func(t protocol.Turn, text string)) error {
	c, endpoints, err := r.connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	l := line{r: r, c: c, tell: tell}
	return r.explainOwn(ctx, endpoints, r.slotsBelow(), l.stand(ctx, slots))
}

// explainOwn explains an error of keys of slipway's own, which are below a folder.
func (r *Reader) explainOwn(ctx context.Context, endpoints []string, below string, err error) error {
	if errors.Is(err, rpctypes.ErrPermissionDenied) {
		return &Error{Code: protocol.CodeDenied, Endpoints: endpoints, Writes: true, Cause: fmt.Errorf("the user %q may not write below %s", r.user(), below)}
	}
	return r.explain(ctx, endpoints, err)
}

// line is one place in a line.
type line struct {
	r    *Reader
	c    *clientv3.Client
	tell func(t protocol.Turn, text string)

	lane string // its prefix
	key  string
	made int64 // the revision of the key
}

// short bounds one request.
func (l *line) short(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(clientv3.WithRequireLeader(ctx), l.r.Timeout)
}

// stand takes a place, waits for the slot, and holds it, until something is wrong.
func (l *line) stand(parent context.Context, slots int) error {
	ctx, cancel := context.WithCancel(parent)
	defer cancel()
	within, done := l.short(ctx)
	lease, err := l.c.Grant(within, leaseTime)
	done()
	if err != nil {
		return err
	}
	defer func() {
		within, done := context.WithTimeout(context.WithoutCancel(parent), farewell)
		defer done()
		_, _ = l.c.Revoke(within, lease.ID) // else its time ends it
	}()
	alive, err := l.c.KeepAlive(ctx, lease.ID)
	if err != nil {
		return err
	}
	if err := l.join(ctx, slots, lease.ID); err != nil {
		return err
	}
	l.tell(protocol.Queued, "")
	turn := make(chan error, 1)
	go func() { turn <- l.wait(ctx) }() // ends with ctx
	for {
		select {
		case <-parent.Done():
			return context.Cause(parent)
		case _, open := <-alive:
			if !open {
				return errors.New("the place in the line for a slot is lost: its lease could not be kept")
			}
		case err := <-turn:
			if err != nil {
				return err
			}
			l.tell(protocol.Held, "")
			turn = nil
		}
	}
}

func (l *line) laneAt(i int) string { return l.r.slotsBelow() + strconv.Itoa(i+1) + "/" }

// join takes a place in one of the shortest lines.
func (l *line) join(ctx context.Context, slots int, lease clientv3.LeaseID) error {
	within, done := l.short(ctx)
	defer done()
	lengths := make([]int, 0, slots)
	for len(lengths) < slots {
		var ask []clientv3.Op
		for i := len(lengths); i < slots && len(ask) < stepOperations; i++ {
			ask = append(ask, clientv3.OpGet(l.laneAt(i), clientv3.WithPrefix(), clientv3.WithCountOnly()))
		}
		answer, err := l.c.Txn(within).Then(ask...).Commit()
		if err != nil {
			return fmt.Errorf("%s: %w", l.r.slotsBelow(), err)
		}
		for _, n := range answer.Responses {
			lengths = append(lengths, int(n.GetResponseRange().Count))
		}
	}
	l.lane = l.laneAt(fleet.Lane(lengths, func(n int) int { return rand.N(n) }))
	l.key = l.lane + strconv.FormatInt(int64(lease), 16)
	put, err := l.c.Put(within, l.key, time.Now().UTC().Format(time.RFC3339), clientv3.WithLease(lease))
	if err != nil {
		return fmt.Errorf("%s: %w", l.key, err)
	}
	l.made = put.Header.Revision
	return nil
}

// wait returns when nobody is before it in the line any more. It looks at the one before it
// alone, as locks of etcd's own do.
func (l *line) wait(ctx context.Context) error {
	for {
		within, done := l.short(ctx)
		opts := append(clientv3.WithLastCreate(), clientv3.WithMaxCreateRev(l.made-1), clientv3.WithKeysOnly())
		before, err := l.c.Get(within, l.lane, opts...)
		done()
		if err != nil {
			return fmt.Errorf("%s: %w", l.lane, err)
		}
		if len(before.Kvs) == 0 {
			return nil
		}
		if err := l.gone(ctx, string(before.Kvs[0].Key), before.Header.Revision+1); err != nil {
			return err
		}
	}
}

// patient is how long a line is trusted to a watch, which may miss its end.
const patient = 30 * time.Second

// gone waits until a key is deleted.
func (l *line) gone(ctx context.Context, key string, from int64) error {
	ctx, cancel := context.WithCancel(clientv3.WithRequireLeader(ctx))
	defer cancel()
	again := time.NewTimer(patient/2 + rand.N(patient))
	defer again.Stop()
	in := l.c.Watch(ctx, key, clientv3.WithRev(from))
	for {
		select {
		case <-again.C:
			return nil // the caller looks
		case resp, open := <-in:
			if err := resp.Err(); err != nil && !errors.Is(err, rpctypes.ErrCompacted) {
				return err
			} else if err != nil || !open {
				return ctx.Err()
			}
			for _, e := range resp.Events {
				if e.Type == mvccpb.DELETE {
					return nil
				}
			}
		}
	}
}
