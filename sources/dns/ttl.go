package dns

import (
	"net"
	"sync"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// ttl is the shortest TTL of the answers that were heard.
type ttl struct {
	mu    sync.Mutex // addresses of IPv4 and IPv6 are asked for side by side
	least time.Duration
	heard bool
}

// lifetime is how long the answer may be believed: at least so long.
func (t *ttl) lifetime(least time.Duration) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.heard {
		return max(Unknown, least)
	}
	return min(max(t.least, least), most)
}

// listen hears what comes over a connection to a server. Go's resolver tells packets from
// streams by the methods that a connection has, so there are two kinds.
func (t *ttl) listen(c net.Conn) net.Conn {
	if p, ok := c.(net.PacketConn); ok {
		return &packets{Conn: c, PacketConn: p, ttl: t}
	}
	return &stream{Conn: c, ttl: t}
}

// take reads one answer. Without an answer section, as of a name that is not there, the TTL is
// that of the SOA record in the authority section (RFC 2308).
func (t *ttl) take(message []byte) {
	var p dnsmessage.Parser
	if _, err := p.Start(message); err != nil || p.SkipAllQuestions() != nil {
		return
	}
	for {
		h, err := p.AnswerHeader()
		if err != nil {
			break
		}
		t.note(h.TTL)
		if p.SkipAnswer() != nil {
			return
		}
	}
	for {
		h, err := p.AuthorityHeader()
		if err != nil {
			return
		}
		if h.Type == dnsmessage.TypeSOA {
			if soa, err := p.SOAResource(); err == nil {
				t.note(min(h.TTL, soa.MinTTL))
			}
			return
		}
		if p.SkipAuthority() != nil {
			return
		}
	}
}

func (t *ttl) note(seconds uint32) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if d := time.Duration(seconds) * time.Second; !t.heard || d < t.least {
		t.least, t.heard = d, true
	}
}

// packets is a connection of which each read is an answer.
type packets struct {
	net.Conn
	net.PacketConn
	ttl *ttl
}

func (p *packets) Read(b []byte) (int, error) {
	n, err := p.Conn.Read(b)
	if err == nil {
		p.ttl.take(b[:n])
	}
	return n, err
}

// Close, LocalAddr, SetDeadline, SetReadDeadline and SetWriteDeadline are of both; they are the
// same connection's.
func (p *packets) Close() error                       { return p.Conn.Close() }
func (p *packets) LocalAddr() net.Addr                { return p.Conn.LocalAddr() }
func (p *packets) SetDeadline(t time.Time) error      { return p.Conn.SetDeadline(t) }
func (p *packets) SetReadDeadline(t time.Time) error  { return p.Conn.SetReadDeadline(t) }
func (p *packets) SetWriteDeadline(t time.Time) error { return p.Conn.SetWriteDeadline(t) }

// stream is a connection on which each answer has its length, of two bytes, before it.
type stream struct {
	net.Conn
	ttl *ttl
	buf []byte
}

func (s *stream) Read(b []byte) (int, error) {
	n, err := s.Conn.Read(b)
	s.buf = append(s.buf, b[:n]...)
	for len(s.buf) >= 2 {
		size := int(s.buf[0])<<8 | int(s.buf[1])
		if len(s.buf) < 2+size {
			break
		}
		s.ttl.take(s.buf[2 : 2+size])
		s.buf = s.buf[2+size:]
	}
	return n, err
}
