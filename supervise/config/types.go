package config

import (
	"iter"
	"slices"
	"strings"
	"time"

	"slipway/supervise/dialect"
	"slipway/supervise/logs/format"
	"slipway/supervise/logs/rotation"
	"slipway/supervise/logs/setting"
	"slipway/supervise/machine"
	"slipway/supervise/signals"
)

// Config is the meaning of a set of configuration files, defaults filled in.
type Config struct {
	Supervisord Supervisord
	// Groups are in the order in which they are started: by priority, then
	// by name.
	Groups  []Group
	Servers []Server
	// ServerURL is what children are told in SUPERVISOR_SERVER_URL: the first unix server,
	// else the last inet server that is served, else "".
	ServerURL     string
	RPCInterfaces []RPCInterface
	Ctl           *Supervisorctl   // nil without [supervisorctl] in the main file
	CtlProblem    *dialect.Problem // why supervisorctl could not read it
	Slipway       Slipway
	// Files are the files read, the main file first.
	Files []string
	// Frozen are those that can be read only once: they are what they were at the start.
	Frozen []string
	// Warnings are Supervisor's own, in its order, and Infos what it says of
	// included files; Notes are ours (unknown keys, overrides that sort before
	// what they override), in file order.
	Warnings []string
	Infos    []string
	Notes    []dialect.Note
	// OtherNotes are ours about the sections of others.
	OtherNotes []dialect.Note

	LeftOut []LeftOut // programs and groups of the files that are not to run, by name

	Original bool          // decoded as supervisord does
	Programs Rows[Process] // that it was decoded by; nil: programRows
}

// LeftOut is a program, or a group, that is not to run, and what says so.
type LeftOut struct{ Name, Why string }

// ProgramRows are the options of its programs.
func (c *Config) ProgramRows() Rows[Process] {
	if c.Programs != nil {
		return c.Programs
	}
	return ProgramRows
}

// ProcessFields gives every option of a program with a pointer to the field of p.
func (c *Config) ProcessFields(p *Process) iter.Seq2[*Option, any] { return c.ProgramRows().Fields(p) }

// Processes gives every process with its group.
func (c *Config) Processes() iter.Seq2[*Group, *Process] {
	return func(yield func(*Group, *Process) bool) {
		for i := range c.Groups {
			for j := range c.Groups[i].Processes {
				if !yield(&c.Groups[i], &c.Groups[i].Processes[j]) {
					return
				}
			}
		}
	}
}

// GroupRowsOf are the options of a kind of group.
func GroupRowsOf(kind GroupKind) Rows[Group] {
	switch kind {
	case KindListener:
		return ListenerRows
	case KindFCGI:
		return FCGIRows
	}
	return GroupRows
}

// GroupFields gives every option of a group of its kind with a pointer to the field of g.
func GroupFields(g *Group) iter.Seq2[*Option, any] { return GroupRowsOf(g.Kind).Fields(g) }

// CtlFields gives every option of [supervisorctl] with a pointer to the field of c.
func CtlFields(c *Supervisorctl) iter.Seq2[*Option, any] { return CtlRows.Fields(c) }

// SupervisordFields gives every option of [supervisord] with a pointer to the field of s.
func SupervisordFields(s *Supervisord) iter.Seq2[*Option, any] { return SupervisordRows.Fields(s) }

// Supervisord holds the [supervisord] section.
type Supervisord struct {
	// Logfile is an absolute path or the word "syslog".
	Logfile         string
	LogfileMaxbytes int64
	LogfileBackups  int
	Loglevel        Loglevel
	LoglevelGiven   bool   // not the default
	Pidfile         string // "": none
	Umask           int
	Nodaemon        bool
	Silent          bool
	Minfds          int
	Minprocs        int
	Nocleanup       bool
	Childlogdir     string
	User            *User // nil: keep
	Directory       string
	StripANSI       bool
	Environment     []dialect.Var
	Identifier      string
}

// User is an account: the numeric ids, and the supplementary groups in the
// order setgroups(2) gets them, primary first.
type User struct {
	Name   string
	Given  string // as the configuration has it: a name or a number
	Home   string
	Shell  string // "": /bin/sh
	UID    int
	GID    int
	Groups []int
}

// Differs reports whether becoming the user changes anything for a supervisor of user uid.
// One that is given with a group does even where it is the same user, who is root then.
func (u *User) Differs(uid int) bool {
	return u.UID != uid || uid == 0 && strings.Contains(u.Given, ":")
}

// Loglevel is a threshold of the activity log.
type Loglevel uint8

// The levels of the activity log, most verbose first.
const (
	LevelBlather Loglevel = iota
	LevelTrace
	LevelDebug
	LevelInfo
	LevelWarn
	LevelError
	LevelCritical
)

// GroupKind tells what a group is made of.
type GroupKind uint8

// The kinds of groups.
const (
	KindGroup    GroupKind = iota // [program:x], [group:x]
	KindListener                  // [eventlistener:x]
	KindFCGI                      // [fcgi-program:x]
)

// Group is a process group.
type Group struct {
	Kind      GroupKind
	Name      string
	Priority  int
	Processes []Process // in start order
	Pos       dialect.Pos
	OnExit    OnExit // of its programs that do not say
	OnFatal   OnFatal

	// Event listeners only.
	Events        []string // concrete and abstract names, upper case, sorted
	BufferSize    int
	ResultHandler string

	Socket *FCGISocket // fcgi only
}

// FCGISocket is the shared listening socket of an fcgi-program.
type FCGISocket struct {
	URL  string
	Path string // unix
	Host string // tcp
	Port int
	Mode int // unix
	// OwnerUID and OwnerGID are -1 for unchanged (unix).
	OwnerUID int
	OwnerGID int
	Backlog  int // 0: the system's default
}

// Server is an [inet_http_server] or a [unix_http_server].
type Server struct {
	Section  string
	Unix     bool
	File     string // unix
	Chmod    int    // unix
	ChownUID int    // unix; -1: unchanged
	ChownGID int
	Host     string // inet; "": all addresses
	Port     int
	// HasAuth tells that a name and a password are set; an empty name means
	// that none is asked for.
	HasAuth  bool
	Username string
	Password string
	Pos      dialect.Pos
}

// IsOpenToAll reports whether a section has others than this machine's processes do what they
// like: it has a TCP port that is not only for the loopback interface, and asks no password.
// slipway run does not serve it.
func (s *Server) IsOpenToAll() bool {
	local := s.Host == "localhost" || s.Host == "::1" || s.Host == "[::1]" || strings.HasPrefix(s.Host, "127.")
	return !s.Unix && s.Username == "" && !local
}

// RPCInterface is an [rpcinterface:x] section.
type RPCInterface struct {
	Name    string
	Factory string
	Keys    []dialect.Var // remaining settings, in file order
}

// Supervisorctl is the [supervisorctl] section.
type Supervisorctl struct {
	ServerURL   string
	Username    string
	Password    string
	Prompt      string
	HistoryFile string
}

// Slipway is the [slipway] section.
type Slipway struct {
	Templates       []string // folders that mirror /; a later one wins per file
	EnvDir          string
	SecretDirs      []string
	Data, Readable  []string // files of data, and folders whose files templates may read
	Sources         []string // weakest first
	OnFatal         OnFatal
	Strays          Strays
	StartLimit      int           // 0: none
	StopBudget      time.Duration // 0: none
	Pause           machine.Pause
	Runtime         string // runtime directory, /run/slipway
	Disable         []string
	Only            []string // empty: all
	Profiles        []string
	StateDir        string // /var/lib/slipway
	CleanLinks      bool
	KeepGens        int
	AllowSet        []string // names that may be set from outside the environment although protected
	HTTPHosts       []string // by which the HTTP servers may be reached
	ControlFallback bool
	Quiet           time.Duration
	QuietMax        time.Duration
	MinInterval     time.Duration
	Syslog          Syslog
	Log             format.Options
	OldLogs         rotation.Options
	// StopSignals ask for the end of the container; Signals are passed on.
	StopSignals []int
	Signals     []signals.Route
}

// Syslog is where lines for syslog go.
type Syslog struct {
	Path string  // of a daemon's socket; "" for Addr and Port
	Addr [4]byte // of a server, by UDP
	Port int
}

// The entry points of Supervisor itself.
const (
	MainInterface  = "supervisor.rpcinterface:make_main_rpcinterface"
	DefaultHandler = "supervisor.dispatchers:default_handler"
	// StdoutHandler is the result handler of the plug-in supervisor-stdout,
	// which prints what the listener answers; many files use it.
	StdoutHandler = "supervisor_stdout:event_handler"
)

// SyslogWord is the logfile that stands for the system's log.
const SyslogWord = "syslog"

// Inherit gives a program what [slipway] says for those that do not say.
func (c *Slipway) Inherit(p *Process) {
	if p.OnFatal == OnFatalUnset {
		p.OnFatal = c.OnFatal
	}
	if p.Strays == StraysUnset {
		p.Strays = c.Strays
	}
	if p.Pause == unsetPause {
		p.Pause = c.Pause
	}
	if p.MinInterval < 0 {
		p.MinInterval = c.MinInterval
	}
	p.Log.Inherit(&c.Log)
	setting.Inherit(rotation.Settings, &p.OldLogs, &c.OldLogs)
}

// MainProgram is the program that `slipway run -- CMD` adds; files may name it.
const MainProgram = "main"

// Group is the group of that name, the first if there are several; nil: there is none.
func (c *Config) Group(name string) *Group {
	for i := range c.Groups {
		if c.Groups[i].Name == name {
			return &c.Groups[i]
		}
	}
	return nil
}

// Names are the names that a configuration may give to what it runs, sorted: of programs,
// of groups, and GROUP:PROCESS.
func (c *Config) Names() []string {
	known := []string{MainProgram}
	for _, out := range c.LeftOut {
		known = append(known, out.Name)
	}
	for i := range c.Groups {
		g := &c.Groups[i]
		known = append(known, g.Name)
		for j := range g.Processes {
			known = append(known, g.Processes[j].Program, g.Name+":"+g.Processes[j].Name)
		}
	}
	slices.Sort(known)
	return slices.Compact(known)
}
