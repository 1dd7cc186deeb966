package ownership

import (
	"strconv"
	"time"

	"slipway/supervise/loop"
)

// Launched is a command without a holder that may turn out to have been a launcher: it puts
// its main process into the background, and a pid file says which that is. The kernel does
// not tell then whose an orphan is. So the file is believed only for a process that has come
// to us, that nobody owns, that is not older than the command, and whose user is the
// command's: what a program writes must not have us signal what it may not signal itself.
type Launched struct {
	Naming
	all    *Holders
	begun  uint64 // when the command was started, in ticks; 0: not known
	until  time.Time
	wanted func() bool
	decide func(pid int)
	look   loop.Timer
}

// Launch notes a command that was started as a child of ours, pid self; nil if no file can
// name another one.
func (a *Holders) Launch(n Naming, self, pid int) *Launched {
	if n.Pidfile == "" {
		return nil
	}
	l := &Launched{Naming: n, all: a}
	if r, ok := find(a.k.Descendants(self), pid); ok {
		l.begun = r.Start
	}
	return l
}

// Await looks for who carries on for the command, which has ended well, and calls decide: with
// the process that the file names, or with 0 when there is nobody to wait for, when somebody
// does not want to wait any more, or when the file has had its time.
func (l *Launched) Await(self int, wanted func() bool, decide func(pid int)) {
	l.until, l.wanted, l.decide = l.all.k.Now().Add(l.wait()), wanted, decide
	l.again(self)
}

// IsAwaiting reports whether it is not decided yet who the main process is: the number that is
// known is one of a process that has ended.
func (l *Launched) IsAwaiting() bool { return l != nil && l.decide != nil }

func (l *Launched) again(self int) {
	orphans := l.all.Orphans()
	pid := l.named(self, orphans)
	if pid == 0 && len(orphans) > 0 && l.wanted() && l.all.k.Now().Before(l.until) {
		l.all.loop.After(&l.look, namePause, func() { l.again(self) })
		return
	}
	decide := l.decide
	l.decide = nil
	decide(pid)
}

// named returns the orphan that the file names; 0: none.
func (l *Launched) named(self int, orphans []int) int {
	pid := l.all.readPidfile(l.Pidfile)
	for _, orphan := range orphans {
		if orphan != pid {
			continue
		}
		r, ok := find(l.all.k.Descendants(self), pid)
		if !ok || r.Parent != self || r.Start < l.begun {
			return 0
		}
		if l.User != nil && l.User.UID != 0 {
			if info, err := l.all.k.Stat("/proc/" + strconv.Itoa(pid)); err != nil || info.UID != l.User.UID {
				return 0
			}
		}
		return pid
	}
	return 0
}
