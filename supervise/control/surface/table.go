package surface

import "slipway/supervise/control"

// operations is the table.
var operations = [...]Operation{
	{
		Name: control.OpProcessList, Result: control.KindList, Of: &control.ProcessInfo{},
		Doc: "Every process, by group name, then process name",
		RPC: []RPC{{Name: "supervisor.getAllProcessInfo", Help: "All processes, by group and name."}},
	},
	{
		Name: control.OpProcessGet, Result: control.KindStruct, Of: &control.ProcessInfo{},
		Doc: "One process",
		RPC: []RPC{{Name: "supervisor.getProcessInfo", Help: "One process."}},
	},
	{
		Name: control.OpProcessStart, Result: control.KindBool, Deferred: true, Group: control.OpGroupStart, All: control.OpAllStart,
		Doc: "Start a process; with wait, answer when it is running or has failed",
		RPC: []RPC{{
			Name: "supervisor.startProcess",
			Help: "Start a process (or group:*); the answer waits until it runs, unless the second argument is false.",
		}},
		Verb: &Verb{
			Word: "start", Done: "started", Short: "Start programs", Already: control.AlreadyStarted, Said: "running already",
			Long: "Start programs and wait until they are up: RUNNING for startsecs.",
		},
	},
	{
		Name: control.OpProcessStop, Result: control.KindBool, Deferred: true, Group: control.OpGroupStop, All: control.OpAllStop,
		Doc: "Stop a process; with wait, answer when it has ended",
		RPC: []RPC{{
			Name: "supervisor.stopProcess",
			Help: "Stop a process (or group:*); the answer waits until it has ended, unless the second argument is false.",
		}},
		Verb: &Verb{
			Word: "stop", Done: "stopped", Short: "Stop programs", Already: control.NotRunning, Said: "not running",
			Long: "Stop programs and wait until they have ended. They stay stopped until they are started.",
		},
	},
	{
		Name: control.OpProcessRestart, Result: control.KindBool, Deferred: true,
		Doc: "Stop a process if it runs and start it again, even if the caller goes away in between",
		Verb: &Verb{
			Word: "restart", Done: "restarted", Short: "Stop and start programs",
			Long: "Stop programs, if they run, and start them again.",
		},
	},
	{
		Name: control.OpProcessReload, Result: control.KindBool, Deferred: true,
		Doc: "Reload a process the way its reload option says, or restart it",
		Verb: &Verb{
			Word: "reload", Done: "reloaded", Short: "Let programs read their configuration again",
			Long: "Reload programs the way that their reload key says (a signal, a command), or restart them.",
		},
	},
	{
		Name: control.OpProcessSignal, Result: control.KindBool, Group: control.OpGroupSignal, All: control.OpAllSignal,
		Doc: "Send a signal (name with or without SIG, or number) to a process",
		RPC: []RPC{{Name: "supervisor.signalProcess", Help: "Send a signal, by name or number, to a process (or group:*)."}},
		Verb: &Verb{
			Word: "signal", Done: "signalled", Short: "Send a signal to programs", Hint: "slipway signal HUP webapp",
		},
	},
	{
		Name: control.OpProcessTrigger, Result: control.KindBool,
		Doc: "Run a process now, as if the time of its schedule had come; its overlap option counts",
		Verb: &Verb{
			Word: "trigger", Done: "triggered", Short: "Run programs with a schedule now", Already: control.AlreadyStarted, Said: "running already", Hint: "slipway trigger backup",
			Long: "Run programs now, as if the time of their schedule had come: overlap says what\nbecomes of a run that is not over. The answer does not wait for the end; slipway\nstart does. A program without a schedule is started, if it does not run.",
		},
	},
	{
		Name: control.OpProcessStdin, Result: control.KindBool,
		Doc: "Write bytes to the standard input of a process",
		RPC: []RPC{{Name: "supervisor.sendProcessStdin", Own: true, Help: "Write text to the standard input of a process."}},
	},
	{
		Name: control.OpProcessOpenLog, Result: control.KindStruct, Of: &control.LogInfo{}, Descriptor: true,
		Doc: "Open the log of a channel (stdout or stderr) for reading; its descriptor comes along if it is a regular file",
		RPC: []RPC{
			{
				Name: "supervisor.readProcessStdoutLog", Old: "supervisor.readProcessLog", Own: true, Type: "string", Params: []string{"string", "int", "int"},
				Help: "Bytes of a process's stdout log: offset (negative: from the end), length (0: all).",
			},
			{
				Name: "supervisor.readProcessStderrLog", Own: true, Type: "string", Params: []string{"string", "int", "int"},
				Help: "Bytes of a process's stderr log: offset (negative: from the end), length (0: all).",
			},
			{
				Name: "supervisor.tailProcessStdoutLog", Old: "supervisor.tailProcessLog", Own: true, Type: "array", Params: []string{"string", "int", "int"},
				Help: "The last bytes of a process's stdout log: [bytes, new offset, overflow].",
			},
			{
				Name: "supervisor.tailProcessStderrLog", Own: true, Type: "array", Params: []string{"string", "int", "int"},
				Help: "The last bytes of a process's stderr log: [bytes, new offset, overflow].",
			},
		},
	},
	{
		Name: control.OpProcessRecent, Result: control.KindBool, Streaming: true,
		Doc: "The last output of a channel kept in memory, as one chunk; with follow, then all that comes after it",
	},
	{
		Name: control.OpProcessClearLogs, Result: control.KindBool, All: control.OpAllClearLogs,
		Doc: "Empty the logs of a process",
		RPC: []RPC{{Name: "supervisor.clearProcessLogs", Old: "supervisor.clearProcessLog", Help: "Empty the logs of a process."}},
	},
	{
		Name: control.OpWaitReady, Result: control.KindBool, Deferred: true,
		Doc: "Answer when a process is ready, or can no longer become so",
	},
	{
		Name: control.OpGroupStart, Result: control.KindList, Of: &control.Status{}, Deferred: true,
		Doc: "Start the processes of a group that do not run",
		RPC: []RPC{{Name: "supervisor.startProcessGroup", Help: "Start the processes of a group that do not run."}},
	},
	{
		Name: control.OpGroupStop, Result: control.KindList, Of: &control.Status{}, Deferred: true,
		Doc: "Stop the running processes of a group",
		RPC: []RPC{{Name: "supervisor.stopProcessGroup", Help: "Stop the running processes of a group."}},
	},
	{
		Name: control.OpGroupSignal, Result: control.KindList, Of: &control.Status{},
		Doc: "Send a signal to the running processes of a group",
		RPC: []RPC{{Name: "supervisor.signalProcessGroup", Help: "Send a signal to the running processes of a group."}},
	},
	{
		Name: control.OpGroupAdd, Result: control.KindBool,
		Doc:  "Activate a group of the configuration that was read last",
		RPC:  []RPC{{Name: "supervisor.addProcessGroup", Help: "Activate a group of the configuration."}},
		Verb: &Verb{Word: "add", Done: "added", Short: "Activate groups of the configuration that was read last"},
	},
	{
		Name: control.OpGroupRemove, Result: control.KindBool,
		Doc:  "Deactivate a group whose processes have all ended",
		RPC:  []RPC{{Name: "supervisor.removeProcessGroup", Help: "Deactivate a group whose processes have ended."}},
		Verb: &Verb{Word: "remove", Done: "removed", Short: "Deactivate groups whose programs have ended"},
	},
	{
		Name: control.OpGroupChange, Result: control.KindList,
		Doc: "Give a group the settings that were read last while it stays, and say which processes are to be restarted for them, each beside itself; none where that needs a stop: then nothing has changed",
	},
	{
		Name: control.OpAllStart, Result: control.KindList, Of: &control.Status{}, Deferred: true,
		Doc: "Start every process that does not run",
		RPC: []RPC{{Name: "supervisor.startAllProcesses", Help: "Start all processes that do not run."}},
	},
	{
		Name: control.OpAllStop, Result: control.KindList, Of: &control.Status{}, Deferred: true,
		Doc: "Stop every running process",
		RPC: []RPC{{Name: "supervisor.stopAllProcesses", Help: "Stop all running processes."}},
	},
	{
		Name: control.OpAllSignal, Result: control.KindList, Of: &control.Status{},
		Doc: "Send a signal to every running process",
		RPC: []RPC{{Name: "supervisor.signalAllProcesses", Help: "Send a signal to all running processes."}},
	},
	{
		Name: control.OpAllClearLogs, Result: control.KindList, Of: &control.Status{},
		Doc: "Empty the logs of every process",
		RPC: []RPC{{Name: "supervisor.clearAllProcessLogs", Help: "Empty the logs of all processes."}},
	},
	{
		Name: control.OpConfigList, Result: control.KindList, Of: &control.ConfigInfo{},
		Doc: "Every process of the configuration that was read last, by process name",
		RPC: []RPC{{Name: "supervisor.getAllConfigInfo", Help: "The configuration of every process as it was read last."}},
	},
	{
		Name: control.OpConfigReread, Result: control.KindStruct, Of: &control.RereadResult{},
		Doc: "Read the configuration again and say how it differs from the active groups",
		RPC: []RPC{{
			Name: "supervisor.reloadConfig", Type: "array",
			Help: "Read the configuration and say how it differs from the active groups: [[added, changed, removed]].",
		}},
	},
	{
		Name: control.OpEventSend, Result: control.KindBool,
		Doc: "Send a REMOTE_COMMUNICATION event",
		RPC: []RPC{{Name: "supervisor.sendRemoteCommEvent", AnyTime: true, Help: "Send a REMOTE_COMMUNICATION event: its type, its data."}},
	},
	{
		Name: control.OpEventStream, Result: control.KindBool, Of: &control.Event{}, Streaming: true,
		Doc: "Every event of the given types, as a chunk; an abstract type includes its own, and none means all",
	},
	{
		Name: control.OpLogOpen, Result: control.KindStruct, Of: &control.LogInfo{}, Descriptor: true,
		Doc: "Open the activity log for reading; its descriptor comes along if it is a regular file",
		RPC: []RPC{{
			Name: "supervisor.readLog", Old: "supervisor.readMainLog", Own: true, Type: "string", Params: []string{"int", "int"},
			Help: "Bytes of the activity log: offset (negative: from the end), length (0: all).",
		}},
	},
	{
		Name: control.OpLogClear, Result: control.KindBool,
		Doc: "Empty the activity log",
		RPC: []RPC{{Name: "supervisor.clearLog", Help: "Empty the activity log."}},
	},
	{
		Name: control.OpLogWrite, Result: control.KindBool,
		Doc: "Write a line to the activity log (critical, error, warn, info, debug, trace or blather)",
	},
	{
		Name: control.OpLogReopen, Result: control.KindBool,
		Doc: "Open every log file anew by its name, as SIGUSR2 does; what cannot be opened stays as it is, and the activity log says so",
		Verb: &Verb{
			Word: "reopen", Done: "reopened", Short: "Open the log files anew", What: "the logs",
			Long: `Open every log file of the supervisor and its programs anew by its name, as SIGUSR2 does.
It is for tools that rotate logs: they rename a file, then call this. A file that cannot
be opened is written on as before, and the activity log says so.`,
		},
	},
	{
		Name: control.OpState, Result: control.KindStruct, Of: &control.SupervisorState{},
		Doc: "The state of the supervisor",
		RPC: []RPC{{Name: "supervisor.getState", Help: "The state of the supervisor: statecode and statename."}},
	},
	{
		Name: control.OpInfo, Result: control.KindStruct, Of: &control.SupervisorInfo{},
		Doc: "Process id, identifier, version and start time of the supervisor",
		RPC: []RPC{
			{Name: "supervisor.getIdentification", Member: "identifier", Help: "The identifier of the supervisor."},
			{Name: "supervisor.getPID", Member: "pid", Help: "The process id of the supervisor."},
		},
	},
	{
		Name: control.OpSources, Result: control.KindStruct, Of: &control.LogInfo{}, Descriptor: true,
		Doc: "What the watcher has written down of the sources that are followed, as its file; a fault where there is none",
	},
	{
		Name: control.OpShutdown, Result: control.KindBool,
		Doc: "Stop everything and end; answered at once",
		RPC: []RPC{{Name: "supervisor.shutdown", Help: "Stop all processes and end."}},
	},
	{
		Name: control.OpRestart, Result: control.KindBool,
		Doc: "Stop everything, read the configuration and start again; answered at once",
		RPC: []RPC{{Name: "supervisor.restart", Help: "Stop all processes, read the configuration, and start again."}},
	},
	{
		Name: control.OpBoot, Result: control.KindString,
		Doc: "The boot snapshot that the launch stage handed over, as it was",
	},
	{
		Name: control.OpWaitIdle, Result: control.KindBool, Deferred: true,
		Doc: "Answer when no process is starting, stopping or waiting for its next try",
	},
	{
		Name: control.OpServers, Result: control.KindList, Of: &control.ServerInfo{},
		Doc: "The HTTP servers in the order of their descriptors, with their credentials",
	},
	{
		Name: control.OpWatch, Result: control.KindBool,
		Doc: "Have the watcher running, which pays what programs are owed and renders again when a source changes",
	},
	{
		Name: control.OpValues, Result: control.KindBool,
		Doc: "Take new values over: the environment that programs get from their next start on, the names of the secrets in it, and the boot snapshot that tells of them",
	},
}
