// Package watcher keeps `slipway watch` running, a process of its own that renders again
// when a source has changed, and tells the programs concerned over a private control
// connection. It is none of the table's processes: nothing that it does ends the container,
// and no client can stop it.
package watcher

import (
	"io/fs"
	"syscall"
	"time"

	"slipway/supervise/boot"
	"slipway/supervise/child"
	"slipway/supervise/control"
	"slipway/supervise/kernel"
	"slipway/supervise/loop"
	"slipway/supervise/server"
	"slipway/supervise/words"
)

// Pauses before the watcher is started again. They double while it keeps dying, and
// begin anew when it has lasted for the longest.
const (
	firstPause = time.Second
	maxPause   = time.Minute
)

// Log is where a Watcher says what people should know.
type Log interface {
	Error(parts ...string)
	Warn(parts ...string)
}

// Kernel sends signals, to a child that was not reaped yet, and reads what the launch stage
// has left.
type Kernel interface {
	Kill(pid int, sig syscall.Signal) error
	ReadAt(fd int, p []byte, off int64) (int, error)
}

// Options are what a Watcher is made of.
type Options struct {
	Kernel Kernel
	Loop   *loop.Loop
	Log    Log
	Server *server.Server
	Runner *child.Runner
	Maker  *child.Maker
	// Running reports whether no stop is under way. In an ordered stop nothing is
	// rendered any more.
	Running func() bool
}

// Watcher starts the watcher, and starts it again.
type Watcher struct {
	opts    Options
	running *child.Child // nil: not running
	peer    *server.Peer // its control connection; nil: none
	pause   time.Duration
	again   loop.Timer
	values  string // see Take; "": as at the start
}

// New returns a Watcher that starts nothing yet.
func New(o Options) *Watcher { return &Watcher{opts: o} }

// Start starts the watcher, unless it runs.
func (w *Watcher) Start() {
	if w.running != nil || !w.opts.Running() {
		return
	}
	if err := w.spawn(); err != nil {
		w.opts.Log.Error("cannot start the watcher: ", (&fs.PathError{Op: "cannot execute", Path: w.opts.Maker.Slipway, Err: err}).Error())
		w.later()
	}
}

// StartSoon is Start in the next pass of the loop.
func (w *Watcher) StartSoon() { w.opts.Loop.After(&w.again, 0, w.Start) }

// Take takes over what the watcher has found instead of what the launch stage has: the
// environment that programs get from their next start on, the names of the secrets in
// it, and the boot snapshot that tells of them.
func (w *Watcher) Take(environ, secrets []string, snapshot string) {
	w.opts.Maker.Environ, w.opts.Maker.Secrets, w.values = environ, secrets, snapshot
}

// maxBoot bounds the boot snapshot: more does not fit into an answer.
const maxBoot = 16 << 20

// Boot is the boot snapshot that holds: the one that was taken over, else that of the launch
// stage, which a descriptor has; -1 for none.
func (w *Watcher) Boot(fd int) string {
	if w.values != "" {
		return w.values
	}
	var boot []byte
	for fd >= 0 && len(boot) < maxBoot {
		n, err := w.opts.Kernel.ReadAt(fd, w.opts.Loop.Buffer(), int64(len(boot)))
		if n <= 0 || err != nil {
			break
		}
		boot = append(boot, w.opts.Loop.Buffer()[:n]...)
	}
	return string(boot)
}

func (w *Watcher) later() {
	w.pause = min(max(w.pause*2, firstPause), maxPause)
	w.opts.Loop.After(&w.again, w.pause, w.Start)
}

func (w *Watcher) spawn() error {
	c, err := w.opts.Runner.Start(child.Job{
		Command: w.opts.Maker.Own(boot.Watch, w.opts.Maker.WithoutSecrets()), Connect: true, Ended: w.ended,
	})
	if err != nil {
		return err
	}
	w.running = c
	w.peer = w.opts.Server.Connect(c.Socket, may, func() { w.peer = nil })
	return nil
}

// ended starts the watcher again, unless it has ended well: then there is nothing to
// watch.
func (w *Watcher) ended(exit kernel.Exit, _ []byte) {
	began := w.running.Began
	w.running = nil
	if w.peer != nil {
		w.peer.Disconnect()
	}
	if !w.opts.Running() || exit == (kernel.Exit{}) {
		return
	}
	w.opts.Log.Warn("the watcher has ended (", words.StatusText(exit.Code, exit.Signal, exit.Core), ")")
	if w.opts.Loop.Now().Sub(began) >= maxPause {
		w.pause = 0
	}
	w.later()
}

// may is what the watcher calls: it reads what there is to render from, tells the programs
// that a change concerns, and hands over new values. It stops groups that a rendered file of the
// configuration changes, and does not shut down or follow.
var may = []string{
	control.OpBoot, control.OpInfo, control.OpState, control.OpValues, control.OpLogWrite, control.OpProcessList, control.OpProcessGet,
	control.OpProcessReload, control.OpProcessRestart, control.OpWaitReady, control.OpWaitIdle, control.OpConfigReread,
	control.OpGroupStop, control.OpGroupRemove, control.OpGroupAdd, control.OpGroupChange, // a rendered file of the configuration
}

// Signal signals the watcher, if it runs.
func (w *Watcher) Signal(sig syscall.Signal) {
	if w.running != nil {
		w.opts.Kernel.Kill(w.running.PID, sig)
	}
}
