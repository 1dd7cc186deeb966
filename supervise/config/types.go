package config

import "time"

// Pos is a place in a configuration file. Line and Col count from 1, Col in
// bytes; the zero Pos means "built in".
type Pos struct {
	File string
	Line int
	Col  int
}

// Config is the meaning of a set of configuration files, defaults filled in.
type Config struct {
	Supervisord Supervisord
	// Groups are in the order in which they are started: by priority, then
	// by name.
	Groups  []Group
	Servers []Server
	// ServerURL is what children are told in SUPERVISOR_SERVER_URL: the
	// first unix server, else the first inet server, else "".
	ServerURL     string
	RPCInterfaces []RPCInterface
	Ctl           *Supervisorctl // nil without [supervisorctl] in the main file
	CtlProblem    *Problem       // why supervisorctl could not read it
	Slipway       Slipway
	Templates     []Template
	Envs          []EnvRule
	Links         []LinkRule
	Sources       []Source
	Etcd          *Etcd // nil without [etcd] and its variables
	Checks        []Check
	// Files are the files read, the main file first.
	Files []string
	// Warnings are Supervisor's own, in its order, and Infos what it says of
	// included files; Notes are ours (unknown keys, overrides that sort before
	// what they override), in file order.
	Warnings []string
	Infos    []string
	Notes    []Note
}

// Note is one warning about a place in a file, with a hint where there is one.
type Note struct {
	Pos  Pos
	Text string
	Hint string
}

// Restart says when an exited process is started again.
type Restart uint8

// The values of autorestart.
const (
	RestartUnexpected Restart = iota // when the exit status is not in exitcodes
	RestartAlways
	RestartNever
)

// Supervisord holds the [supervisord] section.
type Supervisord struct {
	// Logfile is an absolute path or the word "syslog".
	Logfile         string
	LogfileMaxbytes int64
	LogfileBackups  int
	Loglevel        Loglevel
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
	Environment     []Var
	Identifier      string
}

// Var is one environment variable.
type Var struct{ Name, Value string }

// User is an account: the numeric ids, and the supplementary groups in the
// order setgroups(2) gets them, primary first.
type User struct {
	Name   string
	Given  string // as the configuration has it: a name or a number
	Home   string
	UID    int
	GID    int
	Groups []int
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
	Pos       Pos

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

// Process is one process: numprocs is expanded.
type Process struct {
	Name     string
	Group    string
	Program  string // name of the section it came from, without its kind
	Num      int    // process_num
	Pos      Pos    // of the section header
	Command  string // after expansion
	Argv     []string
	ArgvErr  string // why Command cannot be split; such a process fails to spawn
	Priority int

	Directory   string // "": not changed
	Umask       int    // -1: not changed
	User        *User  // nil: not changed
	Environment []Var  // the program's own merged over [supervisord]'s
	ServerURL   string // "": Config.ServerURL

	Autostart   bool
	Autorestart Restart
	//lint:ignore ST1011 startsecs is what everybody calls it
	StartSecs    time.Duration
	StartRetries int
	ExitCodes    []int
	StopSignal   int
	StopWait     time.Duration
	StopAsGroup  bool
	KillAsGroup  bool

	RedirectStderr bool
	Stdout         Output
	Stderr         Output

	// slipway's own keys.
	OnExit    OnExit
	OnFatal   string // shutdown, ignore
	DependsOn []string
	Strays    string // kill, keep
	Reload    string // how to reload: "signal HUP", "command …", "restart", "none"
	Ready     string // probe
	Health    Health
	Secrets   []string // names of secrets it inherits; nil: all

	RestartWith   []string
	ReadyInterval time.Duration
	ReadyTimeout  time.Duration // 0: none
	MinInterval   time.Duration // between two reloads
}

// Health is the health_* keys of a program.
type Health struct {
	Probe    string // "" means none
	Interval time.Duration
	Timeout  time.Duration
	Retries  int
	Action   string // restart, none, shutdown
}

// OnExit says what the exit of a program means for the container.
type OnExit uint8

// The values of on_exit.
const (
	OnExitNone OnExit = iota
	OnExitRestart
	OnExitShutdown
)

// Output is where one output channel of a process goes.
type Output struct {
	// Logfile is "" for none, AutoLog, or a path. /dev/stdout and its kin
	// are kept as written; logs.IsStdio tells them apart.
	Logfile         string
	Maxbytes        int64
	Backups         int
	CaptureMaxbytes int64
	EventsEnabled   bool
	Syslog          bool

	set bool // Logfile is not the default
}

// AutoLog is the Logfile value of a log whose name is chosen at start.
const AutoLog = "AUTO"

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
	Pos      Pos
}

// RPCInterface is an [rpcinterface:x] section.
type RPCInterface struct {
	Name    string
	Factory string
	Keys    []Var // remaining settings, in file order
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
	Templates   []string // folders that mirror /; a later one wins per file
	EnvDir      string
	SecretDirs  []string
	Data        []string
	Sources     []string // weakest first
	OnFatal     string   // shutdown, ignore
	Strays      string   // kill, keep
	StopBudget  time.Duration
	Runtime     string // runtime directory, /run/slipway
	CleanLinks  bool
	KeepGens    int
	AllowSet    []string // names that may be set from outside the environment although protected
	Quiet       time.Duration
	MinInterval time.Duration
	Syslog      Syslog
}

// Syslog is where lines for syslog go.
type Syslog struct {
	Path string  // of a daemon's socket; "" for Addr and Port
	Addr [4]byte // of a server, by UDP
	Port int
}

// Template is a [template:DEST] section.
type Template struct {
	Dest   string
	Source string // path, builtin:NAME, or "" for the mirrored path
	Owner  string // user[:group], "" keeps
	Mode   int    // -1 keeps
	Check  string
	Notify []string
	Pos    Pos

	Write       string // replace, block, once
	Position    string // top, bottom
	Comment     string
	SkipIf      string
	For         string
	Parents     bool
	MinInterval time.Duration
	Left, Right string // delimiters

	// Keys are all keys with their places and their expanded values.
	Keys []Key
}

// EnvRule is an [env:NAME] section.
type EnvRule struct {
	Name        string
	Required    bool
	Type        string
	Default     string
	HasDefault  bool
	Description string
	Secret      bool
	Min, Max    string
	Values      []string
	Pattern     string
	Pos         Pos
	Keys        []Key
}

// LinkRule is a [link:NAME] section.
type LinkRule struct {
	Name        string
	Port        int // 0: not given
	Protocol    string
	Required    bool
	Wait        time.Duration
	Export      bool
	Host        string
	Service     string
	Description string
	Pos         Pos
	Keys        []Key
}

// Source is a [source:NAME] section.
type Source struct {
	Name    string
	Prefix  []string
	Export  []string
	Start   string
	Timeout time.Duration // 0: no limit
	// Settings are the keys that the program understands, in the order of the files.
	Settings []Setting
	Pos      Pos
}

// Setting is a key of a source program.
type Setting struct {
	Name, Value string
	Secret      bool
}

// Etcd is the [etcd] section.
type Etcd struct {
	Endpoints    []string
	SRV          string
	Prefix       []string
	SecretPrefix []string
	Export       []string
	Start        string // require, optional
	StartTimeout time.Duration
	Timeout      time.Duration
	User         string
	Password     string
	PasswordFile string
	UserFile     string
	CAFile       string
	CertFile     string
	KeyFile      string
	ServerName   string
	Pos          Pos
}

// Check is a [check:NAME] section.
type Check struct {
	Name    string
	Command string
	Timeout time.Duration
	Pos     Pos
}
