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
	LostLog    int64  // bytes of output that no log could take
	Kind       string // program, eventlistener, fcgi-program
	Program    string // NAME of its section
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

// Value returns p for the wire.
func (p ProcessInfo) Value() Value {
	return Struct(
		Field{"name", String(p.Name)}, Field{"group", String(p.Group)},
		Field{"state", Int(int64(p.State))}, Field{"pid", Int(p.PID)},
		Field{"start", Int(p.Start)}, Field{"stop", Int(p.Stop)}, Field{"now", Int(p.Now)},
		Field{"exitstatus", Int(p.ExitStatus)}, Field{"spawnerr", String(p.SpawnError)},
		Field{"stdout_logfile", String(p.StdoutLog)}, Field{"stderr_logfile", String(p.StderrLog)},
		Field{"generation", Int(p.Generation)}, Field{"restarts", Int(p.Restarts)},
		Field{"signal", Int(p.Signal)}, Field{"health", String(p.Health)}, Field{"ready", Bool(p.Ready)},
		Field{"waiting", String(p.Waiting)}, Field{"lost_log", Int(p.LostLog)}, Field{"kind", String(p.Kind)}, Field{"program", String(p.Program)},
	)
}

// ProcessInfoOf reads a ProcessInfo; what the value does not hold stays zero.
func ProcessInfoOf(v Value) ProcessInfo {
	return ProcessInfo{
		Name: v.Get("name").Str(), Group: v.Get("group").Str(),
		State: ProcessState(v.Get("state").Int()), PID: v.Get("pid").Int(),
		Start: v.Get("start").Int(), Stop: v.Get("stop").Int(), Now: v.Get("now").Int(),
		ExitStatus: v.Get("exitstatus").Int(), SpawnError: v.Get("spawnerr").Str(),
		StdoutLog: v.Get("stdout_logfile").Str(), StderrLog: v.Get("stderr_logfile").Str(),
		Generation: v.Get("generation").Int(), Restarts: v.Get("restarts").Int(),
		Signal: v.Get("signal").Int(), Health: v.Get("health").Str(), Ready: v.Get("ready").Bool(),
		Waiting: v.Get("waiting").Str(), LostLog: v.Get("lost_log").Int(), Kind: v.Get("kind").Str(), Program: v.Get("program").Str(),
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

// Value returns c for the wire.
func (c ConfigInfo) Value() Value {
	codes := make([]Value, len(c.ExitCodes))
	for i, n := range c.ExitCodes {
		codes[i] = Int(n)
	}
	return Struct(
		Field{"name", String(c.Name)}, Field{"group", String(c.Group)},
		Field{"autostart", Bool(c.Autostart)}, Field{"autorestart", String(c.Autorestart)},
		Field{"command", String(c.Command)}, Field{"directory", String(c.Directory)},
		Field{"exitcodes", List(codes...)}, Field{"group_prio", Int(c.GroupPriority)},
		Field{"inuse", Bool(c.InUse)}, Field{"killasgroup", Bool(c.KillAsGroup)},
		Field{"process_prio", Int(c.Priority)}, Field{"redirect_stderr", Bool(c.RedirectStderr)},
		Field{"serverurl", String(c.ServerURL)},
		Field{"startretries", Int(c.StartRetries)}, Field{"startsecs", Int(c.StartSecs)},
		Field{"stopsignal", Int(c.StopSignal)}, Field{"stopwaitsecs", Int(c.StopWait)},
		Field{"uid", Int(c.UID)},
		Field{"stdout", c.Stdout.value()}, Field{"stderr", c.Stderr.value()},
	)
}

func (o ConfigOutput) value() Value {
	return Struct(
		Field{"logfile", String(o.Logfile)}, Field{"maxbytes", Int(o.Maxbytes)}, Field{"backups", Int(o.Backups)},
		Field{"capture_maxbytes", Int(o.CaptureMaxbytes)},
		Field{"events_enabled", Bool(o.EventsEnabled)}, Field{"syslog", Bool(o.SyslogUsed)},
	)
}

// ConfigInfoOf reads a ConfigInfo.
func ConfigInfoOf(v Value) ConfigInfo {
	var codes []int64
	for _, item := range v.Get("exitcodes").List() {
		codes = append(codes, item.Int())
	}
	return ConfigInfo{
		Name: v.Get("name").Str(), Group: v.Get("group").Str(),
		Autostart: v.Get("autostart").Bool(), Autorestart: v.Get("autorestart").Str(),
		Command: v.Get("command").Str(), Directory: v.Get("directory").Str(),
		ExitCodes: codes, GroupPriority: v.Get("group_prio").Int(),
		InUse: v.Get("inuse").Bool(), KillAsGroup: v.Get("killasgroup").Bool(),
		Priority: v.Get("process_prio").Int(), RedirectStderr: v.Get("redirect_stderr").Bool(),
		ServerURL:    v.Get("serverurl").Str(),
		StartRetries: v.Get("startretries").Int(), StartSecs: v.Get("startsecs").Int(),
		StopSignal: v.Get("stopsignal").Int(), StopWait: v.Get("stopwaitsecs").Int(),
		UID:    v.Get("uid").Int(),
		Stdout: configOutputOf(v.Get("stdout")), Stderr: configOutputOf(v.Get("stderr")),
	}
}

func configOutputOf(v Value) ConfigOutput {
	return ConfigOutput{
		Logfile: v.Get("logfile").Str(), Maxbytes: v.Get("maxbytes").Int(), Backups: v.Get("backups").Int(),
		CaptureMaxbytes: v.Get("capture_maxbytes").Int(),
		EventsEnabled:   v.Get("events_enabled").Bool(), SyslogUsed: v.Get("syslog").Bool(),
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

// Value returns s for the wire.
func (s Status) Value() Value {
	return Struct(
		Field{"name", String(s.Name)}, Field{"group", String(s.Group)},
		Field{"status", Int(int64(s.Code))}, Field{"description", String(s.Description)},
	)
}

// StatusOf reads a Status.
func StatusOf(v Value) Status {
	return Status{
		Name: v.Get("name").Str(), Group: v.Get("group").Str(),
		Code: Code(v.Get("status").Int()), Description: v.Get("description").Str(),
	}
}

// LogInfo says what a log is. A regular file comes with its descriptor, open for
// reading, because the reader may not be allowed to open the path.
type LogInfo struct {
	Path    string // "" if there is no log
	Regular bool   // a descriptor travels with the answer
	Size    int64  // in bytes, at that moment
	Inode   int64  // so that a follower notices a rotation
}

// Value returns l for the wire.
func (l LogInfo) Value() Value {
	return Struct(
		Field{"path", String(l.Path)}, Field{"regular", Bool(l.Regular)},
		Field{"size", Int(l.Size)}, Field{"inode", Int(l.Inode)},
	)
}

// LogInfoOf reads a LogInfo.
func LogInfoOf(v Value) LogInfo {
	return LogInfo{
		Path: v.Get("path").Str(), Regular: v.Get("regular").Bool(),
		Size: v.Get("size").Int(), Inode: v.Get("inode").Int(),
	}
}

// RereadResult is how the configuration that was just read differs from the
// active groups. Added and Changed are by priority, then name; Removed in the
// order of activation.
type RereadResult struct {
	Added, Changed, Removed []string
}

// Value returns r for the wire.
func (r RereadResult) Value() Value {
	return Struct(
		Field{"added", Strings(r.Added)}, Field{"changed", Strings(r.Changed)}, Field{"removed", Strings(r.Removed)},
	)
}

// RereadResultOf reads a RereadResult.
func RereadResultOf(v Value) RereadResult {
	return RereadResult{
		Added: v.Get("added").Strings(), Changed: v.Get("changed").Strings(), Removed: v.Get("removed").Strings(),
	}
}

// StateValue returns the supervisor's state for the wire.
func StateValue(m Mood) Value {
	return Struct(Field{"code", Int(int64(m))}, Field{"name", String(m.String())})
}

// StateOf reads what StateValue returned.
func StateOf(v Value) Mood { return Mood(v.Get("code").Int()) }

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

// Value returns s for the wire.
func (s SupervisorInfo) Value() Value {
	return Struct(
		Field{"pid", Int(s.PID)}, Field{"identifier", String(s.Identifier)}, Field{"version", String(s.Version)},
		Field{"mode", String(s.Mode)}, Field{"start", Int(s.Start)}, Field{"logfile", String(s.Logfile)},
		Field{"config_file", String(s.ConfigFile)},
	)
}

// SupervisorInfoOf reads a SupervisorInfo.
func SupervisorInfoOf(v Value) SupervisorInfo {
	return SupervisorInfo{
		PID: v.Get("pid").Int(), Identifier: v.Get("identifier").Str(), Version: v.Get("version").Str(),
		Mode: v.Get("mode").Str(), Start: v.Get("start").Int(), Logfile: v.Get("logfile").Str(),
		ConfigFile: v.Get("config_file").Str(),
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
}

// Value returns s for the wire.
func (s ServerInfo) Value() Value {
	return Struct(
		Field{"section", String(s.Section)}, Field{"unix", Bool(s.Unix)}, Field{"address", String(s.Address)},
		Field{"username", String(s.Username)}, Field{"password", String(s.Password)}, Field{"no_rpc", Bool(s.NoRPC)},
	)
}

// ServerInfoOf reads a ServerInfo.
func ServerInfoOf(v Value) ServerInfo {
	return ServerInfo{
		Section: v.Get("section").Str(), Unix: v.Get("unix").Bool(), Address: v.Get("address").Str(),
		Username: v.Get("username").Str(), Password: v.Get("password").Str(), NoRPC: v.Get("no_rpc").Bool(),
	}
}

// Event is one item of the event stream.
type Event struct {
	Serial  int64
	When    int64 // milliseconds since the epoch
	Name    string
	Payload string
}

// Value returns e for the wire.
func (e Event) Value() Value {
	return Struct(
		Field{"serial", Int(e.Serial)}, Field{"when", Int(e.When)},
		Field{"name", String(e.Name)}, Field{"payload", String(e.Payload)},
	)
}

// EventOf reads an Event.
func EventOf(v Value) Event {
	return Event{
		Serial: v.Get("serial").Int(), When: v.Get("when").Int(),
		Name: v.Get("name").Str(), Payload: v.Get("payload").Str(),
	}
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
