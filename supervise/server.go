package supervise

import (
	"io"
	"path/filepath"
	"strings"

	"slipway/supervise/control"
	"slipway/supervise/kernel"
)

// maxPeers bounds the connections to the control socket. Beyond it the one that has
// been idle longest makes room.
const maxPeers = 64

// controlSocket is where clients of the same user, and root, find the supervisor.
type controlSocket struct {
	s       *Supervisor
	fd      int // -1: none
	path    string
	peers   []*peer // oldest first
	refused int     // the user whose connection was refused last, said once; 0: none
}

// peer is one connection of the control protocol.
type peer struct {
	fd      int
	conn    control.Conn
	s       *Supervisor
	writing bool // watched for writing, because it has not taken everything
	shared  bool // came through the control socket
}

// openControl makes the control socket at the first place that works: see
// [control.Places]. Called as supervisord, of which many may run, there is only the first.
// Without any the programs run, but nobody can ask for them.
func (s *Supervisor) openControl() {
	s.control.fd = -1
	places := control.Places(s.cfg.Slipway.Runtime, s.opts.UID, s.k.PIDNamespace())
	if s.opts.Mode != Run {
		places = places[:1]
	}
	for _, path := range places {
		fd, err := s.listenAt(path)
		if err == nil {
			if err = s.loop.Own(fd, &s.control, kernel.Readable); err == nil {
				s.control.fd, s.control.path = fd, path
				return
			}
			s.k.Close(fd)
		}
		s.log.Debug("cannot listen at ", path, ": ", err.Error())
	}
	if s.opts.Mode == Run {
		s.log.Warn("nowhere to listen for slipway status and the like (tried ", strings.Join(places, ", "), "): they will not work")
	}
}

// listenAt listens at a path, whose folder is made, or at an abstract name.
func (s *Supervisor) listenAt(path string) (int, error) {
	if path[0] == '@' {
		return s.k.ListenAbstract(path)
	}
	if err := s.k.MakeDir(filepath.Dir(path)); err != nil {
		return -1, err
	}
	return s.k.ListenUnix(path, 0o600, -1, -1)
}

// closeControl ends the socket and all connections, after a last try to deliver what
// they wait for.
func (s *Supervisor) closeControl() {
	for len(s.control.peers) > 0 {
		s.disconnect(s.control.peers[0])
	}
	if s.control.fd >= 0 {
		s.loop.Disown(s.control.fd)
		s.k.Close(s.control.fd)
		if s.control.path[0] != '@' {
			s.k.Remove(s.control.path)
		}
		s.control.fd = -1
	}
}

// mostAtOnce is how many connections, or messages, of one socket are taken before the
// loop looks at everything else: who sends without end is not to hold it.
const mostAtOnce = 16

// OnReadable implements loop.FDOwner: somebody connects.
func (c *controlSocket) OnReadable(fd int, _ kernel.Mode) {
	s := c.s
	for range mostAtOnce {
		conn, err := s.k.Accept(fd)
		if err != nil {
			return
		}
		uid, err := s.k.PeerUID(conn)
		if err != nil || uid != 0 && uid != s.opts.UID {
			if c.refused != uid {
				c.refused = uid
				s.log.Warn("refused a control connection of user ", itoa(uid))
			}
			s.k.Close(conn)
			continue
		}
		if len(c.peers) >= maxPeers {
			s.disconnect(c.idlest())
		}
		p := s.connect(conn, false)
		p.shared = true
		c.peers = append(c.peers, p)
	}
}

// idlest is the oldest peer that waits for nothing, else the oldest.
func (c *controlSocket) idlest() *peer {
	for _, p := range c.peers {
		if p.conn.Open() == 0 {
			return p
		}
	}
	return c.peers[0]
}

// connect begins to serve a connection.
func (s *Supervisor) connect(fd int, private bool) *peer {
	p := &peer{fd: fd, s: s}
	p.conn = control.Conn{
		Private: private,
		Call:    func(r control.Request) { s.serve(&call{s: s, peer: p, Request: r}) },
		Cancel:  func(id uint64) { s.forgetCall(p, id) },
		Close:   func(fd int) { s.k.Close(fd) },
	}
	s.loop.Own(fd, p, kernel.Readable)
	return p
}

// OnReadable implements loop.FDOwner.
func (p *peer) OnReadable(fd int, m kernel.Mode) {
	s := p.s
	if m&(kernel.Readable|kernel.Hangup) != 0 && !p.conn.Paused() {
		n, err := s.k.Read(fd, s.loop.Buffer())
		if n > 0 {
			if p.conn.Feed(s.loop.Buffer()[:n]) != nil {
				s.disconnect(p)
				return
			}
		}
		if err == io.EOF || err != nil && !isAgain(err) {
			s.disconnect(p)
			return
		}
	}
	p.flush()
}

// flush sends what waits for a peer, and goes on when it can take more.
func (p *peer) flush() {
	if p.fd < 0 {
		return
	}
	err := p.conn.Flush(func(b []byte, pass int) (int, error) { return p.s.k.Send(p.fd, b, pass) })
	if err != nil {
		p.s.disconnect(p)
		return
	}
	if writing := p.conn.Pending() > 0; writing != p.writing {
		p.writing = writing
		m := kernel.Readable
		if writing {
			m |= kernel.Writable
		}
		p.s.loop.Own(p.fd, p, m)
	}
}

// disconnect forgets a peer. What it has begun is not undone.
func (s *Supervisor) disconnect(p *peer) {
	if p.fd < 0 {
		return
	}
	s.loop.Disown(p.fd)
	s.k.Close(p.fd)
	p.fd = -1
	for _, id := range p.conn.Drop() {
		s.forgetCall(p, id)
	}
	for i, other := range s.control.peers {
		if other == p {
			s.control.peers = append(s.control.peers[:i], s.control.peers[i+1:]...)
			break
		}
	}
	if s.front.peer == p {
		s.front.peer = nil
	}
	if s.watcher.peer == p {
		s.watcher.peer = nil
	}
}

// call is a request that is being answered.
type call struct {
	control.Request
	s    *Supervisor
	peer *peer
}

func (c *call) reply(v control.Value) {
	c.peer.conn.Reply(c.ID, v)
	c.peer.flush()
}

func (c *call) replyFD(v control.Value, fd int) {
	c.peer.conn.ReplyFD(c.ID, v, fd)
	c.peer.flush()
}

func (c *call) fault(code control.Code, detail string) {
	c.peer.conn.Fault(c.ID, control.NewFault(code, detail))
	c.peer.flush()
}

// answer is reply, or fault if f is not nil.
func (c *call) answer(v control.Value, f *control.Fault) {
	if f != nil {
		c.fault(f.Code, f.Detail)
		return
	}
	c.reply(v)
}

// wait is a call whose answer depends on what becomes of processes. done is asked
// after every change of state.
type wait struct {
	call *call
	done func() (v control.Value, f *control.Fault, ok bool)
}

// deferAnswer answers a call now, or when done says so.
func (s *Supervisor) deferAnswer(c *call, done func() (control.Value, *control.Fault, bool)) {
	if v, f, ok := done(); ok {
		c.answer(v, f)
		return
	}
	s.waits = append(s.waits, wait{c, done})
}

// answerWaits answers the calls whose time has come.
func (s *Supervisor) answerWaits() {
	list := s.waits
	s.waits = nil
	for _, w := range list {
		v, f, ok := w.done()
		switch {
		case ok:
			w.call.answer(v, f)
		case w.call.peer.conn.IsOpen(w.call.ID):
			s.waits = append(s.waits, w)
		}
	}
}

// forgetCall drops what was kept for a call that nobody waits for any more.
func (s *Supervisor) forgetCall(p *peer, id uint64) {
	for i, w := range s.waits {
		if w.call.peer == p && w.call.ID == id {
			s.waits = append(s.waits[:i:i], s.waits[i+1:]...)
			break
		}
	}
	for i, f := range s.followers {
		if f.call.peer == p && f.call.ID == id {
			s.followers = append(s.followers[:i:i], s.followers[i+1:]...)
			break
		}
	}
}

// serve calls the handler of a method.
func (s *Supervisor) serve(c *call) {
	if s.phase != phaseRunning && !c.Method.InShutdown {
		c.fault(control.ShutdownState, "")
		return
	}
	s.dispatch(s.handlers, c)
}
