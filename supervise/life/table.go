package life

import (
	"slipway/supervise/fcgi"
	"slipway/supervise/summary"
	"syscall"
	"time"

	"slipway/supervise/bus"
	"slipway/supervise/child"
	"slipway/supervise/config"
	"slipway/supervise/kernel"
	"slipway/supervise/limits"
	"slipway/supervise/listening"
	"slipway/supervise/logs"
	"slipway/supervise/logs/sink"
	"slipway/supervise/loop"
	"slipway/supervise/machine"
	"slipway/supervise/notify"
	"slipway/supervise/oneshot"
	"slipway/supervise/order"
	"slipway/supervise/output"
	"slipway/supervise/ownership"
	"slipway/supervise/probe"
	"slipway/supervise/streams"
)

// Kernel is what the table asks of the operating system, in the parts in which it uses
// it. Descriptors are plain numbers, are closed on exec, and never block.
type Kernel interface {
	Processes
	output.Pipes
	fcgi.Sockets
	listening.Kernel
	notify.Kernel
	oneshot.Files
}

// Processes starts, signals and tells of processes.
type Processes interface {
	// Now has a monotonic reading.
	Now() time.Time
	// Spawn forks and executes a command and returns its pid, which is also the
	// number of its process group.
	Spawn(c *kernel.Command) (pid int, err error)
	// Kill sends a signal to a process, or to a process group as -pgid. The pid must
	// not have been reaped yet: until then its number is not reused.
	Kill(pid int, sig syscall.Signal) error
	limits.Kernel
	// IsPaused reports whether a process was stopped by a signal.
	IsPaused(pid int) bool
}

// Options are what a Table is made of.
type Options struct {
	Kernel  Kernel
	Loop    *loop.Loop
	Log     *logs.Activity
	Targets *sink.Targets
	Carrier *output.Carrier
	Bus     *bus.Bus
	Maker   *child.Maker
	Runner  *child.Runner
	// PID is the supervisor's own.
	PID int
	// Main says that there is the program of a command line, which gets the
	// supervisor's own descriptors.
	Main bool
	// Explain shows what a program printed last when it cannot be kept up, where nobody
	// could see it otherwise.
	Explain bool
	Holders *ownership.Holders
	// Hold gives every program a holder that does not say otherwise.
	Hold bool
	// Running reports whether no stop is under way.
	Running func() bool
	// Policy decides what a change of state means for the supervisor as a whole; it is
	// the last to learn of it.
	Policy func(p *Process, a machine.Action)
	// Killed is told of a KILL that was sent to what is being stopped.
	Killed func(p *Process)
	// Shutdown begins an ordered stop that ends with a status.
	Shutdown func(code int, reason string)
}

// Table is the processes of a supervisor and their lives.
type Table struct {
	opts    Options
	k       Kernel
	loop    *loop.Loop
	log     *logs.Activity
	bus     *bus.Bus
	streams streams.Maker
	cfg     *config.Supervisord
	index
	board   order.Board // who waits for whom among their processes
	limit   int         // start_limit; 0: none
	once    oneshot.Stamps
	probes  *probe.Spec // of the process that was added last
	gone    leftovers
	holders *ownership.Holders
	memory  limits.Memory
	crowd   *summary.Crowd
	waits   *summary.Waits
	orphans *summary.Orphans
	changed bool // a state has, since the last settle
	Sockets *listening.Set
}

// New returns an empty table.
func New(o Options) *Table {
	t := &Table{opts: o, k: o.Kernel, loop: o.Loop, log: o.Log, bus: o.Bus, memory: limits.NewMemory(o.Kernel), holders: o.Holders, gone: leftovers{said: map[string]bool{}},
		waits: summary.NewWaits(o.Kernel, o.Loop, o.Log), orphans: summary.NewOrphans(o.Kernel, o.Loop, o.Log, !o.Explain)}
	t.streams = streams.Maker{Kernel: o.Kernel, Log: o.Log, Targets: o.Targets, Carrier: o.Carrier, Bus: o.Bus}
	t.Sockets = listening.New(o.Kernel, o.Log)
	t.crowd = summary.NewCrowd(o.Kernel, o.Loop, o.Log, t.ends)
	return t
}

// Configure sets what groups that are added from now on have in common.
func (t *Table) Configure(c *config.Config) {
	own := "supervisord"
	if t.opts.Explain {
		own = "slipway"
	}
	t.streams.Configure(c, own, t.opts.PID, t.opts.Maker.Environ)
	t.cfg, t.limit, t.once = &c.Supervisord, c.Slipway.StartLimit, oneshot.Stamps{Files: t.k, Dir: c.Slipway.StateDir}
}

// Reset forgets all groups, which must have ended.
func (t *Table) Reset() { t.index, t.board = index{}, order.Board{} }

// Touch notes that something has changed from which conclusions are to be drawn.
func (t *Table) Touch() { t.changed = true }

// TakeChanged reports whether something has changed since it was asked last.
func (t *Table) TakeChanged() bool {
	changed := t.changed
	t.changed = false
	return changed
}

// Each calls do for every process, in start order.
func (t *Table) Each(do func(p *Process)) {
	for _, g := range t.groups.List {
		for _, p := range g.Processes {
			do(p)
		}
	}
}

// EachOne calls do for every process, in start order, and then for those beside them.
func (t *Table) EachOne(do func(p *Process)) {
	t.Each(do)
	for _, g := range t.groups.List {
		for _, p := range g.beside {
			do(p)
		}
	}
}
