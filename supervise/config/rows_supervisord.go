package config

import "slipway/supervise/dialect"

// SupervisordRows are the options of [supervisord].
var SupervisordRows = Rows[Supervisord]{
	{Option: Option{Name: "minfds", Type: TypeInt, Default: "1024",
		Doc: "File descriptors to ask for (RLIMIT_NOFILE)."},
		Bind: func(c *Supervisord) any { return &c.Minfds }},
	{Option: Option{Name: "minprocs", Type: TypeInt, Default: "200",
		Doc: "Processes to ask for (RLIMIT_NPROC)."},
		Bind: func(c *Supervisord) any { return &c.Minprocs }},
	{Option: Option{Name: "directory", Type: TypeDir,
		Doc: "Working directory when running in the background."},
		Bind: func(c *Supervisord) any { return &c.Directory }},
	{Option: Option{Name: "user", Type: TypeUser,
		Doc: "The user that the supervisor becomes."},
		Bind: func(c *Supervisord) any { return &c.User }, when: Late},
	{Option: Option{Name: "umask", Type: TypeOctal, Default: "022",
		Doc: "File mode mask when running in the background."},
		Bind: func(c *Supervisord) any { return &c.Umask }},
	{Option: Option{Name: "logfile", Type: TypePath, Default: "supervisord.log", RunDefault: "/dev/stderr",
		Doc: "The activity log. /dev/stdout, /dev/stderr and /dev/fd/N are the inherited descriptors; the word syslog is the system's log."},
		Bind: func(c *Supervisord) any { return &c.Logfile }},
	{Option: Option{Name: "logfile_maxbytes", Type: TypeSize, Default: "50MB",
		Doc: "Size at which the activity log is rotated; 0 for never. What is not a regular file is never rotated."},
		Bind: func(c *Supervisord) any { return &c.LogfileMaxbytes }},
	{Option: Option{Name: "logfile_backups", Type: TypeInt, Default: "10",
		Doc: "Rotated activity logs that are kept; 0 truncates instead."},
		Bind: func(c *Supervisord) any { return &c.LogfileBackups }},
	{Option: Option{Name: "loglevel", Type: TypeLevel, Default: "info",
		Doc: "Threshold of the activity log."},
		Bind: func(c *Supervisord) any { return &c.Loglevel }},
	{Option: Option{Name: "pidfile", Type: TypePath, Default: "supervisord.pid", RunDefault: "NONE",
		Doc: "File with the supervisor's process number. `slipway run` writes none unless it is set."},
		Bind: func(c *Supervisord) any { return &c.Pidfile }},
	{Option: Option{Name: "identifier", Type: TypeString, Default: "supervisor",
		Doc: "Name of this supervisor in events, AUTO log names and the remote interface."},
		Bind: func(c *Supervisord) any { return &c.Identifier }},
	{Option: Option{Name: "nodaemon", Type: TypeBool, Default: "false", RunDefault: "true",
		Doc: "Stay in the foreground. PID 1 always does."},
		Bind: func(c *Supervisord) any { return &c.Nodaemon }},
	{Option: Option{Name: "silent", Type: TypeBool, Default: "false",
		Doc: "In the foreground, do not copy the activity log to standard output."},
		Bind: func(c *Supervisord) any { return &c.Silent }},
	{Option: Option{Name: "childlogdir", Type: TypeDir,
		Doc: "Folder of AUTO logs. Default: the system's folder for temporary files."},
		Bind: func(c *Supervisord) any { return &c.Childlogdir }},
	{Option: Option{Name: "nocleanup", Type: TypeBool, Default: "false",
		Doc: "Keep the AUTO logs of earlier runs."},
		Bind: func(c *Supervisord) any { return &c.Nocleanup }},
	{Option: Option{Name: "strip_ansi", Type: TypeBool, Default: "false",
		Doc: "Take ANSI escape sequences out of program logs."},
		Bind: func(c *Supervisord) any { return &c.StripANSI }},
	{Option: Option{Name: "environment", Type: TypeEnvironment,
		Doc: "Variables of all programs, under their own. They are also %(ENV_x)s in the sections of programs. `environment+=` adds."},
		Bind: func(c *Supervisord) any { return &c.Environment }, when: ByHand},
}

// UnixServerRows are the options of [unix_http_server].
var UnixServerRows = Rows[Server]{
	{Option: Option{Name: "file", Type: TypeString, Required: true,
		Doc: "Path of the socket."},
		Bind: func(s *Server) any { return &s.File }, when: ByHand},
	{Option: Option{Name: "chmod", Type: TypeOctal, Default: "0700",
		Doc: "Its mode."},
		Bind: func(s *Server) any { return &s.Chmod }},
	{Option: Option{Name: "chown", Type: TypeOwner,
		Doc: "Its owner. Default: unchanged."},
		when: ByHand},
	{Option: Option{Name: "username", Type: TypeString,
		Doc: "Name that clients must give."},
		Bind: func(s *Server) any { return &s.Username }, when: ByHand},
	{Option: Option{Name: "password", Type: TypeString, Secret: true,
		Doc: "Password that clients must give, or {SHA} and its SHA-1 in hexadecimal."},
		Bind: func(s *Server) any { return &s.Password }, when: ByHand},
}

// InetServerRows are the options of [inet_http_server].
var InetServerRows = Rows[Server]{
	{Option: Option{Name: "port", Type: TypeAddress, Required: true,
		Doc: "Address to listen on; :port and *:port mean all addresses."},
		when: ByHand},
	{Option: Option{Name: "username", Type: TypeString,
		Doc: "Name that clients must give."},
		Bind: func(s *Server) any { return &s.Username }, when: ByHand},
	{Option: Option{Name: "password", Type: TypeString, Secret: true,
		Doc: "Password that clients must give, or {SHA} and its SHA-1 in hexadecimal."},
		Bind: func(s *Server) any { return &s.Password }, when: ByHand},
}

// RPCRows are the options of [rpcinterface:NAME]; its other keys are settings of its own.
var RPCRows = Rows[RPCInterface]{
	{Option: Option{Name: "supervisor.rpcinterface_factory", Type: TypeEntryPoint, Required: true,
		Doc: "supervisor.rpcinterface:make_main_rpcinterface. Python plug-ins cannot be loaded."},
		Bind: func(i *RPCInterface) any { return &i.Factory }, when: ByHand},
}

// CtlRows are the options of [supervisorctl].
var CtlRows = Rows[Supervisorctl]{
	{Option: Option{Name: "serverurl", Type: TypeString, Default: "http://localhost:9001",
		Doc: "unix:///path or http://host:port."},
		Bind: func(c *Supervisorctl) any { return &c.ServerURL }, when: ByHand},
	{Option: Option{Name: "prompt", Type: TypeString, Default: "supervisor",
		Doc: "Prompt of the interactive mode."},
		Bind: func(c *Supervisorctl) any { return &c.Prompt }},
	{Option: Option{Name: "username", Type: TypeString,
		Doc: "Name to give."},
		Bind: func(c *Supervisorctl) any { return &c.Username }},
	{Option: Option{Name: "password", Type: TypeString, Secret: true,
		Doc: "Password to give."},
		Bind: func(c *Supervisorctl) any { return &c.Password }},
	{Option: Option{Name: "history_file", Type: TypeString,
		Doc: "File that keeps the commands typed."},
		Bind: func(c *Supervisorctl) any { return &c.HistoryFile }, when: ByHand},
}

var includeRows = Rows[dialect.Document]{
	{Option: Option{Name: "files", Type: TypeString, Required: true,
		Doc: "Patterns (* ? [..]) separated by blanks, relative to the folder of the main file. Each one's files are read in the order of their names; later settings win."},
		when: ByHand},
}
