package child

import "slipway/supervise/config"

// Sockets is what a Socket asks of the operating system.
type Sockets interface {
	ListenUnix(path string, mode uint32, uid, gid int) (int, error)
	ListenTCP(host string, port int) (int, error)
	Backlog(fd, n int)
	SetBlocking(fd int)
}

// Socket is the listening socket that the processes of an fcgi-program share as descriptor 0.
// The zero value is not open.
type Socket struct{ end int } // + 1

// IsOpen reports whether it is.
func (s *Socket) IsOpen() bool { return s.end > 0 }

// Open returns the descriptor, which it makes if it is not open.
func (s *Socket) Open(k Sockets, c *config.FCGISocket) (fd int, err error) {
	if s.IsOpen() {
		return s.end - 1, nil
	}
	if c.Path != "" {
		fd, err = k.ListenUnix(c.Path, uint32(c.Mode), c.OwnerUID, c.OwnerGID)
	} else {
		fd, err = k.ListenTCP(c.Host, c.Port)
	}
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

// Close closes it.
func (s *Socket) Close(k interface{ Close(fd int) error }) {
	k.Close(s.end - 1)
	s.end = 0
}
