package kerneltest

import (
	"os"
	"path"
	"strconv"
	"strings"
	"syscall"
	"time"

	"slipway/supervise/kernel"
)

// file is an open file or directory.
type file struct {
	node *inode
	path string
}

func (f *file) read(o *open, p []byte) (int, error) {
	if f.node.isDir() {
		return 0, syscall.EISDIR
	}
	if f.node.rdev == fullDevice {
		clear(p)
		return len(p), nil
	}
	if o.offset >= int64(len(f.node.data)) {
		return 0, nil
	}
	n := copy(p, f.node.data[o.offset:])
	o.offset += int64(n)
	return n, nil
}

func (f *file) write(o *open, p []byte) (int, error) {
	switch f.node.rdev {
	case nullDevice:
		return len(p), nil
	case fullDevice:
		return 0, syscall.ENOSPC
	}
	if o.m.space >= 0 && len(p) > o.m.space {
		p = p[:o.m.space]
		if len(p) == 0 {
			return 0, syscall.ENOSPC
		}
	}
	if o.appends {
		o.offset = int64(len(f.node.data))
	}
	if gap := o.offset - int64(len(f.node.data)); gap > 0 {
		f.node.data = append(f.node.data, make([]byte, gap)...)
	}
	f.node.written = time.Now().Add(o.m.set).Round(0)
	n := copy(f.node.data[o.offset:], p)
	f.node.data = append(f.node.data, p[n:]...)
	o.offset += int64(len(p))
	if o.m.space >= 0 {
		o.m.space -= len(p)
	}
	return len(p), nil
}

func (f *file) close(*open) {}

func (f *file) info() kernel.FileInfo { return f.node.info() }

// OpenFile implements System.
func (m *Machine) OpenFile(name string, flags int, mode uint32) (int, error) {
	m.enter()
	defer m.leave()
	if err := m.fails("OpenFile"); err != nil {
		return -1, err
	}
	node, err := m.openNode(name, flags, mode)
	if err != nil {
		return -1, err
	}
	access := flags & syscall.O_ACCMODE
	return m.self.grab(&open{
		m: m, thing: &file{node, name}, reads: access != syscall.O_WRONLY, writes: access != syscall.O_RDONLY,
		appends: flags&syscall.O_APPEND != 0, nonblock: flags&syscall.O_NONBLOCK != 0,
	})
}

func (m *Machine) openNode(name string, flags int, mode uint32) (*inode, error) {
	if name == "" {
		return nil, syscall.ENOENT
	}
	dir, base, err := m.place(name, flags&syscall.O_EXCL == 0)
	if err != nil {
		return nil, err
	}
	if base == "" {
		base, dir = ".", &inode{mode: syscall.S_IFDIR | 0o755, entries: map[string]*inode{".": m.root}}
	}
	access := flags & syscall.O_ACCMODE
	node := dir.entries[base]
	switch {
	case node == nil && flags&syscall.O_CREAT == 0:
		return nil, syscall.ENOENT
	case node == nil && strings.HasSuffix(name, "/"):
		return nil, syscall.EISDIR
	case node == nil && !dir.may(m.self.uid, 2):
		return nil, syscall.EACCES
	case node == nil:
		node = m.newInode(syscall.S_IFREG | mode&^0o022)
		node.uid = m.self.uid
		dir.entries[base] = node
		return node, nil
	case flags&(syscall.O_CREAT|syscall.O_EXCL) == syscall.O_CREAT|syscall.O_EXCL:
		return nil, syscall.EEXIST
	case node.isDir() && (access != syscall.O_RDONLY || flags&syscall.O_CREAT != 0):
		return nil, syscall.EISDIR
	case strings.HasSuffix(name, "/") && !node.isDir():
		return nil, syscall.ENOTDIR
	case node.mode&syscall.S_IFMT == syscall.S_IFSOCK:
		return nil, syscall.ENXIO
	case access != syscall.O_WRONLY && !node.may(m.self.uid, 4), access != syscall.O_RDONLY && !node.may(m.self.uid, 2):
		return nil, syscall.EACCES
	}
	if flags&syscall.O_TRUNC != 0 && node.isRegular() {
		node.data = nil
	}
	return node, nil
}

// OpenRead implements System.
func (m *Machine) OpenRead(name string) (fd int, info kernel.FileInfo, err error) {
	fd, err = m.OpenFile(name, syscall.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOCTTY, 0)
	if err != nil {
		return -1, kernel.FileInfo{}, err
	}
	info, err = m.StatOpen(fd)
	return fd, info, err
}

// OpenLog implements System. Nobody else changes these files.
func (m *Machine) OpenLog(name string) (fd int, info kernel.FileInfo, err error) {
	return m.OpenRead(name)
}

// Stat implements System.
func (m *Machine) Stat(name string) (kernel.FileInfo, error) {
	m.enter()
	defer m.leave()
	if err := m.fails("Stat"); err != nil {
		return kernel.FileInfo{}, err
	}
	if name == "" {
		return kernel.FileInfo{}, syscall.ENOENT
	}
	if pid, err := strconv.Atoi(strings.TrimPrefix(name, "/proc/")); err == nil {
		if p := m.byPID[pid]; p != nil && !m.settings.Blind {
			return kernel.FileInfo{Mode: syscall.S_IFDIR | 0o555, UID: p.uid}, nil
		}
	}
	n, err := m.find(name)
	if err != nil {
		return kernel.FileInfo{}, err
	}
	if strings.HasSuffix(name, "/") && !n.isDir() {
		return kernel.FileInfo{}, syscall.ENOTDIR
	}
	return n.info(), nil
}

// StatOpen implements System.
func (m *Machine) StatOpen(fd int) (kernel.FileInfo, error) {
	m.enter()
	defer m.leave()
	o := m.self.fds[fd]
	if o == nil {
		return kernel.FileInfo{}, syscall.EBADF
	}
	return o.thing.info(), nil
}

// ReadLink implements System.
func (m *Machine) ReadLink(name string) (string, error) {
	m.enter()
	defer m.leave()
	dir, base, err := m.place(name, false)
	switch {
	case err != nil:
		return "", err
	case base == "":
		return "", syscall.EINVAL
	case dir.entries[base] == nil:
		return "", syscall.ENOENT
	case dir.entries[base].target == "":
		return "", syscall.EINVAL
	}
	return dir.entries[base].target, nil
}

// MayExecute implements System.
func (m *Machine) MayExecute(name string) error {
	m.enter()
	defer m.leave()
	n, err := m.find(name)
	switch {
	case err != nil:
		return err
	case !n.may(m.self.uid, 1):
		return syscall.EACCES
	}
	return nil
}

// Position implements System.
func (m *Machine) Position(fd int) (int64, error) {
	m.enter()
	defer m.leave()
	o := m.self.fds[fd]
	if o == nil {
		return 0, syscall.EBADF
	}
	if _, ok := o.thing.(*file); !ok {
		return 0, syscall.ESPIPE
	}
	return o.offset, nil
}

// Truncate implements System.
func (m *Machine) Truncate(fd int) error {
	m.enter()
	defer m.leave()
	o := m.self.fds[fd]
	if o == nil {
		return syscall.EBADF
	}
	f, ok := o.thing.(*file)
	if !ok || !o.writes || !f.node.isRegular() {
		return syscall.EINVAL
	}
	f.node.data = nil
	return nil
}

// Rename implements System.
func (m *Machine) Rename(from, to string) error {
	m.enter()
	defer m.leave()
	if err := m.fails("Rename"); err != nil {
		return err
	}
	dir, base, err := m.place(from, false)
	if err != nil {
		return err
	}
	node := dir.entries[base]
	if node == nil {
		return syscall.ENOENT
	}
	toDir, toBase, err := m.place(to, false)
	if err != nil {
		return err
	}
	old := toDir.entries[toBase]
	switch {
	case !dir.may(m.self.uid, 2) || !toDir.may(m.self.uid, 2):
		return syscall.EACCES
	case old == node:
		return nil
	case old != nil && old.isDir() && !node.isDir():
		return syscall.EISDIR
	case old != nil && !old.isDir() && node.isDir():
		return syscall.ENOTDIR
	case old != nil && old.isDir() && len(old.entries) > 0:
		return syscall.ENOTEMPTY
	}
	delete(dir.entries, base)
	toDir.entries[toBase] = node
	return nil
}

// Remove implements System.
func (m *Machine) Remove(name string) error {
	m.enter()
	defer m.leave()
	if err := m.fails("Remove"); err != nil {
		return err
	}
	dir, base, err := m.place(name, false)
	switch {
	case err != nil:
		return err
	case base == "":
		return syscall.EISDIR
	case dir.entries[base] == nil:
		return syscall.ENOENT
	case dir.entries[base].isDir():
		return syscall.EISDIR
	case !dir.may(m.self.uid, 2):
		return syscall.EACCES
	}
	delete(dir.entries, base)
	return nil
}

// WriteFile implements System.
func (m *Machine) WriteFile(name string, data []byte, mode uint32) error {
	fd, err := m.OpenFile(name, syscall.O_WRONLY|syscall.O_CREAT|syscall.O_TRUNC, mode)
	if err != nil {
		return err
	}
	_, err = m.Write(fd, data)
	m.Close(fd)
	return err
}

// MakeDir implements System.
func (m *Machine) MakeDir(name string) error {
	m.enter()
	defer m.leave()
	at := m.root
	for i, part := range split(name) {
		next := at.entries[part]
		if next != nil && next.target != "" {
			next, _ = m.find("/" + strings.Join(split(name)[:i+1], "/"))
		}
		fails := func(err error) error {
			return &os.PathError{Op: "mkdir", Path: path.Join(append([]string{"/"}, split(name)[:i+1]...)...), Err: err}
		}
		switch {
		case next == nil && !at.may(m.self.uid, 2):
			return fails(syscall.EACCES)
		case next == nil:
			next = m.newInode(syscall.S_IFDIR | 0o755)
			next.uid = m.self.uid
			at.entries[part] = next
		case !next.isDir():
			return fails(syscall.ENOTDIR)
		}
		at = next
	}
	return nil
}
