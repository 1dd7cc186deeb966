// Package server is the control socket: the connections of clients, their calls, and the
// calls whose answers must wait. What a call means is the business of Options.Serve.
//
// # Ownership
//
// Everything belongs to the supervisor's loop. A Peer is one connection; what it has begun
// is not undone when it goes. A Call is answered exactly once, at once or later; when
// nobody waits for it any more, whatever is kept for it is dropped.
//
// # What must not happen
//
// A client that does not read, or sends without end, must not hold the loop, and must not
// make it grow: package control bounds what waits for a peer.
package server

import (
	"path/filepath"
	"strconv"

	"slipway/supervise/control"
	"slipway/supervise/kernel"
	"slipway/supervise/loop"
)

// Listener makes control sockets. ListenUnix takes over a socket that nobody answers at;
// ListenAbstract listens at a name without a file.
type Listener interface {
	ListenUnix(path string, mode uint32, uid, gid int) (int, error)
	ListenAbstract(name string) (int, error)
	MakeDir(path string) error
	Remove(path string) error
	Stat(path string) (kernel.FileInfo, error)
}

// Connections takes connections and talks over them. Accept returns EAGAIN if nobody waits;
// Send takes a descriptor to pass on, or -1.
type Connections interface {
	Accept(fd int) (int, error)
	PeerUID(fd int) (int, error)
	Read(fd int, p []byte) (int, error)
	Send(fd int, p []byte, pass int) (int, error)
	Close(fd int) error
}

// Kernel is what a Server asks of the operating system.
type Kernel interface {
	Listener
	Connections
}

// Log is where a Server says what people should know.
type Log interface {
	Debug(parts ...string)
	Warn(parts ...string)
}

// Options are what a Server is made of.
type Options struct {
	Kernel Kernel
	Loop   *loop.Loop
	Log    Log
	// Methods is the table that requests are checked by; nil for control.Table.
	Methods []control.Method
	// Serve answers a call, now or later.
	Serve func(c *Call)
}

// maxPeers bounds the connections to the control socket. Beyond it the one that has
// been idle longest makes room.
const maxPeers = 64

// Server is where clients of the same user, and root, find the supervisor.
type Server struct {
	opts    Options
	places  []string // where to listen, the best first
	fd      int      // -1: none
	at      Socket
	asked   bool    // somebody has connected
	uid     int     // whose clients may call, beside root's
	peers   []*Peer // through the socket, oldest first
	refused int     // the user whose connection was refused last, said once; 0: none
	waits   []wait
	streams []stream
}

// New returns a Server that listens nowhere yet. Peers can be connected all the same.
func New(o Options) *Server { return &Server{opts: o, fd: -1} }

// Listen makes the control socket, for clients of user uid and root, at the first of the
// places that works, and reports whether there is one.
func (s *Server) Listen(places []string, uid int) bool {
	s.places, s.uid = places, uid
	for _, path := range places {
		err := s.listen(path)
		if err == nil {
			return true
		}
		s.opts.Log.Debug("cannot listen at ", path, ": ", err.Error())
	}
	return false
}

func (s *Server) listen(path string) error {
	fd, err := s.listenAt(path)
	if err != nil {
		return err
	}
	if err := s.opts.Loop.Own(fd, s, kernel.Readable); err != nil {
		s.opts.Kernel.Close(fd)
		return err
	}
	s.fd, s.at = fd, Made(s.opts.Kernel, path)
	return nil
}

// IsNeeded reports whether somebody could miss the socket: somebody has connected to it, or
// there is none.
func (s *Server) IsNeeded() bool { return s.asked || s.fd < 0 && len(s.places) > 0 }

// Look makes the socket anew if somebody has removed it, and makes it if nowhere could be
// listened until now. Connections stay.
func (s *Server) Look() {
	if s.fd < 0 {
		s.Listen(s.places, s.uid)
		return
	}
	if !s.at.IsGone(s.opts.Kernel) {
		return
	}
	old, path := s.fd, s.at.Path
	if err := s.listen(path); err != nil {
		s.opts.Log.Debug("cannot make ", path, " anew: ", err.Error())
		return
	}
	s.opts.Loop.Disown(old)
	s.opts.Kernel.Close(old)
	s.opts.Log.Warn("somebody has removed the socket ", path, "; it was made anew")
}

// listenAt listens at a path, whose folder is made, or at an abstract name.
func (s *Server) listenAt(path string) (int, error) {
	if path[0] == '@' {
		return s.opts.Kernel.ListenAbstract(path)
	}
	if err := s.opts.Kernel.MakeDir(filepath.Dir(path)); err != nil {
		return -1, err
	}
	return s.opts.Kernel.ListenUnix(path, 0o600, -1, -1)
}

// Close ends the socket and the connections that came through it.
func (s *Server) Close() {
	for len(s.peers) > 0 {
		s.peers[0].Disconnect()
	}
	if s.fd >= 0 {
		s.opts.Loop.Disown(s.fd)
		s.opts.Kernel.Close(s.fd)
		s.at.Remove(s.opts.Kernel)
		s.fd, s.places = -1, nil
	}
}

// MostAtOnce is how many connections, or messages, of one socket are taken before the
// loop looks at everything else: who sends without end is not to hold it.
const MostAtOnce = 16

// OnReadable implements loop.FDOwner: somebody connects.
func (s *Server) OnReadable(fd int, _ kernel.Mode) {
	for range MostAtOnce {
		conn, err := s.opts.Kernel.Accept(fd)
		if err != nil {
			return
		}
		uid, err := s.opts.Kernel.PeerUID(conn)
		if err != nil || uid != 0 && uid != s.uid {
			if s.refused != uid {
				s.refused = uid
				s.opts.Log.Warn("refused a control connection of user ", strconv.Itoa(uid))
			}
			s.opts.Kernel.Close(conn)
			continue
		}
		s.asked = true
		if len(s.peers) >= maxPeers {
			s.idlest().Disconnect()
		}
		s.peers = append(s.peers, s.Connect(conn, false, nil))
	}
}

// idlest is the oldest peer that waits for nothing, else the oldest.
func (s *Server) idlest() *Peer {
	for _, p := range s.peers {
		if p.conn.Open() == 0 {
			return p
		}
	}
	return s.peers[0]
}

// Connect begins to serve a connection, which becomes the Server's. A private one may call
// what only the supervisor's own children may. Gone is called when it has ended; may be
// nil.
func (s *Server) Connect(fd int, private bool, gone func()) *Peer {
	p := &Peer{fd: fd, s: s, gone: gone}
	p.conn = control.Conn{
		Private: private, Methods: s.opts.Methods,
		Call:   func(r control.Request) { s.opts.Serve(&Call{Request: r, peer: p}) },
		Cancel: func(id uint64) { s.forget(p, id) },
		Close:  func(fd int) { s.opts.Kernel.Close(fd) },
	}
	s.opts.Loop.Own(fd, p, kernel.Readable)
	return p
}
