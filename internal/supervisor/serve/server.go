package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/net/netutil"

	"slipway/supervise/boot"
	"slipway/supervise/control"
	"slipway/supervise/control/client"
	"slipway/supervise/control/surface"
)

// The limits of the package comment.
const (
	headerTimeout  = 10 * time.Second
	bodyTimeout    = 30 * time.Second
	idleTimeout    = 2 * time.Minute
	writeTimeout   = 30 * time.Second
	maxBody        = 1 << 20
	maxConnections = 2048
)

// Config says what a Server serves.
type Config struct {
	// Control reaches PID 1.
	Control client.Caller
	// Servers and Listeners belong together by index.
	Servers   []control.ServerInfo
	Listeners []net.Listener
	// Idle is how long nobody must be connected before Run returns; 0 means
	// never.
	Idle time.Duration
	// HeaderTimeout and BodyTimeout bound how long a request may take to arrive;
	// 0 means 10 s and 30 s.
	HeaderTimeout, BodyTimeout time.Duration
	// GuessPause is how long the answer to the first wrong password takes that is not
	// answered at once; 0 means 100 ms.
	GuessPause time.Duration
	// Operations are those of PID 1, whose rows become methods; nil for [surface.Table].
	Operations []surface.Operation
	// Proc is where the processes are; "" means /proc.
	Proc string
	// Log gets what no client can be told, such as a handler that panicked.
	Log io.Writer
}

// Server serves all HTTP servers of one supervisor.
type Server struct {
	conf    Config
	methods []method
	answers atomic.Int64 // bytes of answers that are being made; see budget

	mu       sync.Mutex
	open     int           // connections
	quiet    time.Time     // since when none is open
	activity chan struct{} // capacity 1: open has changed
}

// New returns a server; Run serves.
func New(conf Config) *Server {
	if conf.Log == nil {
		conf.Log = io.Discard
	}
	if conf.HeaderTimeout == 0 {
		conf.HeaderTimeout = headerTimeout
	}
	if conf.BodyTimeout == 0 {
		conf.BodyTimeout = bodyTimeout
	}
	if conf.GuessPause == 0 {
		conf.GuessPause = guessPause
	}
	if conf.Proc == "" {
		conf.Proc = "/proc"
	}
	if conf.Operations == nil {
		conf.Operations = surface.Table()
	}
	return &Server{conf: conf, methods: methodTable(conf.Operations), quiet: time.Now(), activity: make(chan struct{}, 1)}
}

// Run serves until ctx ends or nobody has been connected for Idle, which is no
// error. Open requests then have a second to end.
func (s *Server) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	failed := make(chan error, len(s.conf.Listeners))
	var servers []*http.Server
	for i, l := range s.conf.Listeners {
		hs := s.httpServer(s.conf.Servers[i])
		hs.BaseContext = func(net.Listener) context.Context { return ctx }
		servers = append(servers, hs)
		go func() { failed <- hs.Serve(netutil.LimitListener(peers{l}, maxConnections)) }() // ended by Shutdown, waited for below
	}
	err := s.wait(ctx, failed)
	cancel() // tells followers
	shut, done := context.WithTimeout(context.Background(), time.Second)
	defer done()
	for _, hs := range servers {
		if hs.Shutdown(shut) != nil {
			_ = hs.Close() // clients that do not end are cut
		}
	}
	for range servers {
		if e := <-failed; err == nil && !errors.Is(e, http.ErrServerClosed) {
			err = e
		}
	}
	return err
}

// wait returns when Run is to end. It leaves as many values in failed as there are
// servers.
func (s *Server) wait(ctx context.Context, failed chan error) error {
	var timer <-chan time.Time
	for {
		s.mu.Lock()
		if s.conf.Idle > 0 {
			timer = nil
			if s.open == 0 {
				timer = time.After(time.Until(s.quiet.Add(s.conf.Idle)))
			}
		}
		s.mu.Unlock()
		select {
		case <-ctx.Done():
			return nil
		case err := <-failed:
			failed <- err
			return err
		case <-s.activity:
		case <-timer:
			s.mu.Lock()
			idle := s.open == 0 && time.Since(s.quiet) >= s.conf.Idle
			s.mu.Unlock()
			if idle {
				return nil
			}
		}
	}
}

// connState counts connections for Idle.
func (s *Server) connState(_ net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch state {
	case http.StateNew:
		s.open++
	case http.StateClosed, http.StateHijacked:
		s.open--
		if s.open == 0 {
			s.quiet = time.Now()
		}
	default:
		return
	}
	select {
	case s.activity <- struct{}{}:
	default:
	}
}

func (s *Server) httpServer(info control.ServerInfo) *http.Server {
	site := &site{Server: s, info: info, refused: map[string]bool{},
		guesses: guesses{pause: s.conf.GuessPause, of: map[string]*guesser{}}}
	return &http.Server{
		Handler:           site,
		ReadHeaderTimeout: s.conf.HeaderTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    32 << 10,
		ConnState:         s.connState,
		ErrorLog:          log.New(s.conf.Log, "slipway: serve: ", 0),
	}
}

// peers is a listener whose unix connections have the user at the other end as
// their remote address, which is what a log line needs.
type peers struct{ net.Listener }

func (l peers) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if errors.Is(err, syscall.ENOBUFS) || errors.Is(err, syscall.ENOMEM) {
		return nil, fullError{err}
	}
	if uc, ok := c.(*net.UnixConn); ok {
		return namedConn{c, peerAddr(uc)}, err
	}
	return c, err
}

// fullError makes the server wait a moment, as it does where descriptors have run out, in
// place of ending.
type fullError struct{ error }

// Timeout implements net.Error.
func (fullError) Timeout() bool { return false }

// Temporary implements net.Error.
func (fullError) Temporary() bool { return true }

func (e fullError) Unwrap() error { return e.error }

// namedConn is a connection with another remote address.
type namedConn struct {
	net.Conn
	addr userAddr
}

func (c namedConn) RemoteAddr() net.Addr { return c.addr }

// userAddr is the address of a process on this machine: whose it is.
type userAddr string

func (userAddr) Network() string  { return "unix" }
func (a userAddr) String() string { return string(a) }

func peerAddr(c *net.UnixConn) userAddr {
	name := userAddr("a local process")
	raw, err := c.SyscallConn()
	if err != nil {
		return name
	}
	_ = raw.Control(func(fd uintptr) {
		if uid, ok := peerUID(int(fd)); ok {
			name = userAddr("a process of user " + strconv.Itoa(uid))
		}
	})
	return name
}

// Inherited runs the HTTP front with the descriptors that PID 1 passes to it (see
// the package comment), and returns the exit status of `slipway serve`.
func Inherited(ctx context.Context, idle time.Duration, stderr io.Writer) int {
	if err := inherited(ctx, idle, stderr); err != nil {
		fmt.Fprintf(stderr, "slipway: error: %v\n", err)
		return 70
	}
	return 0
}

// beatEvery is how often the supervisor hears of the front, which it replaces otherwise.
const beatEvery = 2 * time.Second

func beat(ctx context.Context, c client.Caller) {
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for {
		_, _ = c.Call(ctx, control.OpState) // that it was asked is what counts
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func inherited(ctx context.Context, idle time.Duration, stderr io.Writer) error {
	ctl, err := client.FromFile(os.NewFile(boot.ControlFD, "control"))
	if err != nil {
		return fmt.Errorf("cannot serve without a supervisor: %w (slipway serve is started by the supervisor, not by hand)", err)
	}
	defer ctl.Close()
	ask, done := context.WithTimeout(ctx, 10*time.Second)
	servers, err := client.Servers(ask, ctl)
	done()
	if err != nil {
		return fmt.Errorf("cannot learn what to serve: %w", err)
	}
	conf := Config{Control: ctl, Servers: servers, Idle: idle, Log: stderr}
	for i, info := range servers {
		f := os.NewFile(uintptr(boot.ListenerFD+i), info.Section)
		l, err := net.FileListener(f)
		_ = f.Close() // the listener has a duplicate
		if err != nil {
			return fmt.Errorf("cannot listen for [%s]: %w", info.Section, err)
		}
		conf.Listeners = append(conf.Listeners, l)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() { // ends with ctx or the supervisor
		select {
		case <-ctl.Done():
			cancel()
		case <-ctx.Done():
		}
	}()
	go beat(ctx, ctl) // ends with ctx
	return New(conf).Run(ctx)
}
