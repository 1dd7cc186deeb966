package serve

import (
	"errors"
	"fmt"
	"sort"
	"strings"

	"slipway/internal/version"
	"slipway/supervise/control"
	"slipway/supervise/control/surface"
)

// apiVersion is what clients compare: supervisorctl refuses any other.
const apiVersion = "3.0"

// method is one row of the XML-RPC table.
type method struct {
	name string
	// sig is the result's type, then the parameters'; a boolean parameter is
	// optional, as wait is everywhere.
	sig  []string
	help string
	// asksState: the answer does not depend on PID 1, or PID 1 answers while it
	// stops, so the state is asked first.
	asksState bool
	do        func(c *call) (any, error)
}

func (m *method) params() []string { return m.sig[1:] }

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

// methodTable returns Supervisor's methods, with their old names: those that are
// operations of PID 1, by their rows, and those that are answered here.
func methodTable(operations []surface.Operation) []method {
	rows := append(versionMethods(), systemMethods()...)
	own := ownMethods()
	for _, o := range operations {
		for _, r := range o.RPC {
			do := func(c *call) (any, error) { return c.operation(o, r) }
			if r.Own {
				do = own[r.Name]
			}
			row := method{r.Name, r.Signature(o), r.Help, r.AsksState(o), do}
			rows = append(rows, row)
			if r.Old != "" {
				row.name, row.help = r.Old, "Old name of "+r.Name+". "+r.Help
				rows = append(rows, row)
			}
		}
	}
	sort.Slice(rows, func(i, j int) bool { return rows[i].name < rows[j].name })
	return rows
}

// ownMethods are the methods whose parameters or results mean something else than those
// of the operation whose row they are in.
func ownMethods() map[string]func(*call) (any, error) {
	return map[string]func(*call) (any, error){
		"supervisor.sendProcessStdin":     sendStdin,
		"supervisor.readLog":              readMain,
		"supervisor.readProcessStdoutLog": readProcess("stdout"),
		"supervisor.readProcessStderrLog": readProcess("stderr"),
		"supervisor.tailProcessStdoutLog": tailProcess("stdout"),
		"supervisor.tailProcessStderrLog": tailProcess("stderr"),
	}
}

func versionMethods() []method {
	return []method{
		{"supervisor.getAPIVersion", []string{"string"}, "The version of this interface.", true,
			func(*call) (any, error) { return apiVersion, nil }},
		{"supervisor.getVersion", []string{"string"}, "Old name of supervisor.getAPIVersion. The version of this interface.", true,
			func(*call) (any, error) { return apiVersion, nil }},
		{"supervisor.getSupervisorVersion", []string{"string"}, "The version of Supervisor that this server behaves as.", true,
			func(*call) (any, error) { return version.Supervisor, nil }},
	}
}

// sendStdin demands a text, and repeats what is none.
func sendStdin(c *call) (any, error) {
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
}

func systemMethods() []method {
	return []method{
		{"system.listMethods", []string{"array"}, "The names of all methods.", false,
			func(c *call) (any, error) {
				names := make([]any, 0, len(c.methods))
				for i := range c.methods {
					if !c.info.NoRPC || !c.methods[i].isSupervisor() {
						names = append(names, c.methods[i].name)
					}
				}
				return names, nil
			}},
		{"system.methodHelp", []string{"string", "string"}, "What a method does.", false,
			func(c *call) (any, error) {
				if m := c.known(0); m != nil {
					return m.help, nil
				}
				return nil, control.NewFault(control.SignatureUnsupported, "")
			}},
		{"system.methodSignature", []string{"array", "string"}, "The type of a method's result, then those of its arguments.", false,
			func(c *call) (any, error) {
				if m := c.known(0); m != nil {
					return m.sig, nil
				}
				return nil, control.NewFault(control.SignatureUnsupported, "")
			}},
		{"system.multicall", []string{"array", "array"},
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
