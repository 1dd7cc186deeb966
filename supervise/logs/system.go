//go:build linux

package logs

import (
	"time"

	"golang.org/x/sys/unix"
)

// system is what the package asks of the kernel. Tests make single calls fail.
type system struct {
	open     func(path string, flags int, perm uint32) (int, error)
	close    func(fd int) error
	write    func(fd int, p []byte) (int, error)
	position func(fd int) (int64, error)
	truncate func(fd int) error
	fstat    func(fd int, st *unix.Stat_t) error
	stat     func(path string, st *unix.Stat_t) error
	rename   func(from, to string) error
	unlink   func(path string) error
	// writable waits until fd takes more.
	writable func(fd int) error
	now      func() time.Time
}

func realSystem() *system {
	return &system{
		open:     open,
		close:    unix.Close,
		write:    write,
		position: func(fd int) (int64, error) { return unix.Seek(fd, 0, 1) },
		truncate: func(fd int) error { return unix.Ftruncate(fd, 0) },
		fstat:    unix.Fstat,
		stat:     unix.Stat,
		rename:   unix.Rename,
		unlink:   unix.Unlink,
		writable: writable,
		now:      time.Now,
	}
}

func open(path string, flags int, perm uint32) (int, error) {
	for {
		fd, err := unix.Open(path, flags, perm)
		if err != unix.EINTR {
			return fd, err
		}
	}
}

// write is one write(2). It is not os.File's: that raises SIGPIPE against its own
// process when descriptor 1 or 2 has lost its reader.
func write(fd int, p []byte) (int, error) {
	for {
		n, err := unix.Write(fd, p)
		switch {
		case err == unix.EINTR:
		case err == nil && n == 0 && len(p) > 0:
			return 0, unix.EIO // a device that takes nothing: no busy loop
		default:
			return max(n, 0), err
		}
	}
}

func writable(fd int) error {
	set := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
	for {
		if _, err := unix.Poll(set, -1); err != unix.EINTR {
			return err
		}
	}
}
