package output

import (
	"syscall"

	"slipway/supervise/kernel"
)

// Input is our end of the standard input of a process. It takes what somebody types, and
// waits for the program to read it. The zero value is one that nobody can write to.
type Input struct {
	c       *Carrier
	end     int    // + 1; 0: none
	waiting []byte // bytes that the program has not taken yet
}

// Attach makes the write end of a pipe, which does not block, the input.
func (in *Input) Attach(c *Carrier, fd int) { in.c, in.end = c, fd+1 }

// IsOpen reports whether somebody can write.
func (in *Input) IsOpen() bool { return in.end > 0 }

// Waiting is how many bytes wait.
func (in *Input) Waiting() int { return len(in.waiting) }

// OnReadable implements loop.FDOwner: the input is watched for writing while something
// waits for it.
func (in *Input) OnReadable(int, kernel.Mode) { in.flush() }

// Write queues bytes. An error means that the program has closed its standard input.
func (in *Input) Write(b []byte) error {
	in.waiting = append(in.waiting, b...)
	return in.flush()
}

// flush writes what waits.
func (in *Input) flush() error {
	c, fd := in.c, in.end-1
	for len(in.waiting) > 0 {
		n, err := c.k.Write(fd, in.waiting)
		in.waiting = in.waiting[n:]
		if err == syscall.EAGAIN || err == syscall.EINTR {
			return c.loop.Own(fd, in, kernel.Writable)
		}
		if err != nil {
			in.Close()
			return err
		}
	}
	in.waiting = nil
	c.loop.Disown(fd)
	return nil
}

// Close closes the input, if it is open.
func (in *Input) Close() {
	if in.end > 0 {
		in.c.loop.Disown(in.end - 1)
		in.c.k.Close(in.end - 1)
	}
	*in = Input{}
}
