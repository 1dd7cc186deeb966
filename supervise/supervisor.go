package supervise

import (
	"time"

	"slipway/supervise/boot"
	"slipway/supervise/bus"
	"slipway/supervise/child"
	"slipway/supervise/compressor"
	"slipway/supervise/config"
	"slipway/supervise/front"
	"slipway/supervise/life"
	"slipway/supervise/logs"
	"slipway/supervise/logs/sink"
	"slipway/supervise/loop"
	"slipway/supervise/ondemand"
	"slipway/supervise/output"
	"slipway/supervise/ownership"
	"slipway/supervise/pidfile"
	"slipway/supervise/post"
	"slipway/supervise/server"
	"slipway/supervise/timetable"
	"slipway/supervise/upward"
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
	holders *ownership.Holders
	front   *front.Front
	watcher *watcher.Watcher

	server *server.Server

	table *life.Table
	post  post.Post
	birth birth
	stop  stopping
	phase phase
}

// readings are configurations that were read and are not in force.
type readings struct {
	latest *config.Config // by the last reread; nil: none
	next   *config.Config // to come into force when all is stopped; nil: none
}

// birth is the start of the supervisor.
type birth struct {
	at      time.Time
	pidfile pidfile.File
	trim    loop.Timer
	clock   loop.Drift     // since then
	lookout server.Lookout // for sockets, since then
	times   *timetable.Timetable
	demand  *ondemand.Demand
	up      *upward.Teller
	// compressor is for old files of logs.
	compressor *compressor.Compressor
}

// phase is what the supervisor is up to. They follow one another; a restart goes
// back to the first.
type phase uint8

const (
	phaseRunning  phase = iota
	phaseStopping       // programs are being stopped, in order
	phaseSweeping       // what they left behind is being ended
	phaseFlushing       // the readers of the output take the rest of it
	phaseEnded
)

// New returns a Supervisor that has started nothing yet.
func New(opts Options) *Supervisor {
	s := &Supervisor{opts: opts, k: opts.Kernel, loop: loop.New(opts.Kernel, opts.Kernel), log: logs.NewActivity(opts.Kernel.Now)}
	s.loop.OnPanic(s.panicked)
	s.targets = sink.NewTargets(sink.Options{
		System:  s.k,
		Report:  func(text string) { s.log.Warn(text) },
		Wake:    s.k.Wake,
		Look:    func() { s.k.Wait(nil, 0) },
		Watcher: s.loop,
		Ident:   "supervisord", Compress: func() { s.birth.compressor.Look() },
	})
	s.carrier = output.NewCarrier(s.k, s.loop, s.targets)
	s.bus = bus.New(bus.Options{Loop: s.loop, Log: s.log, Pools: func(do func(*bus.Pool)) { s.table.EachPool(do) }, Print: s.targets.Print})
	s.maker = child.Maker{Files: s.k, UID: opts.UID, Environ: opts.Environ, Secrets: opts.Secrets, Slipway: opts.Slipway}
	if opts.Slipway == "" {
		s.maker.Slipway = child.Beside(s.k.Executable())
	}
	s.holders = ownership.New(ownership.Options{Kernel: s.k, Loop: s.loop, Log: s.log, Received: s.Received})
	s.runner = child.NewRunner(s.k, s.loop)
	s.runner.Holders, s.runner.Sparing = s.holders, opts.Mode != Run
	s.server = server.New(server.Options{Kernel: s.k, Loop: s.loop, Log: s.log, Serve: s.serve})
	running := func() bool { return s.phase == phaseRunning }
	s.table = life.New(life.Options{
		Kernel: s.k, Loop: s.loop, Log: s.log, Targets: s.targets, Carrier: s.carrier, Bus: s.bus, Maker: &s.maker, Runner: s.runner,
		PID: opts.PID, Main: len(opts.Main) > 0, Explain: opts.Mode == Run, Holders: s.holders, Hold: opts.Mode == Run, Running: running, Policy: s.exitPolicy, Killed: s.doubt,
		Shutdown: func(code int, reason string) { s.shutdown(ending{code: code, reason: reason}, false) },
	})
	s.post = post.Post{Kernel: s.k, Log: s.log, Table: s.table, Main: len(opts.Main) > 0, Explain: opts.Mode == Run}
	s.front = front.New(front.Options{
		Kernel: s.k, Loop: s.loop, Log: s.log, Server: s.server, Runner: s.runner, Maker: &s.maker,
		AsSupervisord: opts.Mode == Daemon, Running: running,
	})
	s.watcher = watcher.New(watcher.Options{
		Kernel: s.k, Loop: s.loop, Log: s.log, Server: s.server, Runner: s.runner, Maker: &s.maker, Running: running,
	})
	s.birth.times = timetable.New(s.k, s.loop, s.log, s.table, running)
	s.birth.demand = ondemand.New(s.k, s.loop, s.log, s.table, running)
	s.birth.compressor = compressor.New(compressor.Options{
		Loop: s.loop, Log: s.log, Close: s.k.Close, Targets: s.targets, Runner: s.runner, Maker: &s.maker, Running: running,
	})
	s.birth.lookout = server.Lookout{Loop: s.loop, Of: []server.Kept{s.server, s.front}, Running: running}
	return s
}

// adopt makes a configuration the one that is in force.
func (s *Supervisor) adopt(cfg *config.Config) {
	s.cfg, s.read = cfg, readings{}
	s.maker.ServerURL = cfg.ServerURL
	s.table.Configure(cfg)
	s.birth.times.Configure(cfg)
	s.birth.demand.Configure(cfg)
}

// guardSecrets closes this process to its programs where one of them does not get all secrets.
func (s *Supervisor) guardSecrets(groups []config.Group) {
	switch said, err := s.maker.Guard(s.k, groups); {
	case err != nil:
		s.log.Warn(err.Error())
	case said != "":
		s.log.Info(said)
	}
}
