package config

// The indices name the rows for the code that acts on them.
const (
	sdNodaemon = iota
	sdLogfile
	sdLogfileMaxbytes
	sdLogfileBackups
	sdLoglevel
	sdSilent
	sdPidfile
	sdUser
	sdDirectory
	sdUmask
	sdMinfds
	sdMinprocs
	sdChildlogdir
	sdNocleanup
	sdStripANSI
	sdEnvironment
	sdIdentifier
)

var supervisordOptions = [...]Option{
	sdNodaemon: {Name: "nodaemon", Type: TypeBool, Default: "false", RunDefault: "true",
		Doc: "Stay in the foreground. PID 1 always does."},
	sdLogfile: {Name: "logfile", Type: TypePath, Default: "supervisord.log", RunDefault: "/dev/stderr",
		Doc: "The activity log. /dev/stdout, /dev/stderr and /dev/fd/N are the inherited descriptors; the word syslog is the system's log."},
	sdLogfileMaxbytes: {Name: "logfile_maxbytes", Type: TypeSize, Default: "50MB",
		Doc: "Size at which the activity log is rotated; 0 for never. What is not a regular file is never rotated."},
	sdLogfileBackups: {Name: "logfile_backups", Type: TypeInt, Default: "10",
		Doc: "Rotated activity logs that are kept; 0 truncates instead."},
	sdLoglevel: {Name: "loglevel", Type: TypeLevel, Default: "info",
		Doc: "Threshold of the activity log."},
	sdSilent: {Name: "silent", Type: TypeBool, Default: "false",
		Doc: "In the foreground, do not copy the activity log to standard output."},
	sdPidfile: {Name: "pidfile", Type: TypePath, Default: "supervisord.pid", RunDefault: "NONE",
		Doc: "File with the supervisor's process number. `slipway run` writes none unless it is set."},
	sdUser: {Name: "user", Type: TypeUser,
		Doc: "The user that the supervisor becomes."},
	sdDirectory: {Name: "directory", Type: TypeDir,
		Doc: "Working directory when running in the background."},
	sdUmask: {Name: "umask", Type: TypeOctal, Default: "022",
		Doc: "File mode mask when running in the background."},
	sdMinfds: {Name: "minfds", Type: TypeInt, Default: "1024",
		Doc: "File descriptors to ask for (RLIMIT_NOFILE)."},
	sdMinprocs: {Name: "minprocs", Type: TypeInt, Default: "200",
		Doc: "Processes to ask for (RLIMIT_NPROC)."},
	sdChildlogdir: {Name: "childlogdir", Type: TypeDir,
		Doc: "Folder of AUTO logs. Default: the system's folder for temporary files."},
	sdNocleanup: {Name: "nocleanup", Type: TypeBool, Default: "false",
		Doc: "Keep the AUTO logs of earlier runs."},
	sdStripANSI: {Name: "strip_ansi", Type: TypeBool, Default: "false",
		Doc: "Take ANSI escape sequences out of program logs."},
	sdEnvironment: {Name: "environment", Type: TypeEnvironment,
		Doc: "Variables of all programs, under their own. They are also %(ENV_x)s in the sections of programs. `environment+=` adds."},
	sdIdentifier: {Name: "identifier", Type: TypeString, Default: "supervisor",
		Doc: "Name of this supervisor in events, AUTO log names and the remote interface."},
}

const (
	pCommand = iota
	pProcessName
	pNumprocs
	pNumprocsStart
	pPriority
	pAutostart
	pAutorestart
	pStartsecs
	pStartretries
	pExitcodes
	pStopsignal
	pStopwaitsecs
	pStopasgroup
	pKillasgroup
	pUser
	pDirectory
	pUmask
	pEnvironment
	pServerurl
	pRedirectStderr
	pStdoutLogfile
	pStdoutMaxbytes
	pStdoutBackups
	pStdoutCapture
	pStdoutEvents
	pStdoutSyslog
	pStderrLogfile
	pStderrMaxbytes
	pStderrBackups
	pStderrCapture
	pStderrEvents
	pStderrSyslog
	pOnExit
	pOnFatal
	pDependsOn
	pRestartWith
	pReady
	pReadyInterval
	pReadyTimeout
	pHealth
	pHealthInterval
	pHealthTimeout
	pHealthRetries
	pHealthAction
	pReload
	pMinInterval
	pStrays
	pSecrets
)

var programOptions = [...]Option{
	pCommand: {Name: "command", Type: TypeString, Required: true,
		Doc: "The program and its arguments: split like a shell's words, run without a shell."},
	pProcessName: {Name: "process_name", Type: TypeString, Default: "%(program_name)s",
		Doc: "Name of the process. With numprocs above 1 it must contain %(process_num)."},
	pNumprocs: {Name: "numprocs", Type: TypeInt, Default: "1",
		Doc: "How many processes to run; 0 for none."},
	pNumprocsStart: {Name: "numprocs_start", Type: TypeInt, Default: "0",
		Doc: "First %(process_num)s."},
	pPriority: {Name: "priority", Type: TypeInt, Default: "999",
		Doc: "Order of start, lowest first; of stop, highest first."},
	pAutostart: {Name: "autostart", Type: TypeBool, Default: "true",
		Doc: "Start with the supervisor."},
	pAutorestart: {Name: "autorestart", Type: TypeRestart, Default: "unexpected",
		Doc: "Start again after an exit: always, never, or when the status is not one of exitcodes."},
	pStartsecs: {Name: "startsecs", Type: TypeInt, Default: "1",
		Doc: "Seconds that it must run to count as started."},
	pStartretries: {Name: "startretries", Type: TypeInt, Default: "3",
		Doc: "Tries after a failed start, each a second later than the one before; then it is FATAL."},
	pExitcodes: {Name: "exitcodes", Type: TypeExitcodes, Default: "0",
		Doc: "Exit statuses that are expected."},
	pStopsignal: {Name: "stopsignal", Type: TypeSignal, Default: "TERM",
		Doc: "Signal that asks it to stop."},
	pStopwaitsecs: {Name: "stopwaitsecs", Type: TypeInt, Default: "10",
		Doc: "Seconds until KILL."},
	pStopasgroup: {Name: "stopasgroup", Type: TypeBool, Default: "false",
		Doc: "Send the stop signal to its process group."},
	pKillasgroup: {Name: "killasgroup", Type: TypeBool,
		Doc: "Send KILL to its process group. Default: as stopasgroup."},
	pUser: {Name: "user", Type: TypeUser,
		Doc: "The user that it runs as. HOME and the like are not changed."},
	pDirectory: {Name: "directory", Type: TypeString,
		Doc: "Its working directory."},
	pUmask: {Name: "umask", Type: TypeOctal,
		Doc: "Its file mode mask."},
	pEnvironment: {Name: "environment", Type: TypeEnvironment,
		Doc: "Its variables, over those of [supervisord]. A later file's setting replaces all of it; `environment+=` adds."},
	pServerurl: {Name: "serverurl", Type: TypeString, Default: "AUTO",
		Doc: "SUPERVISOR_SERVER_URL of the program. AUTO: the first unix server, else the first inet server."},
	pRedirectStderr: {Name: "redirect_stderr", Type: TypeBool, Default: "false",
		Doc: "Send its standard error to its standard output."},
	pStdoutLogfile: {Name: "stdout_logfile", Type: TypeLog, Default: "AUTO", RunDefault: "/dev/stdout",
		Doc: "Where its standard output goes. AUTO: a file in childlogdir; NONE: nowhere; /dev/stdout and the like: the inherited descriptor."},
	pStdoutMaxbytes: {Name: "stdout_logfile_maxbytes", Type: TypeSize, Default: "50MB",
		Doc: "Size at which that file is rotated; 0 for never."},
	pStdoutBackups: {Name: "stdout_logfile_backups", Type: TypeInt, Default: "10",
		Doc: "Rotated files that are kept; 0 truncates instead."},
	pStdoutCapture: {Name: "stdout_capture_maxbytes", Type: TypeSize, Default: "0",
		Doc: "Bytes of output between <!--XSUPERVISOR:BEGIN--> and END that become an event; 0 for off."},
	pStdoutEvents: {Name: "stdout_events_enabled", Type: TypeBool, Default: "false",
		Doc: "Emit PROCESS_LOG_STDOUT events."},
	pStdoutSyslog: {Name: "stdout_syslog", Type: TypeBool, Default: "false",
		Doc: "Also send its standard output to syslog."},
	pStderrLogfile: {Name: "stderr_logfile", Type: TypeLog, Default: "AUTO", RunDefault: "/dev/stderr",
		Doc: "Where its standard error goes, as stdout_logfile."},
	pStderrMaxbytes: {Name: "stderr_logfile_maxbytes", Type: TypeSize, Default: "50MB",
		Doc: "Size at which that file is rotated; 0 for never."},
	pStderrBackups: {Name: "stderr_logfile_backups", Type: TypeInt, Default: "10",
		Doc: "Rotated files that are kept; 0 truncates instead."},
	pStderrCapture: {Name: "stderr_capture_maxbytes", Type: TypeSize, Default: "0",
		Doc: "As stdout_capture_maxbytes."},
	pStderrEvents: {Name: "stderr_events_enabled", Type: TypeBool, Default: "false",
		Doc: "Emit PROCESS_LOG_STDERR events."},
	pStderrSyslog: {Name: "stderr_syslog", Type: TypeBool, Default: "false",
		Doc: "Also send its standard error to syslog."},
	pOnExit: {Name: "on_exit", Type: TypeEnum, Choices: []string{"none", "restart", "shutdown"}, Default: "none", Own: true,
		Doc: "What its exit means for the container: shutdown ends it with the program's exit status, restart starts all programs again."},
	pOnFatal: {Name: "on_fatal", Type: TypeEnum, Choices: []string{"shutdown", "ignore"}, Own: true,
		Doc: "What it means that it cannot be kept up. Default: on_fatal of [slipway]."},
	pDependsOn: {Name: "depends_on", Type: TypeWords, Own: true,
		Doc: "Programs or groups that must be ready first; without a probe, RUNNING."},
	pRestartWith: {Name: "restart_with", Type: TypeWords, Own: true,
		Doc: "Programs or groups whose restart restarts this one."},
	pReady: {Name: "ready", Type: TypeProbe, Own: true,
		Doc: "How to find out that it is ready."},
	pReadyInterval: {Name: "ready_interval", Type: TypeDuration, Default: "1s", Own: true,
		Doc: "Time between two looks."},
	pReadyTimeout: {Name: "ready_timeout", Type: TypeDuration, Default: "0s", Own: true,
		Doc: "Time after which a start that is not ready has failed; 0 for none."},
	pHealth: {Name: "health", Type: TypeProbe, Own: true,
		Doc: "How to find out that it is still well."},
	pHealthInterval: {Name: "health_interval", Type: TypeDuration, Default: "10s", Own: true,
		Doc: "Time between two looks."},
	pHealthTimeout: {Name: "health_timeout", Type: TypeDuration, Default: "3s", Own: true,
		Doc: "Time that an answer may take."},
	pHealthRetries: {Name: "health_retries", Type: TypeInt, Default: "3", Own: true,
		Doc: "Failures in a row until it counts as ill."},
	pHealthAction: {Name: "health_action", Type: TypeEnum, Choices: []string{"restart", "none", "shutdown"}, Default: "restart", Own: true,
		Doc: "What is done when it is ill."},
	pReload: {Name: "reload", Type: TypeReload, Default: "restart", Own: true,
		Doc: "How it is made to read its files again when a template that notifies it has changed."},
	pMinInterval: {Name: "min_interval", Type: TypeDuration, Own: true,
		Doc: "Least time between two reloads; what comes in between is done at its end. Default: min_interval of [slipway]."},
	pStrays: {Name: "strays", Type: TypeEnum, Choices: []string{"keep", "kill"}, Own: true,
		Doc: "What happens to processes of its process group that outlive it. Default: strays of [slipway]."},
	pSecrets: {Name: "secrets", Type: TypeWords, Own: true,
		Doc: "Secret variables that it inherits; others are withheld. Default: all are inherited."},
}

const (
	gPrograms = iota
	gPriority
)

var groupOptions = [...]Option{
	gPrograms: {Name: "programs", Type: TypeList,
		Doc: "The programs of the group, in the order in which they are started."},
	gPriority: {Name: "priority", Type: TypeInt, Default: "999",
		Doc: "Order of the group among the groups."},
}

const (
	lEvents = iota
	lBufferSize
	lResultHandler
	lPriority
)

var listenerOptions = [...]Option{
	lEvents: {Name: "events", Type: TypeList, Required: true,
		Doc: "Types of events it is told about."},
	lBufferSize: {Name: "buffer_size", Type: TypeInt, Default: "10",
		Doc: "Events that are kept while no process of the pool is ready; then the oldest is dropped."},
	lResultHandler: {Name: "result_handler", Type: TypeEntryPoint, Default: defaultHandler,
		Doc: "Who reads its answers. There are the default and supervisor_stdout:event_handler, which prints them."},
	lPriority: {Name: "priority", Type: TypeInt, Default: "-1",
		Doc: "Order of the pool among the groups."},
}

const (
	fSocket = iota
	fBacklog
	fOwner
	fMode
	fPriority
	fUser
)

var fcgiOptions = [...]Option{
	fSocket: {Name: "socket", Type: TypeSocket, Required: true,
		Doc: "The shared socket."},
	fBacklog: {Name: "socket_backlog", Type: TypeInt,
		Doc: "Length of its queue, 1 to 65535. Default: the system's."},
	fOwner: {Name: "socket_owner", Type: TypeOwner,
		Doc: "Owner of a unix socket. Default: the program's user."},
	fMode: {Name: "socket_mode", Type: TypeOctal, Default: "0700",
		Doc: "Mode of a unix socket."},
	fPriority: {Name: "priority", Type: TypeInt, Default: "999",
		Doc: "Order of the group among the groups."},
	fUser: {Name: "user", Type: TypeUser,
		Doc: "The user that the processes run as."},
}

const (
	uFile = iota
	uChmod
	uChown
	uUsername
	uPassword
)

var unixServerOptions = [...]Option{
	uFile:     {Name: "file", Type: TypeString, Required: true, Doc: "Path of the socket."},
	uChmod:    {Name: "chmod", Type: TypeOctal, Default: "0700", Doc: "Its mode."},
	uChown:    {Name: "chown", Type: TypeOwner, Doc: "Its owner. Default: unchanged."},
	uUsername: {Name: "username", Type: TypeString, Doc: "Name that clients must give."},
	uPassword: {Name: "password", Type: TypeString, Secret: true, Doc: "Password that clients must give, or {SHA} and its SHA-1 in hexadecimal."},
}

const (
	iPort = iota
	iUsername
	iPassword
)

var inetServerOptions = [...]Option{
	iPort:     {Name: "port", Type: TypeAddress, Required: true, Doc: "Address to listen on; :port and *:port mean all addresses."},
	iUsername: {Name: "username", Type: TypeString, Doc: "Name that clients must give."},
	iPassword: {Name: "password", Type: TypeString, Secret: true, Doc: "Password that clients must give, or {SHA} and its SHA-1 in hexadecimal."},
}

const rFactory = 0

var rpcOptions = [...]Option{
	rFactory: {Name: "supervisor.rpcinterface_factory", Type: TypeEntryPoint, Required: true,
		Doc: "supervisor.rpcinterface:make_main_rpcinterface. Python plug-ins cannot be loaded."},
}

const (
	cServerurl = iota
	cUsername
	cPassword
	cPrompt
	cHistory
)

var ctlOptions = [...]Option{
	cServerurl: {Name: "serverurl", Type: TypeString, Default: "http://localhost:9001", Doc: "unix:///path or http://host:port."},
	cUsername:  {Name: "username", Type: TypeString, Doc: "Name to give."},
	cPassword:  {Name: "password", Type: TypeString, Secret: true, Doc: "Password to give."},
	cPrompt:    {Name: "prompt", Type: TypeString, Default: "supervisor", Doc: "Prompt of the interactive mode."},
	cHistory:   {Name: "history_file", Type: TypeString, Doc: "File that keeps the commands typed."},
}

const incFiles = 0

var includeOptions = [...]Option{
	incFiles: {Name: "files", Type: TypeString, Required: true,
		Doc: "Patterns (* ? [..]) separated by blanks, relative to the folder of the main file. Each one's files are read in the order of their names; later settings win."},
}
