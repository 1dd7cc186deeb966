package output

import (
	"syscall"

	"slipway/supervise/kernel"
	"slipway/supervise/loop"
)

// InputKernel is what an Input asks of the operating system.
type InputKernel interface {
	Write(fd int, p []byte) (int, error)
	Close(fd int) error
}

// Input is our end of the standard input of a process. Nobody waits for a process to read:
// what it does not take is kept.
type Input struct {
	k       InputKernel
	loop    *loop.Loop
	fd      int    // -1: none
	waiting []byte // bytes that it has not taken yet
}

// NewInput returns an Input that is not open.
func NewInput(k InputKernel, l *loop.Loop) Input { return Input{k: k, loop: l, fd: -1} }

// Open makes fd, which does not block, its descriptor.
func (in *Input) Open(fd int) { in.fd = fd }

// IsOpen reports whether the process can be written to.
func (in *Input) IsOpen() bool { return in.fd >= 0 }

// Waiting is how many bytes wait for the process to read them.
func (in *Input) Waiting() int { return len(in.waiting) }

// OnReadable implements loop.FDOwner: the input is watched for writing while something
// waits for it.
func (in *Input) OnReadable(int, kernel.Mode) { in.flush() }

// Write queues bytes. An error means that the process has closed its end.
func (in *Input) Write(b []byte) error {
	in.waiting = append(in.waiting, b...)
	return in.flush()
}

func (in *Input) flush() error {
	for len(in.waiting) > 0 {
		n, err := in.k.Write(in.fd, in.waiting)
		in.waiting = in.waiting[n:]
		if err == syscall.EAGAIN || err == syscall.EINTR {
			return in.loop.Own(in.fd, in, kernel.Writable)
		}
		if err != nil {
			in.Close()
			return err
		}
	}
	in.waiting = nil
	in.loop.Disown(in.fd)
	return nil
}

// Close closes it, and drops what waits.
func (in *Input) Close() {
	if in.fd >= 0 {
		in.loop.Disown(in.fd)
		in.k.Close(in.fd)
		in.fd, in.waiting = -1, nil
	}
}
