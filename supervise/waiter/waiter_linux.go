package waiter

import (
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"slipway/supervise/boot"
	"slipway/supervise/early"
	"slipway/supervise/kernel"
)

// Exit statuses: of a waiter that nobody needs any more, and of one that cannot work, which the
// supervisor replaces by a watcher.
const (
	exitOK       = 0
	exitInternal = 70
)

// How often the files are looked at without a notification, in milliseconds: while notifications
// work, and where they do not. After one that was no change, others are left to gather.
const (
	pollNotified   = 30_000
	pollUnnotified = 2_000
	pause          = 100
)

// events are those that may be a change.
const events = unix.IN_CLOSE_WRITE | unix.IN_MODIFY | unix.IN_ATTRIB | unix.IN_CREATE | unix.IN_DELETE |
	unix.IN_MOVED_FROM | unix.IN_MOVED_TO | unix.IN_DELETE_SELF | unix.IN_MOVE_SELF

// Called reports whether a command line is that of the waiter.
func Called(args []string) bool { return len(args) == 4 && args[1] == Word }

// Main waits, and becomes the watcher when something has changed. It returns an exit status when
// the supervisor is gone, or when that fails.
func Main(args, environ []string) int {
	early.Release() // a signal ends it: there is nothing to tidy up
	control, err := strconv.Atoi(args[2])
	list, err2 := strconv.Atoi(args[3])
	if err != nil || err2 != nil {
		return exitInternal
	}
	l, ok := Decode(content(list))
	if !ok {
		return exitInternal
	}
	if !l.wait(control) {
		return exitOK
	}
	since := strconv.FormatInt(time.Now().UnixNano(), 10)
	if unix.Dup3(control, boot.ControlFD, 0) != nil {
		return exitInternal
	}
	unix.CloseOnExec(control)
	argv := []string{boot.Slipway, boot.Watch, Woken + args[3], Since + since}
	_ = syscall.Exec(l.Slipway, argv, environ)
	return exitInternal
}

// content reads a file in memory. It does so by offsets: who reads it later begins at 0 as well.
func content(fd int) (text []byte) {
	var st unix.Stat_t
	if unix.Fstat(fd, &st) != nil {
		return nil
	}
	text = make([]byte, st.Size)
	for have := 0; have < len(text); {
		n, err := unix.Pread(fd, text[have:], int64(have))
		if err == unix.EINTR {
			continue
		}
		if n <= 0 || err != nil {
			return nil
		}
		have += n
	}
	return text
}

// wait waits until something has changed. It returns false when the supervisor has hung up.
func (l *List) wait(control int) (changed bool) {
	notify, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		notify = -1 // poll ignores it
	}
	var buffer [4096]byte
	for first := true; ; first = false {
		timeout := pollUnnotified
		if notify >= 0 && l.follow(notify) {
			timeout = pollNotified
		}
		if l.Changed() { // after following: what comes now is told
			return true
		}
		if first {
			new(kernel.Linux).Trim() // nearly all pages of the executable were needed once, to begin
		}
		fds := []unix.PollFd{{Fd: int32(control)}, {Fd: int32(notify), Events: unix.POLLIN}}
		n, err := unix.Poll(fds, timeout)
		switch {
		case err != nil && err != unix.EINTR:
			return true // somebody who can say so has to see to it
		case n <= 0:
			continue
		case fds[0].Revents != 0:
			return false
		}
		for {
			if n, err := unix.Read(notify, buffer[:]); n <= 0 && err != unix.EINTR {
				break
			}
		}
		if l.Changed() {
			return true
		}
		if n, _ := unix.Poll(fds[:1], pause); n > 0 {
			return false
		}
	}
}

// follow asks for notifications of all paths, again where that was done before: a folder may have
// come back as another. It reports whether all can be followed.
func (l *List) follow(notify int) bool {
	all := true
	for _, p := range l.Paths {
		var st, above unix.Stat_t
		err := unix.Stat(p, &st)
		folder := p
		for err != nil || st.Mode&unix.S_IFMT != unix.S_IFDIR {
			up := filepath.Dir(folder)
			if up == folder {
				break
			}
			folder = up
			if unix.Stat(folder, &above) == nil && above.Mode&unix.S_IFMT == unix.S_IFDIR {
				break
			}
		}
		if _, err := unix.InotifyAddWatch(notify, folder, events); err != nil {
			all = false
		}
		// A file that is mounted by itself: its changes are none of its folder.
		if err == nil && folder != p && st.Dev != above.Dev {
			if _, err := unix.InotifyAddWatch(notify, p, events); err != nil {
				all = false
			}
		}
	}
	return all
}
