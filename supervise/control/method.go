package control

// Param is one argument of a method.
type Param struct {
	Name string
	Kind Kind
}

// Method is one row of the method table: an operation that PID 1 offers, as far as PID 1
// itself has to know it. The connection checks the arguments and the caller by the row;
// the handler is found by the name. What people and other programs see of the operation
// (XML-RPC, the command line, JSON, the reference page) is the row of the same name in
// package surface, which PID 1 does not link.
type Method struct {
	Name string
	Args []Param
	// InShutdown methods are answered while the supervisor stops or
	// restarts; all others get ShutdownState then.
	InShutdown bool
	// Private methods are only for children that PID 1 started itself.
	Private bool
}

// The names of arguments that mean the same in every row.
const (
	ArgProcess = "process" // a process: NAME, or GROUP:NAME
	ArgGroup   = "group"
	ArgWait    = "wait" // answer when it is done, not when it is begun
)

// The names of the operations. Their meaning is in package surface.
const (
	OpProcessList      = "process.list"
	OpProcessGet       = "process.get"
	OpProcessStart     = "process.start"
	OpProcessStop      = "process.stop"
	OpProcessRestart   = "process.restart"
	OpProcessReload    = "process.reload"
	OpProcessSignal    = "process.signal"
	OpProcessTrigger   = "process.trigger"
	OpProcessStdin     = "process.stdin"
	OpProcessOpenLog   = "process.openLog"
	OpProcessRecent    = "process.recent"
	OpProcessClearLogs = "process.clearLogs"
	OpGroupStart       = "group.start"
	OpGroupStop        = "group.stop"
	OpGroupSignal      = "group.signal"
	OpGroupAdd         = "group.add"
	OpGroupRemove      = "group.remove"
	OpGroupChange      = "group.change"
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
	OpLogReopen        = "log.reopen"
	OpState            = "supervisor.state"
	OpInfo             = "supervisor.info"
	OpSources          = "supervisor.sources"
	OpShutdown         = "supervisor.shutdown"
	OpRestart          = "supervisor.restart"
	OpBoot             = "supervisor.boot"
	OpWaitIdle         = "supervisor.waitIdle"
	OpWaitReady        = "process.waitReady"
	OpServers          = "serve.servers"
	OpWatch            = "watch.start"
	OpValues           = "watch.values"
)

// SourcesFile is what OpSources opens, in the runtime folder: the watcher writes it.
const SourcesFile = "sources.json"

// methods is the table, in the order of the reference page.
var methods = [...]Method{
	{Name: OpProcessList, InShutdown: true},
	{Name: OpProcessGet, Args: []Param{{ArgProcess, KindString}}, InShutdown: true},
	{Name: OpProcessStart, Args: []Param{{ArgProcess, KindString}, {ArgWait, KindBool}}},
	{Name: OpProcessStop, Args: []Param{{ArgProcess, KindString}, {ArgWait, KindBool}}},
	{Name: OpProcessRestart, Args: []Param{{ArgProcess, KindString}, {ArgWait, KindBool}}},
	{Name: OpProcessReload, Args: []Param{{ArgProcess, KindString}, {ArgWait, KindBool}}},
	{Name: OpProcessSignal, Args: []Param{{ArgProcess, KindString}, {"signal", KindString}}},
	{Name: OpProcessTrigger, Args: []Param{{ArgProcess, KindString}}},
	{Name: OpProcessStdin, Args: []Param{{ArgProcess, KindString}, {"data", KindString}}},
	{Name: OpProcessOpenLog, Args: []Param{{ArgProcess, KindString}, {"channel", KindString}}, InShutdown: true},
	{Name: OpProcessRecent, Args: []Param{{ArgProcess, KindString}, {"channel", KindString}, {"follow", KindBool}}, InShutdown: true},
	{Name: OpProcessClearLogs, Args: []Param{{ArgProcess, KindString}}},
	{Name: OpWaitReady, Args: []Param{{ArgProcess, KindString}}},
	{Name: OpGroupStart, Args: []Param{{ArgGroup, KindString}, {ArgWait, KindBool}}},
	{Name: OpGroupStop, Args: []Param{{ArgGroup, KindString}, {ArgWait, KindBool}}},
	{Name: OpGroupSignal, Args: []Param{{ArgGroup, KindString}, {"signal", KindString}}},
	{Name: OpGroupAdd, Args: []Param{{ArgGroup, KindString}}},
	{Name: OpGroupRemove, Args: []Param{{ArgGroup, KindString}}},
	{Name: OpGroupChange, Args: []Param{{ArgGroup, KindString}}},
	{Name: OpAllStart, Args: []Param{{ArgWait, KindBool}}},
	{Name: OpAllStop, Args: []Param{{ArgWait, KindBool}}},
	{Name: OpAllSignal, Args: []Param{{"signal", KindString}}},
	{Name: OpAllClearLogs},
	{Name: OpConfigList, InShutdown: true},
	{Name: OpConfigReread},
	{Name: OpEventSend, Args: []Param{{"type", KindString}, {"data", KindString}}, InShutdown: true},
	{Name: OpEventStream, Args: []Param{{"types", KindList}}, InShutdown: true},
	{Name: OpLogOpen, InShutdown: true},
	{Name: OpLogClear},
	{Name: OpLogWrite, Args: []Param{{"level", KindString}, {"text", KindString}}, InShutdown: true},
	{Name: OpLogReopen, InShutdown: true},
	{Name: OpState, InShutdown: true},
	{Name: OpInfo, InShutdown: true},
	{Name: OpSources, InShutdown: true},
	{Name: OpShutdown},
	{Name: OpRestart},
	{Name: OpBoot, InShutdown: true},
	{Name: OpWaitIdle, InShutdown: true},
	{Name: OpServers, InShutdown: true, Private: true},
	{Name: OpWatch},
	{Name: OpValues, Args: []Param{{"environ", KindList}, {"secrets", KindList}, {"boot", KindString}}, Private: true},
}

// Table returns the rows of the method table, to be read only.
func Table() []Method { return methods[:] }

// Lookup returns the row of a method.
func Lookup(name string) (Method, bool) { return lookup(methods[:], name) }

func lookup(table []Method, name string) (Method, bool) {
	for i := range table {
		if table[i].Name == name {
			return table[i], true
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
