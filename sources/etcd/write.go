package etcd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"slipway/sources/kv"
	"slipway/sources/protocol"
)

// What one transaction of a split writing has. Servers take 128 operations and 1.5 MiB
// unless they are told otherwise; a key counts with its compare.
const (
	stepOperations = 100
	stepBytes      = 1 << 20
)

// Write changes keys, and calls told with the revision of each transaction. All keys are
// one transaction unless q allows to split them. It compares the revision at which each
// key was last changed: if one of them was changed after q.Base, by whomever, nothing of
// the transaction is done, and the error has the code CodeConflict.
//
// It tries once: whether a writing without an answer was done, nobody knows.
func (r *Reader) Write(ctx context.Context, q protocol.Writing, told func(revision int64)) error {
	c, endpoints, err := r.connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	w := writer{r: r, c: c, endpoints: endpoints}
	steps, err := w.steps(ctx, q)
	if err != nil {
		return w.explain(ctx, err, 0)
	}
	for i, s := range steps {
		revision, err := w.commit(ctx, s)
		if err != nil {
			return w.explain(ctx, err, i)
		}
		told(revision)
	}
	return nil
}

// writer is one writing.
type writer struct {
	r         *Reader
	c         *clientv3.Client
	endpoints []string
}

// change is what becomes of one key.
type change struct {
	key     string
	text    string
	gone    bool  // it is deleted
	changed int64 // the revision of its last change; 0: it is not there
}

func (c change) size() int { return 2*len(c.key) + len(c.text) }

// steps makes the transactions of a writing.
func (w *writer) steps(ctx context.Context, q protocol.Writing) ([][]change, error) {
	var all []change
	for _, k := range q.Deleted {
		all = append(all, change{key: k, gone: true})
	}
	for _, p := range q.Keys {
		all = append(all, change{key: p.Key, text: p.Value.Text})
	}
	for i := range all {
		if ours(all[i].key) || !w.r.covers(all[i].key) {
			return nil, &Error{Code: protocol.CodeInvalid, Endpoints: w.endpoints, Cause: fmt.Errorf("%s is not one of the keys that are read", all[i].key)}
		}
	}
	if err := w.date(ctx, all, q.Base); err != nil {
		return nil, err
	}
	if !q.Split {
		return [][]change{all}, nil
	}
	var steps [][]change
	size := 0
	for _, c := range all {
		if n := len(steps); n == 0 || len(steps[n-1]) == stepOperations || size+c.size() > stepBytes {
			steps, size = append(steps, nil), 0
		}
		steps[len(steps)-1] = append(steps[len(steps)-1], c)
		size += c.size()
	}
	return steps, nil
}

// date finds when each key was last changed, as of a revision.
func (w *writer) date(ctx context.Context, all []change, base int64) error {
	at := map[string]int{}
	for i, c := range all {
		at[c.key] = i
	}
	if len(at) != len(all) {
		return &Error{Code: protocol.CodeInvalid, Endpoints: w.endpoints, Cause: errors.New("a key is to be written twice")}
	}
	limit := pageSize
	for _, s := range w.r.spans() {
		for from := s.from; ; {
			resp, err := w.r.page(ctx, w.c, from, s.to, base, limit)
			if s.optional && errors.Is(err, rpctypes.ErrPermissionDenied) {
				break
			}
			if err != nil {
				return fmt.Errorf("%s: %w", s.of, err)
			}
			for _, p := range resp.Kvs {
				if i, ok := at[string(p.Key)]; ok {
					all[i].changed = p.ModRevision
				}
			}
			if !resp.More || len(resp.Kvs) == 0 {
				break
			}
			from = string(resp.Kvs[len(resp.Kvs)-1].Key) + "\x00"
			limit = nextLimit(resp.Kvs)
		}
	}
	return nil
}

// conflict says which keys were changed by somebody else.
type conflict struct{ keys []string }

func (c *conflict) Error() string {
	const most = 5
	shown := strings.Join(c.keys[:min(len(c.keys), most)], ", ")
	if more := len(c.keys) - most; more > 0 {
		shown += fmt.Sprintf(" and %d more", more)
	}
	return "somebody else has changed meanwhile " + shown
}

// commit does one transaction.
func (w *writer) commit(ctx context.Context, step []change) (revision int64, err error) {
	ctx, cancel := context.WithTimeout(clientv3.WithRequireLeader(ctx), w.r.Timeout)
	defer cancel()
	var same []clientv3.Cmp
	var do []clientv3.Op
	for _, c := range step {
		same = append(same, clientv3.Compare(clientv3.ModRevision(c.key), "=", c.changed))
		if c.gone {
			do = append(do, clientv3.OpDelete(c.key))
		} else {
			do = append(do, clientv3.OpPut(c.key, c.text))
		}
	}
	resp, err := w.c.Txn(ctx).If(same...).Then(do...).Commit()
	if err != nil {
		return 0, err
	}
	if !resp.Succeeded {
		return 0, w.conflict(ctx, step)
	}
	return resp.Header.Revision, nil
}

// conflict finds the keys that are not as they were.
func (w *writer) conflict(ctx context.Context, step []change) error {
	out := &conflict{}
	for _, c := range step {
		resp, err := w.c.Get(ctx, c.key, clientv3.WithKeysOnly())
		if err != nil { // which one it is, is not worth another error
			break
		}
		if now := slices.Concat(resp.Kvs); len(now) > 0 && now[0].ModRevision != c.changed || len(now) == 0 && c.changed != 0 {
			out.keys = append(out.keys, c.key)
		}
	}
	if out.keys == nil {
		out.keys = []string{"one of the keys"}
	}
	return out
}

// explain gives an error its code. done is the number of transactions that are done.
func (w *writer) explain(ctx context.Context, err error, done int) error {
	var other *conflict
	code, cause := "", err
	switch {
	case errors.As(err, &other):
		code = protocol.CodeConflict
	case errors.Is(err, rpctypes.ErrCompacted):
		code, cause = protocol.CodeConflict, errors.New("the history is compacted meanwhile, so what has changed cannot be told")
	case errors.Is(err, rpctypes.ErrTooManyOps):
		code, cause = protocol.CodeTooLarge, errors.New("these are more keys than the server takes in one transaction (--max-txn-ops, 128 by default)")
	case errors.Is(err, rpctypes.ErrRequestTooLarge), tooLarge(err):
		code, cause = protocol.CodeTooLarge, errors.New("this is more than the server takes in one request (--max-request-bytes, 1.5 MiB by default)")
	case errors.Is(err, rpctypes.ErrPermissionDenied):
		code, cause = protocol.CodeDenied, fmt.Errorf("the user %q may not write this: %w", w.r.user(), err)
	default:
		err = w.r.explain(ctx, w.endpoints, err)
		var mine *Error
		if !errors.As(err, &mine) {
			return err
		}
		code, cause = mine.Code, mine.Cause
	}
	if done > 0 {
		cause = fmt.Errorf("%w; %d transactions before it are done", cause, done)
	}
	return &Error{Code: code, Endpoints: w.endpoints, Cause: cause, Writes: true}
}

// tooLarge reports whether the client would not even send it.
func tooLarge(err error) bool {
	for e := err; e != nil; e = errors.Unwrap(e) {
		if s, ok := status.FromError(e); ok && s.Code() == codes.ResourceExhausted && strings.Contains(s.Message(), "larger than max") {
			return true
		}
	}
	return false
}

// covers reports whether a key is in what is read.
func (c *Config) covers(key string) bool {
	below := func(p string) bool {
		return kv.Below(key, p) && (key != kv.Normal(p) || !strings.HasSuffix(p, "/"))
	}
	return slices.ContainsFunc(c.Prefixes, below) || slices.ContainsFunc(c.SecretPrefixes, below)
}
