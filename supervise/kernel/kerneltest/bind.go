package kerneltest

import (
	"slices"
	"strings"
	"syscall"

	"slipway/supervise/kernel"
	"slipway/supervise/sockets"
)

// Bind implements System.
func (m *Machine) Bind(s *sockets.Socket) (int, error) {
	_, address, _ := strings.Cut(s.String(), "://")
	var fd int
	var err error
	switch {
	case !s.IsStream():
		fd, err = m.bind(datagrams, s.String(), m.abstract)
	case s.IsFile():
		fd, err = m.ListenUnix(s.Path, uint32(s.Mode), s.UID, s.GID)
	case s.IsUnix():
		fd, err = m.bind(listener, s.Path, m.abstract)
	default:
		fd, err = m.bind(listener, address, m.tcp)
	}
	if err == kernel.ErrInUse {
		err = syscall.EADDRINUSE
	}
	if err == nil {
		m.Backlog(fd, s.Backlog)
	}
	return fd, err
}

func (m *Machine) bind(kind socketKind, address string, table map[string]*socket) (int, error) {
	m.enter()
	defer m.leave()
	fd, _, err := m.listen(kind, address, table)
	return fd, err
}

// Retune implements System.
func (m *Machine) Retune(fd int, s *sockets.Socket) error {
	m.Backlog(fd, s.Backlog)
	m.enter()
	defer m.leave()
	if err := m.fails("Retune"); err != nil {
		return err
	}
	is, err := m.socket(fd)
	if err == nil && is.node != nil {
		is.node.mode = syscall.S_IFSOCK | uint32(s.Mode)
	}
	return err
}

// Connected implements System.
func (m *Machine) Connected(s *sockets.Socket) (bool, error) {
	m.enter()
	defer m.leave()
	if err := m.fails("Connected"); err != nil {
		return false, err
	}
	_, address, _ := strings.Cut(s.String(), "://")
	is, err := m.at(address, 0)
	if err != nil || is == nil {
		return false, err
	}
	is.made = slices.DeleteFunc(is.made, func(c *socket) bool { return c.closed })
	return len(is.made) > 0, nil
}

// SendTo sends a datagram to an address such as udp://127.0.0.1:514.
func (m *Machine) SendTo(address, text string) error {
	m.visit()
	defer m.leave()
	return m.notify(address, 0, text)
}
