package life

import (
	"syscall"
	"time"

	"slipway/supervise/bus"
	"slipway/supervise/child"
	"slipway/supervise/config"
	"slipway/supervise/events"
	"slipway/supervise/kernel"
	"slipway/supervise/logs"
	"slipway/supervise/logs/sink"
	"slipway/supervise/loop"
	"slipway/supervise/machine"
	"slipway/supervise/order"
	"slipway/supervise/output"
	"slipway/supervise/probe"
)

// Kernel is what the table asks of the operating system, in the parts in which it uses
// it. Descriptors are plain numbers, are closed on exec, and never block.
type Kernel interface {
	Processes
	Descriptors
	Sockets
	Notifications
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
	// Children returns the pids of the children, nil if the kernel does not tell.
	Children() []int
	// Marked reports whether a process was started with all of the given
	// "NAME=value" in its environment.
	Marked(pid int, vars []string) bool
}

// Descriptors are those of programs: of InputPipe the write end does not block, of
// OutputPipe the read end.
type Descriptors interface {
	InputPipe() (r, w int, err error)
	OutputPipe() (r, w int, err error)
	Read(fd int, p []byte) (int, error)
	Write(fd int, p []byte) (int, error)
	Close(fd int) error
	IsTerminal(fd int) bool
}

// Sockets are those of fcgi-programs.
type Sockets interface {
	ListenUnix(path string, mode uint32, uid, gid int) (int, error)
	ListenTCP(host string, port int) (int, error)
	Backlog(fd, n int)
	SetBlocking(fd int)
}

// Notifications are sd_notify's.
type Notifications interface {
	ListenNotify() (fd int, name string, err error)
	ReceiveNotify(fd int, p []byte) (n, uid int, err error)
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
	// Main says that there is the program of a command line, which gets the
	// supervisor's own descriptors.
	Main bool
	// Explain shows what a program printed last when it cannot be kept up, where nobody
	// could see it otherwise.
	Explain bool
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
	cfg     *config.Supervisord
	groups  []*Group    // in start order
	board   order.Board // who waits for whom among their processes
	gone    leftovers
	changed bool // a state has, since the last settle
}

// New returns an empty table.
func New(o Options) *Table {
	return &Table{opts: o, k: o.Kernel, loop: o.Loop, log: o.Log, bus: o.Bus, gone: leftovers{said: map[string]bool{}}}
}

// Configure sets what groups that are added from now on have in common.
func (t *Table) Configure(c *config.Supervisord) { t.cfg = c }

// Reset forgets all groups, which must have ended.
func (t *Table) Reset() { t.groups, t.board = nil, order.Board{} }

// Groups are the active groups, in start order. The slice is valid until one is added or
// removed.
func (t *Table) Groups() []*Group { return t.groups }

// Touch notes that something has changed from which conclusions are to be drawn.
func (t *Table) Touch() { t.changed = true }

// TakeChanged reports whether something has changed since it was asked last.
func (t *Table) TakeChanged() bool {
	changed := t.changed
	t.changed = false
	return changed
}

// Group is an active process group.
type Group struct {
	Config    config.Group
	Processes []*Process
	Removing  bool          // is to vanish when its processes have ended
	Successor *config.Group // then this takes its place

	pool   *bus.Pool // of listeners; nil: they are programs
	socket int       // of an fcgi-program; -1: not open
}

// Process is one process of the table, over all its incarnations.
type Process struct {
	Config   config.Process
	Group    *Group
	Spec     machine.Spec
	Life     machine.Proc
	Inherits bool // gets the supervisor's own descriptors 0 to 2
	Out, Err Outlet
	Failure  child.Failure // why the last start failed
	Place    *order.Place  // who waits for it, and for whom it waits
	Held     bool          // wants to start, but waits for depends_on

	Next  Intent     // what somebody has asked for while its group was being replaced
	Stuck uint64     // the incarnation that KILL has not ended in time; 0: none
	Doubt loop.Timer // look whether KILL has ended it

	due     loop.Timer // of Life.Due
	onDue   func()
	in      input       // its standard input
	member  *bus.Member // of the pool of its group; nil: it is a program
	probing probing     // its readiness and health
	strays  []int       // what it left behind outside of its group
	pgid    int         // process group of the current incarnation
}

// Intent is what somebody wants of a process beside its autostart option.
type Intent uint8

// The intents. The zero one is none.
const (
	IntentNone Intent = iota
	IntentUp
	IntentDown
)

// IsStuck reports whether KILL has not ended what is being stopped.
func (p *Process) IsStuck() bool { return p.Life.State == machine.Stopping && p.Stuck == p.Life.Gen }

// Name is what log lines call the process: Supervisor's leave out the group.
func (p *Process) Name() string { return p.Config.Name }

// FullName is what supervisorctl calls the process.
func (p *Process) FullName() string {
	if p.Config.Group == p.Config.Name {
		return p.Config.Name
	}
	return p.Config.Group + ":" + p.Config.Name
}

// newProcess makes the entry of a configured process.
func (t *Table) newProcess(g *Group, c config.Process) *Process {
	p := &Process{Config: c, Group: g, Spec: c.Life(), Inherits: t.inheritsStdio(&c), probing: probing{spec: probeSpec(&c)}}
	p.onDue = func() { t.Feed(p, machine.Event{Kind: machine.Timer, Gen: p.Life.Gen}) }
	p.probing.onDue = func() { t.feedProbe(p, probe.Event{Kind: probe.Timer}) }
	p.in = input{t: t, p: p, fd: -1}
	p.Out.Auto = t.autoLog(&c, c.Stdout, "stdout")
	if !c.RedirectStderr {
		p.Err.Auto = t.autoLog(&c, c.Stderr, "stderr")
	}
	if g.pool != nil {
		p.join(g.pool)
	}
	return p
}

// autoLog makes the file of an AUTO log. Without one the output is dropped, and that
// is said: a log directory that cannot be written must not keep a program down.
func (t *Table) autoLog(c *config.Process, o config.Output, channel string) string {
	if o.Logfile != config.AutoLog {
		return ""
	}
	path, err := t.opts.Targets.NewAuto(t.cfg.Childlogdir, c.Name, channel, t.cfg.Identifier)
	if err != nil {
		t.log.Warn(err.Error(), "; the ", channel, " of ", c.Name, " is not kept")
	}
	return path
}

// Add makes a group active, in its place by priority and name.
func (t *Table) Add(c config.Group) *Group {
	g := &Group{Config: c, socket: -1, pool: t.newPool(&c)}
	for _, pc := range c.Processes {
		p := t.newProcess(g, pc)
		p.Place = t.board.Add(member(&c, &pc))
		g.Processes = append(g.Processes, p)
	}
	at := len(t.groups)
	for i, other := range t.groups {
		if c.Priority < other.Config.Priority || c.Priority == other.Config.Priority && c.Name < other.Config.Name {
			at = i
			break
		}
	}
	t.groups = append(t.groups, nil)
	copy(t.groups[at+1:], t.groups[at:])
	t.groups[at] = g
	t.bus.Emit(events.Group(true, c.Name))
	t.bus.Arm()
	return g
}

// Remove takes a group whose processes have all ended out of the table.
func (t *Table) Remove(g *Group) {
	for i, other := range t.groups {
		if other == g {
			t.groups = append(t.groups[:i], t.groups[i+1:]...)
			for _, p := range g.Processes {
				t.board.Remove(p.Place)
				p.Held = false
			}
			t.bus.Emit(events.Group(false, g.Config.Name))
			return
		}
	}
}

// IsOver reports whether nothing of the group is up or will come up by itself.
func (g *Group) IsOver() bool {
	for _, p := range g.Processes {
		if !p.IsOver() {
			return false
		}
	}
	return true
}

// Stop asks for a process to be down.
func (t *Table) Stop(p *Process) {
	p.Held = false
	t.Feed(p, machine.Event{Kind: machine.Stop})
}

// Each calls do for every process, in start order.
func (t *Table) Each(do func(p *Process)) {
	for _, g := range t.groups {
		for _, p := range g.Processes {
			do(p)
		}
	}
}

// Find returns the process that a name such as "x" or "g:x" means, or nil.
func (t *Table) Find(group, name string) *Process {
	for _, g := range t.groups {
		if g.Config.Name != group {
			continue
		}
		for _, p := range g.Processes {
			if p.Config.Name == name {
				return p
			}
		}
	}
	return nil
}

// FindGroup returns the group of that name, or nil.
func (t *Table) FindGroup(name string) *Group {
	for _, g := range t.groups {
		if g.Config.Name == name {
			return g
		}
	}
	return nil
}

// StartGroup starts the processes of a group that are to start by themselves.
func (t *Table) StartGroup(g *Group) {
	for _, p := range g.Processes {
		if p.Config.Autostart {
			t.Start(p)
		}
	}
}

// IsOver reports whether a stop need not wait for a process. One that cannot be
// signalled will not go because of us.
func (p *Process) IsOver() bool { return p.Life.AtRest() || p.Life.State == machine.Unknown }

// inheritsStdio reports whether a process is the one that gets the supervisor's own
// descriptors.
func (t *Table) inheritsStdio(c *config.Process) bool {
	return t.opts.Main && c.Name == config.MainProgram && c.Group == config.MainProgram
}
