package control

// ProcessState is the state of a process, by Supervisor's numbers.
type ProcessState int

// The states of a process.
const (
	Stopped  ProcessState = 0
	Starting ProcessState = 10
	Running  ProcessState = 20
	Backoff  ProcessState = 30
	Stopping ProcessState = 40
	Exited   ProcessState = 100
	Fatal    ProcessState = 200
	Unknown  ProcessState = 1000
)

// String returns Supervisor's name of the state, such as "RUNNING".
func (s ProcessState) String() string {
	switch s {
	case Stopped:
		return "STOPPED"
	case Starting:
		return "STARTING"
	case Running:
		return "RUNNING"
	case Backoff:
		return "BACKOFF"
	case Stopping:
		return "STOPPING"
	case Exited:
		return "EXITED"
	case Fatal:
		return "FATAL"
	}
	return "UNKNOWN"
}

// IsStopped reports whether the process has ended and nobody waits to start it
// again: what `supervisorctl status` answers with exit status 3.
func (s ProcessState) IsStopped() bool {
	return s == Stopped || s == Exited || s == Fatal || s == Unknown
}

// Mood is the state of the supervisor itself, by Supervisor's numbers.
type Mood int

// The states of the supervisor.
const (
	MoodShutdown   Mood = -1
	MoodRestarting Mood = 0
	MoodRunning    Mood = 1
	MoodFatal      Mood = 2
)

// String returns Supervisor's name of the state.
func (m Mood) String() string {
	switch m {
	case MoodShutdown:
		return "SHUTDOWN"
	case MoodRestarting:
		return "RESTARTING"
	case MoodRunning:
		return "RUNNING"
	}
	return "FATAL"
}

// ProcessInfo is one process at one moment. Times are seconds since the epoch, 0
// for never.
type ProcessInfo struct {
	Name, Group string
	State       ProcessState
	PID         int64 // 0: none
	Start       int64
	Stop        int64
	Now         int64
	ExitStatus  int64 // of the last run; -1 after a signal; 0 while it runs
	SpawnError  string
	StdoutLog   string // path; "" for none
	StderrLog   string

	// What Supervisor does not know.
	Generation int64  // runs so far, 0 before the first
	Restarts   int64  // runs that nobody asked for
	Signal     int64  // that ended the last run, or 0
	Health     string // "", starting, healthy, unhealthy
	Ready      bool
	Waiting    string // what a start waits for; "" for nothing
	Vain       string // then: why that will not come by itself; "" if it may
	LastStatus int64  // of the last run, also while the next one is under way
	Ran        int64  // milliseconds that the last run took; 0 while it runs, and where the last start came to no run
	Cause      string // of the last end: "" by itself, memory, stop, kill, ready, health
	Why        string // of the last end, by ready or health
	Core       bool   // the last run has left a core
	Paused     bool   // it was stopped by a signal such as SIGSTOP
	LostLog    int64  // bytes of output that no log could take
	Kind       string // program, eventlistener, fcgi-program
	Program    string // NAME of its section
	Level      string // how its processes are known: cgroup, holder, marks
	LevelWhy   string // why that is no better one; "" where there is nothing to say
	NextRun    int64  // of a program with a schedule
	Rolling    int64  // how many processes of the program are restarted at once; 0: it does not say
	Task       string // of a oneshot: running, completed, failed; "" for one that has not run, and for others
	Demand     string // what will start it: a connection, or a datagram; "": it waits for none
	Terminal   string // of a program with tty: foreground, or none; "" for others
	FoundBy    string // how the main process was found whose launcher has ended; "": it has not
}

// Is reports whether a name in a configuration, of depends_on or notify, means p: the
// name of its section, its group, or itself.
func (p ProcessInfo) Is(name string) bool {
	return name != "" && (name == p.Program || name == p.Group || name == p.FullName())
}

// IsUp reports whether there is something to tell: p runs, or comes up.
func (p ProcessInfo) IsUp() bool {
	return p.State == Starting || p.State == Running || p.State == Backoff
}

// FullName returns what supervisorctl calls the process: its name, with its group
// before it where the two differ.
func (p ProcessInfo) FullName() string { return FullName(p.Group, p.Name) }

// FullName joins a group and a process name as supervisorctl shows them.
func FullName(group, name string) string {
	if group == name {
		return name
	}
	return group + ":" + name
}

// Members implements [Answer].
func (p *ProcessInfo) Members() []Member {
	return []Member{
		{"name", &p.Name}, {"group", &p.Group}, {"state", &p.State}, {"pid", &p.PID},
		{"start", &p.Start}, {"stop", &p.Stop}, {"now", &p.Now},
		{"exitstatus", &p.ExitStatus}, {"spawnerr", &p.SpawnError},
		{"stdout_logfile", &p.StdoutLog}, {"stderr_logfile", &p.StderrLog},
		{"generation", &p.Generation}, {"restarts", &p.Restarts}, {"signal", &p.Signal},
		{"health", &p.Health}, {"ready", &p.Ready}, {"waiting", &p.Waiting},
		{"lost_log", &p.LostLog}, {"kind", &p.Kind}, {"program", &p.Program}, {"vain", &p.Vain},
		{"last_status", &p.LastStatus}, {"cause", &p.Cause}, {"why", &p.Why}, {"core", &p.Core}, {"paused", &p.Paused},
		{"level", &p.Level}, {"level_reason", &p.LevelWhy}, {"found_by", &p.FoundBy}, {"task", &p.Task}, {"next_run", &p.NextRun}, {"rolling", &p.Rolling}, {"demand", &p.Demand}, {"ran", &p.Ran}, {"terminal", &p.Terminal},
	}
}

// ConfigInfo is the configuration of one process as it was read last, with the
// keys and in the form of Supervisor's getAllConfigInfo: paths, users and URLs
// that are not set are "none".
type ConfigInfo struct {
	Name, Group             string
	Autostart               bool
	Autorestart             string // true, false, unexpected
	Command                 string
	Directory               string // "none"
	ExitCodes               []int64
	GroupPriority           int64
	InUse                   bool // the group is active
	KillAsGroup             bool
	Priority                int64
	RedirectStderr          bool
	ServerURL               string // "none"
	StartRetries, StartSecs int64
	StopSignal, StopWait    int64 // StopWait in seconds
	UID                     int64 // -1: not set
	Stdout, Stderr          ConfigOutput
}

// ConfigOutput is the configuration of one output channel.
type ConfigOutput struct {
	Logfile                   string // path, "none" or "auto"
	Maxbytes, Backups         int64
	CaptureMaxbytes           int64
	EventsEnabled, SyslogUsed bool
}

// Members implements [Answer].
func (c *ConfigInfo) Members() []Member {
	return []Member{
		{"name", &c.Name}, {"group", &c.Group}, {"autostart", &c.Autostart}, {"autorestart", &c.Autorestart},
		{"command", &c.Command}, {"directory", &c.Directory}, {"exitcodes", &c.ExitCodes},
		{"group_prio", &c.GroupPriority}, {"inuse", &c.InUse}, {"killasgroup", &c.KillAsGroup},
		{"process_prio", &c.Priority}, {"redirect_stderr", &c.RedirectStderr}, {"serverurl", &c.ServerURL},
		{"startretries", &c.StartRetries}, {"startsecs", &c.StartSecs},
		{"stopsignal", &c.StopSignal}, {"stopwaitsecs", &c.StopWait}, {"uid", &c.UID},
		{"stdout", &c.Stdout}, {"stderr", &c.Stderr},
	}
}

// Members implements [Answer].
func (o *ConfigOutput) Members() []Member {
	return []Member{
		{"logfile", &o.Logfile}, {"maxbytes", &o.Maxbytes}, {"backups", &o.Backups},
		{"capture_maxbytes", &o.CaptureMaxbytes},
		{"events_enabled", &o.EventsEnabled}, {"syslog", &o.SyslogUsed},
	}
}

// Status is the outcome of a group operation for one process.
type Status struct {
	Name, Group string
	Code        Code   // Success, or why it failed
	Description string // "OK", or the fault as text
}

// NewStatus returns the outcome for a process: success for a nil fault.
func NewStatus(group, name string, f *Fault) Status {
	if f == nil {
		return Status{Name: name, Group: group, Code: Success, Description: "OK"}
	}
	return Status{Name: name, Group: group, Code: f.Code, Description: f.Error()}
}

// Members implements [Answer].
func (s *Status) Members() []Member {
	return []Member{{"name", &s.Name}, {"group", &s.Group}, {"status", &s.Code}, {"description", &s.Description}}
}

// LogInfo says what a log is. A regular file comes with its descriptor, open for
// reading, because the reader may not be allowed to open the path.
type LogInfo struct {
	Path    string // "" if there is no log
	Regular bool   // a descriptor travels with the answer
	Size    int64  // in bytes, at that moment
	Inode   int64  // so that a follower notices a rotation
}

// Members implements [Answer].
func (l *LogInfo) Members() []Member {
	return []Member{{"path", &l.Path}, {"regular", &l.Regular}, {"size", &l.Size}, {"inode", &l.Inode}}
}

// RereadResult is how the configuration that was just read differs from the
// active groups. Added and Changed are by priority, then name; Removed in the
// order of activation.
type RereadResult struct {
	Added, Changed, Removed []string
}

// Members implements [Answer].
func (r *RereadResult) Members() []Member {
	return []Member{{"added", &r.Added}, {"changed", &r.Changed}, {"removed", &r.Removed}}
}

// SupervisorState is the state of the supervisor itself.
type SupervisorState struct {
	Code Mood
	Name string // of the code, for those who do not know the numbers
}

// NewState returns the answer for a state.
func NewState(m Mood) SupervisorState { return SupervisorState{Code: m, Name: m.String()} }

// Members implements [Answer].
func (s *SupervisorState) Members() []Member {
	return []Member{{"code", &s.Code}, {"name", &s.Name}}
}

// SupervisorInfo is what the supervisor says about itself.
type SupervisorInfo struct {
	PID        int64
	Identifier string
	Version    string // of slipway
	Mode       string // run or supervisord
	Start      int64  // seconds since the epoch
	Logfile    string // of the activity log; "" for none
	ConfigFile string
}

// Members implements [Answer].
func (s *SupervisorInfo) Members() []Member {
	return []Member{
		{"pid", &s.PID}, {"identifier", &s.Identifier}, {"version", &s.Version}, {"mode", &s.Mode},
		{"start", &s.Start}, {"logfile", &s.Logfile}, {"config_file", &s.ConfigFile},
	}
}

// ServerInfo is one HTTP server whose listening socket PID 1 holds. It carries
// the password, which must not appear in arguments, the environment or logs.
type ServerInfo struct {
	Section  string // such as unix_http_server or inet_http_server:b
	Unix     bool
	Address  string // path, or host:port
	Username string // "": no authentication
	Password string // plain, or {SHA} and the digest in hexadecimal
	// NoRPC says that the configuration has no [rpcinterface:supervisor], so
	// supervisor.* is not known to XML-RPC clients.
	NoRPC bool
	// Hosts are names by which it may be reached, beside those that no stranger can
	// have; "*" is any.
	Hosts []string
}

// Members implements [Answer].
func (s *ServerInfo) Members() []Member {
	return []Member{
		{"section", &s.Section}, {"unix", &s.Unix}, {"address", &s.Address},
		{"username", &s.Username}, {"password", &s.Password}, {"no_rpc", &s.NoRPC}, {"hosts", &s.Hosts},
	}
}

// Event is one item of the event stream.
type Event struct {
	Serial  int64
	When    int64 // milliseconds since the epoch
	Name    string
	Payload string
}

// Members implements [Answer].
func (e *Event) Members() []Member {
	return []Member{{"serial", &e.Serial}, {"when", &e.When}, {"name", &e.Name}, {"payload", &e.Payload}}
}

// SplitName takes a process name as users write it apart: "x" is process x of
// group x, "g:x" process x of group g, "g:*" and "g:" all of group g, for which
// name is "".
func SplitName(s string) (group, name string) {
	for i := range len(s) {
		if s[i] == ':' {
			group, name = s[:i], s[i+1:]
			if name == "*" {
				name = ""
			}
			return group, name
		}
	}
	return s, s
}
