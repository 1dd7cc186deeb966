// Package cgroup makes control groups of version 2 for runs of programs, where they are
// delegated to the supervisor: what is in one can be killed in one step, and nothing that an
// unprivileged process does takes it out.
package cgroup

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Groups are the control groups of programs, below the supervisor's own: writable, with a
// cgroup.kill (Linux 5.14). No controller is enabled: a group with one may have no processes
// beside its groups, and the supervisor is in it.
type Groups struct {
	parent string   // the folder of the supervisor's groups; "": there can be none
	made   int      // how many there were, for their names
	stay   []string // could not be removed: something lives in them
}

// Places where version 2 is mounted: alone, and beside version 1.
var mounts = []string{"/sys/fs/cgroup", "/sys/fs/cgroup/unified"}

// folder returns that of our own group of version 2, "" if nobody tells.
func folder(text string) string {
	for line := range strings.Lines(text) {
		path, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "0::")
		if !ok || strings.HasPrefix(path, "/..") { // outside of what we see
			continue
		}
		for _, mount := range mounts {
			var st unix.Statfs_t
			dir := filepath.Join(mount, path)
			if unix.Statfs(dir, &st) == nil && st.Type == unix.CGROUP2_SUPER_MAGIC {
				return dir
			}
		}
	}
	return ""
}

// New finds out whether there can be groups: our own is that of a container, or is said to be
// delegated, and we may write to it. The root of the machine has no cgroup.kill. self is the
// text of /proc/self/cgroup.
func New(self string) *Groups {
	own := folder(self)
	if own == "" || unix.Access(own+"/cgroup.kill", unix.W_OK) != nil || unix.Access(own, unix.W_OK) != nil {
		return &Groups{}
	}
	if pid := os.Getpid(); pid == 1 || isDelegated(own) {
		return &Groups{parent: filepath.Join(own, "slipway-"+strconv.Itoa(pid))}
	}
	return &Groups{}
}

// isDelegated reports whether systemd has marked a group as one for its processes to divide.
func isDelegated(dir string) bool {
	for _, name := range []string{"user.delegate", "trusted.delegate"} {
		var b [1]byte
		if n, err := unix.Getxattr(dir, name, b[:]); err == nil && n == 1 && b[0] == '1' {
			return true
		}
	}
	return false
}

// Make makes the group of one run of the executable path, and opens its folder; "": there is
// none.
func (c *Groups) Make(path string) (dir string, fd int) {
	if c.parent == "" {
		return "", -1
	}
	c.made++
	dir = filepath.Join(c.parent, filepath.Base(path)+"."+strconv.Itoa(c.made))
	err := unix.Mkdir(dir, 0o755)
	if err == unix.ENOENT {
		unix.Mkdir(c.parent, 0o755)
		err = unix.Mkdir(dir, 0o755)
	}
	if err != nil { // refused, or somebody else's: no more is tried
		unix.Rmdir(c.parent)
		c.parent = ""
		return "", -1
	}
	if fd, err = unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0); err != nil {
		c.Remove(dir)
		return "", -1
	}
	return dir, fd
}

// Remove removes a group, and those that stayed. What lives in one keeps it.
func (c *Groups) Remove(dir string) {
	stay := c.stay[:0]
	for _, dir := range append(c.stay, dir) {
		if err := unix.Rmdir(dir); err != nil && err != unix.ENOENT {
			stay = append(stay, dir)
		}
	}
	c.stay = stay
	if len(stay) == 0 && c.parent != "" {
		unix.Rmdir(c.parent) // as long as it has others that fails
	}
}

// Kill kills all processes of a group in one step: none can fork its way out. It reports
// whether that could be done.
func Kill(dir string) bool {
	fd, err := unix.Open(dir+"/cgroup.kill", unix.O_WRONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	_, err = unix.Write(fd, []byte("1"))
	return err == nil
}
