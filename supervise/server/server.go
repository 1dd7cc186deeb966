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
	"errors"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"slipway/supervise/control"
	"slipway/supervise/kernel"
	"slipway/supervise/loop"
	"slipway/supervise/words"
)

// Listener makes control sockets. ListenUnix takes over a socket that nobody answers at;
// ListenAbstract listens at a name without a file.
//
// IsOwnDir reports whether a path is a folder, and no link to one, that is ours and that
// nobody else can write to; WhoListens names who listens, or is "".
type Listener interface {
	ListenUnix(path string, mode uint32, uid, gid int) (int, error)
	ListenAbstract(name string) (int, error)
	MakeDir(path string) error
	IsOwnDir(path string) bool
	WhoListens(path string, port int) string
	Remove(path string) error
	Stat(path string) (kernel.FileInfo, error)
}

// Connections takes connections and talks over them. Accept returns EAGAIN if nobody waits;
// Send takes a descriptor to pass on, or -1. Limit tells a limit of the process (RLIMIT_…).
type Connections interface {
	Accept(fd int) (int, error)
	PeerUID(fd int) (int, error)
	PeerPID(fd int) (int, error)
	Read(fd int, p []byte) (int, error)
	Send(fd int, p []byte, pass int) (int, error)
	Close(fd int) error
	Limit(resource int) (current, maximum uint64, err error)
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

// minPeers is how many are served whatever few descriptors are left: somebody is to be able
// to ask what is wrong.
const minPeers = 2

// reserve is how many descriptors clients leave for the start of programs, of which each
// takes up to ten for a moment; of a low limit, a quarter.
const reserve = 32

// graceTime is how long a client has at least to say what it wants.
const graceTime = time.Second

// sayEvery is how often it is said that clients cannot be served.
const sayEvery = time.Minute

// Server is where clients of the same user, and root, find the supervisor.
type Server struct {
	opts        Options
	places      []string // where to listen, the best first
	fd          int      // -1: none
	at          Socket
	asked       bool      // somebody has connected
	uid         int       // whose clients may call, beside root's
	peers       []*Peer   // through the socket, oldest first
	saidUsed    bool      // that a place is somebody else's
	saidForeign bool      // that one of another PID namespace was refused
	refused     int       // the user whose connection was refused last, said once; 0: none
	said        time.Time // when it was said that a client cannot be served
	waits       []wait
	streams     []stream
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
		if err == kernel.ErrInUse {
			s.inUse(path)
			continue
		}
		s.opts.Log.Debug("cannot listen at ", path, ": ", err.Error())
	}
	return false
}

// inUse says once who is reached at a place in our stead.
func (s *Server) inUse(path string) {
	if s.saidUsed {
		return
	}
	s.saidUsed = true
	who := s.opts.Kernel.WhoListens(path, 0)
	if who == "" {
		who = "somebody else"
	}
	s.opts.Log.Warn(path, " is the control socket of ", who, ", not ours: give this supervisor a runtime folder of its own (SLIPWAY_RUNTIME), and its clients the same")
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
	if isShared(path) && !s.opts.Kernel.IsOwnDir(filepath.Dir(path)) {
		return -1, errNotOurs
	}
	return s.opts.Kernel.ListenUnix(path, 0o600, -1, -1)
}

// errNotOurs says why a folder is not used.
var errNotOurs = errors.New("the folder is not ours alone")

// isShared reports whether anybody can be the first to make the folder of a path.
func isShared(path string) bool { return strings.HasPrefix(path, "/tmp/") }

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
	for n := 0; n < MostAtOnce && !s.opts.Loop.Rests(fd); n++ {
		conn, err := s.opts.Kernel.Accept(fd)
		switch {
		case err == nil:
		case isAgain(err):
			return
		default: // there are no descriptors, or no memory
			s.scarce(words.ErrnoName(err))
			s.opts.Loop.Rest(fd)
			return
		}
		kept := false
		s.opts.Loop.Guard("a new client", func() { kept = s.welcome(conn) })
		if !kept {
			s.opts.Loop.Disown(conn)
			s.opts.Kernel.Close(conn)
		}
	}
}

// welcome makes a connection a peer, unless it is refused.
func (s *Server) welcome(conn int) (kept bool) {
	uid, err := s.opts.Kernel.PeerUID(conn)
	if err != nil || uid != 0 && uid != s.uid {
		if s.refused != uid {
			s.refused = uid
			s.opts.Log.Warn("refused a control connection of user ", strconv.Itoa(uid))
		}
		return false
	}
	// A name without a file belongs to the network namespace. Who shares only that has
	// no process that we see; a file, which may be on a volume, says by itself who may.
	if pid, err := s.opts.Kernel.PeerPID(conn); s.at.IsAbstract() && (err != nil || pid == 0) {
		if !s.saidForeign {
			s.saidForeign = true
			s.opts.Log.Warn("refused a control connection from another PID namespace, which shares our network")
		}
		return false
	}
	s.asked = true
	if !s.makeRoom(conn) {
		s.scarce("descriptors are kept for programs")
		s.opts.Loop.Rest(s.fd)
		return false
	}
	p := s.Connect(conn, nil, nil)
	p.since = s.opts.Loop.Now()
	s.peers = append(s.peers, p)
	return true
}

// makeRoom reports whether a connection that was accepted can be kept. Where there are many,
// or few descriptors are left, the one that has been idle longest goes.
func (s *Server) makeRoom(conn int) bool {
	switch {
	case len(s.peers) >= maxPeers:
		s.idlest().Disconnect()
	case len(s.peers) >= minPeers && s.IsScarce(conn):
		p := s.idlest()
		if p.conn.Open() > 0 || s.opts.Loop.Now().Sub(p.since) < graceTime {
			return false
		}
		p.Disconnect()
	}
	return true
}

// IsScarce reports whether a descriptor that was made just now for a client is one of those
// that are kept for programs. The kernel gives the lowest free number, so that all below it
// are in use.
func (s *Server) IsScarce(fd int) bool {
	limit, _, err := s.opts.Kernel.Limit(unix.RLIMIT_NOFILE)
	return err == nil && uint64(fd) >= limit-min(reserve, limit/4)
}

// scarce says that a client could not be served.
func (s *Server) scarce(why string) {
	if now := s.opts.Loop.Now(); s.said.IsZero() || now.Sub(s.said) >= sayEvery {
		s.said = now
		s.opts.Log.Warn("cannot serve another client of the control socket: ", why)
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

// Connect begins to serve a connection, which becomes the Server's. One of the supervisor's
// own children may call what is listed, private methods too, and nothing else; with nil it is
// that of a client. Gone is called when it has ended; may be nil.
func (s *Server) Connect(fd int, may []string, gone func()) *Peer {
	p := &Peer{fd: fd, s: s, gone: gone, watched: kernel.Readable}
	p.conn = control.Conn{
		Private: may != nil, May: may, Methods: s.opts.Methods,
		Call:   func(r control.Request) { s.serve(&Call{Request: r, peer: p}) },
		Cancel: func(id uint64) { s.forget(p, id) },
		Close:  func(fd int) { s.opts.Kernel.Close(fd) },
	}
	s.opts.Loop.Own(fd, p, kernel.Readable)
	return p
}

// serve has a call answered. A handler that panics is an answer as well.
func (s *Server) serve(c *Call) {
	if !s.opts.Loop.Guard(c.Method.Name, func() { s.opts.Serve(c) }) {
		c.broken()
	}
}
