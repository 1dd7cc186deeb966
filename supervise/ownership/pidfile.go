package ownership

import (
	"strconv"
	"strings"
	"syscall"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/kernel"
	"slipway/supervise/loop"
)

// Naming is how the main process of a command is known that puts itself into the
// background.
type Naming struct {
	Program string // as the log calls it
	Pidfile string // "": by what it leaves
	// Within this time of the end of the launcher, and within nameWait at least, the file must
	// name one of its descendants.
	Within time.Duration
	User   *config.User // of the command; nil: ours
}

// nameWait is how long a program has at least, after its launcher, to write its pid file.
const nameWait = 5 * time.Second

// wait is how long the file is looked at.
func (n *Naming) wait() time.Duration { return max(n.Within, nameWait) }

// namePause is the time between two looks at a pid file.
const namePause = 50 * time.Millisecond

// deepPause is the time between two looks at a main process that is no child of the holder,
// so that nobody tells of its end.
const deepPause = time.Second

// naming is what a holder knows by a pid file.
type naming struct {
	Naming
	until time.Time  // look at the file no longer; zero: do not
	look  loop.Timer // at it, or at deep
	deep  int        // the main process, below the holder's; 0: that one itself
	wants int        // is to be deep as soon as the holder has chosen its ancestor
	said  int        // a foreign number that was mentioned
}

// ByFile is how a main process was found that its pid file names.
const ByFile = "its pid file"

// bySaying is how one was found that the program itself has named.
const bySaying = "MAINPID"

// named returns the descendant that the pid file names, and the child of the holder that it
// is, or is below of. ok is false without: a number that is another's is none, however it
// came there.
func (h *Holder) named() (r, child kernel.Relative, ok bool) {
	if h.naming.Pidfile == "" {
		return r, r, false
	}
	pid := h.all.readPidfile(h.naming.Pidfile)
	if pid <= 0 {
		return r, r, false
	}
	if r, child, ok = h.below(pid); !ok && h.naming.said != pid {
		h.naming.said = pid
		h.all.log.Info(h.naming.Program, ": ", h.naming.Pidfile, " names ", strconv.Itoa(pid), ", which is none of its processes")
	}
	return r, child, ok
}

// Name makes a process the main process that the program has named; it reports false for
// one that is no descendant.
func (h *Holder) Name(pid int) bool {
	r, child, ok := h.below(pid)
	if ok && h.main != 0 {
		h.naming.until = time.Time{}
		h.nominate(r.PID, child, bySaying)
	}
	return ok
}

// below returns a descendant, and the child of the holder that it is, or is below of.
func (h *Holder) below(pid int) (r, child kernel.Relative, ok bool) {
	tree := h.all.k.Descendants(h.pid)
	if r, ok = find(tree, pid); !ok {
		return r, r, false
	}
	for child = r; child.Parent != h.pid; {
		if child, ok = find(tree, child.Parent); !ok {
			return r, r, false
		}
	}
	return r, child, true
}

func find(list []kernel.Relative, pid int) (kernel.Relative, bool) {
	for _, r := range list {
		if r.PID == pid && !r.Zombie {
			return r, true
		}
	}
	return kernel.Relative{}, false
}

// readPidfile returns the number in a file, 0 if there is none.
func (a *Holders) readPidfile(path string) int {
	fd, info, err := a.k.OpenRead(path)
	if err != nil {
		return 0
	}
	defer a.k.Close(fd)
	if !info.IsRegular() {
		return 0
	}
	var buf [64]byte
	n, err := a.k.Read(fd, buf[:])
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(strings.TrimSpace(string(buf[:n])), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil {
		return 0
	}
	return pid
}

// await begins to look at the pid file.
func (h *Holder) await() {
	if h.naming.Pidfile != "" {
		h.naming.until = h.all.k.Now().Add(h.naming.wait())
		h.lookAgain()
	}
}

func (h *Holder) lookAgain() {
	pause := deepPause
	if !h.naming.until.IsZero() {
		pause = namePause
	}
	h.all.loop.After(&h.naming.look, pause, h.lookAtName)
}

// lookAtName looks whether the pid file names another process than the one that is taken
// for the main process, and whether that is still there where nobody tells.
func (h *Holder) lookAtName() {
	if h.over || h.main == 0 {
		return
	}
	n := &h.naming
	if n.deep != 0 {
		if _, ok := find(h.all.k.Descendants(h.pid), n.deep); ok {
			h.lookAgain()
			return
		}
		n.deep = 0
		h.owner.Followed(h.main, "")
		h.await() // somebody may start it again
		return
	}
	if r, child, ok := h.named(); ok {
		n.until = time.Time{}
		h.nominate(r.PID, child, ByFile)
		return
	}
	if h.all.k.Now().Before(n.until) {
		h.lookAgain()
		return
	}
	n.until = time.Time{}
}

// nominate makes a descendant the main process that is child, or below of it.
func (h *Holder) nominate(pid int, child kernel.Relative, how string) {
	n := &h.naming
	n.wants = 0
	if pid != child.PID {
		n.wants = pid
	}
	switch {
	case child.PID != h.main:
		h.Follow([]kernel.Relative{child})
		h.how = how
	default:
		h.settled(how)
	}
}

// settled tells who the main process is, when the holder has chosen its own.
func (h *Holder) settled(how string) {
	n := &h.naming
	pid := h.main
	if n.deep, n.wants = n.wants, 0; n.deep != 0 {
		pid = n.deep
		h.lookAgain()
	}
	h.owner.Followed(pid, how)
	if how != ByFile && how != bySaying && n.until.IsZero() {
		h.await()
	}
}

// signalDeep signals a main process that is no child of the holder. To kill it alone would
// have it started again.
func (h *Holder) signalDeep(sig syscall.Signal) {
	if sig == syscall.SIGKILL {
		h.SignalAll(sig)
		return
	}
	h.all.k.SignalRelative(h.pid, h.naming.deep, sig)
}
