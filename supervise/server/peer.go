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
	spoke   bool      // since HasSpoken was asked
	gone    func()
	watched kernel.Mode
}

// OnReadable implements loop.FDOwner.
func (p *Peer) OnReadable(fd int, m kernel.Mode) {
	if m&(kernel.Readable|kernel.Hangup) != 0 && !p.conn.Paused() {
		buf := p.s.opts.Loop.Buffer()
		n, err := p.s.opts.Kernel.Read(fd, buf)
		p.spoke = p.spoke || n > 0
		if n > 0 && p.conn.Feed(buf[:n]) != nil || err == io.EOF || err != nil && !isAgain(err) {
			p.Disconnect()
			return
		}
	}
	p.Flush()
}

// HasSpoken reports whether anything has come from a peer since this was asked last.
func (p *Peer) HasSpoken() bool {
	spoke := p.spoke
	p.spoke = false
	return spoke
}

func isAgain(err error) bool { return err == syscall.EAGAIN || err == syscall.EINTR }

// Flush sends what waits for a peer, and goes on when it can take more.
func (p *Peer) Flush() {
	if p.fd < 0 {
		return
	}
	err := p.conn.Flush(func(b []byte, pass int) (int, error) { return p.s.opts.Kernel.Send(p.fd, b, pass) })
	if err == nil {
		err = p.conn.Resume()
	}
	if err != nil {
		p.Disconnect()
		return
	}
	if p.fd < 0 { // what was held back has ended it
		return
	}
	m := kernel.Readable
	if p.conn.Pending() > 0 {
		m |= kernel.Writable
	}
	if p.conn.Paused() { // it is not read, and would be ready to be in every pass
		m = kernel.Writable
	}
	if m != p.watched {
		p.s.opts.Loop.Own(p.fd, p, m)
		p.watched = m
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
