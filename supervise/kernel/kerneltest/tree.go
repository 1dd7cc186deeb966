package kerneltest

import (
	"path"
	"slices"
	"strings"
	"syscall"
	"time"

	"slipway/supervise/kernel"
)

// inode is a file. The tree knows no hard links.
type inode struct {
	number  uint64
	mode    uint32 // type and permissions
	uid     int
	data    []byte
	target  string            // of a symbolic link
	entries map[string]*inode // of a directory
	rdev    uint64
	written time.Time // by the clock on the wall
	program Program
	socket  *socket
}

func (n *inode) isDir() bool     { return n.mode&syscall.S_IFMT == syscall.S_IFDIR }
func (n *inode) isRegular() bool { return n.mode&syscall.S_IFMT == syscall.S_IFREG }

func (n *inode) info() kernel.FileInfo {
	return kernel.FileInfo{Mode: n.mode, Size: int64(len(n.data)), Inode: n.number, Device: 1, Rdev: n.rdev, Modified: n.written}
}

// may reports whether a user may do something: 4 read, 2 write, 1 execute.
func (n *inode) may(uid int, want uint32) bool {
	switch {
	case uid == 0:
		return want != 1 || n.isDir() || n.mode&0o111 != 0
	case uid == n.uid:
		return n.mode>>6&want == want
	}
	return n.mode&want == want
}

func (m *Machine) newInode(mode uint32) *inode {
	m.inodes++
	n := &inode{number: m.inodes, mode: mode, uid: m.settings.UID, written: time.Now().Add(m.set).Round(0)}
	if n.isDir() {
		n.entries = map[string]*inode{}
	}
	return n
}

// The devices that there are.
const (
	nullDevice = 1<<8 | 3
	fullDevice = 1<<8 | 7
)

func (m *Machine) makeRoot() {
	m.root = m.newInode(syscall.S_IFDIR | 0o755)
	for _, dir := range []string{"/dev", "/tmp", "/run", "/bin", "/sbin", "/usr/local/bin", "/etc", "/var/log"} {
		m.makeDirs(dir)
	}
	m.makeDevice("null", nullDevice)
	m.makeDevice("full", fullDevice)
}

func (m *Machine) makeDevice(name string, number uint64) {
	n := m.newInode(syscall.S_IFCHR | 0o666)
	n.rdev = number
	m.lookup("/dev").entries[name] = n
}

func (m *Machine) makeDirs(name string) {
	at := m.root
	for _, part := range split(name) {
		if at.entries[part] == nil {
			at.entries[part] = m.newInode(syscall.S_IFDIR | 0o755)
		}
		at = at.entries[part]
	}
}

func split(name string) []string {
	return strings.FieldsFunc(path.Clean("/"+name), func(r rune) bool { return r == '/' })
}

// lookup is find for what must be there.
func (m *Machine) lookup(name string) *inode {
	n, err := m.find(name)
	if err != nil {
		panic("kerneltest: no file " + name)
	}
	return n
}

// find follows a path, and links at its end as well. Relative paths begin at the root.
func (m *Machine) find(name string) (*inode, error) {
	dir, base, err := m.place(name, true)
	switch {
	case err != nil:
		return nil, err
	case base == "":
		return dir, nil
	case dir.entries[base] == nil:
		return nil, syscall.ENOENT
	}
	return dir.entries[base], nil
}

// place finds the directory of a path and the name in it, "" for the root; with follow it
// goes on where the name is a symbolic link.
func (m *Machine) place(name string, follow bool) (*inode, string, error) {
	for range 40 {
		parts := split(name)
		if len(parts) == 0 {
			return m.root, "", nil
		}
		at, done := m.root, "/"
		linked := false
		for i, part := range parts {
			if !at.isDir() {
				return nil, "", syscall.ENOTDIR
			}
			if !at.may(m.uid(), 1) {
				return nil, "", syscall.EACCES
			}
			last := i == len(parts)-1
			next := at.entries[part]
			if next != nil && next.target != "" && (!last || follow) {
				to := next.target
				if !path.IsAbs(to) {
					to = path.Join(done, to)
				}
				name, linked = path.Join(append([]string{to}, parts[i+1:]...)...), true
				break
			}
			if last {
				return at, part, nil
			}
			if next == nil {
				return nil, "", syscall.ENOENT
			}
			at, done = next, path.Join(done, part)
		}
		if !linked {
			break
		}
	}
	return nil, "", syscall.ELOOP
}

func (m *Machine) uid() int {
	if m.self == nil {
		return 0
	}
	return m.self.uid
}

// Install makes an executable file that runs program.
func (m *Machine) Install(name string, program Program) {
	m.put(name, 0o755, nil, program)
}

// Put makes a file for the test, and the directories above it.
func (m *Machine) Put(name, text string, mode uint32) { m.put(name, mode, []byte(text), nil) }

func (m *Machine) put(name string, mode uint32, data []byte, program Program) {
	m.visit()
	defer m.leave()
	m.makeDirs(path.Dir(name))
	n := m.newInode(syscall.S_IFREG | mode)
	n.data, n.program = data, program
	m.lookup(path.Dir(name)).entries[path.Base(name)] = n
}

// Chown makes a file or directory another user's.
func (m *Machine) Chown(name string, uid int) {
	m.visit()
	defer m.leave()
	m.lookup(name).uid = uid
}

// IsOwnDir implements System.
func (m *Machine) IsOwnDir(name string) bool {
	m.enter()
	defer m.leave()
	n := m.lookup(path.Dir(name)).entries[path.Base(name)]
	return n != nil && n.isDir() && n.uid == m.settings.UID && n.mode&0o022 == 0
}

// Mkdir makes a directory, and those above it.
func (m *Machine) Mkdir(name string) {
	m.visit()
	defer m.leave()
	m.makeDirs(name)
}

// Link makes a symbolic link.
func (m *Machine) Link(name, target string) {
	m.put(name, 0o777, nil, nil)
	m.visit()
	defer m.leave()
	dir, base, _ := m.place(name, false)
	dir.entries[base].mode, dir.entries[base].target = syscall.S_IFLNK|0o777, target
}

// Delete removes a file, for the test; a directory with all that is in it.
func (m *Machine) Delete(name string) {
	m.visit()
	defer m.leave()
	if dir, base, err := m.place(name, false); err == nil {
		delete(dir.entries, base)
	}
}

// Chmod changes the permissions of a file.
func (m *Machine) Chmod(name string, mode uint32) {
	m.visit()
	defer m.leave()
	n := m.lookup(name)
	n.mode = n.mode&syscall.S_IFMT | mode
}

// Text returns the content of a file, "" if there is none.
func (m *Machine) Text(name string) string {
	m.visit()
	defer m.leave()
	if n, err := m.find(name); err == nil {
		return string(n.data)
	}
	return ""
}

// List returns the names in a directory, in order.
func (m *Machine) List(name string) []string {
	m.visit()
	defer m.leave()
	n, err := m.find(name)
	if err != nil {
		return nil
	}
	var list []string
	for e := range n.entries {
		list = append(list, e)
	}
	slices.Sort(list)
	return list
}

// Space is how many bytes files can still take; negative: as many as they want.
func (m *Machine) Space(n int) {
	m.visit()
	defer m.leave()
	m.space = n
}
