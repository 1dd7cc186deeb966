package supervise

import (
	"time"

	"slipway/supervise/boot"
	"slipway/supervise/bus"
	"slipway/supervise/child"
	"slipway/supervise/config"
	"slipway/supervise/events"
	"slipway/supervise/front"
	"slipway/supervise/logs"
	"slipway/supervise/logs/sink"
	"slipway/supervise/loop"
	"slipway/supervise/machine"
	"slipway/supervise/order"
	"slipway/supervise/output"
	"slipway/supervise/probe"
	"slipway/supervise/server"
	"slipway/supervise/watcher"
)

// Mode is whose habits the supervisor has.
type Mode uint8

// The modes.
const (
	Run    Mode = iota // a container's
	Daemon             // Supervisor's
)

// String returns the word that selects the mode on the command line.
func (m Mode) String() string {
	if m == Daemon {
		return boot.Supervisord
	}
	return boot.Run
}

// Options are what a Supervisor is made of.
type Options struct {
	Mode   Mode
	Kernel Kernel
	// Prepare makes the process what the configuration asks for, its user and its
	// limits, before anything is opened, and returns its user; nil: it stays as it is.
	Prepare func(cfg *config.Supervisord, log *logs.Activity) (uid int, err error)
	// Load reads the configuration anew: at start, for a reload, for reread.
	Load func() (*config.Config, error)
	// Environ is the environment that programs get, without what is meant for
	// the supervisor itself.
	Environ []string
	// PID is the supervisor's own; 1 in a container of its own.
	PID int
	// UID is the effective user.
	UID int
	// Main is a command that makes up the program "main" (run -- CMD).
	Main []string
	// BootFD is the descriptor of the boot snapshot, ReadyFD that of a pipe
	// which wants to know that the programs have been started; -1: none.
	BootFD, ReadyFD int
	// Watch starts the watcher: a source of values or templates can change.
	Watch bool
	// Secrets are the names of the secret variables in Environ. A program with the
	// key secrets gets only those that it lists.
	Secrets []string
	// Slipway is the executable of the children that are no programs: the HTTP
	// front, probes, the watcher. "": slipway, beside our own.
	Slipway string
	// Version is what the supervisor says about itself; ConfigFile is where
	// the configuration was found.
	Version, ConfigFile string
}

// Supervisor is the table of processes and what is done with it.
type Supervisor struct {
	opts Options
	k    Kernel
	loop *loop.Loop
	cfg  *config.Config
	read readings

	log     *logs.Activity
	targets *sink.Targets
	carrier *output.Carrier
	bus     *bus.Bus

	maker   child.Maker
	runner  *child.Runner
	front   *front.Front
	watcher *watcher.Watcher

	server   *server.Server
	handlers []handler // by method

	groups []*group    // in start order
	board  order.Board // who waits for whom among their processes
	gone   leftovers

	birth birth
	stop  stopping
	phase phase
	dirty bool // a state has changed since the last settle
}

// readings are configurations that were read and are not in force.
type readings struct {
	latest *config.Config // by the last reread; nil: none
	next   *config.Config // to come into force when all is stopped; nil: none
}

// birth is the start of the supervisor.
type birth struct {
	at      time.Time
	pidfile string // written by us; "": none
	trim    loop.Timer
}

// phase is what the supervisor is up to. They follow one another; a restart goes
// back to the first.
type phase uint8

const (
	phaseRunning  phase = iota
	phaseStopping       // programs are being stopped, in order
	phaseSweeping       // what they left behind is being ended
	phaseEnded
)

// New returns a Supervisor that has started nothing yet.
func New(opts Options) *Supervisor {
	s := &Supervisor{opts: opts, k: opts.Kernel, loop: loop.New(opts.Kernel, opts.Kernel), log: logs.NewActivity(opts.Kernel.Now), handlers: handlers}
	s.gone.said = map[string]bool{}
	s.targets = sink.NewTargets(sink.Options{
		System: s.k,
		Report: func(text string) { s.log.Warn(text) },
		Wake:   s.k.Wake,
		Ident:  "supervisord",
	})
	s.carrier = output.NewCarrier(s.k, s.loop, s.targets)
	s.bus = bus.New(bus.Options{Loop: s.loop, Log: s.log, Pools: s.eachPool, Print: s.targets.Print})
	s.maker = child.Maker{Files: s.k, UID: opts.UID, Environ: opts.Environ, Secrets: opts.Secrets, Slipway: opts.Slipway}
	if opts.Slipway == "" {
		s.maker.Slipway = child.Beside(s.k.Executable())
	}
	s.runner = child.NewRunner(s.k, s.loop)
	s.server = server.New(server.Options{Kernel: s.k, Loop: s.loop, Log: s.log, Serve: s.serve})
	running := func() bool { return s.phase == phaseRunning }
	s.front = front.New(front.Options{
		Kernel: s.k, Loop: s.loop, Log: s.log, Server: s.server, Runner: s.runner, Maker: &s.maker,
		AsSupervisord: opts.Mode == Daemon, Running: running,
	})
	s.watcher = watcher.New(watcher.Options{
		Kernel: s.k, Loop: s.loop, Log: s.log, Server: s.server, Runner: s.runner, Maker: &s.maker, Running: running,
	})
	return s
}

// adopt makes a configuration the one that is in force.
func (s *Supervisor) adopt(cfg *config.Config) {
	s.cfg, s.read = cfg, readings{}
	s.maker.ServerURL = cfg.ServerURL
}

// group is an active process group.
type group struct {
	cfg       config.Group
	processes []*process
	removing  bool          // is to vanish when its processes have ended
	successor *config.Group // then this takes its place
	pool      *bus.Pool     // of listeners; nil: they are programs
	socket    int           // of an fcgi-program; -1: not open
}

// process is one process of the table, over all its incarnations.
type process struct {
	cfg   config.Process
	group *group
	spec  machine.Spec
	m     machine.Proc
	due   loop.Timer // of m.Due
	onDue func()

	inherit  bool  // gets the supervisor's own descriptors 0 to 2
	in       input // its standard input
	out, err outlet
	member   *bus.Member // of the pool of its group; nil: it is a program

	failure child.Failure // why the last start failed
	probing probing       // its readiness and health
	place   *order.Place  // who waits for it, and for whom it waits
	held    bool          // wants to start, but waits for depends_on
	strays  []int         // what it left behind outside of its group
	pgid    int           // process group of the current incarnation
	next    intent        // what somebody has asked for while its group was being replaced
	stuck   uint64        // the incarnation that KILL has not ended in time; 0: none
	doubt   loop.Timer    // look whether KILL has ended it
}

// name is what log lines call the process: Supervisor's leave out the group.
func (p *process) name() string { return p.cfg.Name }

// fullName is what supervisorctl calls the process.
func (p *process) fullName() string {
	if p.cfg.Group == p.cfg.Name {
		return p.cfg.Name
	}
	return p.cfg.Group + ":" + p.cfg.Name
}

// newProcess makes the entry of a configured process.
func (s *Supervisor) newProcess(g *group, c config.Process) *process {
	p := &process{cfg: c, group: g, spec: c.Life(), inherit: s.inheritsStdio(&c), probing: probing{spec: probeSpec(&c)}}
	p.onDue = func() { s.feed(p, machine.Event{Kind: machine.Timer, Gen: p.m.Gen}) }
	p.probing.onDue = func() { s.feedProbe(p, probe.Event{Kind: probe.Timer}) }
	p.in = input{s: s, p: p, fd: -1}
	p.out.auto = s.autoLog(&c, c.Stdout, "stdout")
	if !c.RedirectStderr {
		p.err.auto = s.autoLog(&c, c.Stderr, "stderr")
	}
	if g.pool != nil {
		p.join(g.pool)
	}
	return p
}

// autoLog makes the file of an AUTO log. Without one the output is dropped, and that
// is said: a log directory that cannot be written must not keep a program down.
func (s *Supervisor) autoLog(c *config.Process, o config.Output, channel string) string {
	if o.Logfile != config.AutoLog {
		return ""
	}
	path, err := s.targets.NewAuto(s.cfg.Supervisord.Childlogdir, c.Name, channel, s.cfg.Supervisord.Identifier)
	if err != nil {
		s.log.Warn(err.Error(), "; the ", channel, " of ", c.Name, " is not kept")
	}
	return path
}

// addGroup makes a group active, in its place by priority and name.
func (s *Supervisor) addGroup(c config.Group) *group {
	g := &group{cfg: c, socket: -1, pool: s.newPool(&c)}
	for _, pc := range c.Processes {
		p := s.newProcess(g, pc)
		p.place = s.board.Add(member(&c, &pc))
		g.processes = append(g.processes, p)
	}
	at := len(s.groups)
	for i, other := range s.groups {
		if c.Priority < other.cfg.Priority || c.Priority == other.cfg.Priority && c.Name < other.cfg.Name {
			at = i
			break
		}
	}
	s.groups = append(s.groups, nil)
	copy(s.groups[at+1:], s.groups[at:])
	s.groups[at] = g
	s.bus.Emit(events.Group(true, c.Name))
	s.bus.Arm()
	return g
}

// removeGroup takes a group whose processes have all ended out of the table.
func (s *Supervisor) removeGroup(g *group) {
	for i, other := range s.groups {
		if other == g {
			s.groups = append(s.groups[:i], s.groups[i+1:]...)
			for _, p := range g.processes {
				s.board.Remove(p.place)
				p.held = false
			}
			s.bus.Emit(events.Group(false, g.cfg.Name))
			return
		}
	}
}

// isOver reports whether nothing of the group is up or will come up by itself.
func (g *group) isOver() bool {
	for _, p := range g.processes {
		if !p.isOver() {
			return false
		}
	}
	return true
}

// stopProcess asks for a process to be down.
func (s *Supervisor) stopProcess(p *process) {
	p.held = false
	s.feed(p, machine.Event{Kind: machine.Stop})
}

// each calls do for every process, in start order.
func (s *Supervisor) each(do func(p *process)) {
	for _, g := range s.groups {
		for _, p := range g.processes {
			do(p)
		}
	}
}

// find returns the process that a name such as "x" or "g:x" means, or nil.
func (s *Supervisor) find(group, name string) *process {
	for _, g := range s.groups {
		if g.cfg.Name != group {
			continue
		}
		for _, p := range g.processes {
			if p.cfg.Name == name {
				return p
			}
		}
	}
	return nil
}

func (s *Supervisor) findGroup(name string) *group {
	for _, g := range s.groups {
		if g.cfg.Name == name {
			return g
		}
	}
	return nil
}
