package supervise

import (
	"os"
	"syscall"
	"time"

	"slipway/supervise/boot"
	"slipway/supervise/kernel"
	"slipway/supervise/loop"
	"slipway/supervise/machine"
)

// Pauses before the watcher is started again. They double while it keeps dying, and
// begin anew when it has lasted for the longest.
const (
	watchPause    = time.Second
	maxWatchPause = time.Minute
)

// watcher is `slipway watch`, a process of its own that renders again when a source
// has changed, and tells the programs concerned over a private control connection. It
// is none of the table's processes: nothing that it does ends the container, and no
// client can stop it.
type watcher struct {
	pid   int   // 0: not running
	peer  *peer // its control connection
	pause time.Duration
	again loop.Timer
}

// startWatcher starts the watcher, if the launch stage has found that something can
// change.
func (s *Supervisor) startWatcher() {
	if !s.opts.Watch || s.watcher.pid != 0 || s.phase != phaseRunning {
		return
	}
	if err := s.spawnWatcher(); err != nil {
		s.log.Error("cannot start the watcher: ", err.Error())
		s.watchLater()
	}
}

func (s *Supervisor) watchLater() {
	s.watcher.pause = min(max(s.watcher.pause*2, watchPause), maxWatchPause)
	s.loop.After(&s.watcher.again, s.watcher.pause, s.startWatcher)
}

func (s *Supervisor) spawnWatcher() error {
	ours, theirs, err := s.k.Pair()
	if err != nil {
		return err
	}
	defer s.k.Close(theirs)
	null, err := s.k.Null()
	if err != nil {
		s.k.Close(ours)
		return err
	}
	defer s.k.Close(null)
	path := s.slipway()
	pid, err := s.k.Spawn(&kernel.Command{
		Path: path, Argv: []string{boot.Slipway, boot.Watch}, Env: s.opts.Environ, Umask: -1,
		Files: []int{null, 1, 2, theirs},
	})
	if err != nil {
		s.k.Close(ours)
		return &os.PathError{Op: "cannot execute", Path: path, Err: err}
	}
	s.watcher.pid = pid
	s.watcher.peer = s.connect(ours, true)
	began := s.k.Now()
	s.loop.OnExit(pid, func(exit kernel.Exit) { s.watcherEnded(exit, began) })
	return nil
}

// watcherEnded starts the watcher again, unless it has ended well: then there is
// nothing to watch.
func (s *Supervisor) watcherEnded(exit kernel.Exit, began time.Time) {
	s.watcher.pid = 0
	if s.watcher.peer != nil {
		s.disconnect(s.watcher.peer)
	}
	if s.phase != phaseRunning || exit == (kernel.Exit{}) {
		return
	}
	s.log.Warn("the watcher has ended (", statusText(machine.Status(exit)), ")")
	if s.k.Now().Sub(began) >= maxWatchPause {
		s.watcher.pause = 0
	}
	s.watchLater()
}

// handleWatch starts the watcher where the launch stage has found nothing that can
// change: somebody has rendered by hand, and a program is still to be told.
func handleWatch(s *Supervisor, c *call) {
	s.opts.Watch = true
	s.loop.After(&s.watcher.again, 0, s.startWatcher)
	c.reply(done)
}

// stopWatcher ends the watcher: in an ordered stop nothing is rendered any more.
func (s *Supervisor) stopWatcher(sig syscall.Signal) {
	if s.watcher.pid != 0 {
		s.k.Kill(s.watcher.pid, sig)
	}
}
