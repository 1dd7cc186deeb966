package life

import (
	"slipway/supervise/config"
)

// fcgiSocket returns the listening socket that the processes of an fcgi-program share as
// descriptor 0. It is made when the first of them is started.
func (t *Table) fcgiSocket(g *Group) (int, error) {
	if g.socket >= 0 {
		return g.socket, nil
	}
	c := g.Config.Socket
	t.log.Info("Creating socket ", c.URL)
	var fd int
	var err error
	if c.Path != "" {
		fd, err = t.k.ListenUnix(c.Path, uint32(c.Mode), c.OwnerUID, c.OwnerGID)
	} else {
		fd, err = t.k.ListenTCP(c.Host, c.Port)
	}
	if err != nil {
		return -1, err
	}
	if c.Backlog > 0 {
		t.k.Backlog(fd, c.Backlog)
	}
	// The flag is the programs' as well, and they expect accept to wait.
	t.k.SetBlocking(fd)
	g.socket = fd
	return fd, nil
}

// closeFCGI closes the socket when the last process has ended.
func (t *Table) closeFCGI(g *Group) {
	if g.Config.Kind != config.KindFCGI || g.socket < 0 {
		return
	}
	for _, p := range g.Processes {
		if p.Life.PID != 0 || p.Life.Wanted {
			return
		}
	}
	t.log.Info("Closing socket ", g.Config.Socket.URL)
	t.k.Close(g.socket)
	g.socket = -1
}
