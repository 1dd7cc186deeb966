package child

import (
	"io"
	"syscall"
	"time"

	"slipway/supervise/kernel"
	"slipway/supervise/loop"
	"slipway/supervise/ownership"
)

// Kernel is what a Runner asks of the operating system. OutputPipe returns a pipe whose
// read end does not block, InputPipe one whose write end does not, Pair two connected sockets,
// of which ours does not; Null opens /dev/null.
type Kernel interface {
	Spawn(c *kernel.Command) (pid int, err error)
	Kill(pid int, sig syscall.Signal) error
	OutputPipe() (r, w int, err error)
	InputPipe() (r, w int, err error)
	Pair() (ours, theirs int, err error)
	Null() (fd int, err error)
	Read(fd int, p []byte) (int, error)
	Write(fd int, p []byte) (int, error)
	Close(fd int) error
}

// Runner starts children that are no programs.
type Runner struct {
	k    Kernel
	loop *loop.Loop
	// Holders are for jobs that want one, and those that are given attributes, which a holder
	// sets; nil: there are none.
	Holders *ownership.Holders
	// Sparing has only the latter get one.
	Sparing bool
}

// NewRunner returns a Runner whose children the loop owns.
func NewRunner(k Kernel, l *loop.Loop) *Runner { return &Runner{k: k, loop: l} }

// Job is one child to be started.
type Job struct {
	// Command is what to execute; Start sets its Files.
	Command *kernel.Command
	// Stdin gives it our own standard input; otherwise it has /dev/null.
	Stdin bool
	// Input is what it finds on its standard input, a few lines at most; "": /dev/null. Unlike
	// arguments and environment, nobody can read it once the child has.
	Input string
	// Keep is how many bytes are kept for Ended, of what it prints last. Nothing of it is
	// shown, and what the child leaves behind in its process group ends with it. With 0 it
	// prints to our own standard output and error, and what it leaves stays.
	Keep int
	// Held ends with it all that it has started, wherever that is, where there can be
	// holders.
	Held bool
	// Connect gives it a socket as descriptor 3. The other end is ours.
	Connect bool
	// Files are its further descriptors, from 3 on, or from 4 with Connect.
	Files []int
	// Ended is called when it has died. Output is what it printed last, with Keep.
	Ended func(exit kernel.Exit, output []byte)
}

// Child is a child that was started.
type Child struct {
	PID int // 0: its holder has not told it yet
	// Began is when.
	Began time.Time
	// Socket is our end of its connection, which is the caller's; -1 without Connect.
	Socket int

	r      *Runner
	holder *ownership.Holder // nil: none
	ended  func(kernel.Exit, []byte)
	output int // our end of the pipe that it prints to; -1: none, or closed
	keep   int
	kept   []byte
	reaped bool // its number is nobody's
}

// Start starts a child. The error is that of the first system call that failed, as a
// syscall.Errno; then nothing is left of it.
func (r *Runner) Start(j Job) (*Child, error) {
	c := &Child{Socket: -1, r: r, ended: j.Ended, output: -1, keep: j.Keep}
	theirs, err := c.open(&j)
	defer func() {
		for _, fd := range theirs {
			r.k.Close(fd)
		}
	}()
	if err == nil {
		j.Command.Files = append(j.Command.Files, j.Files...)
		err = c.spawn(&j)
	}
	if err != nil {
		for _, fd := range []int{c.Socket, c.output} {
			if fd >= 0 {
				r.k.Close(fd)
			}
		}
		return nil, err
	}
	c.Began = r.loop.Now()
	if c.output >= 0 {
		if err := r.loop.Own(c.output, c, kernel.Readable); err != nil {
			c.close()
		}
	}
	return c, nil
}

// open makes the descriptors of a child; theirs are those to close after the fork.
func (c *Child) open(j *Job) (theirs []int, err error) {
	files := []int{0, 1, 2}
	if !j.Stdin {
		in, err := c.input(j.Input)
		if err != nil {
			return nil, err
		}
		theirs = append(theirs, in)
		files[0] = in
	}
	if c.keep > 0 {
		var out int
		if c.output, out, err = c.r.k.OutputPipe(); err != nil {
			c.output = -1
			return theirs, err
		}
		theirs = append(theirs, out)
		files[1], files[2] = out, out
	}
	if j.Connect {
		var end int
		if c.Socket, end, err = c.r.k.Pair(); err != nil {
			c.Socket = -1
			return theirs, err
		}
		theirs = append(theirs, end)
		files = append(files, end)
	}
	j.Command.Files = files
	return theirs, nil
}

// input is a descriptor with a text to read, which fits into a pipe.
func (c *Child) input(text string) (int, error) {
	if text == "" {
		return c.r.k.Null()
	}
	r, w, err := c.r.k.InputPipe()
	if err != nil {
		return -1, err
	}
	n, err := c.r.k.Write(w, []byte(text))
	c.r.k.Close(w)
	if err == nil && n < len(text) {
		err = syscall.E2BIG
	}
	if err != nil {
		c.r.k.Close(r)
		return -1, err
	}
	return r, nil
}

// KillGroup kills a child with all that it has started in its process group. It must not
// have ended yet.
func (c *Child) KillGroup() {
	c.SignalGroup(syscall.SIGKILL)
}

// SignalGroup is KillGroup with another signal.
func (c *Child) SignalGroup(sig syscall.Signal) {
	if c.holder != nil {
		c.holder.SignalAll(sig)
		return
	}
	if !c.reaped {
		c.r.k.Kill(-c.PID, sig)
	}
}

// over is the end of a child.
func (c *Child) over(exit kernel.Exit) {
	if c.keep > 0 {
		c.KillGroup() // its number is not free while the group has members
	}
	c.reaped = true
	c.r.loop.OnceReaped(func() { c.finish(exit) })
}

func (c *Child) finish(exit kernel.Exit) {
	if c.keep > 0 {
		if c.output >= 0 {
			c.OnReadable(c.output, kernel.Readable)
		}
		c.close()
	}
	if c.ended != nil {
		c.ended(exit, c.kept)
	}
}

// OnReadable implements loop.FDOwner: the child prints something. Most of it is of no
// interest, but it must not wait for a reader.
func (c *Child) OnReadable(fd int, _ kernel.Mode) {
	buf := c.r.loop.Buffer()
	n, err := c.r.k.Read(fd, buf)
	c.kept = append(c.kept, buf[:max(n, 0)]...)
	if over := len(c.kept) - c.keep; over > 0 {
		c.kept = append(c.kept[:0], c.kept[over:]...)
	}
	if err == io.EOF || n <= 0 && err != syscall.EAGAIN && err != syscall.EINTR {
		c.close()
	}
}

func (c *Child) close() {
	if c.output >= 0 {
		c.r.loop.Disown(c.output)
		c.r.k.Close(c.output)
		c.output = -1
	}
}
