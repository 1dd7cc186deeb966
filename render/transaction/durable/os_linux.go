package durable

import (
	"errors"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// SyncFS implements [FS] with syncfs(2): one flush for the whole file system,
// where an fsync for each of 1,000 files costs 1,000 flushes of the disk.
func (OS) SyncFS(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return syscallErr("syncfs", name, unix.Syncfs(int(f.Fd())))
}

// copyAttrs copies what can be copied. EPERM and ENOTSUP are the normal answer
// for security.* without privilege and on file systems without attributes.
func copyAttrs(fd int, name, from string) error {
	buf := make([]byte, 1024)
	n, err := unix.Llistxattr(from, buf)
	if errors.Is(err, unix.ERANGE) {
		buf = make([]byte, 64<<10)
		n, err = unix.Llistxattr(from, buf)
	}
	if err != nil || n == 0 {
		if err == nil || attrsImpossible(err) {
			return nil
		}
		return syscallErr("listxattr", from, err)
	}
	for _, attr := range strings.Split(strings.TrimRight(string(buf[:n]), "\x00"), "\x00") {
		value := make([]byte, 64<<10)
		m, err := unix.Lgetxattr(from, attr, value)
		if err == nil {
			err = unix.Fsetxattr(fd, attr, value[:m], 0)
		}
		if err != nil && !attrsImpossible(err) {
			return syscallErr("setxattr "+attr, name, err)
		}
	}
	return nil
}

func attrsImpossible(err error) bool {
	return errors.Is(err, unix.ENOTSUP) || errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES) ||
		errors.Is(err, unix.ENODATA) || errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EINVAL)
}
