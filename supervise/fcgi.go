package supervise

import (
	"slipway/supervise/config"
)

// fcgiSocket returns the listening socket that the processes of an fcgi-program share as
// descriptor 0. It is made when the first of them is started.
func (s *Supervisor) fcgiSocket(g *group) (int, error) {
	if g.socket >= 0 {
		return g.socket, nil
	}
	c := g.cfg.Socket
	s.log.Info("Creating socket ", c.URL)
	var fd int
	var err error
	if c.Path != "" {
		fd, err = s.k.ListenUnix(c.Path, uint32(c.Mode), c.OwnerUID, c.OwnerGID)
	} else {
		fd, err = s.k.ListenTCP(c.Host, c.Port)
	}
	if err != nil {
		return -1, err
	}
	if c.Backlog > 0 {
		s.k.Backlog(fd, c.Backlog)
	}
	// The flag is the programs' as well, and they expect accept to wait.
	s.k.SetBlocking(fd)
	g.socket = fd
	return fd, nil
}

// closeFCGI closes the socket when the last process has ended.
func (s *Supervisor) closeFCGI(g *group) {
	if g.cfg.Kind != config.KindFCGI || g.socket < 0 {
		return
	}
	for _, p := range g.processes {
		if p.m.PID != 0 || p.m.Wanted {
			return
		}
	}
	s.log.Info("Closing socket ", g.cfg.Socket.URL)
	s.k.Close(g.socket)
	g.socket = -1
}
