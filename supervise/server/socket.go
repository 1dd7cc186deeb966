package server

import (
	"syscall"

	"slipway/supervise/kernel"
)

// Socket is a listening unix socket that was made at a path. The file can be removed, and
// another one made in its place, while the socket goes on listening where nobody finds it.
type Socket struct {
	Path string
	file kernel.FileInfo
}

// Names looks at the names of sockets and removes them.
type Names interface {
	Stat(path string) (kernel.FileInfo, error)
	Remove(path string) error
}

// Made notes the file of a socket that was just made at a path.
func Made(k Names, path string) Socket {
	s := Socket{Path: path}
	if s.isFile() {
		s.file, _ = k.Stat(path) // without it the file is taken for ours
	}
	return s
}

// isFile reports whether the socket has a file; an abstract one has none.
func (s *Socket) isFile() bool { return s.Path != "" && s.Path[0] != '@' }

// IsAbstract reports whether the socket is a name without a file.
func (s *Socket) IsAbstract() bool { return s.Path != "" && s.Path[0] == '@' }

// IsGone reports whether somebody has removed the file and put nothing in its place.
func (s *Socket) IsGone(k Names) bool {
	if !s.isFile() {
		return false
	}
	_, err := k.Stat(s.Path)
	return err == syscall.ENOENT
}

// Remove removes the file, unless it is somebody else's by now.
func (s *Socket) Remove(k Names) {
	if !s.isFile() {
		return
	}
	now, err := k.Stat(s.Path)
	if err == nil && (s.file.Inode == 0 || now.Inode == s.file.Inode && now.Device == s.file.Device) {
		k.Remove(s.Path)
	}
}
