package control

import "slices"

// Bounds of one connection.
const (
	// MaxOpen is how many calls one connection may have open. The HTTP front
	// has one connection for all of its clients.
	MaxOpen = 4096
	// MaxQueue is how many bytes of answers may wait for a peer before PID 1
	// stops taking its requests, those included that it has read already.
	MaxQueue = 4 << 20
	// MaxStream is how many bytes may wait for a peer before a stream on its
	// connection is ended with TooSlow.
	MaxStream = 1 << 20
	// MaxFiles is how many descriptors may wait for a peer; of one that is not
	// private, MaxFiles/4.
	MaxFiles = 64
	// maxStrange is MaxOpen for a peer that is not private.
	maxStrange = 256
)

// Request is a call that a peer has made and the loop has to answer, with exactly
// one of Reply, ReplyFD or Fault on its connection.
type Request struct {
	ID     uint64
	Method Method // the row
	Args   []Value
}

// Str returns argument i as a string; the row has checked its type.
func (r Request) Str(i int) string { return r.Args[i].Str() }

// Int returns argument i as an integer.
func (r Request) Int(i int) int64 { return r.Args[i].Int() }

// Bool returns argument i as a boolean.
func (r Request) Bool(i int) bool { return r.Args[i].Bool() }

// Conn is one peer as PID 1's loop sees it: bytes go in through Feed, answers
// are queued by Reply, Fault and Chunk, and Flush hands the waiting bytes to
// whatever writes them. It does not know the descriptor.
//
// A Conn belongs to the loop; its methods are not for concurrent use.
type Conn struct {
	// Private says that the peer is a child that PID 1 started for the
	// purpose (the HTTP front, the watcher) and not whoever opened the
	// socket. It may call the private methods.
	Private bool
	// May lists all that a private peer may call; nil for everything.
	May []string
	// Methods is the table that requests are checked by; nil for [Table].
	Methods []Method
	// Call is told of every request that passed the checks of its row.
	Call func(Request)
	// Cancel is told when a peer withdraws an open call; its answer, if any
	// comes, is dropped. May be nil.
	Cancel func(id uint64)
	// Close is called with a descriptor that was to travel with a reply but
	// cannot any more. It must not be nil if ReplyFD is used.
	Close func(fd int)

	in    Decoder
	open  map[uint64]struct{}
	out   []outgoing
	size  int
	files int  // descriptors in out
	takes bool // Feed is under way
}

// outgoing is a piece of the out-queue: whole frames, of which the first carries
// a descriptor if fd >= 0.
type outgoing struct {
	p  []byte
	fd int
}

// Feed takes bytes that the peer sent. Requests that fail the checks (unknown
// method, wrong arguments, not for this peer, too many) are answered here. An
// error means that the peer does not speak the protocol: disconnect it.
func (c *Conn) Feed(p []byte) error {
	c.takes = true
	defer func() { c.takes = false }()
	c.in.Hold = c.Paused
	return c.in.Feed(p, func(f Frame) {
		switch f.Kind {
		case FrameRequest:
			c.request(f)
		case FrameCancel:
			if _, ok := c.open[f.ID]; ok {
				if c.Cancel != nil {
					c.Cancel(f.ID)
				}
				c.Fault(f.ID, NewFault(Cancelled, ""))
			}
		}
	})
}

func (c *Conn) request(f Frame) {
	refuse := func(fault *Fault) {
		c.queue(Frame{Kind: FrameFault, ID: f.ID, Fault: fault}, -1)
	}
	table := c.Methods
	if table == nil {
		table = methods[:]
	}
	m, ok := lookup(table, f.Method)
	switch {
	case !ok:
		refuse(NewFault(UnknownMethod, f.Method))
		return
	case m.Private && !c.Private, c.May != nil && !slices.Contains(c.May, m.Name):
		refuse(NewFault(Forbidden, f.Method))
		return
	case len(c.open) >= MaxOpen, len(c.open) >= maxStrange && !c.Private:
		refuse(NewFault(TooMany, ""))
		return
	}
	if fault := m.Check(f.Args); fault != nil {
		refuse(fault)
		return
	}
	if _, dup := c.open[f.ID]; dup {
		refuse(NewFault(BadArguments, "id is in use"))
		return
	}
	if c.open == nil {
		c.open = map[uint64]struct{}{}
	}
	c.open[f.ID] = struct{}{}
	c.Call(Request{ID: f.ID, Method: m, Args: f.Args})
}

// Reply ends call id with a value. An answer to a call that is not open any more
// is dropped.
func (c *Conn) Reply(id uint64, v Value) {
	if c.finish(id) {
		c.queue(Frame{Kind: FrameReply, ID: id, Value: v}, -1)
	}
}

// ReplyFD ends call id with a value and a descriptor, which then belongs to the
// Conn: it is sent and closed by the writer, or closed through Close.
func (c *Conn) ReplyFD(id uint64, v Value, fd int) {
	if !c.finish(id) {
		c.Close(fd)
		return
	}
	c.files++
	c.queue(Frame{Kind: FrameReply, ID: id, Value: v, HasFD: true}, fd)
}

// CanPass reports whether another descriptor may wait for the peer.
func (c *Conn) CanPass() bool {
	if c.Private {
		return c.files < MaxFiles
	}
	return c.files < MaxFiles/4
}

// Fault ends call id with a fault.
func (c *Conn) Fault(id uint64, f *Fault) {
	if c.finish(id) {
		c.queue(Frame{Kind: FrameFault, ID: id, Fault: f}, -1)
	}
}

// Chunk sends one item of a stream. It reports whether the stream goes on: false
// means that the call is not open any more, or that the reader has fallen too far
// behind and the call was ended with TooSlow.
func (c *Conn) Chunk(id uint64, v Value) bool {
	if _, ok := c.open[id]; !ok {
		return false
	}
	if c.size > MaxStream {
		c.Fault(id, NewFault(TooSlow, ""))
		return false
	}
	c.queue(Frame{Kind: FrameChunk, ID: id, Value: v}, -1)
	return true
}

// IsOpen reports whether call id still waits for its answer.
func (c *Conn) IsOpen(id uint64) bool {
	_, ok := c.open[id]
	return ok
}

// Open returns how many calls wait for their answers.
func (c *Conn) Open() int { return len(c.open) }

// Pending returns how many bytes wait to be written.
func (c *Conn) Pending() int { return c.size }

// Paused reports that so much waits for the peer that the loop should not read
// more requests from it.
func (c *Conn) Paused() bool { return c.size > MaxQueue }

// Resume takes the requests that were held back while the Conn was paused. It is to be called
// when it is not any more.
func (c *Conn) Resume() error {
	if c.takes || c.Paused() || c.in.Buffered() == 0 {
		return nil
	}
	return c.Feed(nil)
}

// Flush hands waiting bytes to write until none are left, write takes none or
// fails. write sends a piece, with the descriptor if fd >= 0, and reports how many
// bytes it took; 0 and nil mean "would block". A descriptor counts as sent with
// the first byte, and is then closed through Close: the peer has its own.
func (c *Conn) Flush(write func(p []byte, fd int) (int, error)) error {
	for len(c.out) > 0 {
		head := &c.out[0]
		n, err := write(head.p, head.fd)
		if err != nil {
			return err
		}
		if n == 0 {
			return nil
		}
		sent := head.fd
		head.fd = -1
		head.p = head.p[n:]
		c.size -= n
		if len(head.p) == 0 {
			c.out[0] = outgoing{}
			c.out = c.out[1:]
		}
		if sent >= 0 {
			c.files--
			c.Close(sent)
		}
	}
	c.out = nil
	return nil
}

// Drop forgets everything that waits, closing descriptors, and returns the calls
// that were open. It is what the loop calls when the peer is gone.
func (c *Conn) Drop() []uint64 {
	for _, o := range c.out {
		if o.fd >= 0 {
			c.Close(o.fd)
		}
	}
	ids := make([]uint64, 0, len(c.open))
	for id := range c.open {
		ids = append(ids, id)
	}
	c.out, c.size, c.files, c.open = nil, 0, 0, nil
	return ids
}

func (c *Conn) finish(id uint64) bool {
	if _, ok := c.open[id]; !ok {
		return false
	}
	delete(c.open, id)
	return true
}

// joinBelow is the size up to which frames are joined into one piece, so that
// many small answers cost one write.
const joinBelow = 16 << 10

func (c *Conn) queue(f Frame, fd int) {
	n := len(c.out)
	if fd < 0 && n > 0 && len(c.out[n-1].p) < joinBelow {
		last := &c.out[n-1]
		before := len(last.p)
		last.p = AppendFrame(last.p, f)
		c.size += len(last.p) - before
		return
	}
	p := AppendFrame(nil, f)
	c.out = append(c.out, outgoing{p: p, fd: fd})
	c.size += len(p)
}
