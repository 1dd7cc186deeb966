package ownership

import (
	"strconv"
	"syscall"
	"time"

	"slipway/supervise/kernel"
	"slipway/supervise/logs"
	"slipway/supervise/loop"
)

// Kernel is what holders ask of the operating system.
type Kernel interface {
	// Now has a monotonic reading.
	Now() time.Time
	// Hold is Spawn with a holder in between. The error may be a kernel.NoHolder: then
	// Spawn is what can be done.
	Hold(c *kernel.Command) (kernel.Held, error)
	// Descendants returns those of a process, its children first; nil if the kernel does
	// not tell.
	Descendants(pid int) []kernel.Relative
	// SignalTree signals all descendants of a process, and returns how many there are.
	SignalTree(pid int, sig syscall.Signal) int
	// Halted returns a child that has been stopped by a signal since it was asked last, 0
	// if there is none.
	Halted() (pid int)
	// Kill sends a signal to a process that has not been reaped.
	Kill(pid int, sig syscall.Signal) error
	// Children returns the pids of our children, nil if the kernel does not tell.
	Children() []int
	// Marked reports whether a process was started with all of the given "NAME=value" in
	// its environment.
	Marked(pid int, vars []string) bool
	// SignalRelative signals one descendant of a process.
	SignalRelative(root, pid int, sig syscall.Signal)
	// KillCgroup kills what is in a control group of Hold, and reports whether it could.
	KillCgroup(dir string) bool
	// RemoveCgroup removes it, as soon as nothing lives in it.
	RemoveCgroup(dir string)
	// Stat looks at a file; /proc/PID is owned by the user of the process.
	Stat(path string) (kernel.FileInfo, error)
	OpenRead(path string) (fd int, info kernel.FileInfo, err error)
	// Send writes to a socket, and passes no descriptor for -1.
	Send(fd int, p []byte, pass int) (int, error)
	Read(fd int, p []byte) (int, error)
	Close(fd int) error
}

// Options are what Holders are made of.
type Options struct {
	Kernel Kernel
	Loop   *loop.Loop
	Log    *logs.Activity
	// Received is told of a signal that somebody has sent to a holder: for its program,
	// that is the supervisor.
	Received func(sig syscall.Signal)
}

// Holders are the holders of a supervisor.
type Holders struct {
	k        Kernel
	loop     *loop.Loop
	log      *logs.Activity
	received func(sig syscall.Signal)

	alive    map[int]*Holder // by their pid
	ended    []*Holder       // that have been reaped in one pass
	sweeping []*Holder       // what is left with them is being killed
	again    loop.Timer      // kill it again
	last     relayed
	killed   bool // by the kernel, for a call that they make: there can be none

	left []*Left    // of commands without a holder
	look loop.Timer // look whether it is gone
}

// New returns an empty set.
func New(o Options) *Holders {
	return &Holders{k: o.Kernel, loop: o.Loop, log: o.Log, received: o.Received, alive: map[int]*Holder{}}
}

// killed is why there is no holder where the kernel ends each of them.
const killed kernel.NoHolder = "a seccomp profile kills it"

// Start executes a command with a holder. The error may be a kernel.NoHolder, or is that of
// a Spawn.
func (a *Holders) Start(c *kernel.Command, owner Owner, n Naming) (*Holder, error) {
	if a.killed {
		return nil, killed
	}
	held, err := a.k.Hold(c)
	if err != nil {
		return nil, err
	}
	h := &Holder{all: a, owner: owner, pid: held.PID, fd: held.Channel, table: held.Table, cgroup: held.Cgroup, naming: naming{Naming: n}}
	a.alive[h.pid] = h
	a.loop.OnExit(h.pid, func(exit kernel.Exit) {
		h.exit = &exit
		delete(a.alive, h.pid)
		a.ended = append(a.ended, h)
	})
	if err := a.loop.Own(h.fd, h, kernel.Readable); err != nil {
		a.k.Kill(h.pid, syscall.SIGKILL)
		h.over = true
		a.k.Close(h.fd)
		return nil, err
	}
	return h, nil
}

// Reaped comes when children were reaped. A holder that has not said that it is at its end
// was killed: its main process is ours, and its end may be among those that nobody owns.
// Those that are left of them are returned. A holder that was stopped goes on: what it is
// told would wait.
func (a *Holders) Reaped(dead []loop.Death) []loop.Death {
	ended := a.ended
	a.ended = nil
	for _, h := range ended {
		dead = a.reaped(h, dead)
	}
	a.forget(dead)
	if len(a.alive) == 0 {
		return dead
	}
	for pid := a.k.Halted(); pid != 0; pid = a.k.Halted() {
		if a.alive[pid] != nil {
			a.k.Kill(pid, syscall.SIGCONT)
		}
	}
	return dead
}

func (a *Holders) reaped(h *Holder, dead []loop.Death) []loop.Death {
	h.read()
	if h.over {
		return dead
	}
	h.finish()
	if h.main == 0 && h.exit.Signal == int(syscall.SIGSYS) {
		a.killed = true
	}
	var exit *kernel.Exit
	for i := range dead {
		if dead[i].PID == h.main {
			exit = &kernel.Exit{}
			*exit = dead[i].Exit
			dead = append(dead[:i:i], dead[i+1:]...)
			break
		}
	}
	if h.main != 0 && !h.began {
		h.owner.Began(h.main)
	}
	h.owner.Lost(h.main, exit)
	return dead
}

// Times of killing what is left.
const (
	// sweepPause is the time between two rounds.
	sweepPause = 20 * time.Millisecond
	// sweepsFast is how many rounds follow each other so; later ones are rare, since what
	// is left then is in a call that nothing interrupts.
	sweepsFast = 100
	// sweepsBlind is how many find nobody until it is asked whether anybody could be found.
	sweepsBlind = 10
)

// sweep kills what is left with a holder, until nothing is: what forks all the time may
// get away in one round.
func (a *Holders) sweep(h *Holder) {
	for _, other := range a.sweeping {
		if other == h {
			return
		}
	}
	a.sweeping = append(a.sweeping, h)
	h.kill()
	a.sweepSoon()
}

func (a *Holders) sweepSoon() {
	if len(a.sweeping) > 0 && !a.again.IsSet() {
		a.loop.After(&a.again, sweepPause, a.sweepAgain)
	}
}

func (a *Holders) sweepAgain() {
	list := a.sweeping
	a.sweeping = nil
	for _, h := range list {
		if !h.over {
			a.sweeping = append(a.sweeping, h)
			h.kill()
		}
	}
	a.sweepSoon()
}

// kill is one round.
func (h *Holder) kill() {
	if h.rounds++; h.rounds > sweepsFast && h.rounds%sweepsFast != 0 {
		return
	}
	if h.grouped && h.rounds < sweepsFast/2 && h.all.k.KillCgroup(h.cgroup) {
		return // a program of root may leave its group: later rounds look at the tree
	}
	n := h.all.k.SignalTree(h.pid, syscall.SIGKILL)
	switch {
	case n > 0 && h.rounds == sweepsFast:
		h.all.log.Warn(h.naming.Program, ": ", strconv.Itoa(n), " left that SIGKILL has not ended")
	case n == 0 && h.rounds == sweepsBlind && h.all.isBlind():
		h.giveUp()
	}
}

// isBlind reports whether the kernel does not tell of descendants.
func (a *Holders) isBlind() bool {
	fd, _, err := a.k.OpenRead("/proc/self/stat")
	if err == nil {
		a.k.Close(fd)
	}
	return err != nil
}

// giveUp leaves to us what its holder says is there, and nobody can find.
func (h *Holder) giveUp() {
	h.all.log.Warn(h.naming.Program, " left descendants behind that cannot be found, since /proc is not mounted; they run on until the container ends")
	h.Leave()
	h.owner.Emptied()
}

// relayed is a signal that a holder has passed on.
type relayed struct {
	sig  syscall.Signal
	from int
	at   time.Time
}

// relayPause is for how long the same signal of the same sender is the same news: who
// signals everybody reaches each holder.
const relayPause = time.Second

func (a *Holders) relay(sig syscall.Signal, from int) {
	now := a.k.Now()
	last := a.last
	a.last = relayed{sig, from, now}
	if last.sig == sig && last.from == from && now.Sub(last.at) < relayPause {
		return
	}
	a.received(sig)
}

var _ loop.FDOwner = (*Holder)(nil)
