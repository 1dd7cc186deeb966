// Package client calls PID 1 over its control connection. It is linked into the
// programs that people and other processes use, never into PID 1.
//
// One Client carries any number of concurrent calls and streams. Faults come back
// as *control.Fault, the same code and detail that PID 1's handler returned, so
// errors.Is(err, &control.Fault{Code: control.BadName}) works on either side.
package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"slipway/supervise/control"
)

// streamBuffer is how many chunks of one stream may wait for their consumer. A
// consumer that falls further behind ends its own stream with TooSlow, because
// the connection's other calls must go on.
const streamBuffer = 1024

// writeTimeout bounds how long a request may wait until PID 1 reads it. Past it
// the connection is useless, since half a frame may have been written.
const writeTimeout = 30 * time.Second

// Client is a connection to PID 1. Its methods may be called concurrently.
type Client struct {
	conn *net.UnixConn
	path string        // of the socket; "" for a connection that was inherited
	done chan struct{} // closed when the reader has ended

	writing sync.Mutex // held while a frame is written

	mu    sync.Mutex
	next  uint64
	calls map[uint64]*call
	err   error // why the connection ended; set once, under mu
}

// call is one open call. The reader owns sending on its channels.
type call struct {
	answer chan answer        // 1, never blocks
	chunks chan control.Value // nil unless streaming; closed before the answer
}

type answer struct {
	value control.Value
	file  *os.File
	err   error
}

// Dial connects to the control socket at path. It refuses one of another user, who may
// have been first where anybody can make one.
func Dial(ctx context.Context, path string) (*Client, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("cannot reach the supervisor: %w", err)
	}
	uc := conn.(*net.UnixConn)
	if err := checkPeer(uc, path); err != nil {
		_ = uc.Close() // nothing was sent
		return nil, fmt.Errorf("cannot trust the supervisor at %s: %w", path, err)
	}
	c := newClient(uc)
	c.path = path
	return c, nil
}

// Path is where the supervisor listens, "" if the connection was inherited.
func (c *Client) Path() string { return c.path }

// FromFile talks over a connected unix stream socket that was inherited. It takes
// f over.
func FromFile(f *os.File) (*Client, error) {
	conn, err := net.FileConn(f)
	closeErr := f.Close()
	if err != nil {
		return nil, fmt.Errorf("cannot use descriptor %s as control connection: %w", f.Name(), err)
	}
	uc, ok := conn.(*net.UnixConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("cannot use descriptor %s as control connection: it is no unix socket", f.Name()), conn.Close(), closeErr)
	}
	return newClient(uc), nil
}

func newClient(conn *net.UnixConn) *Client {
	c := &Client{conn: conn, done: make(chan struct{}), calls: map[uint64]*call{}}
	go c.read() // ended by Close or the peer; Close waits
	return c
}

// Duplicate returns another descriptor of the connection, for a process that goes on with it: no
// call may be open by then. It is a number because an os.File would make the connection blocking.
func (c *Client) Duplicate() (fd int, err error) {
	raw, err := c.conn.SyscallConn()
	if err != nil {
		return -1, fmt.Errorf("cannot duplicate the control connection: %w", err)
	}
	var failed error
	err = raw.Control(func(own uintptr) { fd, failed = unix.FcntlInt(own, unix.F_DUPFD_CLOEXEC, firstFree) })
	if err := errors.Join(err, failed); err != nil {
		return -1, fmt.Errorf("cannot duplicate the control connection: %w", err)
	}
	return fd, nil
}

// firstFree is above all descriptors that have a meaning for a child of the supervisor.
const firstFree = 10

// Close ends the connection. Open calls fail with Gone.
func (c *Client) Close() error {
	err := c.conn.Close()
	<-c.done
	return err
}

// Done is closed when the connection has ended, whoever ended it.
func (c *Client) Done() <-chan struct{} { return c.done }

// Call calls a method and waits for its answer. If ctx ends first the call is
// withdrawn; what PID 1 began is not undone. A descriptor in the answer is closed.
func (c *Client) Call(ctx context.Context, method string, args ...control.Value) (control.Value, error) {
	v, f, err := c.CallFile(ctx, method, args...)
	if f != nil {
		_ = f.Close() // read-only, and nobody wants it
	}
	return v, err
}

// CallFile is Call for methods whose answer may carry a descriptor; the file is
// nil if it did not.
func (c *Client) CallFile(ctx context.Context, method string, args ...control.Value) (control.Value, *os.File, error) {
	id, cl, err := c.begin(method, args, false)
	if err != nil {
		return control.Value{}, nil, err
	}
	select {
	case a := <-cl.answer:
		return a.value, a.file, a.err
	case <-ctx.Done():
		c.withdraw(id, cl)
		return control.Value{}, nil, ctx.Err()
	}
}

// Stream calls a streaming method and hands each chunk to do, in order, until the
// stream ends (nil, or its fault), do returns an error, or ctx ends.
func (c *Client) Stream(ctx context.Context, do func(control.Value) error, method string, args ...control.Value) error {
	id, cl, err := c.begin(method, args, true)
	if err != nil {
		return err
	}
	for {
		select {
		case v, ok := <-cl.chunks:
			if !ok {
				a := <-cl.answer
				return a.err
			}
			if err := do(v); err != nil {
				c.withdraw(id, cl)
				return err
			}
		case <-ctx.Done():
			c.withdraw(id, cl)
			return ctx.Err()
		}
	}
}

func (c *Client) begin(method string, args []control.Value, stream bool) (uint64, *call, error) {
	cl := &call{answer: make(chan answer, 1)}
	if stream {
		cl.chunks = make(chan control.Value, streamBuffer)
	}
	c.mu.Lock()
	if c.err != nil {
		err := c.err
		c.mu.Unlock()
		return 0, nil, err
	}
	c.next++
	id := c.next
	c.calls[id] = cl
	c.mu.Unlock()
	err := c.write(control.Frame{Kind: control.FrameRequest, ID: id, Method: method, Args: args})
	if err != nil {
		c.take(id)
		return 0, nil, err
	}
	return id, cl, nil
}

func (c *Client) write(f control.Frame) error {
	p := control.AppendFrame(nil, f)
	c.writing.Lock()
	defer c.writing.Unlock()
	_ = c.conn.SetWriteDeadline(time.Now().Add(writeTimeout)) // fails only if closed; so will Write
	if _, err := c.conn.Write(p); err != nil {
		_ = c.conn.Close() // half a frame cannot be taken back
		return control.NewFault(control.Gone, err.Error())
	}
	return nil
}

// withdraw gives a call up. An answer that arrives meanwhile is thrown away.
func (c *Client) withdraw(id uint64, cl *call) {
	if c.take(id) == nil {
		if a := <-cl.answer; a.file != nil {
			_ = a.file.Close()
		}
		return
	}
	_ = c.write(control.Frame{Kind: control.FrameCancel, ID: id}) // an ended connection has no open calls
}

func (c *Client) take(id uint64) *call {
	c.mu.Lock()
	defer c.mu.Unlock()
	cl := c.calls[id]
	delete(c.calls, id)
	return cl
}

// read is the goroutine that owns reading. It ends when the connection does, and
// answers every open call then.
func (c *Client) read() {
	defer close(c.done)
	dec := control.Decoder{Max: control.MaxAnswer}
	buf := make([]byte, 64<<10)
	oob := make([]byte, unix.CmsgSpace(4*16))
	var files []*os.File // arrived, waiting for the reply that owns them
	var err error
	for err == nil {
		var n, oobn int
		n, oobn, _, _, err = c.conn.ReadMsgUnix(buf, oob)
		files = append(files, received(oob[:oobn])...)
		if n == 0 && err == nil {
			err = errors.New("the supervisor closed the connection")
		}
		if n > 0 {
			if e := dec.Feed(buf[:n], func(f control.Frame) { files = c.frame(f, files) }); e != nil {
				err = e
			}
		}
	}
	_ = c.conn.Close()
	for _, f := range files {
		_ = f.Close()
	}
	gone := control.NewFault(control.Gone, err.Error())
	c.mu.Lock()
	c.err = gone
	calls := c.calls
	c.calls = nil
	c.mu.Unlock()
	for _, cl := range calls {
		cl.finish(answer{err: gone})
	}
}

// frame delivers one frame and returns the files that still wait.
func (c *Client) frame(f control.Frame, files []*os.File) []*os.File {
	switch f.Kind {
	case control.FrameChunk:
		c.mu.Lock()
		cl := c.calls[f.ID]
		c.mu.Unlock()
		if cl == nil || cl.chunks == nil {
			return files
		}
		select {
		case cl.chunks <- f.Value:
		default:
			if c.take(f.ID) != nil {
				cl.finish(answer{err: control.NewFault(control.TooSlow, "")})
				// Not from here: the reader must not wait for a write.
				go func() { _ = c.write(control.Frame{Kind: control.FrameCancel, ID: f.ID}) }() // ends within writeTimeout
			}
		}
	case control.FrameReply:
		a := answer{value: f.Value}
		if f.HasFD && len(files) > 0 {
			a.file, files = files[0], files[1:]
		}
		if cl := c.take(f.ID); cl != nil {
			cl.finish(a)
		} else if a.file != nil {
			_ = a.file.Close()
		}
	case control.FrameFault:
		if cl := c.take(f.ID); cl != nil {
			cl.finish(answer{err: f.Fault})
		}
	}
	return files
}

func (cl *call) finish(a answer) {
	if cl.chunks != nil {
		close(cl.chunks)
	}
	cl.answer <- a
}

// received returns the descriptors of a control message as files.
func received(oob []byte) []*os.File {
	if len(oob) == 0 {
		return nil
	}
	msgs, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return nil
	}
	var files []*os.File
	for _, m := range msgs {
		fds, err := unix.ParseUnixRights(&m)
		if err != nil {
			continue
		}
		for _, fd := range fds {
			unix.CloseOnExec(fd)
			files = append(files, os.NewFile(uintptr(fd), "log"))
		}
	}
	return files
}
