// Package fcgi holds the listening sockets of fcgi-programs.
package fcgi

import (
	"slipway/supervise/config"
	"slipway/supervise/logs"
)

// Sockets is what makes a socket.
type Sockets interface {
	// ListenUnix makes a listening socket that is a file with a mode and an owner.
	ListenUnix(path string, mode uint32, uid, gid int) (int, error)
	// ListenTCP makes one that listens on a port.
	ListenTCP(host string, port int) (int, error)
	// Backlog sets how many connections may wait to be accepted.
	Backlog(fd, n int)
	// SetBlocking makes accept wait.
	SetBlocking(fd int)
}

// Kernel is what a Socket asks of the operating system.
type Kernel interface {
	Sockets
	Close(fd int) error
}

// Socket is the listening socket that the processes of an fcgi-program share as descriptor
// 0. The zero value is not open.
type Socket struct{ end int } // descriptor + 1; 0: none

// IsOpen reports whether the socket exists.
func (s *Socket) IsOpen() bool { return s.end > 0 }

// Open makes the socket, if it does not exist, and returns its descriptor.
func (s *Socket) Open(k Kernel, log *logs.Activity, c *config.FCGISocket) (int, error) {
	if s.IsOpen() {
		return s.end - 1, nil
	}
	log.Info("Creating socket ", c.URL)
	fd, err := listen(k, c)
	if err != nil {
		return -1, err
	}
	if c.Backlog > 0 {
		k.Backlog(fd, c.Backlog)
	}
	// The flag is the programs' as well, and they expect accept to wait.
	k.SetBlocking(fd)
	s.end = fd + 1
	return fd, nil
}

func listen(k Kernel, c *config.FCGISocket) (int, error) {
	if c.Path != "" {
		return k.ListenUnix(c.Path, uint32(c.Mode), c.OwnerUID, c.OwnerGID)
	}
	return k.ListenTCP(c.Host, c.Port)
}

// Close closes the socket.
func (s *Socket) Close(k Kernel, log *logs.Activity, c *config.FCGISocket) {
	log.Info("Closing socket ", c.URL)
	k.Close(s.end - 1)
	s.end = 0
}
