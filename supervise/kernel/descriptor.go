package kernel

import (
	"io"

	"golang.org/x/sys/unix"
)

// Pipe returns a pipe of which neither end blocks.
func (k *Linux) Pipe() (r, w int, err error) { return pipe(unix.O_NONBLOCK) }

// InputPipe returns a pipe for the input of a program: only its write end does not block.
func (k *Linux) InputPipe() (r, w int, err error) {
	if r, w, err = pipe(0); err == nil {
		unix.SetNonblock(w, true)
	}
	return r, w, err
}

// OutputPipe returns a pipe for the output of a program: only its read end does not block.
func (k *Linux) OutputPipe() (r, w int, err error) {
	if r, w, err = pipe(0); err == nil {
		unix.SetNonblock(r, true)
	}
	return r, w, err
}

// pipeSize is what a pipe holds that is not read for a moment, in bytes.
const pipeSize = 256 << 10

// Enlarge makes the pipe of a busy program hold more, if it may. Only busy pipes are made
// larger: what all pipes of a user hold together is limited, and beyond that new ones are
// tiny.
func (k *Linux) Enlarge(fd int) {
	if n, err := unix.FcntlInt(uintptr(fd), unix.F_GETPIPE_SZ, 0); err == nil && n < pipeSize {
		unix.FcntlInt(uintptr(fd), unix.F_SETPIPE_SZ, pipeSize) // refused: it stays as it is
	}
}

func pipe(flags int) (r, w int, err error) {
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC|flags); err != nil {
		return -1, -1, err
	}
	return p[0], p[1], nil
}

// Read reads what there is. The end of a file is io.EOF; EAGAIN: there is nothing yet.
func (k *Linux) Read(fd int, p []byte) (int, error) {
	for {
		n, err := unix.Read(fd, p)
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return 0, err
		case n == 0 && len(p) > 0:
			return 0, io.EOF
		}
		return n, nil
	}
}

// ReadAt reads from a place in a file, which moves nothing. The end is io.EOF.
func (k *Linux) ReadAt(fd int, p []byte, off int64) (int, error) {
	for {
		n, err := unix.Pread(fd, p, off)
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return 0, err
		case n == 0 && len(p) > 0:
			return 0, io.EOF
		}
		return n, nil
	}
}

// Write is one write(2), which may take a part only. A device that takes nothing is an
// EIO: nobody is to try for ever.
func (k *Linux) Write(fd int, p []byte) (int, error) {
	for {
		n, err := unix.Write(fd, p)
		switch {
		case err == unix.EINTR:
			continue
		case err == nil && n == 0 && len(p) > 0:
			return 0, unix.EIO
		}
		return max(n, 0), err
	}
}

// Close closes a descriptor. It must not be watched any more.
func (k *Linux) Close(fd int) error { return unix.Close(fd) }

// Null opens /dev/null for reading and writing.
func (k *Linux) Null() (int, error) { return openNull() }

// Stdio is what an output is that this process was started with.
type Stdio struct {
	Terminal bool
	Gone     bool // it has no reader any more
	Pipe     bool
	Owner    int // user who may open a pipe by a name such as /dev/stdout
}

// Stdio looks at descriptor 1 or 2.
func (k *Linux) Stdio(fd int) Stdio {
	s := Stdio{Terminal: k.IsTerminal(fd)}
	set := []unix.PollFd{{Fd: int32(fd)}}
	if n, err := unix.Poll(set, 0); n == 1 && err == nil {
		s.Gone = set[0].Revents&(unix.POLLERR|unix.POLLHUP|unix.POLLNVAL) != 0
	}
	var st unix.Stat_t
	if unix.Fstat(fd, &st) == nil && st.Mode&unix.S_IFMT == unix.S_IFIFO {
		s.Pipe, s.Owner = true, int(st.Uid)
	}
	return s
}

// Give makes a pipe that of another user, who can then open it by a name such as /dev/stdout.
func (k *Linux) Give(fd, uid, gid int) error { return unix.Fchown(fd, uid, gid) }

// IsTerminal reports whether a descriptor is a terminal.
func (k *Linux) IsTerminal(fd int) bool {
	_, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	return err == nil
}

// SetBlocking makes reads and writes of a descriptor wait, for a program that gets it.
func (k *Linux) SetBlocking(fd int) { unix.SetNonblock(fd, false) }
