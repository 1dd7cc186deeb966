package kerneltest

import (
	"strconv"
	"syscall"

	"slipway/supervise/kernel"
)

// socketSize is how much a stream socket takes that nobody reads, in bytes.
const socketSize = 208 << 10

// Users is a map of all users, and no accounts.
func (m *Machine) Users() (uidMap, accounts string) { return "0 0 4294967295\n", "" }

// socket is one end of a connection, a listener, or a place for datagrams.
type socket struct {
	m    *Machine
	uid  int
	kind socketKind

	// of a connection
	peer   *socket
	queue  []message // to be read
	queued int
	eof    bool // nothing more will come
	closed bool
	reset  bool // the peer has gone without reading all

	// of a listener
	waiting []*socket // ends for Accept to return
	made    []*socket // ends of all connections that were made
	backlog int
	address string
	node    *inode
	keeper  *keeper // at the other end
}

type socketKind uint8

const (
	connection socketKind = iota
	listener
	datagrams
)

// message is what was sent at once, with the descriptor that goes with it.
type message struct {
	data   []byte
	passed *open
	uid    int
}

func (s *socket) read(o *open, p []byte) (int, error) {
	if s.kind != connection {
		return 0, syscall.EINVAL
	}
	done := 0
	for done < len(p) && len(s.queue) > 0 {
		first := &s.queue[0]
		if first.passed != nil {
			if done > 0 {
				break // a read does not go beyond where a descriptor begins
			}
			first.passed.drop() // read(2) takes none
			first.passed = nil
		}
		n := copy(p[done:], first.data)
		done += n
		s.queued -= n
		if first.data = first.data[n:]; len(first.data) == 0 {
			s.queue = s.queue[1:]
		}
	}
	switch {
	case done > 0:
		o.m.changed()
	case s.reset:
		s.reset = false
		return 0, syscall.ECONNRESET
	case !s.eof && len(p) > 0:
		return 0, syscall.EAGAIN
	}
	return done, nil
}

func (s *socket) write(o *open, p []byte) (int, error) { return s.send(p, nil) }

func (s *socket) send(p []byte, passed *open) (int, error) {
	if s.kind != connection {
		return 0, syscall.ENOTCONN
	}
	if s.peer == nil || s.peer.closed {
		return 0, syscall.EPIPE
	}
	room := socketSize - s.peer.queued
	if room <= 0 {
		return 0, syscall.EAGAIN
	}
	n := min(len(p), room)
	if n == 0 {
		return 0, nil
	}
	if passed != nil {
		passed.refs++
	}
	s.peer.queue = append(s.peer.queue, message{append([]byte(nil), p[:n]...), passed, s.uid})
	s.peer.queued += n
	s.m.changed()
	return n, nil
}

func (s *socket) close(*open) {
	s.closed = true
	switch s.kind {
	case listener:
		for _, c := range s.waiting {
			c.reset = true // whoever is at the other end
			c.close(nil)
		}
		delete(s.m.abstract, s.address)
		delete(s.m.tcp, s.address)
	case datagrams:
		delete(s.m.abstract, s.address)
	case connection:
		if s.peer != nil {
			s.peer.eof = true
			if len(s.queue) > 0 || s.reset && s.peer.queued == 0 {
				s.peer.reset = true
			}
		}
	}
	for _, q := range s.queue {
		if q.passed != nil {
			q.passed.drop()
		}
	}
	s.queue = nil
}

func (s *socket) poll(*open) kernel.Mode {
	var m kernel.Mode
	if s.kind != connection {
		if len(s.waiting) > 0 || len(s.queue) > 0 {
			m = kernel.Readable
		}
		return m
	}
	if len(s.queue) > 0 || s.eof {
		m |= kernel.Readable
	}
	if s.peer != nil && s.peer.queued*4 <= socketSize {
		m |= kernel.Writable
	}
	if s.peer == nil || s.peer.closed || s.reset {
		m |= kernel.Hangup
	}
	return m
}

func (s *socket) info() kernel.FileInfo { return kernel.FileInfo{Mode: syscall.S_IFSOCK | 0o777} }

func (m *Machine) connected(a, b int) (*socket, *socket) {
	x, y := &socket{m: m, uid: a}, &socket{m: m, uid: b}
	x.peer, y.peer = y, x
	return x, y
}

// listen opens a socket of the supervisor. m.mu is held.
func (m *Machine) listen(kind socketKind, address string, table map[string]*socket) (int, *socket, error) {
	if err := m.fails("Listen"); err != nil {
		return -1, nil, err
	}
	if table != nil && table[address] != nil {
		return -1, nil, syscall.EADDRINUSE
	}
	s := &socket{m: m, uid: m.self.uid, kind: kind, backlog: 128, address: address}
	fd, err := m.self.grab(&open{m: m, thing: s, reads: true, writes: true, nonblock: true})
	if err != nil {
		return -1, nil, err
	}
	if table != nil {
		table[address] = s
	}
	return fd, s, nil
}

// ListenUnix implements System.
func (m *Machine) ListenUnix(name string, mode uint32, uid, gid int) (int, error) {
	m.enter()
	defer m.leave()
	if len(name) > 107 {
		return -1, syscall.EINVAL
	}
	dir, base, err := m.place(name, false)
	if err != nil {
		return -1, err
	}
	old := dir.entries[base]
	switch {
	case old != nil && old.socket != nil && !old.socket.closed:
		return -1, kernel.ErrInUse
	case old != nil && old.mode&syscall.S_IFMT != syscall.S_IFSOCK:
		return -1, syscall.EADDRINUSE
	case !dir.may(m.self.uid, 2):
		return -1, syscall.EACCES
	case m.self.uid != 0 && uid >= 0 && uid != m.self.uid:
		return -1, syscall.EPERM
	}
	fd, s, err := m.listen(listener, name, nil)
	if err != nil {
		return -1, err
	}
	n := m.newInode(syscall.S_IFSOCK | mode)
	n.uid, n.socket, s.node = m.self.uid, s, n
	if uid >= 0 {
		n.uid = uid
	}
	dir.entries[base] = n
	return fd, nil
}

// ListenAbstract implements System.
func (m *Machine) ListenAbstract(name string) (int, error) {
	m.enter()
	defer m.leave()
	fd, _, err := m.listen(listener, name, m.abstract)
	return fd, err
}

// ListenTCP implements System.
func (m *Machine) ListenTCP(host string, port int) (int, error) {
	m.enter()
	defer m.leave()
	if err := kernel.CheckHost(host); err != nil {
		return -1, err
	}
	fd, _, err := m.listen(listener, host+":"+strconv.Itoa(port), m.tcp)
	return fd, err
}

// WhoListens implements System: nothing is known of the others of the machine.
func (m *Machine) WhoListens(path string, port int) string { return "" }

// Backlog implements System.
func (m *Machine) Backlog(fd, n int) {
	m.enter()
	defer m.leave()
	if o := m.self.fds[fd]; o != nil {
		if s, ok := o.thing.(*socket); ok && s.kind == listener {
			s.backlog = n
		}
	}
}

// Accept implements System.
func (m *Machine) Accept(fd int) (int, error) {
	m.enter()
	defer m.leave()
	if err := m.fails("Accept"); err != nil {
		return -1, err
	}
	s, err := m.self.listener(fd)
	if err != nil {
		return -1, err
	}
	conn, err := m.self.grab(&open{m: m, thing: s.waiting[0], reads: true, writes: true, nonblock: true})
	if err != nil {
		return -1, err
	}
	s.waiting = s.waiting[1:]
	m.changed()
	return conn, nil
}

// PeerUID implements System.
func (m *Machine) PeerUID(fd int) (int, error) {
	m.enter()
	defer m.leave()
	s, err := m.socket(fd)
	if err != nil {
		return -1, err
	}
	if s.peer == nil {
		return -1, nil
	}
	return s.peer.uid, nil
}

// PeerPID implements System.
func (m *Machine) PeerPID(fd int) (int, error) {
	if _, err := m.PeerUID(fd); err != nil {
		return 0, err
	}
	m.enter()
	defer m.leave()
	if m.foreign {
		return 0, nil
	}
	return 1 << 20, nil
}

// PeersAreForeign makes those who connect processes of another PID namespace, or not.
func (m *Machine) PeersAreForeign(yes bool) {
	m.visit()
	defer m.leave()
	m.foreign = yes
}

func (m *Machine) socket(fd int) (*socket, error) {
	o := m.self.fds[fd]
	if o == nil {
		return nil, syscall.EBADF
	}
	s, ok := o.thing.(*socket)
	if !ok {
		return nil, syscall.ENOTSOCK
	}
	return s, nil
}

// Send implements System.
func (m *Machine) Send(fd int, p []byte, pass int) (int, error) {
	m.enter()
	defer m.leave()
	if err := m.fails("Send"); err != nil {
		return 0, err
	}
	s, err := m.socket(fd)
	if err != nil {
		return 0, err
	}
	var passed *open
	if pass >= 0 {
		if passed = m.self.fds[pass]; passed == nil {
			return 0, syscall.EBADF
		}
	}
	if s.keeper != nil {
		s.keeper.asked(p)
	}
	n, err := s.send(p, passed)
	if err == syscall.EAGAIN {
		return 0, nil
	}
	return n, err
}

// Pair implements System.
func (m *Machine) Pair() (ours, theirs int, err error) {
	m.enter()
	defer m.leave()
	if err := m.fails("Pair"); err != nil {
		return -1, -1, err
	}
	a, b := m.connected(m.self.uid, m.self.uid)
	return m.self.pair(
		&open{m: m, thing: a, reads: true, writes: true, nonblock: true},
		&open{m: m, thing: b, reads: true, writes: true})
}

// ListenNotify implements System.
func (m *Machine) ListenNotify() (fd int, name string, err error) {
	m.enter()
	defer m.leave()
	m.inodes++
	name = "@slipway-" + strconv.FormatUint(m.inodes, 16)
	fd, _, err = m.listen(datagrams, name, m.abstract)
	return fd, name, err
}

// Tell implements System.
func (m *Machine) Tell(name, text string) error {
	m.enter()
	defer m.leave()
	if err := m.fails("Tell"); err != nil {
		return err
	}
	return m.notify(name, m.self.uid, text)
}

// notify sends a datagram. m.mu is held.
func (m *Machine) notify(name string, uid int, text string) error {
	s := m.abstract[name]
	switch {
	case name == "":
		return syscall.ENOTCONN
	case s == nil || s.kind != datagrams:
		return syscall.ECONNREFUSED
	}
	s.queue = append(s.queue, message{data: []byte(text), uid: uid})
	m.changed()
	return nil
}

// ReceiveNotify implements System.
func (m *Machine) ReceiveNotify(fd int, p []byte) (n, uid int, err error) {
	m.enter()
	defer m.leave()
	s, err := m.socket(fd)
	if err != nil {
		return 0, -1, err
	}
	if len(s.queue) == 0 {
		return 0, -1, syscall.EAGAIN
	}
	first := s.queue[0]
	s.queue = s.queue[1:]
	return copy(p, first.data), first.uid, nil
}

// Connect connects a process to a listener: the path of a socket, "@name", or "host:port".
func (p *Process) Connect(address string) (int, error) {
	end, err := p.m.connect(address, p.uid)
	if err != nil {
		return -1, err
	}
	return p.grab(&open{m: p.m, thing: end, reads: true, writes: true})
}

// Listen makes a process listen at "host:port", until it ends; it accepts nobody.
func (p *Process) Listen(address string) (int, error) {
	if p.m.tcp[address] != nil {
		return -1, syscall.EADDRINUSE
	}
	s := &socket{m: p.m, uid: p.uid, kind: listener, backlog: 128, address: address}
	p.m.tcp[address] = s
	return p.grab(&open{m: p.m, thing: s, reads: true, writes: true})
}

// listener returns the listener at which a connection waits.
func (p *Process) listener(fd int) (*socket, error) {
	o := p.fds[fd]
	if o == nil {
		return nil, syscall.EBADF
	}
	s, ok := o.thing.(*socket)
	switch {
	case !ok:
		return nil, syscall.ENOTSOCK
	case s.kind != listener:
		return nil, syscall.EINVAL
	case len(s.waiting) == 0:
		return nil, syscall.EAGAIN
	}
	return s, nil
}

// Accept takes a connection that waits at a listener, which may be one that the process was
// given; EAGAIN if there is none.
func (p *Process) Accept(fd int) (int, error) {
	s, err := p.listener(fd)
	if err != nil {
		return -1, err
	}
	conn, err := p.grab(&open{m: p.m, thing: s.waiting[0], reads: true, writes: true})
	if err == nil {
		s.waiting = s.waiting[1:]
		p.m.changed()
	}
	return conn, err
}

// at returns what listens at an address, or nil. m.mu is held.
func (m *Machine) at(address string, uid int) (*socket, error) {
	s := m.abstract[address]
	if s == nil {
		s = m.tcp[address]
	}
	if s == nil && address != "" && address[0] == '/' {
		n, err := m.find(address)
		switch {
		case err != nil:
			return nil, err
		case !n.may(uid, 2):
			return nil, syscall.EACCES
		}
		s = n.socket
	}
	return s, nil
}

// connect returns the client's end of a new connection. m.mu is held.
func (m *Machine) connect(address string, uid int) (*socket, error) {
	s, err := m.at(address, uid)
	switch {
	case err != nil:
		return nil, err
	case s == nil || s.closed || s.kind != listener:
		return nil, syscall.ECONNREFUSED
	case len(s.waiting) > s.backlog:
		return nil, syscall.EAGAIN
	}
	ours, theirs := m.connected(uid, s.uid)
	s.waiting = append(s.waiting, theirs)
	s.made = append(s.made, theirs)
	m.changed()
	return ours, nil
}
