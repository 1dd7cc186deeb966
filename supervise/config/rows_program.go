package config

import (
	"strings"
	"time"

	"slipway/supervise/attributes"
	"slipway/supervise/dialect"
	"slipway/supervise/hook"
	"slipway/supervise/logs/format"
	"slipway/supervise/logs/rotation"
	"slipway/supervise/logs/setting"
	"slipway/supervise/machine"
	"slipway/supervise/sockets"
)

// Destinations are where an output goes beside its log file. The type stands with the rows
// of its options: a new kind of sink touches this file, its own, and the list of kinds.
type Destinations struct {
	Copy   string // "": no second file
	Syslog bool   // every line, to the machine's daemon
}

// Process is one process: numprocs is expanded. The type stands with the rows of its
// options: a new option touches this file and the place that acts on it.
type Process struct {
	Name     string
	Group    string
	Program  string      // name of the section it came from, without its kind
	Num      int         // process_num
	Pos      dialect.Pos // of the section header
	Command  string      // after expansion
	Argv     []string
	ArgvErr  string // why Command cannot be split; such a process fails to spawn
	Priority int

	// What takes a byte stands together: there can be thousands of processes.
	Autostart      bool
	RedirectStderr bool
	OnExit         OnExit
	OnFatal        OnFatal
	Strays         Strays
	Enabled        bool
	Home           bool // HOME and the like are those of User

	Directory   string        // "": not changed
	Umask       int           // -1: not changed
	User        *User         // nil: not changed
	Groups      []int         // supplementary ones in place of User's; nil: those
	Environment []dialect.Var // the program's own merged over [supervisord]'s
	ServerURL   string        // "": Config.ServerURL

	// Spec is what the options say; Life is what comes of them.
	machine.Spec

	Stdout Output
	Stderr Output

	// Numprocs and NumprocsStart are what the section says. The processes are expanded.
	Numprocs      int
	NumprocsStart int

	// slipway's own keys.
	DependsOn []string
	// InOrder is that Autostart is the opposite of what is written: dependent_startup has this
	// program started in order, or it is the listener that would do that.
	InOrder  bool
	Holder   Holder
	Conduct  Conduct
	Once     Once
	Overlap  Overlap
	Schedule string // "": none
	// MaxRestarts is a machine.Rate as it is written; "": none.
	MaxRestarts string
	Jitter      time.Duration // by which a run may come late
	Pidfile     string        // "": none
	Reload      Reload
	Ready       Ready
	Health      Health
	Relay       Relay    // whether its output passes the supervisor
	Secrets     []string // names of secrets it inherits; nil: all
	// DeathSignal is sent to it when the supervisor dies; 0: none.
	DeathSignal int

	EnvFiles         []string // with a "-" before those that need not be there
	PassEnvironment  []string // patterns; nil: all
	UnsetEnvironment []string

	RestartMode RestartMode
	TTY         bool
	Rolling     int      // 0: not set
	Sockets     []string // names
	Demand
	Listen                 []*sockets.Socket
	Attributes             attributes.List
	Hooked                 hook.List // its pre_start and so on
	Log                    format.Options
	OldLogs                rotation.Options
	Profiles               []string      // empty: it does not depend on them
	RestartWith, RestartOn []string      // names of programs, and of variables with another value
	StopWith               []string      // names of programs
	MinInterval            time.Duration // between two reloads
}

// Life is what the options of a program say about its life. It is not to be changed: of most
// programs it is their Spec.
func (p *Process) Life() *machine.Spec {
	life := p.Spec
	switch p.OnExit {
	case OnExitShutdown:
		life.Autorestart = machine.RestartNever // its exit has another meaning
	case OnExitRestart:
		life.Autorestart = machine.RestartAlways
	}
	life.Probed = p.Ready.Probe.Kind != ProbeNone || p.Health.Probe.Kind != ProbeNone && p.Health.Action != HealthNone
	if life.Oneshot = p.Conduct == ConductOneshot; life.Oneshot {
		life.StartSecs = 0
	}
	life.Restarts, _ = machine.ParseRate(p.MaxRestarts)
	p.Hooked.Wait(&life.Hooks)
	if life.Autorestart == p.Autorestart && life.Probed == p.Probed && !life.Oneshot && p.MaxRestarts == "" && len(p.Hooked) == 0 {
		return &p.Spec
	}
	own := life
	return &own
}

// Ready is the ready keys of a program.
type Ready struct {
	Probe    Probe
	Interval time.Duration
	Timeout  time.Duration // 0: none
}

// Health is the health keys of a program.
type Health struct {
	Probe    Probe
	Interval time.Duration
	Timeout  time.Duration // of one answer; 0: none
	Retries  int
	// Successes in a row make it healthy; in StartPeriod failures do not count.
	Successes   int
	StartPeriod time.Duration
	Action      HealthAction
}

// Output is where one output channel of a process goes.
type Output struct {
	// Logfile is "" for none, AutoLog, or a path. /dev/stdout and its kin
	// are kept as written; sink.IsStdio tells them apart.
	Logfile         string
	Maxbytes        int64
	Backups         int
	CaptureMaxbytes int64
	EventsEnabled   bool
	Destinations
}

// AutoLog is the Logfile value of a log whose name is chosen at start.
const AutoLog = "AUTO"

// ProgramRows are the options of [program:NAME], which [eventlistener:NAME] and [fcgi-program:NAME] have, too.
var ProgramRows = Rows[Process]{
	{Option: Option{Name: "command", Type: TypeString, Required: true,
		Doc: "The program and its arguments: split like a shell's words, run without a shell."},
		Bind: func(p *Process) any { return &p.Command }, when: ByHand},
	{Option: Option{Name: "process_name", Type: TypeString, Default: "%(program_name)s",
		Doc: "Name of the process. With numprocs above 1 it must contain %(process_num)."},
		Bind: func(p *Process) any { return &p.Name }, when: ByHand},
	{Option: Option{Name: "priority", Type: TypeInt, Signed: true, Default: "999",
		Doc: "Order of start, lowest first; of stop, highest first."},
		Bind: func(p *Process) any { return &p.Priority }},
	{Option: Option{Name: "enabled", Type: TypeBool, Default: "true", Own: true,
		Doc: "false leaves the program out, as if no file had it. A later layer says so of a program that it does without: `enabled = false`. What depends on it is a mistake."},
		Bind: func(p *Process) any { return &p.Enabled }, shown: true},
	{Option: Option{Name: "profiles", Type: TypeWords, Own: true,
		Doc: "The program is left out unless SLIPWAY_PROFILES has one of these words. For example: `profiles = debug`."},
		Bind: func(p *Process) any { return &p.Profiles }, shown: true},
	{Option: Option{Name: "autostart", Type: TypeBool, Default: "true",
		Doc: "Start with the supervisor."},
		Bind: func(p *Process) any { return &p.Autostart }},
	{Option: Option{Name: "autorestart", Type: TypeRestart, Default: "unexpected",
		Doc: "Start again after an exit: always, never, or when the status is not one of exitcodes."},
		Bind: func(p *Process) any { return &p.Autorestart }},
	{Option: Option{Name: "startsecs", Type: TypeInt, Default: "1",
		Doc: "Seconds that it must run to count as started."},
		Bind: func(p *Process) any { return &p.StartSecs }},
	{Option: Option{Name: "startretries", Type: TypeInt, Default: "3",
		Doc: "Tries after a failed start; then it is FATAL. restart_pause says when; as `supervisord`, each comes a second later than the one before."},
		Bind: func(p *Process) any { return &p.StartRetries }},
	{Option: Option{Name: "max_restarts", Type: TypeString, Own: true,
		Doc: "How often it may be started again, of itself, in a time; an end beyond that makes it FATAL, and on_fatal says what then. What was is forgotten little by little; a start by hand begins anew. Default: no limit. For example: `max_restarts = 5 in 1m`."},
		Bind: func(p *Process) any { return &p.MaxRestarts }},
	{Option: Option{Name: "restart_pause", Type: TypePause, Own: true,
		Doc: "Pause before it is started again when it does not stay up. Default: restart_pause of [slipway]."},
		Bind: func(p *Process) any { return &p.Pause }},
	{Option: Option{Name: "stopsignal", Type: TypeSignal, Default: "TERM",
		Doc: "Signal that asks it to stop."},
		Bind: func(p *Process) any { return &p.StopSignal }},
	{Option: Option{Name: "stopwaitsecs", Type: TypeInt, Default: "10",
		Doc: "Seconds until KILL."},
		Bind: func(p *Process) any { return &p.StopWait }},
	{Option: Option{Name: "stopasgroup", Type: TypeBool, Default: "false",
		Doc: "Send the stop signal to its process group."},
		Bind: func(p *Process) any { return &p.StopAsGroup }},
	{Option: Option{Name: "killasgroup", Type: TypeBool,
		Doc: "Send KILL to its process group. Default: as stopasgroup."},
		Bind: func(p *Process) any { return &p.KillAsGroup }},
	{Option: Option{Name: "exitcodes", Type: TypeExitcodes, Default: "0",
		Doc: "Exit statuses that are expected."},
		Bind: func(p *Process) any { return &p.ExitCodes }},
	{Option: Option{Name: "redirect_stderr", Type: TypeBool, Default: "false",
		Doc: "Send its standard error to its standard output."},
		Bind: func(p *Process) any { return &p.RedirectStderr }},
	{Option: Option{Name: "numprocs", Type: TypeInt, Default: "1",
		Doc: "How many processes to run; 0 for none."},
		Bind: func(p *Process) any { return &p.Numprocs }, shown: true},
	{Option: Option{Name: "numprocs_start", Type: TypeInt, Default: "0",
		Doc: "First %(process_num)s."},
		Bind: func(p *Process) any { return &p.NumprocsStart }, shown: true},
	{Option: Option{Name: "environment", Type: TypeEnvironment,
		Doc: "Its variables, over those of [supervisord]. A later file's setting replaces all of it; `environment+=` adds."},
		Bind: func(p *Process) any { return &p.Environment }, when: ByHand},
	{Option: Option{Name: "env_file", Type: TypeList, Own: true,
		Doc: "Files of KEY=value lines, as of env.d, whose variables it gets; a later file wins, and `environment` over all. They are read with each of its starts, as its user. A file that is not there is a failed start, unless `-` stands before its name. For example: `env_file = /run/app.env, -/data/local.env`."},
		Bind: func(p *Process) any { return &p.EnvFiles }, when: PerProcess},
	{Option: Option{Name: "pass_environment", Type: TypeWords, Empty: "none", Own: true,
		Doc: "Variables of the container that it gets; `APP_*` stands for all that begin so. Others are withheld; `environment`, also that of [supervisord], and SUPERVISOR_* are not affected. Default: it gets all. For example: `pass_environment = PATH, LANG, APP_*`."},
		Bind: func(p *Process) any { return &p.PassEnvironment }},
	{Option: Option{Name: "unset_environment", Type: TypeWords, Own: true,
		Doc: "Variables of the container that it does not get; `APP_*` stands for all that begin so. For example: `unset_environment = http_proxy, AWS_*`."},
		Bind: func(p *Process) any { return &p.UnsetEnvironment }},
	{Option: Option{Name: "directory", Type: TypeString,
		Doc: "Its working directory."},
		Bind: func(p *Process) any { return &p.Directory }, when: PerProcess},
	{Option: Option{Name: "stdout_logfile", Type: TypeLog, Default: "AUTO", RunDefault: "/dev/stdout",
		Doc: "Where its standard output goes. AUTO: a file in childlogdir; NONE: nowhere; /dev/stdout and the like: the inherited descriptor."},
		Bind: func(p *Process) any { return &p.Stdout.Logfile }, when: PerProcess},
	{Option: Option{Name: "stdout_logfile_backups", Type: TypeInt, Default: "10",
		Doc: "Rotated files that are kept; 0 truncates instead."},
		Bind: func(p *Process) any { return &p.Stdout.Backups }, when: PerProcess},
	{Option: Option{Name: "stdout_logfile_maxbytes", Type: TypeSize, Default: "50MB",
		Doc: "Size at which that file is rotated; 0 for never."},
		Bind: func(p *Process) any { return &p.Stdout.Maxbytes }, when: PerProcess},
	{Option: Option{Name: "stdout_capture_maxbytes", Type: TypeSize, Default: "0",
		Doc: "Bytes of output between <!--XSUPERVISOR:BEGIN--> and END that become an event; 0 for off."},
		Bind: func(p *Process) any { return &p.Stdout.CaptureMaxbytes }},
	{Option: Option{Name: "stdout_events_enabled", Type: TypeBool, Default: "false",
		Doc: "Emit PROCESS_LOG_STDOUT events."},
		Bind: func(p *Process) any { return &p.Stdout.EventsEnabled }},
	{Option: Option{Name: "stdout_copy", Type: TypePath, Own: true,
		Doc: "A second place for its standard output, beside the log file: /dev/stdout, or a file, which is not rotated."},
		Bind: func(p *Process) any { return &p.Stdout.Copy }},
	{Option: Option{Name: "stdout_syslog", Type: TypeBool, Default: "false",
		Doc: "Also send its standard output to syslog."},
		Bind: func(p *Process) any { return &p.Stdout.Syslog }, when: PerProcess},
	{Option: Option{Name: "stderr_logfile", Type: TypeLog, Default: "AUTO", RunDefault: "/dev/stderr",
		Doc: "Where its standard error goes, as stdout_logfile."},
		Bind: func(p *Process) any { return &p.Stderr.Logfile }, when: PerProcess},
	{Option: Option{Name: "stderr_logfile_backups", Type: TypeInt, Default: "10",
		Doc: "Rotated files that are kept; 0 truncates instead."},
		Bind: func(p *Process) any { return &p.Stderr.Backups }, when: PerProcess},
	{Option: Option{Name: "stderr_logfile_maxbytes", Type: TypeSize, Default: "50MB",
		Doc: "Size at which that file is rotated; 0 for never."},
		Bind: func(p *Process) any { return &p.Stderr.Maxbytes }, when: PerProcess},
	{Option: Option{Name: "stderr_capture_maxbytes", Type: TypeSize, Default: "0",
		Doc: "As stdout_capture_maxbytes."},
		Bind: func(p *Process) any { return &p.Stderr.CaptureMaxbytes }},
	{Option: Option{Name: "stderr_events_enabled", Type: TypeBool, Default: "false",
		Doc: "Emit PROCESS_LOG_STDERR events."},
		Bind: func(p *Process) any { return &p.Stderr.EventsEnabled }},
	{Option: Option{Name: "stderr_copy", Type: TypePath, Own: true,
		Doc: "A second place for its standard error, beside the log file: /dev/stderr, or a file, which is not rotated."},
		Bind: func(p *Process) any { return &p.Stderr.Copy }},
	{Option: Option{Name: "stderr_syslog", Type: TypeBool, Default: "false",
		Doc: "Also send its standard error to syslog."},
		Bind: func(p *Process) any { return &p.Stderr.Syslog }, when: PerProcess},
	{Option: Option{Name: "serverurl", Type: TypeString, Default: "AUTO",
		Doc: "SUPERVISOR_SERVER_URL of the program. AUTO: the first unix server, else the last inet server."},
		Bind: func(p *Process) any { return &p.ServerURL }},
	{Option: Option{Name: "user", Type: TypeUser,
		Doc: "The user that it runs as. HOME and the like are not changed, except by home. In a container it may be a number that no account has, and USER:GROUP gives it that group and no others."},
		Bind: func(p *Process) any { return &p.User }},
	{Option: Option{Name: "supplementary_groups", Type: TypeGroups, Own: true,
		Doc: "The groups that it has besides that of its user: names or numbers, separated by commas; empty for none. It needs `user`. Default: those that the user database gives the user. For example: `supplementary_groups = video, ssl-cert`."},
		Bind: func(p *Process) any { return &p.Groups }},
	{Option: Option{Name: "umask", Type: TypeOctal,
		Doc: "Its file mode mask."},
		Bind: func(p *Process) any { return &p.Umask }},
	{Option: Option{Name: "on_exit", Type: TypeEnum, Choices: onExitWords, Default: "none", Own: true,
		Doc: "What its exit means for the container: shutdown ends it with the program's exit status, restart starts it again, whatever its exit status."},
		Bind: func(p *Process) any { return &p.OnExit }},
	{Option: Option{Name: "on_fatal", Type: TypeEnum, Choices: onFatalChoices, Own: true,
		Doc: "What it means that it cannot be kept up. Default: on_fatal of [slipway]."},
		Bind: func(p *Process) any { return &p.OnFatal }},
	{Option: Option{Name: "depends_on", Type: TypeWords, Own: true,
		Doc: "Programs or groups that come first, each with what is waited for: `a` or `a:ready` until it is ready (without a probe, RUNNING), `a:started` until it is RUNNING, `a:healthy` until its health probe says so, `a:completed` until it has ended with one of exitcodes, `a:exited` until it has ended with any. Of a group all are meant. If that will not come, because it is FATAL, has ended or was stopped, this program is not started, which is said; it follows when it comes after all. For example: `depends_on = db, migrate:completed`."},
		Bind: func(p *Process) any { return &p.DependsOn }},
	{Option: Option{Name: "restart_with", Type: TypeWords, Own: true,
		Doc: "Programs or groups whose restart restarts this one."},
		Bind: func(p *Process) any { return &p.RestartWith }},
	{Option: Option{Name: "stop_with", Type: TypeWords, Own: true,
		Doc: "Programs or groups whose stop or end stops this one: they are STOPPED, EXITED or FATAL, and not started again. It starts again when they are back. For example: `stop_with = db`."},
		Bind: func(p *Process) any { return &p.StopWith }},
	{Option: Option{Name: "restart_on", Type: TypeWords, Own: true,
		Doc: "Variables. When one of them gets another value while it runs, it is restarted. Others reach it at its next start."},
		Bind: func(p *Process) any { return &p.RestartOn }},
	{Option: Option{Name: "ready", Type: TypeProbe, Own: true,
		Doc: "How to find out that it is ready."},
		Bind: func(p *Process) any { return &p.Ready.Probe }},
	{Option: Option{Name: "ready_interval", Type: TypeDuration, Default: "1s", Own: true,
		Doc: "Time between two probe runs, 50ms at least."},
		Bind: func(p *Process) any { return &p.Ready.Interval }},
	{Option: Option{Name: "ready_timeout", Type: TypeDuration, Default: "0s", Own: true,
		Doc: "Time after which a start that is not ready has failed; 0 for none: it is then said every minute that it is not ready."},
		Bind: func(p *Process) any { return &p.Ready.Timeout }},
	{Option: Option{Name: "health", Type: TypeProbe, Own: true,
		Doc: "How to find out that it is still well."},
		Bind: func(p *Process) any { return &p.Health.Probe }},
	{Option: Option{Name: "health_interval", Type: TypeDuration, Default: "10s", Own: true,
		Doc: "Time between two probe runs, 50ms at least."},
		Bind: func(p *Process) any { return &p.Health.Interval }},
	{Option: Option{Name: "health_timeout", Type: TypeDuration, Default: "3s", Own: true,
		Doc: "Time that an answer may take; 0 for any time."},
		Bind: func(p *Process) any { return &p.Health.Timeout }},
	{Option: Option{Name: "health_retries", Type: TypeInt, Default: "3", Own: true,
		Doc: "Failures in a row until it counts as ill."},
		Bind: func(p *Process) any { return &p.Health.Retries }},
	{Option: Option{Name: "health_successes", Type: TypeInt, Default: "1", Own: true,
		Doc: "Successes in a row until it counts as well, at first and after it was ill. For example: `health_successes = 2`."},
		Bind: func(p *Process) any { return &p.Health.Successes }},
	{Option: Option{Name: "health_start_period", Type: TypeDuration, Default: "0s", Own: true,
		Doc: "Time from its start in which failures do not count, until it is well for the first time. For example: `health_start_period = 2m`."},
		Bind: func(p *Process) any { return &p.Health.StartPeriod }},
	{Option: Option{Name: "health_action", Type: TypeEnum, Choices: healthActionWords, Default: "restart", Own: true,
		Doc: "What is done when it is ill."},
		Bind: func(p *Process) any { return &p.Health.Action }},
	{Option: Option{Name: "reload", Type: TypeReload, Default: "restart", Own: true,
		Doc: "How it is made to read its files again when a template that notifies it has changed."},
		Bind: func(p *Process) any { return &p.Reload }},
	{Option: Option{Name: "min_interval", Type: TypeDuration, Own: true,
		Doc: "Least time between two reloads; what comes in between is done at its end. Default: min_interval of [slipway]."},
		Bind: func(p *Process) any { return &p.MinInterval }},
	{Option: Option{Name: "strays", Type: TypeEnum, Choices: straysChoices, Own: true,
		Doc: "What happens to processes of its process group that outlive it. Default: strays of [slipway]."},
		Bind: func(p *Process) any { return &p.Strays }},
	{Option: Option{Name: "holder", Type: TypeEnum, Choices: holderWords, Default: "auto", Own: true,
		Doc: "Whether a process of ours stands between it and the supervisor, by which all of its descendants are known. auto: in a container, but not as supervisord."},
		Bind: func(p *Process) any { return &p.Holder }},
	{Option: Option{Name: "type", Type: TypeEnum, Choices: conductWords, Default: "simple", Own: true,
		Doc: "How it runs. simple: as its command. forking: its command ends, and what it leaves in the background is the program; it has a holder in every mode. oneshot: it is there to come to its end, and has completed when it has ended with one of exitcodes; startsecs does not matter, any other end is a failed start, and who depends on it waits until it has completed. notify: as ready = notify."},
		Bind: func(p *Process) any { return &p.Conduct }},
	{Option: Option{Name: "run", Type: TypeEnum, Choices: onceWords, Default: "start", Own: true,
		Doc: "When a oneshot is run by itself. start: whenever the supervisor starts. once: until it has completed with this command; state_dir of [slipway] remembers that. `slipway start` runs it all the same. For example: `run = once`."},
		Bind: func(p *Process) any { return &p.Once }},
	{Option: Option{Name: "timeout", Type: TypeDuration, Default: "0s", Own: true,
		Doc: "Time that a run of a oneshot may take; then it is stopped, which is a failed start. 0 for any time. For example: `timeout = 10m`."},
		Bind: func(p *Process) any { return &p.Timeout }},
	{Option: Option{Name: "schedule", Type: TypeString, Own: true,
		Doc: "When it runs, as a oneshot: the five fields of cron (minute, hour, day, month, day of the week), @hourly, @daily, @weekly, @monthly, @yearly, or @every 5m. CRON_TZ=ZONE before that is the zone whose clock counts. It is not started with the supervisor unless autostart says so, and its failure does not end the container unless on_fatal says so. For example: `schedule = CRON_TZ=Europe/Berlin 30 3 * * mon-fri`."},
		Bind: func(p *Process) any { return &p.Schedule }},
	{Option: Option{Name: "overlap", Type: TypeEnum, Choices: overlapWords, Default: "skip", Own: true,
		Doc: "What is done when its time comes and the run before is not over: skip leaves the new run out, queue runs it afterwards, kill stops the old one for it."},
		Bind: func(p *Process) any { return &p.Overlap }},
	{Option: Option{Name: "jitter", Type: TypeDuration, Default: "0s", Own: true,
		Doc: "Time by which chance may delay a run of a schedule, so that a fleet does not run it in the same second. For example: `jitter = 5m`."},
		Bind: func(p *Process) any { return &p.Jitter }},
	{Option: Option{Name: "pdeathsig", Type: TypeSignal, Default: "0", Own: true,
		Doc: "Signal that it gets when the supervisor dies; 0 for none. For where that is not PID 1, whose end ends everything. A setuid executable loses it."},
		Bind: func(p *Process) any { return &p.DeathSignal }},
	{Option: Option{Name: "relay", Type: TypeEnum, Choices: relayWords, Default: "auto", Own: true,
		Doc: "Whether what it prints to the container's stdout and stderr passes the supervisor, so that slipway tail has something to show. no: it gets the descriptor itself. auto: that only if it is alone, or if stdout is a terminal and maxbytes is 0."},
		Bind: func(p *Process) any { return &p.Relay }},
	{Option: Option{Name: "pidfile", Type: TypeString, Own: true,
		Doc: "The file that says which of the processes that it leaves in the background is the program: the one that is shown and signalled."},
		Bind: func(p *Process) any { return &p.Pidfile }, when: PerProcess},
	{Option: Option{Name: "tty", Type: TypeBool, Default: "false", Own: true,
		Doc: "Give it the terminal of the container (docker run -it): as input, output and errors, and in the foreground, so that Ctrl-C and changes of the window's size are for it. One program can have it. Without a terminal it is started like any other, with a warning. For example: `tty = true`."},
		Bind: func(p *Process) any { return &p.TTY }},
	{Option: Option{Name: "home", Type: TypeBool, Default: "false", Own: true,
		Doc: "Give it HOME, USER, LOGNAME and SHELL of its user, unless environment sets them. Without user nothing changes."},
		Bind: func(p *Process) any { return &p.Home }},
	{Option: Option{Name: "restart_mode", Type: TypeEnum, Choices: restartModeWords, Default: "stop", Own: true,
		Doc: "What a restart that somebody asks for begins with, by slipway restart or for a changed file. stop: the process that runs is stopped, then another one is started. overlap: another one is started beside it, and it is stopped when that is ready. If that fails, or is not ready within ready_timeout (5 minutes where that is 0), the one that runs stays and the restart has failed. Both listen meanwhile: give it a [socket:NAME], or have it listen with SO_REUSEPORT."},
		Bind: func(p *Process) any { return &p.RestartMode }},
	{Option: Option{Name: "rolling", Type: TypeInt, Default: "0", Own: true,
		Doc: "With numprocs: how many of its processes are restarted at once, by slipway restart and for a changed file. The next ones are restarted when these are ready, and none any more when one has failed. 0: one after the other, and slipway restart does not wait until each is ready."},
		Bind: func(p *Process) any { return &p.Rolling }},
	{Option: Option{Name: "sockets", Type: TypeWords, Own: true,
		Doc: "The [socket:NAME] sections whose sockets it gets: as descriptors from 3 on, in this order, of which LISTEN_FDS, LISTEN_FDNAMES and LISTEN_PID tell. %(fd_NAME)s in its command and environment is the number of one. For example: `sockets = web, admin`."},
		Bind: func(p *Process) any { return &p.Sockets }},
	{Option: Option{Name: "secrets", Type: TypeWords, Empty: "none", Own: true,
		Doc: "Secret variables that it inherits; others are withheld. Default: all are inherited."},
		Bind: func(p *Process) any { return &p.Secrets }},
	{Option: Option{Name: "hook_timeout", Type: TypeDuration, Default: "1m", Own: true,
		Doc: "Time that each of pre_start, post_start, pre_stop and post_stop may take; then it is killed. For example: `hook_timeout = 10s`."},
		Bind: func(p *Process) any { return &p.Hooks.Limit }},
	{more: &demandRows},
	{more: &hookRows},
	{more: &attributeRows},
	{more: &programLogRows},
	{more: &programOldLogRows},
}

// hookRows are the rows of package hook, which share a field.
var hookRows = func() Rows[Process] {
	rows := make(Rows[Process], len(hook.Kinds))
	for i := range hook.Kinds {
		k := &hook.Kinds[i]
		rows[i] = Row[Process]{Option: Option{Name: k.Name, Type: TypeCommand, Own: true, Doc: k.Doc},
			Bind: func(p *Process) any { return &p.Hooked }, when: PerProcess}
	}
	return rows
}()

// programLogRows are those of package format, for a program.
var programLogRows = logRows(false, format.Settings, func(p *Process) *format.Options { return &p.Log })

// programOldLogRows are those of package rotation.
var programOldLogRows = logRows(false, rotation.Settings, func(p *Process) *rotation.Options { return &p.OldLogs })

// logRows are the rows of a package about logs. Those of [slipway] hold for programs that do
// not say.
func logRows[T, O any](all bool, settings []setting.Setting[O], of func(*T) *O) Rows[T] {
	rows := make(Rows[T], 0, len(settings))
	for i := range settings {
		s := &settings[i]
		o := Option{Name: s.Name, Type: TypeText, Own: true, Doc: s.Doc}
		if s.Words != nil {
			o.Type, o.Choices = TypeEnum, s.Words
		}
		switch {
		case all && !s.Global:
			continue
		case all:
			o.Own, o.Default, o.Env = false, s.Default, "SLIPWAY_"+strings.ToUpper(s.Name)
			o.Doc = s.Name + " of programs that do not say."
		case s.Global:
			o.Doc += " Default: " + s.Name + " of [slipway]."
		}
		rows = append(rows, Row[T]{Option: o, Bind: func(t *T) any { return s.Field(of(t)) }})
	}
	return rows
}

// attributeRows are the rows of package attributes, which share a field.
var attributeRows = func() Rows[Process] {
	rows := make(Rows[Process], len(attributes.Kinds))
	for i := range attributes.Kinds {
		k := &attributes.Kinds[i]
		rows[i] = Row[Process]{Option: Option{Name: k.Name, Type: TypeAttribute, Own: true, Doc: k.Doc},
			Bind: func(p *Process) any { return &p.Attributes }}
	}
	return rows
}()

// GroupRows are the options of [group:NAME].
var GroupRows = Rows[Group]{
	{Option: Option{Name: "programs", Type: TypeList, Required: true,
		Doc: "The programs of the group, in the order in which they are started."},
		when: ByHand},
	{Option: Option{Name: "priority", Type: TypeInt, Signed: true, Default: "999",
		Doc: "Order of the group among the groups."},
		Bind: func(g *Group) any { return &g.Priority }},
	{Option: Option{Name: "on_exit", Type: TypeEnum, Choices: onExitWords, Default: "none", Own: true,
		Doc: "on_exit of its programs that do not say. With shutdown the container ends with the first of them, and with its exit status. For example: `on_exit = shutdown`."},
		Bind: func(g *Group) any { return &g.OnExit }},
	{Option: Option{Name: "on_fatal", Type: TypeEnum, Choices: onFatalChoices, Own: true,
		Doc: "on_fatal of its programs that do not say. For example: `on_fatal = ignore`."},
		Bind: func(g *Group) any { return &g.OnFatal }},
}

// ListenerRows are the options of [eventlistener:NAME] besides those of a program.
var ListenerRows = Rows[Group]{
	{Option: Option{Name: "events", Type: TypeList, Required: true,
		Doc: "Types of events it is told about."},
		Bind: func(g *Group) any { return &g.Events }, when: ByHand},
	{Option: Option{Name: "buffer_size", Type: TypeInt, Default: "10",
		Doc: "Events that are kept while no process of the pool is ready; then the oldest is dropped."},
		Bind: func(g *Group) any { return &g.BufferSize }},
	{Option: Option{Name: "result_handler", Type: TypeEntryPoint, Default: DefaultHandler,
		Doc: "Who reads its answers. There are the default and supervisor_stdout:event_handler, which prints them."},
		Bind: func(g *Group) any { return &g.ResultHandler }, when: ByHand},
	{Option: Option{Name: "priority", Type: TypeInt, Signed: true, Default: "-1",
		Doc: "Order of the pool among the groups."},
		Bind: func(g *Group) any { return &g.Priority }},
}

// FCGIRows are the options of [fcgi-program:NAME] besides those of a program.
var FCGIRows = Rows[Group]{
	{Option: Option{Name: "socket", Type: TypeSocket, Required: true,
		Doc: "The shared socket."},
		Bind: func(g *Group) any { return &g.Socket }, when: ByHand},
	{Option: Option{Name: "socket_backlog", Type: TypeInt,
		Doc: "Length of its queue, 1 to 65535. Default: the system's."},
		when: ByHand},
	{Option: Option{Name: "socket_owner", Type: TypeOwner,
		Doc: "Owner of a unix socket. Default: the program's user."},
		when: ByHand},
	{Option: Option{Name: "socket_mode", Type: TypeOctal, Default: "0700",
		Doc: "Mode of a unix socket."},
		when: ByHand},
	{Option: Option{Name: "priority", Type: TypeInt, Signed: true, Default: "999",
		Doc: "Order of the group among the groups."},
		Bind: func(g *Group) any { return &g.Priority }},
	{Option: Option{Name: "user", Type: TypeUser,
		Doc: "The user that the processes run as."},
		when: ByHand},
}
