// Package listening holds the sockets of [socket:NAME] sections for the programs that name
// them. A program gets the socket itself, not connections, and PID 1 keeps its own copy: while
// the program is down, whoever connects waits in the socket's queue and is not refused.
//
// A socket is known by its address. One that is held already is not made again, whatever else
// is said of it: it is given that.
package listening

import (
	"slices"
	"syscall"

	"slipway/supervise/config"
	"slipway/supervise/dialect"
	"slipway/supervise/kernel"
	"slipway/supervise/server"
	"slipway/supervise/sockets"
	"slipway/supervise/words"
)

// Kernel is what sockets ask of the operating system. Bind makes a socket that listens; the
// file of a unix socket that nobody answers at is taken over. The error is EADDRINUSE if
// somebody has the address. Retune gives a socket what has changed of it but its address.
type Kernel interface {
	Bind(s *sockets.Socket) (fd int, err error)
	Retune(fd int, s *sockets.Socket) error
	WhoListens(path string, port int) string
	SetBlocking(fd int)
	server.Names
	Close(fd int) error
}

// Log is where a Set says what people should know.
type Log interface {
	Info(parts ...string)
	Warn(parts ...string)
}

// Set is the sockets that are held.
type Set struct {
	k    Kernel
	log  Log
	held []*held
	over bool // nothing is opened any more

	closing func(fd int) // is told before one is closed; nil: nobody
}

type held struct {
	fd   int
	is   *sockets.Socket
	file server.Socket
}

// New returns a Set that holds nothing.
func New(k Kernel, log Log) *Set { return &Set{k: k, log: log} }

// Error is why a socket cannot be had.
type Error struct {
	Socket *sockets.Socket
	Pos    dialect.Pos
	Who    string // has the address; "": it is not known, or not the cause
	Err    error
}

func (e *Error) Error() string {
	text := "cannot listen at " + e.Socket.String() + " ([socket:" + e.Socket.Name + "]"
	if e.Pos.File != "" {
		text += ", " + e.Pos.String()
	}
	text += "): "
	switch {
	case e.Err == syscall.EADDRINUSE && e.Who != "":
		return text + e.Who + " listens there already"
	case e.Err == syscall.EADDRINUSE && e.Socket.IsFile():
		return text + "somebody listens there already, or it is a file that is no socket"
	case e.Err == syscall.EADDRINUSE:
		return text + "another program listens there already"
	case e.Err == syscall.EADDRNOTAVAIL:
		return text + "this machine does not have the address; options = freebind listens all the same"
	case e.Err == syscall.EACCES && !e.Socket.IsUnix() && e.Socket.Port < 1024:
		return text + "ports below 1024 are for root, or with CAP_NET_BIND_SERVICE"
	case e.Err == syscall.EACCES && e.Socket.IsFile():
		return text + "its folder may not be written (by root: CAP_DAC_OVERRIDE is missing)"
	case e.Err == syscall.EPERM && e.Socket.IsFile():
		return text + "it may not be given to its owner (CAP_CHOWN is missing)"
	case e.Err == syscall.ENOENT && e.Socket.IsFile():
		return text + "there is no folder " + dialect.Dirname(e.Socket.Path)
	}
	return text + words.ErrnoName(e.Err)
}

// find returns what is held at an address, or nil.
func (s *Set) find(a *sockets.Address) *held {
	for _, h := range s.held {
		if h.is.Address == *a {
			return h
		}
	}
	return nil
}

// Open makes the sockets of a list that are not held, or none: after an error those that it
// has made are gone. What is held is given what has changed of it; where that is refused, it
// stays as it is, which is said.
func (s *Set) Open(list []*sockets.Socket) error {
	before := len(s.held)
	for _, is := range list {
		if err := s.open(is); err != nil {
			for _, h := range s.held[before:] {
				s.close(h)
			}
			s.held = s.held[:before]
			return err
		}
	}
	return nil
}

func (s *Set) open(is *sockets.Socket) error {
	if h := s.find(&is.Address); h != nil {
		s.retune(h, is)
		return nil
	}
	if s.over {
		return syscall.EBADF
	}
	fd, err := s.k.Bind(is)
	if err != nil {
		e := &Error{Socket: is, Pos: is.Pos, Err: err}
		if err == syscall.EADDRINUSE && (is.IsFile() || is.Network == sockets.TCP) {
			e.Who = s.k.WhoListens(is.Path, is.Port)
		}
		return e
	}
	s.k.SetBlocking(fd) // the flag is the programs' as well, and they expect accept to wait
	h := &held{fd: fd, is: is}
	if is.IsFile() {
		h.file = server.Made(s.k, is.Path)
	}
	s.held = append(s.held, h)
	s.log.Info("listening at ", is.String(), " ([socket:", is.Name, "])")
	return nil
}

func (s *Set) retune(h *held, is *sockets.Socket) {
	if h.is == is {
		return
	}
	was, now := *h.is, *is
	was.Pos = now.Pos
	was.Name = now.Name
	if h.is = is; was == now {
		return
	}
	if err := s.k.Retune(h.fd, is); err != nil {
		s.log.Warn("cannot change [socket:", is.Name, "] (", is.Pos.String(), "): ", words.ErrnoName(err), "; it listens as it did")
	}
}

// Give adds the sockets of a program to its command, from [sockets.First] on, and says so in
// its environment. They are opened if they are not held.
func (s *Set) Give(c *kernel.Command, list []*sockets.Socket) error {
	if len(list) == 0 {
		return nil
	}
	for _, is := range list {
		// What is held stays as it is: the program may be older than what was read last.
		if s.find(&is.Address) == nil {
			if err := s.open(is); err != nil {
				return err
			}
		}
		c.Files = append(c.Files, s.find(&is.Address).fd)
	}
	c.Env = sockets.Environ(c.Env, list)
	c.PIDVariable = sockets.EnvPID
	return nil
}

// OnClose has do told of each socket before it is closed: who watches one has to end that.
func (s *Set) OnClose(do func(fd int)) { s.closing = do }

// FD is the descriptor of a socket, -1 if it is not held.
func (s *Set) FD(is *sockets.Socket) int {
	if h := s.find(&is.Address); h != nil {
		return h.fd
	}
	return -1
}

// IsEmpty reports whether nothing is held.
func (s *Set) IsEmpty() bool { return len(s.held) == 0 }

// OpenFor is Open for all that the programs of a configuration name.
func (s *Set) OpenFor(cfg *config.Config) error {
	var list []*sockets.Socket
	for _, p := range cfg.Processes() {
		list = append(list, p.Listen...)
	}
	return s.Open(list)
}

// Keep closes what no program of the configurations has.
func (s *Set) Keep(configs ...*config.Config) {
	used := map[sockets.Address]bool{}
	for _, cfg := range configs {
		for _, p := range cfg.Processes() {
			for _, is := range p.Listen {
				used[is.Address] = true
			}
		}
	}
	s.held = slices.DeleteFunc(s.held, func(h *held) bool {
		if used[h.is.Address] {
			return false
		}
		s.log.Info("no longer listening at ", h.is.String(), " ([socket:", h.is.Name, "])")
		s.close(h)
		return true
	})
}

func (s *Set) close(h *held) {
	s.release(h)
	h.file.Remove(s.k)
}

func (s *Set) release(h *held) {
	if s.closing != nil {
		s.closing(h.fd)
	}
	s.k.Close(h.fd)
	h.fd = -1
}

// Release lets go of all sockets, which the programs that have them go on using: whoever
// connects is refused as soon as they are gone. Files stay until Remove.
func (s *Set) Release() {
	for _, h := range s.held {
		if h.fd >= 0 {
			s.release(h)
		}
	}
	s.over = true
}

// Remove removes the files of what was released.
func (s *Set) Remove() {
	for _, h := range s.held {
		h.file.Remove(s.k)
	}
	s.held = nil
}

// Without is how a command gets its number where it has no holder, which would write it: a
// shell says its own, and becomes the program.
func Without(c *kernel.Command) {
	if c.PIDVariable == "" {
		return
	}
	script := "export " + c.PIDVariable + "=$$; exec \"$0\" \"$@\""
	c.Argv = append([]string{"sh", "-c", script, c.Path}, c.Argv[1:]...)
	c.Path, c.PIDVariable = "/bin/sh", ""
}
