// Package compressor has the old files of logs compressed, by `slipway compress`: a process of
// its own, one file at a time. It gets two descriptors and needs nothing else; the names are
// for package rotation. What fails is tried again, and costs nothing but room.
package compressor

import (
	"io/fs"
	"time"

	"slipway/supervise/boot"
	"slipway/supervise/child"
	"slipway/supervise/kernel"
	"slipway/supervise/logs/sink"
	"slipway/supervise/loop"

	"golang.org/x/sys/unix"
)

// Pauses after a failure. They double while it keeps failing.
const (
	firstPause = time.Minute
	maxPause   = time.Hour
)

// textKept bounds what is kept of what it prints, in bytes.
const textKept = 256

// Log is where a Compressor says what people should know.
type Log interface{ Warn(parts ...string) }

// Options are what a Compressor is made of. Close closes a descriptor.
type Options struct {
	Loop    *loop.Loop
	Log     Log
	Close   func(fd int) error
	Targets *sink.Targets
	Runner  *child.Runner
	Maker   *child.Maker
	// Running reports whether no stop is under way.
	Running func() bool
}

// Compressor starts the processes that compress.
type Compressor struct {
	opts    Options
	running *child.Child // nil: none
	file    *sink.Old    // that it compresses; nil: none, or the process is being ended
	pause   time.Duration
	again   loop.Timer
	waits   bool // for again
}

// New returns a Compressor that starts nothing yet.
func New(o Options) *Compressor { return &Compressor{opts: o} }

// Look starts the compression of the next file, in the next pass of the loop, if there may be
// one and none is under way.
func (c *Compressor) Look() {
	if c.running == nil && !c.waits {
		c.later(0)
	}
}

func (c *Compressor) later(d time.Duration) {
	c.waits = true
	c.opts.Loop.After(&c.again, d, func() {
		c.waits = false
		c.next()
	})
}

func (c *Compressor) next() {
	if c.running != nil || !c.opts.Running() {
		return
	}
	file, err := c.opts.Targets.NextOld()
	switch {
	case err != nil:
		c.failed(err.Error())
		return
	case file == nil:
		return
	}
	cmd := c.opts.Maker.Own(boot.Compress, nil)
	cmd.DeathSignal = int(unix.SIGKILL)
	run, err := c.opts.Runner.Start(child.Job{Command: cmd, Files: []int{file.From, file.To}, Keep: textKept, Ended: c.ended})
	c.opts.Close(file.From)
	c.opts.Close(file.To)
	if err != nil {
		file.Done(false)
		c.failed("cannot compress an old log file: " + (&fs.PathError{Op: "cannot execute", Path: cmd.Path, Err: err}).Error())
		return
	}
	c.running, c.file = run, file
}

// ended takes the result, and goes on.
func (c *Compressor) ended(exit kernel.Exit, text []byte) {
	file, why := c.file, child.WhyFailed(exit, text)
	c.running, c.file = nil, nil
	if file == nil { // stopped
		c.Look()
		return
	}
	err := file.Done(why == "")
	switch {
	case !c.opts.Running():
	case why != "":
		c.failed("cannot compress an old file of " + file.Log + ": " + why)
	case err != nil:
		c.failed(err.Error())
	default:
		c.pause = 0
		c.later(0)
	}
}

// failed says so, and tries again in a while. The file stays as it is.
func (c *Compressor) failed(text string) {
	c.pause = min(max(c.pause*2, firstPause), maxPause)
	c.opts.Log.Warn(text, "; the file stays as it is, next try in ", c.pause.String())
	c.later(c.pause)
}

// Stop ends what is under way: the file is compressed at the next start. The end of the process
// is not waited for.
func (c *Compressor) Stop() {
	c.opts.Loop.Clear(&c.again)
	c.waits = false
	if c.file != nil {
		c.running.KillGroup()
		c.file.Done(false)
		c.file = nil
	}
}
