package life

import "slipway/supervise/config"

// fcgiSocket returns the listening socket of an fcgi-program, which is made when the first of
// its processes is started.
func (t *Table) fcgiSocket(g *Group) (int, error) {
	if !g.socket.IsOpen() {
		t.log.Info("Creating socket ", g.Config.Socket.URL)
	}
	return g.socket.Open(t.k, g.Config.Socket)
}

// closeFCGI closes the socket when the last process has ended.
func (t *Table) closeFCGI(g *Group) {
	if g.Config.Kind != config.KindFCGI || !g.socket.IsOpen() {
		return
	}
	for _, p := range g.Processes {
		if p.Life.PID != 0 || p.Life.Wanted {
			return
		}
	}
	t.log.Info("Closing socket ", g.Config.Socket.URL)
	g.socket.Close(t.k)
}
