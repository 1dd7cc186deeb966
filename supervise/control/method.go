package control

// Param is one argument of a method.
type Param struct {
	Name string
	Kind Kind
}

// Method is one row of the method table: an operation that PID 1 offers. The
// command line, HTTP, XML-RPC and the documentation follow from the row.
type Method struct {
	Name   string
	Args   []Param
	Result Kind
	Doc    string // one sentence, without a period
	// Deferred answers may take as long as the program they wait for.
	Deferred bool
	// Streaming methods send chunks before their reply.
	Streaming bool
	// Descriptor replies carry a file descriptor.
	Descriptor bool
	// InShutdown methods are answered while the supervisor stops or
	// restarts; all others get ShutdownState then.
	InShutdown bool
	// Private methods are only for children that PID 1 started itself.
	Private bool
}

// The names of the operations. Their meaning is in the table.
const (
	OpProcessList      = "process.list"
	OpProcessGet       = "process.get"
	OpProcessStart     = "process.start"
	OpProcessStop      = "process.stop"
	OpProcessRestart   = "process.restart"
	OpProcessReload    = "process.reload"
	OpProcessSignal    = "process.signal"
	OpProcessStdin     = "process.stdin"
	OpProcessOpenLog   = "process.openLog"
	OpProcessRecent    = "process.recent"
	OpProcessClearLogs = "process.clearLogs"
	OpGroupStart       = "group.start"
	OpGroupStop        = "group.stop"
	OpGroupSignal      = "group.signal"
	OpGroupAdd         = "group.add"
	OpGroupRemove      = "group.remove"
	OpAllStart         = "all.start"
	OpAllStop          = "all.stop"
	OpAllSignal        = "all.signal"
	OpAllClearLogs     = "all.clearLogs"
	OpConfigList       = "config.list"
	OpConfigReread     = "config.reread"
	OpEventSend        = "event.send"
	OpEventStream      = "event.stream"
	OpLogOpen          = "log.open"
	OpLogClear         = "log.clear"
	OpLogWrite         = "log.write"
	OpState            = "supervisor.state"
	OpInfo             = "supervisor.info"
	OpShutdown         = "supervisor.shutdown"
	OpRestart          = "supervisor.restart"
	OpBoot             = "supervisor.boot"
	OpWaitIdle         = "supervisor.waitIdle"
	OpWaitReady        = "process.waitReady"
	OpServers          = "serve.servers"
	OpWatch            = "watch.start"
	OpMethods          = "methods"
)

// methods is the table. A row without a handler is answered by NotOffered.
var methods = [...]Method{
	{Name: OpProcessList, Result: KindList, InShutdown: true,
		Doc: "Every process as a ProcessInfo, by group name, then process name"},
	{Name: OpProcessGet, Args: []Param{{"name", KindString}}, Result: KindStruct, InShutdown: true,
		Doc: "One process (name, or group:name) as a ProcessInfo"},
	{Name: OpProcessStart, Args: []Param{{"name", KindString}, {"wait", KindBool}}, Result: KindBool, Deferred: true,
		Doc: "Start a process; with wait, answer when it is running or has failed"},
	{Name: OpProcessStop, Args: []Param{{"name", KindString}, {"wait", KindBool}}, Result: KindBool, Deferred: true,
		Doc: "Stop a process; with wait, answer when it has ended"},
	{Name: OpProcessRestart, Args: []Param{{"name", KindString}, {"wait", KindBool}}, Result: KindBool, Deferred: true,
		Doc: "Stop a process if it runs and start it again, even if the caller goes away in between"},
	{Name: OpProcessReload, Args: []Param{{"name", KindString}, {"wait", KindBool}}, Result: KindBool, Deferred: true,
		Doc: "Reload a process the way its reload option says, or restart it"},
	{Name: OpProcessSignal, Args: []Param{{"name", KindString}, {"signal", KindString}}, Result: KindBool,
		Doc: "Send a signal (name with or without SIG, or number) to a process"},
	{Name: OpProcessStdin, Args: []Param{{"name", KindString}, {"data", KindString}}, Result: KindBool,
		Doc: "Write bytes to the standard input of a process"},
	{Name: OpProcessOpenLog, Args: []Param{{"name", KindString}, {"channel", KindString}}, Result: KindStruct,
		Descriptor: true, InShutdown: true,
		Doc: "Open the log of a channel (stdout or stderr) for reading: a LogInfo, and its descriptor if it is a regular file"},
	{Name: OpProcessRecent, Args: []Param{{"name", KindString}, {"channel", KindString}, {"follow", KindBool}}, Result: KindBool,
		Streaming: true, InShutdown: true,
		Doc: "The last output of a channel kept in memory, as one chunk; with follow, then all that comes after it"},
	{Name: OpProcessClearLogs, Args: []Param{{"name", KindString}}, Result: KindBool,
		Doc: "Empty the logs of a process"},
	{Name: OpWaitReady, Args: []Param{{"name", KindString}}, Result: KindBool, Deferred: true,
		Doc: "Answer when a process is ready, or can no longer become so"},
	{Name: OpGroupStart, Args: []Param{{"name", KindString}, {"wait", KindBool}}, Result: KindList, Deferred: true,
		Doc: "Start the processes of a group that do not run: a list of Status"},
	{Name: OpGroupStop, Args: []Param{{"name", KindString}, {"wait", KindBool}}, Result: KindList, Deferred: true,
		Doc: "Stop the running processes of a group: a list of Status"},
	{Name: OpGroupSignal, Args: []Param{{"name", KindString}, {"signal", KindString}}, Result: KindList,
		Doc: "Send a signal to the running processes of a group: a list of Status"},
	{Name: OpGroupAdd, Args: []Param{{"name", KindString}}, Result: KindBool,
		Doc: "Activate a group of the configuration that was read last"},
	{Name: OpGroupRemove, Args: []Param{{"name", KindString}}, Result: KindBool,
		Doc: "Deactivate a group whose processes have all ended"},
	{Name: OpAllStart, Args: []Param{{"wait", KindBool}}, Result: KindList, Deferred: true,
		Doc: "Start every process that does not run: a list of Status"},
	{Name: OpAllStop, Args: []Param{{"wait", KindBool}}, Result: KindList, Deferred: true,
		Doc: "Stop every running process: a list of Status"},
	{Name: OpAllSignal, Args: []Param{{"signal", KindString}}, Result: KindList,
		Doc: "Send a signal to every running process: a list of Status"},
	{Name: OpAllClearLogs, Result: KindList,
		Doc: "Empty the logs of every process: a list of Status"},
	{Name: OpConfigList, Result: KindList, InShutdown: true,
		Doc: "Every process of the configuration that was read last as a ConfigInfo, by process name"},
	{Name: OpConfigReread, Result: KindStruct,
		Doc: "Read the configuration again: a RereadResult"},
	{Name: OpEventSend, Args: []Param{{"type", KindString}, {"data", KindString}}, Result: KindBool, InShutdown: true,
		Doc: "Send a REMOTE_COMMUNICATION event"},
	{Name: OpEventStream, Args: []Param{{"types", KindList}}, Result: KindBool, Streaming: true, InShutdown: true,
		Doc: "Every event of the given types (abstract ones include theirs; none means all) as an Event chunk"},
	{Name: OpLogOpen, Result: KindStruct, Descriptor: true, InShutdown: true,
		Doc: "Open the activity log for reading: a LogInfo, and its descriptor if it is a regular file"},
	{Name: OpLogClear, Result: KindBool,
		Doc: "Empty the activity log"},
	{Name: OpLogWrite, Args: []Param{{"level", KindString}, {"text", KindString}}, Result: KindBool, InShutdown: true, Private: true,
		Doc: "Write a line to the activity log (critical, error, warn, info, debug, trace or blather)"},
	{Name: OpState, Result: KindStruct, InShutdown: true,
		Doc: "The state of the supervisor: a SupervisorState"},
	{Name: OpInfo, Result: KindStruct, InShutdown: true,
		Doc: "Process id, identifier, version and start time of the supervisor: a SupervisorInfo"},
	{Name: OpShutdown, Result: KindBool,
		Doc: "Stop everything and end; answered at once"},
	{Name: OpRestart, Result: KindBool,
		Doc: "Stop everything, read the configuration and start again; answered at once"},
	{Name: OpBoot, Result: KindString, InShutdown: true,
		Doc: "The boot snapshot that the launch stage handed over, as it was"},
	{Name: OpWaitIdle, Result: KindBool, Deferred: true, InShutdown: true,
		Doc: "Answer when no process is starting, stopping or waiting for its next try"},
	{Name: OpServers, Result: KindList, InShutdown: true, Private: true,
		Doc: "The HTTP servers in the order of their descriptors, with their credentials: a list of ServerInfo"},
	{Name: OpWatch, Result: KindBool,
		Doc: "Have the watcher running, which pays what programs are owed and renders again when a source changes"},
	{Name: OpMethods, Result: KindList, InShutdown: true,
		Doc: "The method table"},
}

// Table returns the rows of the method table, to be read only.
func Table() []Method { return methods[:] }

// Lookup returns the row of a method.
func Lookup(name string) (Method, bool) {
	for i := range methods {
		if methods[i].Name == name {
			return methods[i], true
		}
	}
	return Method{}, false
}

// Check reports why args do not fit the row, as a fault, or nil.
func (m Method) Check(args []Value) *Fault {
	if len(args) != len(m.Args) {
		return NewFault(IncorrectParameters, m.Name)
	}
	for i, p := range m.Args {
		if args[i].Kind() != p.Kind {
			return NewFault(IncorrectParameters, m.Name+": "+p.Name+" is no "+p.Kind.String())
		}
	}
	return nil
}

// MethodsAnswer is the answer to the method "methods".
func MethodsAnswer() Value {
	list := make([]Value, 0, len(methods))
	for _, m := range methods {
		args := make([]Value, 0, len(m.Args))
		for _, p := range m.Args {
			args = append(args, Struct(Field{"name", String(p.Name)}, Field{"type", String(p.Kind.String())}))
		}
		list = append(list, Struct(
			Field{"name", String(m.Name)},
			Field{"args", List(args...)},
			Field{"result", String(m.Result.String())},
			Field{"doc", String(m.Doc)},
			Field{"deferred", Bool(m.Deferred)},
			Field{"streaming", Bool(m.Streaming)},
			Field{"descriptor", Bool(m.Descriptor)},
		))
	}
	return List(list...)
}
