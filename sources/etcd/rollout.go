package etcd

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"

	"slipway/internal/fleet"
	"slipway/sources/kv"
	"slipway/sources/protocol"
)

// gather is how long the tickets of a fleet are waited for before its size is taken.
const gather = 5 * time.Second

// Rollout joins the rollout of what is there at a revision, until ctx ends, whose cause is
// returned, or all are admitted and what became of it here is known. It tells when it stands
// in line, when it is admitted, when the change is refused by anybody, and when contact is
// lost. outcome has what became of the change here: "" if all is well, or why it is refused.
// That the user may not write there ends it, with an *Error.
func (r *Reader) Rollout(ctx context.Context, revision int64, outcome <-chan string, tell func(t protocol.Turn, text string)) error {
	if len(r.Shares) == 0 {
		return &Error{Code: protocol.CodeInvalid, Cause: errors.New("rollout: expected shares such as 1 10% 100%")}
	}
	m := member{r: r, revision: revision, outcome: outcome, tell: tell, state: fleet.Waiting}
	return whileAway(ctx, tell, m.connect)
}

// member is one of a fleet.
type member struct {
	r        *Reader
	revision int64
	outcome  <-chan string
	tell     func(t protocol.Turn, text string)

	state   fleet.Ticket
	since   time.Time // when it was found healthy
	refused string    // why it has refused the change itself
	stopped string    // why others have, as it was told

	c      *clientv3.Client
	digest string // of what is there at the revision
	key    string // of the ticket
	made   int64  // the revision at which it was taken
	lease  clientv3.LeaseID
}

func (m *member) connect(ctx context.Context) error {
	c, endpoints, err := m.r.connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	m.c = c
	if err := m.roll(ctx); err != nil {
		return m.r.explainOwn(ctx, endpoints, m.r.ownBelow(), err)
	}
	return nil
}

// ownBelow is the folder of slipway's own keys.
func (c *Config) ownBelow() string {
	prefix := c.Prefixes
	if len(prefix) == 0 {
		prefix = c.SecretPrefixes
	}
	return kv.Normal(prefix[0]) + "/" + own + "/"
}

func (m *member) refusedBelow() string { return m.r.ownBelow() + "refused/" }
func (m *member) rollouts() string     { return m.r.ownBelow() + "rollout/" }
func (m *member) below() string        { return m.rollouts() + m.digest + "/" }
func (m *member) stageKey() string     { return m.below() + "stage" }
func (m *member) ticketsBelow() string { return m.below() + "tickets/" }

// roll takes a ticket and follows the rollout.
func (m *member) roll(parent context.Context) error {
	ctx, cancel := context.WithCancel(clientv3.WithRequireLeader(parent))
	defer cancel()
	if m.digest == "" {
		if err := m.identify(ctx); err != nil {
			return err
		}
	}
	alive, err := m.ticket(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if m.lease != 0 {
			within, done := context.WithTimeout(context.WithoutCancel(parent), farewell)
			defer done()
			_, _ = m.c.Revoke(within, m.lease) // else its time ends it
		}
	}()
	m.tell(protocol.Queued, "")
	stages := m.c.Watch(ctx, m.stageKey())
	refusals := m.c.Watch(ctx, m.refusedBelow(), clientv3.WithPrefix())
	began := time.Now()
	for {
		over, again, err := m.look(ctx, time.Since(began))
		if err != nil || over {
			return err
		}
		timer := time.NewTimer(again)
		select {
		case <-parent.Done():
			timer.Stop()
			return context.Cause(parent)
		case _, open := <-alive:
			if !open && m.lease != 0 {
				timer.Stop()
				return errors.New("the ticket of the rollout is lost: its lease could not be kept")
			}
			if !open {
				alive = nil
			}
		case resp, open := <-stages:
			if err := closed(resp, open); err != nil {
				timer.Stop()
				return err
			}
		case resp, open := <-refusals:
			if err := closed(resp, open); err != nil {
				timer.Stop()
				return err
			}
		case why := <-m.outcome:
			err = m.settle(ctx, why)
		case <-timer.C:
		}
		timer.Stop()
		if err != nil {
			return err
		}
	}
}

// closed is the error of a watch that has ended.
func closed(resp clientv3.WatchResponse, open bool) error {
	if err := resp.Err(); err != nil {
		return err
	}
	if !open {
		return errors.New("the watch was closed")
	}
	return nil
}

// short bounds one request.
func (m *member) short(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, m.r.Timeout)
}

// identify finds what the change is known by: the keys, and when each was last changed. So
// it is the same for all members, whenever and however they have read it, and tells nothing
// of values.
func (m *member) identify(ctx context.Context) error {
	sum := sha256.New()
	limit := pageSize
	for _, s := range m.r.spans() {
		for from := s.from; ; {
			resp, err := m.r.page(ctx, m.c, from, s.to, m.revision, limit, clientv3.WithKeysOnly())
			if s.optional && errors.Is(err, rpctypes.ErrPermissionDenied) {
				break
			}
			if err != nil {
				return fmt.Errorf("%s: %w", s.of, err)
			}
			for _, p := range resp.Kvs {
				if !ours(string(p.Key)) {
					fmt.Fprintf(sum, "%q %d %d\n", p.Key, p.CreateRevision, p.ModRevision)
				}
			}
			if !resp.More || len(resp.Kvs) == 0 {
				break
			}
			from = string(resp.Kvs[len(resp.Kvs)-1].Key) + "\x00"
			limit = nextLimit(resp.Kvs)
		}
	}
	m.digest = hex.EncodeToString(sum.Sum(nil)[:8])
	return nil
}

// ticket takes a ticket, or finds the one that it had. One that waits lives as long as the
// member; one that acts stays: a change that ends a member is not to go on to the next.
func (m *member) ticket(ctx context.Context) (<-chan *clientv3.LeaseKeepAliveResponse, error) {
	if m.state != fleet.Waiting {
		return nil, m.publish(ctx)
	}
	within, done := m.short(ctx)
	defer done()
	lease, err := m.c.Grant(within, leaseTime)
	if err != nil {
		return nil, err
	}
	m.lease = lease.ID
	m.key = m.ticketsBelow() + strconv.FormatInt(int64(lease.ID), 16)
	put, err := m.c.Put(within, m.key, string(fleet.Waiting), clientv3.WithLease(lease.ID))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", m.key, err)
	}
	m.made = put.Header.Revision
	return m.c.KeepAlive(ctx, lease.ID)
}

// look does what is to be done now, and says whether all of it is, and when to look again.
func (m *member) look(ctx context.Context, age time.Duration) (over bool, again time.Duration, err error) {
	again = patient/2 + rand.N(patient)
	if why, err := m.refusal(ctx); err != nil || m.state != fleet.Waiting && m.refused != "" {
		return m.refused != "", again, err
	} else if m.state == fleet.Waiting && why != m.stopped {
		m.stopped = why
		if why == "" { // somebody has taken the refusal back
			m.tell(protocol.Queued, "")
		} else {
			m.tell(protocol.Stopped, why)
		}
	}
	if m.stopped != "" && m.state == fleet.Waiting {
		return false, again, nil
	}
	within, done := m.short(ctx)
	defer done()
	got, err := m.c.Get(within, m.stageKey())
	if err != nil {
		return false, 0, fmt.Errorf("%s: %w", m.stageKey(), err)
	}
	if len(got.Kvs) == 0 {
		return m.open(ctx, age)
	}
	stage, err := fleet.ParseStage(string(got.Kvs[0].Value))
	if err != nil {
		return false, 0, fmt.Errorf("%s: %w", m.stageKey(), err)
	}
	switch {
	case m.state == fleet.Waiting:
		return false, again, m.admit(ctx, stage, got.Kvs[0].ModRevision)
	case m.state == fleet.Healthy && stage.Admits < 0 && fleet.Few(stage.Total, rand.N):
		return true, 0, m.clean(ctx, got.Kvs[0].CreateRevision)
	case m.state == fleet.Healthy && stage.Admits < 0:
		return true, 0, nil
	case m.state == fleet.Healthy:
		if left := m.r.ShareHold - time.Since(m.since); left > 0 {
			return false, left, nil
		}
		again = max(m.r.ShareHold/2, time.Second)
		if !fleet.Few(stage.Admits, rand.N) {
			return false, again, nil
		}
		return false, again, m.proceed(ctx, stage, got.Kvs[0].ModRevision)
	}
	return false, again, nil
}

// refusal is why somebody has refused the change, "" if nobody has.
func (m *member) refusal(ctx context.Context) (string, error) {
	within, done := m.short(ctx)
	defer done()
	got, err := m.c.Get(within, m.refusedBelow(), clientv3.WithPrefix())
	if err != nil {
		return "", fmt.Errorf("%s: %w", m.refusedBelow(), err)
	}
	for _, p := range got.Kvs {
		if digest, why, _ := strings.Cut(string(p.Value), " "); digest == m.digest {
			return why + " (" + string(p.Key) + ")", nil
		}
	}
	return "", nil
}

// tickets are those of a rollout that were taken first.
type tickets struct {
	states []fleet.Ticket
	made   []int64 // the revisions at which they were taken
	total  int     // of all
}

// first are the tickets that were taken first. Only some members ask: the server sorts all of
// them for that, and sends as many as are asked for.
func (m *member) first(ctx context.Context, n int) (tickets, error) {
	within, done := m.short(ctx)
	defer done()
	opts := []clientv3.OpOption{clientv3.WithPrefix(), clientv3.WithSort(clientv3.SortByCreateRevision, clientv3.SortAscend), clientv3.WithLimit(int64(n))}
	got, err := m.c.Get(within, m.ticketsBelow(), opts...)
	if err != nil {
		return tickets{}, fmt.Errorf("%s: %w", m.ticketsBelow(), err)
	}
	t := tickets{total: int(got.Count)}
	for _, p := range got.Kvs {
		t.states, t.made = append(t.states, fleet.Ticket(p.Value)), append(t.made, p.CreateRevision)
	}
	return t, nil
}

// open begins the first stage, unless somebody else was faster.
func (m *member) open(ctx context.Context, age time.Duration) (over bool, again time.Duration, err error) {
	again = patient/2 + rand.N(patient)
	if part := m.r.Shares[0].Percent; part > 0 && part < 100 && age < gather {
		return false, gather - age + rand.N(gather/5), nil // not all at one time
	}
	t, err := m.first(ctx, max(m.r.Shares[0].Count, 1))
	if err != nil {
		return false, again, err
	}
	s := fleet.First(m.r.Shares, t.total)
	if s.Admits > len(t.made) && len(t.made) < t.total {
		if t, err = m.first(ctx, s.Admits); err != nil {
			return false, again, err
		}
	}
	return false, 0, m.write(ctx, s.Among(t.made), 0)
}

// write makes a stage the present one, unless somebody else was faster.
func (m *member) write(ctx context.Context, s fleet.Stage, seen int64) error {
	within, done := m.short(ctx)
	defer done()
	_, err := m.c.Txn(within).If(clientv3.Compare(clientv3.ModRevision(m.stageKey()), "=", seen)).Then(clientv3.OpPut(m.stageKey(), s.String())).Commit()
	return err
}

// admit lets the member act, if the stage, which was written at a revision, has room for it.
func (m *member) admit(ctx context.Context, s fleet.Stage, seen int64) error {
	if in, err := m.within(ctx, s, seen); err != nil || !in {
		return err
	}
	within, done := m.short(ctx)
	defer done()
	// Without a lease from here on, which the ticket must not have lost meanwhile.
	resp, err := m.c.Txn(within).If(clientv3.Compare(clientv3.CreateRevision(m.key), ">", 0)).Then(clientv3.OpPut(m.key, string(fleet.Acting))).Commit()
	if err != nil {
		return err
	}
	if !resp.Succeeded {
		return errors.New("the ticket of the rollout is lost")
	}
	m.state = fleet.Acting
	lease := m.lease
	m.lease = 0
	_, _ = m.c.Revoke(within, lease) // else its time ends it; nothing is attached to it
	m.tell(protocol.Held, "")
	return nil
}

// within reports whether the stage admits the member. A few of those that are not admitted look
// whether one before them is gone, which makes room.
func (m *member) within(ctx context.Context, s fleet.Stage, seen int64) (bool, error) {
	if s.Admits < 0 || s.Last != 0 && m.made <= s.Last {
		return true, nil
	}
	if s.Last != 0 && !fleet.Few(s.Total-s.Admits, rand.N) {
		return false, nil
	}
	t, err := m.first(ctx, s.Admits)
	if err != nil {
		return false, err
	}
	now := s.Among(t.made)
	now.Total = t.total
	if now.Last != s.Last || now.Total > 4*s.Total { // those that join meanwhile are to be few, too
		err = m.write(ctx, now, seen)
	}
	return len(t.made) > 0 && m.made <= t.made[len(t.made)-1], err
}

// settle takes down what became of the change here.
func (m *member) settle(ctx context.Context, why string) error {
	switch {
	case why != "":
		m.refused = why
	case m.state == fleet.Acting:
		m.state, m.since = fleet.Healthy, time.Now()
	}
	return m.publish(ctx)
}

// publish writes down what became of the change here.
func (m *member) publish(ctx context.Context) error {
	within, done := m.short(ctx)
	defer done()
	if m.refused != "" {
		_, err := m.c.Put(within, m.refusedBelow()+strconv.FormatInt(m.revision, 10), m.digest+" "+m.refused)
		return err
	}
	_, err := m.c.Put(within, m.key, string(m.state))
	return err
}

// proceed begins the next stage, if this one is over.
func (m *member) proceed(ctx context.Context, s fleet.Stage, seen int64) error {
	t, err := m.first(ctx, s.Admits)
	if err != nil {
		return err
	}
	if why, err := m.refusal(ctx); err != nil || why != "" {
		return err
	}
	next, ok := fleet.Next(m.r.Shares, s, t.states, t.total)
	if !ok {
		return nil
	}
	if next.Admits > 0 {
		if t, err = m.first(ctx, next.Admits); err != nil {
			return err
		}
	}
	return m.write(ctx, next.Among(t.made), seen)
}

// clean removes what is left of rollouts, and of refusals, before this one.
func (m *member) clean(ctx context.Context, before int64) error {
	within, done := m.short(ctx)
	defer done()
	old, err := m.c.Get(within, m.refusedBelow(), clientv3.WithPrefix(), clientv3.WithKeysOnly(), clientv3.WithMaxModRev(before-1), clientv3.WithLimit(stepOperations))
	if err != nil {
		return err
	}
	for _, p := range old.Kvs {
		if _, err := m.c.Delete(within, string(p.Key)); err != nil {
			return err
		}
	}
	end := clientv3.GetPrefixRangeEnd(m.rollouts())
	for from := m.rollouts(); ; {
		next, err := m.c.Get(within, from, clientv3.WithRange(end), clientv3.WithLimit(1), clientv3.WithKeysOnly())
		if err != nil || len(next.Kvs) == 0 {
			return err
		}
		name, _, _ := strings.Cut(strings.TrimPrefix(string(next.Kvs[0].Key), m.rollouts()), "/")
		below := m.rollouts() + name + "/"
		from = clientv3.GetPrefixRangeEnd(below)
		if below == m.below() {
			continue
		}
		// One that has begun since is not over.
		since, err := m.c.Get(within, below, clientv3.WithPrefix(), clientv3.WithKeysOnly(), clientv3.WithMinCreateRev(before), clientv3.WithLimit(1))
		if err == nil && len(since.Kvs) == 0 {
			_, err = m.c.Delete(within, below, clientv3.WithPrefix())
		}
		if err != nil {
			return err
		}
	}
}
