package serve

import (
	"errors"
	"fmt"
	"sort"
	"strings"

	"slipway/internal/serve/xmlrpc"
	"slipway/internal/version"
	"slipway/supervise/control"
	"slipway/supervise/control/client"
)

// apiVersion is what clients compare: supervisorctl refuses any other.
const apiVersion = "3.0"

// method is one row of the XML-RPC table.
type method struct {
	name string
	// sig is the result's type, then the parameters', separated by blanks;
	// a boolean parameter is optional, as wait is everywhere.
	sig  string
	help string
	// asksState: the answer does not depend on PID 1, or PID 1 answers while it
	// stops, so the state is asked first.
	asksState bool
	do        func(c *call) (any, error)
}

func (m *method) params() []string { return strings.Fields(m.sig)[1:] }

func (m *method) required() int {
	n := 0
	for _, p := range m.params() {
		if p != "boolean" {
			n++
		}
	}
	return n
}

func (m *method) isSupervisor() bool { return strings.HasPrefix(m.name, "supervisor.") }

// method returns a row by its exact name, which is all the look-up there is:
// Supervisor once walked attributes here (CVE-2017-11610).
func (s *Server) method(name string) *method {
	for i := range s.methods {
		if s.methods[i].name == name {
			return &s.methods[i]
		}
	}
	return nil
}

// methodTable returns the 41 methods: Supervisor's, with their old names.
func methodTable() []method {
	rows := append(supervisorMethods(), processMethods()...)
	rows = append(rows, logMethods()...)
	rows = append(rows, systemMethods()...)
	for old, name := range map[string]string{
		"supervisor.getVersion":      "supervisor.getAPIVersion",
		"supervisor.readMainLog":     "supervisor.readLog",
		"supervisor.readProcessLog":  "supervisor.readProcessStdoutLog",
		"supervisor.tailProcessLog":  "supervisor.tailProcessStdoutLog",
		"supervisor.clearProcessLog": "supervisor.clearProcessLogs",
	} {
		for _, row := range rows {
			if row.name == name {
				row.name, row.help = old, "Old name of "+name+". "+row.help
				rows = append(rows, row)
				break
			}
		}
	}
	sort.Slice(rows, func(i, j int) bool { return rows[i].name < rows[j].name })
	return rows
}

func supervisorMethods() []method {
	return []method{
		{"supervisor.getAPIVersion", "string", "The version of this interface.", true,
			func(*call) (any, error) { return apiVersion, nil }},
		{"supervisor.getSupervisorVersion", "string", "The version of Supervisor that this server behaves as.", true,
			func(*call) (any, error) { return version.Supervisor, nil }},
		{"supervisor.getIdentification", "string", "The identifier of the supervisor.", true,
			func(c *call) (any, error) {
				info, err := client.Info(c.ctx, c.conf.Control)
				return info.Identifier, err
			}},
		{"supervisor.getPID", "int", "The process id of the supervisor.", true,
			func(c *call) (any, error) {
				info, err := client.Info(c.ctx, c.conf.Control)
				return info.PID, err
			}},
		{"supervisor.getState", "struct", "The state of the supervisor: statecode and statename.", true,
			func(c *call) (any, error) {
				m, err := client.State(c.ctx, c.conf.Control)
				return xmlrpc.Struct{{Name: "statecode", Value: int64(m)}, {Name: "statename", Value: m.String()}}, err
			}},
		{"supervisor.shutdown", "boolean", "Stop all processes and end.", false, yes(control.OpShutdown)},
		{"supervisor.restart", "boolean", "Stop all processes, read the configuration, and start again.", false, yes(control.OpRestart)},
		{"supervisor.reloadConfig", "array",
			"Read the configuration and say how it differs from the active groups: [[added, changed, removed]].", false,
			func(c *call) (any, error) {
				r, err := client.Reread(c.ctx, c.conf.Control)
				return []any{[]any{r.Added, r.Changed, r.Removed}}, err
			}},
		{"supervisor.addProcessGroup", "boolean string", "Activate a group of the configuration.", false,
			named(control.OpGroupAdd)},
		{"supervisor.removeProcessGroup", "boolean string", "Deactivate a group whose processes have ended.", false,
			named(control.OpGroupRemove)},
		{"supervisor.sendRemoteCommEvent", "boolean string string", "Send a REMOTE_COMMUNICATION event: its type, its data.", false,
			func(c *call) (any, error) {
				_, err := c.ask(control.OpEventSend, control.String(c.text(0)), control.String(c.text(1)))
				return true, err
			}},
		{"supervisor.getAllConfigInfo", "array", "The configuration of every process as it was read last.", true,
			func(c *call) (any, error) {
				list, err := client.Configs(c.ctx, c.conf.Control)
				out := make([]any, len(list))
				for i, conf := range list {
					out[i] = configStruct(conf)
				}
				return out, err
			}},
	}
}

func processMethods() []method {
	return []method{
		{"supervisor.getProcessInfo", "struct string", "One process.", true,
			func(c *call) (any, error) {
				name, err := c.single(0)
				if err != nil {
					return nil, err
				}
				p, err := client.Process(c.ctx, c.conf.Control, name)
				return processStruct(p, c.now()), badName(err, name)
			}},
		{"supervisor.getAllProcessInfo", "array", "All processes, by group and name.", true,
			func(c *call) (any, error) {
				list, err := client.Processes(c.ctx, c.conf.Control)
				out := make([]any, len(list))
				for i, p := range list {
					out[i] = processStruct(p, c.now())
				}
				return out, err
			}},
		{"supervisor.startProcess", "boolean string boolean",
			"Start a process (or group:*); the answer waits until it runs, unless the second argument is false.", false,
			func(c *call) (any, error) {
				return c.oneOrGroup(control.OpProcessStart, control.OpGroupStart, control.Bool(c.wait(1)))
			}},
		{"supervisor.stopProcess", "boolean string boolean",
			"Stop a process (or group:*); the answer waits until it has ended, unless the second argument is false.", false,
			func(c *call) (any, error) {
				return c.oneOrGroup(control.OpProcessStop, control.OpGroupStop, control.Bool(c.wait(1)))
			}},
		{"supervisor.signalProcess", "boolean string string", "Send a signal, by name or number, to a process (or group:*).", false,
			func(c *call) (any, error) {
				name, signal := c.str(0), c.text(1)
				if g, process := control.SplitName(name); process == "" {
					return c.signalGroup(control.OpGroupSignal, g, name, signal)
				}
				_, err := c.ask(control.OpProcessSignal, control.String(name), control.String(signal))
				return true, about(err, name)
			}},
		{"supervisor.startProcessGroup", "array string boolean", "Start the processes of a group that do not run.", false,
			func(c *call) (any, error) {
				return c.group(control.OpGroupStart, c.str(0), c.str(0), control.Bool(c.wait(1)))
			}},
		{"supervisor.stopProcessGroup", "array string boolean", "Stop the running processes of a group.", false,
			func(c *call) (any, error) {
				return c.group(control.OpGroupStop, c.str(0), c.str(0), control.Bool(c.wait(1)))
			}},
		{"supervisor.signalProcessGroup", "array string string", "Send a signal to the running processes of a group.", false,
			func(c *call) (any, error) {
				return c.signalGroup(control.OpGroupSignal, c.str(0), c.str(0), c.text(1))
			}},
		{"supervisor.startAllProcesses", "array boolean", "Start all processes that do not run.", false,
			func(c *call) (any, error) { return c.statuses(control.OpAllStart, control.Bool(c.wait(0))) }},
		{"supervisor.stopAllProcesses", "array boolean", "Stop all running processes.", false,
			func(c *call) (any, error) { return c.statuses(control.OpAllStop, control.Bool(c.wait(0))) }},
		{"supervisor.signalAllProcesses", "array string", "Send a signal to all running processes.", false,
			func(c *call) (any, error) {
				v, err := c.statuses(control.OpAllSignal, control.String(c.text(0)))
				return c.badSignal(v, err, "", c.text(0))
			}},
		{"supervisor.sendProcessStdin", "boolean string string", "Write text to the standard input of a process.", false,
			func(c *call) (any, error) {
				name, err := c.single(0)
				if err != nil {
					return nil, err
				}
				text, ok := c.args[1].(string)
				if !ok {
					return nil, control.NewFault(control.IncorrectParameters, fmt.Sprint(c.args[1]))
				}
				_, err = c.ask(control.OpProcessStdin, control.String(name), control.String(text))
				return true, about(err, name)
			}},
	}
}

func systemMethods() []method {
	return []method{
		{"system.listMethods", "array", "The names of all methods.", false,
			func(c *call) (any, error) {
				names := make([]any, 0, len(c.methods))
				for i := range c.methods {
					if !c.info.NoRPC || !c.methods[i].isSupervisor() {
						names = append(names, c.methods[i].name)
					}
				}
				return names, nil
			}},
		{"system.methodHelp", "string string", "What a method does.", false,
			func(c *call) (any, error) {
				if m := c.known(0); m != nil {
					return m.help, nil
				}
				return nil, control.NewFault(control.SignatureUnsupported, "")
			}},
		{"system.methodSignature", "array string", "The type of a method's result, then those of its arguments.", false,
			func(c *call) (any, error) {
				if m := c.known(0); m != nil {
					return strings.Fields(m.sig), nil
				}
				return nil, control.NewFault(control.SignatureUnsupported, "")
			}},
		{"system.multicall", "array array",
			"Make calls ({methodName, params}) in sequence: a list of their results, with a fault as a struct.", false,
			(*call).multicall},
	}
}

// known returns the row that argument i names; another type names none.
func (c *call) known(i int) *method {
	name, _ := c.args[i].(string)
	m := c.method(name)
	if m != nil && c.info.NoRPC && m.isSupervisor() {
		return nil
	}
	return m
}

// yes is a method without arguments that answers true.
func yes(op string) func(*call) (any, error) {
	return func(c *call) (any, error) {
		_, err := c.ask(op)
		return true, err
	}
}

// named is a method on one name that answers true.
func named(op string) func(*call) (any, error) {
	return func(c *call) (any, error) {
		name := c.str(0)
		_, err := c.ask(op, control.String(name))
		return true, about(err, name)
	}
}

// single returns a name that must mean one process.
func (c *call) single(i int) (string, error) {
	name := c.str(i)
	if c.bad != nil {
		return "", c.bad
	}
	if _, process := control.SplitName(name); process == "" {
		return "", control.NewFault(control.BadName, name)
	}
	return name, nil
}

// oneOrGroup calls an operation on the process of argument 0, or the group's if
// it names one, for which the answer is an array.
func (c *call) oneOrGroup(one, group string, arg control.Value) (any, error) {
	name := c.str(0)
	if g, process := control.SplitName(name); process == "" {
		return c.group(group, g, name, arg)
	}
	_, err := c.ask(one, control.String(name), arg)
	return true, about(err, name)
}

// group calls a group operation; written is how the client spelled the name.
func (c *call) group(op, name, written string, arg control.Value) (any, error) {
	v, err := c.statuses(op, control.String(name), arg)
	return v, badName(err, written)
}

// signalGroup signals the processes of a group.
func (c *call) signalGroup(op, name, written, signal string) (any, error) {
	v, err := c.group(op, name, written, control.String(signal))
	return c.badSignal(v, err, name, signal)
}

// badSignal turns the refusal of a signal into an array, as the original answers:
// with the same status for every process of the group that would have got it.
func (c *call) badSignal(v any, err error, group, signal string) (any, error) {
	if !errors.Is(err, &control.Fault{Code: control.BadSignal}) {
		return v, err
	}
	list, err := client.Processes(c.ctx, c.conf.Control)
	out := []any{}
	for _, p := range list {
		takes := p.State == control.Starting || p.State == control.Running || p.State == control.Stopping
		if takes && (group == "" || p.Group == group) {
			fault := control.NewFault(control.BadSignal, signal)
			out = append(out, statusStruct(control.NewStatus(p.Group, p.Name, fault)))
		}
	}
	return out, err
}

func statusStruct(s control.Status) xmlrpc.Struct {
	return xmlrpc.Struct{
		{Name: "name", Value: s.Name}, {Name: "group", Value: s.Group},
		{Name: "status", Value: int64(s.Code)}, {Name: "description", Value: s.Description},
	}
}

func (c *call) statuses(op string, args ...control.Value) (any, error) {
	if c.bad != nil {
		return nil, c.bad
	}
	list, err := client.Statuses(c.ctx, c.conf.Control, op, args...)
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = statusStruct(s)
	}
	return out, err
}

// badName makes BAD_NAME repeat the name as the client spelled it.
func badName(err error, written string) error {
	if errors.Is(err, &control.Fault{Code: control.BadName}) {
		return control.NewFault(control.BadName, written)
	}
	return err
}

// about makes those faults that are about a name repeat it as the client spelled
// it; the others (no such file, failed) have texts of their own.
func about(err error, written string) error {
	f := new(control.Fault)
	if !errors.As(err, &f) {
		return err
	}
	switch f.Code {
	case control.BadName, control.AlreadyStarted, control.NotRunning, control.SpawnError,
		control.AbnormalTermination, control.AlreadyAdded, control.StillRunning:
		return control.NewFault(f.Code, written)
	}
	return err
}
