// Package controltest imitates PID 1's end of the control connection for tests of
// its clients: Serve speaks the protocol, and Model is a small supervisor whose
// programs exist only on paper.
package controltest

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"slipway/supervise/control"
)

// Call is a request on its way to a handler.
type Call struct {
	control.Request
	// Done is closed when the client withdrew the call or is gone.
	Done  <-chan struct{}
	chunk func(control.Value) bool
}

// Chunk sends one item of a stream; false means that the stream has ended.
func (c *Call) Chunk(v control.Value) bool { return c.chunk(v) }

// Handler answers one call. It may take its time: every call has a goroutine of
// its own here, which PID 1 does not have. A file is sent along and closed.
type Handler func(c *Call) (control.Value, *os.File, error)

// server is one connection that is being served.
type server struct {
	conn   *net.UnixConn
	mu     sync.Mutex
	c      control.Conn
	cancel map[uint64]chan struct{}
	calls  sync.WaitGroup
	files  map[int]*os.File
}

// Serve answers requests on conn until it ends, and returns when all handlers
// have. Methods without a handler get NotOffered.
func Serve(conn *net.UnixConn, private bool, handlers map[string]Handler) error {
	return ServeTable(conn, private, control.Table(), handlers)
}

// ServeTable is Serve with a table of one's own.
func ServeTable(conn *net.UnixConn, private bool, table []control.Method, handlers map[string]Handler) error {
	s := &server{conn: conn, cancel: map[uint64]chan struct{}{}, files: map[int]*os.File{}}
	s.c = control.Conn{
		Private: private,
		Methods: table,
		Call: func(r control.Request) {
			done := make(chan struct{})
			s.cancel[r.ID] = done
			s.calls.Add(1)
			go s.answer(r, done, handlers[r.Method.Name]) // waited for below
		},
		Cancel: func(id uint64) { s.withdraw(id) },
		Close: func(fd int) {
			_ = s.files[fd].Close()
			delete(s.files, fd)
		},
	}
	buf := make([]byte, 64<<10)
	var err error
	for err == nil {
		var n int
		if n, err = conn.Read(buf); err == nil {
			s.mu.Lock()
			err = errors.Join(s.c.Feed(buf[:n]), s.flush())
			s.mu.Unlock()
		}
	}
	s.mu.Lock()
	for _, id := range s.c.Drop() {
		s.withdraw(id)
	}
	s.mu.Unlock()
	s.calls.Wait()
	// Who goes away before it has read all answers resets the connection.
	if errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) {
		return nil
	}
	return err
}

func (s *server) withdraw(id uint64) {
	if done := s.cancel[id]; done != nil {
		close(done)
		delete(s.cancel, id)
	}
}

func (s *server) answer(r control.Request, done chan struct{}, h Handler) {
	defer s.calls.Done()
	call := &Call{Request: r, Done: done}
	call.chunk = func(v control.Value) bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		ok := s.c.Chunk(r.ID, v)
		return s.flush() == nil && ok
	}
	var v control.Value
	var f *os.File
	err := error(control.NewFault(control.NotOffered, r.Method.Name))
	if h != nil {
		v, f, err = h(call)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.cancel, r.ID)
	switch {
	case err != nil:
		s.c.Fault(r.ID, control.FaultOf(err))
	case f != nil:
		fd := int(f.Fd())
		s.files[fd] = f
		s.c.ReplyFD(r.ID, v, fd)
	default:
		s.c.Reply(r.ID, v)
	}
	_ = s.flush() // a dead connection is noticed by the reader
}

func (s *server) flush() error {
	return s.c.Flush(func(p []byte, fd int) (int, error) {
		var oob []byte
		if fd >= 0 {
			oob = unix.UnixRights(fd)
		}
		n, _, err := s.conn.WriteMsgUnix(p, oob, nil)
		return n, err
	})
}

// Pair returns the two ends of a connection: a connection for Serve, and a file
// for a client, as a child of PID 1 inherits it.
func Pair() (*net.UnixConn, *os.File, error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		return nil, nil, err
	}
	for _, fd := range fds {
		unix.CloseOnExec(fd) // SOCK_CLOEXEC is not everywhere
	}
	ours := os.NewFile(uintptr(fds[0]), "control")
	theirs := os.NewFile(uintptr(fds[1]), "control")
	conn, err := net.FileConn(ours)
	_ = ours.Close()
	if err != nil {
		_ = theirs.Close()
		return nil, nil, err
	}
	return conn.(*net.UnixConn), theirs, nil
}
