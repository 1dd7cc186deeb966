package server

import (
	"io"
	"syscall"
	"time"

	"slipway/supervise/control"
	"slipway/supervise/kernel"
)

// Peer is one connection of the control protocol.
type Peer struct {
	fd      int // -1: gone
	conn    control.Conn
	s       *Server
	since   time.Time // when it came through the socket
	gone    func()
	writing bool // watched for writing, because it has not taken everything
}

// OnReadable implements loop.FDOwner.
func (p *Peer) OnReadable(fd int, m kernel.Mode) {
	if m&(kernel.Readable|kernel.Hangup) != 0 && !p.conn.Paused() {
		buf := p.s.opts.Loop.Buffer()
		n, err := p.s.opts.Kernel.Read(fd, buf)
		if n > 0 && p.conn.Feed(buf[:n]) != nil || err == io.EOF || err != nil && !isAgain(err) {
			p.Disconnect()
			return
		}
	}
	p.Flush()
}

func isAgain(err error) bool { return err == syscall.EAGAIN || err == syscall.EINTR }

// Flush sends what waits for a peer, and goes on when it can take more.
func (p *Peer) Flush() {
	if p.fd < 0 {
		return
	}
	err := p.conn.Flush(func(b []byte, pass int) (int, error) { return p.s.opts.Kernel.Send(p.fd, b, pass) })
	if err != nil {
		p.Disconnect()
		return
	}
	if writing := p.conn.Pending() > 0; writing != p.writing {
		m := kernel.Readable
		if writing {
			m |= kernel.Writable
		}
		p.s.opts.Loop.Own(p.fd, p, m)
		p.writing = writing
	}
}

// Disconnect forgets a peer. What it has begun is not undone.
func (p *Peer) Disconnect() {
	if p.fd < 0 {
		return
	}
	p.s.opts.Loop.Disown(p.fd)
	p.s.opts.Kernel.Close(p.fd)
	p.fd = -1
	for _, id := range p.conn.Drop() {
		p.s.forget(p, id)
	}
	for i, other := range p.s.peers {
		if other == p {
			p.s.peers = append(p.s.peers[:i], p.s.peers[i+1:]...)
			break
		}
	}
	if p.s.fd >= 0 {
		p.s.opts.Loop.Wake(p.s.fd) // there is a descriptor
	}
	if p.gone != nil {
		p.gone()
	}
}
