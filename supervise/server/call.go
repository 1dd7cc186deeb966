package server

import "slipway/supervise/control"

// Call is a request that is being answered: by one of Reply, ReplyFD, Fault and Answer, or
// by a Server's Defer. Until then it may be given items with Chunk.
type Call struct {
	control.Request
	peer *Peer
}

// Reply answers with a value.
func (c *Call) Reply(v control.Value) {
	c.peer.conn.Reply(c.ID, v)
	c.peer.Flush()
}

// ReplyFD answers with a value and a descriptor, which becomes the peer's.
func (c *Call) ReplyFD(v control.Value, fd int) {
	c.peer.conn.ReplyFD(c.ID, v, fd)
	c.peer.Flush()
}

// Fault answers that it cannot be done.
func (c *Call) Fault(code control.Code, detail string) {
	c.peer.conn.Fault(c.ID, control.NewFault(code, detail))
	c.peer.Flush()
}

// Answer is Reply, or Fault if f is not nil.
func (c *Call) Answer(v control.Value, f *control.Fault) {
	if f != nil {
		c.Fault(f.Code, f.Detail)
		return
	}
	c.Reply(v)
}

// CanPass reports whether the peer can be given another descriptor; it is told if not.
func (c *Call) CanPass() bool {
	if c.peer.conn.CanPass() {
		return true
	}
	c.Fault(control.TooMany, "log files that were opened and not received yet")
	return false
}

// PassFD is ReplyFD with a descriptor that was made for the peer just now, unless it is one
// of those that are kept for programs.
func (c *Call) PassFD(v control.Value, fd int) {
	if c.peer.s.IsScarce(fd) {
		c.peer.s.opts.Kernel.Close(fd)
		c.Fault(control.TooMany, "open files of the supervisor")
		return
	}
	c.ReplyFD(v, fd)
}

// Chunk sends one item of a stream. One that nobody reads any more is dropped, and so is
// what was kept for a stream whose reader has fallen too far behind.
func (c *Call) Chunk(v control.Value) {
	if !c.peer.conn.Chunk(c.ID, v) {
		c.peer.s.forget(c.peer, c.ID)
	}
	c.peer.Flush()
}

// Done says whether a call can be answered, and how.
type Done func() (v control.Value, f *control.Fault, ok bool)

// wait is a call whose answer depends on what becomes of processes.
type wait struct {
	call *Call
	done Done
}

// Defer answers a call now, or in Settle, when done says so.
func (s *Server) Defer(c *Call, done Done) {
	w := wait{c, done}
	if !s.answered(w) {
		s.waits = append(s.waits, w)
	}
}

// answered answers a call if it can be, which it also can when the question panics.
func (s *Server) answered(w wait) (yes bool) {
	if s.opts.Loop.Guard(w.call.Method.Name, func() {
		if v, f, ok := w.done(); ok {
			yes = true
			w.call.Answer(v, f)
		}
	}) {
		return yes
	}
	w.call.broken()
	return true
}

// broken answers a call whose handler has panicked, if it was not answered.
func (c *Call) broken() {
	c.Fault(control.Failed, "internal error of the supervisor in "+c.Method.Name+"; its log has the details")
}

// Settle answers the calls whose time has come. It is called after every change.
func (s *Server) Settle() {
	list := s.waits
	s.waits = nil
	for _, w := range list {
		if !s.answered(w) && w.call.peer.conn.IsOpen(w.call.ID) {
			s.waits = append(s.waits, w)
		}
	}
}

// stream is a call that is given items for as long as somebody reads them.
type stream struct {
	call *Call
	gone func()
}

// Stream keeps a call open. Gone is called when nobody reads it any more.
func (s *Server) Stream(c *Call, gone func()) {
	if !c.peer.conn.IsOpen(c.ID) {
		gone()
		return
	}
	s.streams = append(s.streams, stream{c, gone})
}

// forget drops what was kept for a call that nobody waits for any more.
func (s *Server) forget(p *Peer, id uint64) {
	for i, w := range s.waits {
		if w.call.peer == p && w.call.ID == id {
			s.waits = append(s.waits[:i:i], s.waits[i+1:]...)
			break
		}
	}
	for i, x := range s.streams {
		if x.call.peer == p && x.call.ID == id {
			s.streams = append(s.streams[:i:i], s.streams[i+1:]...)
			x.gone()
			break
		}
	}
}
