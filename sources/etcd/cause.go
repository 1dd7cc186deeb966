package etcd

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"slipway/sources/protocol"
)

// explain turns an error of the client into one that names endpoint and cause.
func (r *Reader) explain(ctx context.Context, endpoints []string, err error) error {
	e := &Error{Code: protocol.CodeUnavailable, Endpoints: endpoints, Cause: err}
	var already *Error
	switch {
	case errors.As(err, &already):
		return already
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, rpctypes.ErrAuthFailed):
		e.Code, e.Cause = protocol.CodeDenied, fmt.Errorf("the user %q or the password is wrong", r.user())
	case errors.Is(err, rpctypes.ErrPermissionDenied):
		e.Code, e.Cause = protocol.CodeDenied, fmt.Errorf("the user %q may not read this: %w", r.user(), err)
	case errors.Is(err, rpctypes.ErrUserEmpty):
		e.Code, e.Cause = protocol.CodeDenied, errors.New("the cluster wants a user and a password, and none are set")
	case silent(err):
		// The client says that time is over or a connection failed. Why, can be
		// seen at the endpoints themselves.
		if probe := r.probe(ctx, endpoints, true); probe != nil {
			return probe
		}
		e.Code, e.Cause = protocol.CodeTimeout, fmt.Errorf("it accepts connections and answers no read within %v; has the cluster a leader?", r.Timeout)
	}
	return e
}

// silent reports whether an error of the client is about the connection.
func silent(err error) bool {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, rpctypes.ErrNoLeader) || errors.Is(err, rpctypes.ErrTimeout) {
		return true
	}
	for e := err; e != nil; e = errors.Unwrap(e) {
		if s, ok := status.FromError(e); ok && (s.Code() == codes.Unavailable || s.Code() == codes.DeadlineExceeded) {
			return true
		}
	}
	return false
}

// reachable connects to the endpoints, one after the other, and shakes hands
// where there is TLS. It returns nil when one of them can be reached, else why
// none can.
func (r *Reader) reachable(ctx context.Context, endpoints []string) error {
	return r.probe(ctx, endpoints, false)
}

// probe is reachable; patient, it also waits a moment for what a server says
// after the handshake: that is where TLS 1.3 refuses a client's certificate.
func (r *Reader) probe(ctx context.Context, endpoints []string, patient bool) error {
	var errs []error
	var conf *tls.Config
	if r.secure(endpoints) {
		var err error
		if conf, err = r.tls(); err != nil {
			return &Error{Code: protocol.CodeInvalid, Endpoints: endpoints, Cause: err}
		}
	}
	for _, e := range endpoints {
		err := r.reach(ctx, e, conf, patient)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if len(endpoints) > 1 {
			err = fmt.Errorf("%s: %w", e, err)
		}
		errs = append(errs, err)
	}
	return &Error{Code: protocol.CodeUnavailable, Endpoints: endpoints, Cause: joined(errs)}
}

func (r *Reader) reach(ctx context.Context, endpoint string, conf *tls.Config, patient bool) error {
	if conf == nil {
		conn, err := r.dial(ctx, endpoint)
		if err == nil {
			conn.Close()
		}
		return err
	}
	t, err := r.shake(ctx, endpoint, conf)
	if err != nil {
		return err
	}
	defer t.Close()
	if r.seen == nil {
		r.seen = map[string][]certificate{}
	}
	r.seen[endpoint] = ofServer(endpoint, t.ConnectionState())
	if patient {
		t.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
		var refused *net.OpError
		if _, err := t.Read(make([]byte, 1)); errors.As(err, &refused) && !refused.Timeout() {
			return fmt.Errorf("TLS: %w", err)
		}
	}
	return nil
}

// dial connects to an endpoint.
func (r *Reader) dial(ctx context.Context, endpoint string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	network, addr := address(endpoint)
	return (&net.Dialer{}).DialContext(ctx, network, addr)
}

// shake connects to an endpoint, and shakes hands.
func (r *Reader) shake(ctx context.Context, endpoint string, conf *tls.Config) (*tls.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	conn, err := r.dial(ctx, endpoint)
	if err != nil {
		return nil, err
	}
	conf = conf.Clone()
	if conf.ServerName == "" {
		_, addr := address(endpoint)
		conf.ServerName, _, _ = net.SplitHostPort(addr)
	}
	conf.NextProtos = []string{"h2"}
	t := tls.Client(conn, conf)
	if err := t.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, fmt.Errorf("TLS: %w", err)
	}
	return t, nil
}

// address is what a dialer takes for an endpoint.
func address(endpoint string) (network, addr string) {
	scheme, rest, ok := strings.Cut(endpoint, "://")
	switch {
	case !ok:
		return "tcp", endpoint
	case scheme == "unix" || scheme == "unixs":
		return "unix", rest
	}
	u, err := url.Parse(endpoint)
	if err != nil {
		return "tcp", rest
	}
	return "tcp", u.Host
}

// joined puts errors into one line.
func joined(errs []error) error {
	if len(errs) == 1 {
		return errs[0]
	}
	var texts []string
	for _, e := range errs {
		texts = append(texts, e.Error())
	}
	return errors.New(strings.Join(texts, "; "))
}
