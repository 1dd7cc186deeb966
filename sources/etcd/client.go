package etcd

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.etcd.io/etcd/api/v3/mvccpb"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"

	"slipway/sources"
	"slipway/sources/kv"
	"slipway/sources/protocol"
)

const (
	pageSize     = 1000    // keys of the first request; those after it have what makes
	pageBytes    = 4 << 20 // about so many bytes, by the size of those before
	largestPage  = 20_000  // keys
	compactions  = 5       // reads that are begun again before giving up
	firstPause   = 100 * time.Millisecond
	longestPause = 2 * time.Second
)

// Error says which cluster could not be read, and why.
type Error struct {
	Code      string // of the protocol
	Endpoints []string
	Cause     error
	Writes    bool // it could not be written
}

// Error names the endpoints and the cause.
func (e *Error) Error() string {
	what := "read"
	if e.Writes {
		what = "write to"
	}
	if len(e.Endpoints) == 0 {
		return "cannot " + what + " etcd: " + e.Cause.Error()
	}
	return fmt.Sprintf("cannot %s etcd at %s: %v", what, strings.Join(e.Endpoints, ", "), e.Cause)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// LookupSRV finds the records of a service; net.Resolver has it.
type LookupSRV func(ctx context.Context, service, proto, name string) (string, []*net.SRV, error)

// Reader reads a cluster.
type Reader struct {
	Config
	// Lookup resolves SRV records; net.DefaultResolver when nil.
	Lookup LookupSRV
	// Note is called with what an operator should know: that no server answers
	// and it is tried again. May be nil.
	Note func(text string)
	// revisions, when a test sets it, is called with each revision at which a
	// read begins.
	revisions func(int64)
	// now is the time that certificates are looked at with; time.Now when nil.
	now func() time.Time
	// seen are the certificates of the servers that were tried, by endpoint.
	seen map[string][]certificate
}

// Snapshot reads everything at one revision. It tries until StartTimeout,
// whatever is wrong as long as it may go away; without StartTimeout it tries
// once. The error is an *Error, or the context's when that was cancelled.
func (r *Reader) Snapshot(ctx context.Context) (protocol.Update, error) {
	deadline := time.Now().Add(r.StartTimeout)
	pause, said := firstPause, ""
	for {
		u, err := r.attempt(ctx)
		var e *Error
		switch {
		case err == nil:
			return u, nil
		case ctx.Err() != nil:
			return protocol.Update{}, context.Cause(ctx)
		case !errors.As(err, &e) || e.Code == protocol.CodeInvalid:
			return protocol.Update{}, err
		case time.Now().Add(pause).After(deadline):
			return protocol.Update{}, r.gaveUp(e)
		}
		if text := e.Error(); text != said && r.Note != nil {
			said = text
			r.Note(text + "; trying until " + deadline.Format(time.TimeOnly))
		}
		select {
		case <-ctx.Done():
			return protocol.Update{}, context.Cause(ctx)
		case <-time.After(pause/2 + rand.N(pause)):
		}
		pause = min(pause*2, longestPause)
	}
}

// gaveUp adds how long was tried.
func (r *Reader) gaveUp(e *Error) error {
	if r.StartTimeout > 0 {
		e.Cause = fmt.Errorf("%w (tried for %v)", e.Cause, r.StartTimeout)
	}
	return e
}

// attempt connects and reads once.
func (r *Reader) attempt(ctx context.Context) (protocol.Update, error) {
	c, endpoints, err := r.connect(ctx)
	if err != nil {
		return protocol.Update{}, err
	}
	defer c.Close()
	u, err := r.read(ctx, c)
	if err != nil {
		return protocol.Update{}, r.explain(ctx, endpoints, err)
	}
	if u.Text != "" && r.Note != nil {
		r.Note(u.Text)
	}
	u.Text = ""
	return u, nil
}

// endpoints returns those of the configuration, or of the SRV records.
func (r *Reader) endpoints(ctx context.Context) ([]string, error) {
	if len(r.Endpoints) > 0 {
		return r.Endpoints, nil
	}
	lookup := r.Lookup
	if lookup == nil {
		lookup = net.DefaultResolver.LookupSRV
	}
	ctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	var errs []error
	for _, s := range []struct{ service, scheme string }{{"etcd-client-ssl", "https"}, {"etcd-client", "http"}} {
		_, records, err := lookup(ctx, s.service, "tcp", r.SRV)
		var out []string
		for _, rec := range records {
			host := strings.TrimSuffix(rec.Target, ".")
			out = append(out, s.scheme+"://"+net.JoinHostPort(host, strconv.Itoa(int(rec.Port))))
		}
		if len(out) > 0 {
			return out, nil
		}
		if err != nil {
			errs = append(errs, err)
		}
	}
	return nil, &Error{Code: protocol.CodeUnavailable, Cause: fmt.Errorf("no SRV record names a server: %w", errors.Join(errs...))}
}

// connect makes a client of the endpoints that there are now, one of which at least answers.
func (r *Reader) connect(ctx context.Context) (c *clientv3.Client, endpoints []string, err error) {
	if endpoints, err = r.endpoints(ctx); err != nil {
		return nil, nil, err
	}
	// A plain connection first: it fails at once and says why, where the client
	// would be silent until its deadline. It makes no difference whether there
	// is a user.
	if err := r.reachable(ctx, endpoints); err != nil {
		return nil, nil, err
	}
	c, err = r.open(ctx, endpoints)
	return c, endpoints, err
}

// open makes a client. Nothing is dialled but, with a user, the login.
func (r *Reader) open(ctx context.Context, endpoints []string) (*clientv3.Client, error) {
	invalid := func(err error) error {
		return &Error{Code: protocol.CodeInvalid, Endpoints: endpoints, Cause: err}
	}
	cfg := clientv3.Config{
		Endpoints:            endpoints,
		DialTimeout:          r.Timeout,
		DialKeepAliveTime:    15 * time.Second,
		DialKeepAliveTimeout: 5 * time.Second,
		Context:              ctx,
		Logger:               zap.NewNop(), // its default writes JSON to standard error
	}
	var err error
	if r.secure(endpoints) {
		if cfg.TLS, err = r.tls(); err != nil {
			return nil, invalid(err)
		}
	}
	if cfg.Username, cfg.Password, err = r.credentials(); err != nil {
		return nil, invalid(err)
	}
	c, err := clientv3.New(cfg)
	if err != nil {
		return nil, r.explain(ctx, endpoints, err)
	}
	return c, nil
}

// read lists all spans at one revision, again when that is compacted meanwhile.
func (r *Reader) read(ctx context.Context, c *clientv3.Client) (protocol.Update, error) {
	for range compactions {
		u, err := r.list(ctx, c)
		if !errors.Is(err, rpctypes.ErrCompacted) {
			return u, err
		}
		select {
		case <-ctx.Done():
			return protocol.Update{}, ctx.Err()
		case <-time.After(rand.N(firstPause)):
		}
	}
	return protocol.Update{}, errors.New("the history is compacted faster than it can be read")
}

func (r *Reader) list(ctx context.Context, c *clientv3.Client) (protocol.Update, error) {
	u := protocol.Update{Kind: protocol.Whole}
	limit := pageSize
	for _, s := range r.spans() {
		for from := s.from; ; {
			resp, err := r.page(ctx, c, from, s.to, u.Revision, limit)
			if s.optional && errors.Is(err, rpctypes.ErrPermissionDenied) {
				u.Text = fmt.Sprintf("the key %s itself may not be read; for the keys below it alone write %s/", s.from, s.from)
				break
			}
			if err != nil {
				return protocol.Update{}, fmt.Errorf("%s: %w", s.of, err)
			}
			if u.Revision == 0 {
				u.Revision = resp.Header.Revision // the first page fixes it
				u.Store = strconv.FormatUint(resp.Header.ClusterId, 16)
				if r.revisions != nil {
					r.revisions(u.Revision)
				}
			}
			u.Keys = slices.Grow(u.Keys, len(resp.Kvs))
			for _, p := range resp.Kvs {
				if !ours(string(p.Key)) {
					u.Keys = append(u.Keys, r.pair(string(p.Key), string(p.Value), p.ModRevision))
				}
			}
			if !resp.More || len(resp.Kvs) == 0 {
				break
			}
			from = string(resp.Kvs[len(resp.Kvs)-1].Key) + "\x00"
			limit = nextLimit(resp.Kvs)
		}
	}
	if u.Revision == 0 {
		return u, rpctypes.ErrPermissionDenied
	}
	return u, nil
}

// own is the element of keys that are slipway's own, and no values: what a fleet agrees
// about lies below PREFIX/.slipway.
const own = ".slipway"

func ours(key string) bool { return strings.Contains(key+"/", "/"+own+"/") }

// nextLimit is the number of keys to ask for, going by a page: many small ones cost a
// round trip for nothing, and many large ones more memory than they should.
func nextLimit(page []*mvccpb.KeyValue) int {
	size := 0
	for _, p := range page {
		size += len(p.Key) + len(p.Value)
	}
	return min(max(pageBytes*len(page)/max(size, 1), 10), largestPage)
}

func (r *Reader) pair(key, text string, rev int64) kv.Pair {
	return kv.Pair{Key: key, Value: sources.Value{
		Text: text, Secret: r.secret(key), Origin: sources.Origin{Source: "etcd", File: key, Revision: rev},
	}}
}

// page reads one page; revision 0 asks for the present, and is linearizable.
func (r *Reader) page(ctx context.Context, c *clientv3.Client, from, to string, revision int64, limit int, also ...clientv3.OpOption) (*clientv3.GetResponse, error) {
	ctx, cancel := context.WithTimeout(clientv3.WithRequireLeader(ctx), r.Timeout)
	defer cancel()
	opts := append(also, clientv3.WithLimit(int64(limit)))
	if to != "" {
		opts = append(opts, clientv3.WithRange(to))
	}
	if revision != 0 {
		opts = append(opts, clientv3.WithRev(revision))
	}
	return c.Get(ctx, from, opts...)
}
