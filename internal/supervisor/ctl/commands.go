package ctl

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"syscall"

	"slipway/internal/supervisor/rpc"
	"slipway/internal/supervisor/serve/xmlrpc"
	"slipway/supervise/control"
	"slipway/supervise/control/surface"
)

// commandTable returns the commands in alphabetical order. The help texts are
// supervisorctl's, because they are part of its output after wrong arguments.
func commandTable() []command {
	return []command{
		{"add", "add <name> [...]\tActivates any updates in config for process/group", (*controller).add},
		{"avail", "avail\t\t\tDisplay all configured processes", bare("avail", (*controller).avail)},
		{"clear", "clear <name>\t\tClear a process' log files.\n" +
			"clear <name> <name>\tClear multiple process' log files\n" +
			"clear all\t\tClear all process' log files", checked((*controller).clear)},
		{"exit", "exit\tExit the supervisor shell.", (*controller).quit},
		{"fg", "fg <process>\tConnect to a process in foreground mode\n\t\tCtrl-C to exit", checked((*controller).fg)},
		{"help", "help\t\tPrint a list of available actions\nhelp <action>\tPrint help for <action>", (*controller).helpCommand},
		{"maintail", "maintail -f \tContinuous tail of supervisor main log file (Ctrl-C to exit)\n" +
			"maintail -100\tlast 100 *bytes* of supervisord main log file\n" +
			"maintail\tlast 1600 *bytes* of supervisor main log file\n", checked((*controller).maintail)},
		{"open", "open <url>\tConnect to a remote supervisord process.\n" +
			"\t\t(for UNIX domain socket, use unix:///socket/path)", (*controller).open},
		{"pid", "pid\t\t\tGet the PID of supervisord.\n" +
			"pid <name>\t\tGet the PID of a single child process by name.\n" +
			"pid all\t\t\tGet the PID of every child process, one per line.", checked((*controller).pid)},
		{"quit", "quit\tExit the supervisor shell.", (*controller).quit},
		{"reload", "reload \t\tRestart the remote supervisord.", bare("reload", (*controller).reload)},
		{"remove", "remove <name> [...]\tRemoves process/group from active config", (*controller).remove},
		{"reread", "reread \t\t\tReload the daemon's configuration files without add/remove",
			bare("reread", (*controller).reread)},
		{"restart", "restart <name>\t\tRestart a process\n" +
			"restart <gname>:*\tRestart all processes in a group\n" +
			"restart <name> <name>\tRestart multiple processes or groups\n" +
			"restart all\t\tRestart all processes\n" +
			"Note: restart does not reread config files. For that, see reread and update.", checked((*controller).restart)},
		{"shutdown", "shutdown \tShut the remote supervisord down.", bare("shutdown", (*controller).shutdown)},
		{"signal", "signal <signal name> <name>\t\tSignal a process\n" +
			"signal <signal name> <gname>:*\t\tSignal all processes in a group\n" +
			"signal <signal name> <name> <name>\tSignal multiple processes or groups\n" +
			"signal <signal name> all\t\tSignal all processes", checked((*controller).signal)},
		{"start", "start <name>\t\tStart a process\n" +
			"start <gname>:*\t\tStart all processes in a group\n" +
			"start <name> <name>\tStart multiple processes or groups\n" +
			"start all\t\tStart all processes", checked((*controller).start)},
		{"status", "status <name>\t\tGet status for a single process\n" +
			"status <gname>:*\tGet status for all processes in a group\n" +
			"status <name> <name>\tGet status for multiple named processes\n" +
			"status\t\t\tGet all process status info", (*controller).statusCommand},
		{"stop", "stop <name>\t\tStop a process\n" +
			"stop <gname>:*\t\tStop all processes in a group\n" +
			"stop <name> <name>\tStop multiple processes or groups\n" +
			"stop all\t\tStop all processes", checked((*controller).stop)},
		{"tail", tailHelp, checked((*controller).tail)},
		{"update", "update\t\t\tReload config and add/remove as necessary, and will restart affected programs\n" +
			"update all\t\tReload config and add/remove as necessary, and will restart affected programs\n" +
			"update <gname> [...]\tUpdate specific groups", (*controller).update},
		{"version", "version\t\t\tShow the version of the remote supervisord process", bare("version", (*controller).version)},
	}
}

func (c *controller) quit(string) error {
	c.print("")
	return errQuit
}

func (c *controller) helpCommand(arg string) error {
	if arg == "" {
		c.print("\ndefault commands (type help <topic>):\n=====================================\n%s\n", columns())
		return nil
	}
	for _, row := range commandTable() {
		if row.name == arg {
			c.print("%s", row.help)
			return nil
		}
	}
	c.print("*** No help on %s", arg)
	return nil
}

// columns lays the commands out as the original does: three rows, each column as
// wide as its longest name, two blanks between.
func columns() string {
	var names []string
	for _, row := range commandTable() {
		if row.name != "help" {
			names = append(names, row.name)
		}
	}
	const rows = 3
	var lines [rows]string
	for first := 0; first < len(names); first += rows {
		column := names[first:min(first+rows, len(names))]
		width := 0
		for _, name := range column {
			width = max(width, len(name))
		}
		for i, name := range column {
			if first > 0 {
				lines[i] += "  "
			}
			lines[i] += fmt.Sprintf("%-*s", width, name)
		}
	}
	return strings.Join(lines[:], "\n")
}

func (c *controller) statusCommand(arg string) error {
	if ok, err := c.upcheck(); !ok {
		if err == nil {
			c.status = exitUnknown
		}
		return err
	}
	all, err := c.structs("getAllProcessInfo")
	if err != nil {
		return err
	}
	shown := all
	if names := strings.Fields(arg); len(names) > 0 && !slices.Contains(names, "all") {
		shown = nil
		for _, name := range names {
			shown = append(shown, c.matching(all, name)...)
		}
	}
	c.printStatus(shown)
	for _, info := range shown {
		if control.ProcessState(info.Int("state")).IsStopped() {
			c.status = exitStopped
		}
	}
	return nil
}

// matching returns the processes that a name means, and complains if there are
// none.
func (c *controller) matching(all []xmlrpc.Struct, name string) []xmlrpc.Struct {
	group, process := control.SplitName(name)
	var out []xmlrpc.Struct
	for _, info := range all {
		if info.String("group") == group && (process == "" || info.String("name") == process) {
			out = append(out, info)
		}
	}
	if out == nil {
		if process == "" {
			c.print("%s: ERROR (no such group)", group)
		} else {
			c.print("%s: ERROR (no such process)", name)
		}
		c.status = exitUnknown
	}
	return out
}

func (c *controller) printStatus(infos []xmlrpc.Struct) {
	width := 30
	for _, info := range infos {
		width = max(width, len([]rune(fullName(info))))
	}
	for _, info := range infos {
		c.print("%-*s%-10s%s", width+3, fullName(info), info.String("statename"), info.String("description"))
	}
}

func fullName(info xmlrpc.Struct) string {
	return control.FullName(info.String("group"), info.String("name"))
}

func (c *controller) pid(arg string) error {
	names := strings.Fields(arg)
	switch {
	case len(names) == 0:
		v, err := c.call("getPID")
		if err != nil {
			return err
		}
		c.print("%v", v)
		return nil
	case slices.Contains(names, "all"):
		infos, err := c.structs("getAllProcessInfo")
		for _, info := range infos {
			c.print("%d", info.Int("pid"))
		}
		return err
	}
	for _, name := range names {
		v, err := c.call("getProcessInfo", name)
		if faultCode(err) == control.BadName {
			c.status = exitGeneric
			c.print("No such process %s", name)
			continue
		}
		if err != nil {
			return err
		}
		info, _ := v.(xmlrpc.Struct)
		c.print("%d", info.Int("pid"))
		if info.Int("pid") == 0 {
			c.status = exitNotRunning
		}
	}
	return nil
}

// target is one of the commands that act on processes, groups or all.
type target struct {
	words       wording
	ignored     control.Code
	operation   string // on one process; its row has those on several
	args        []any  // after the name
	noGroupExit int
}

// method is the XML-RPC method that is an operation, as call takes it.
func method(operation string) string {
	return strings.TrimPrefix(surface.XMLRPC(operation), "supervisor.")
}

func (c *controller) act(t target, names []string) error {
	row, _ := surface.Lookup(t.operation)
	if slices.Contains(names, "all") {
		list, err := c.structs(method(row.All), t.args...)
		if err != nil {
			return err
		}
		return c.results(list, t.words, t.ignored)
	}
	for _, name := range names {
		group, process := control.SplitName(name)
		if process != "" {
			_, err := c.call(method(row.Name), append([]any{name}, t.args...)...)
			if err := c.outcome(name, err, t.words, t.ignored); err != nil {
				return err
			}
			continue
		}
		list, err := c.structs(method(row.Group), append([]any{group}, t.args...)...)
		if faultCode(err) == control.BadName {
			c.print("%s: ERROR (no such group)", group)
			c.status = t.noGroupExit
			continue
		}
		if err != nil {
			return err
		}
		if err := c.results(list, t.words, t.ignored); err != nil {
			return err
		}
	}
	return nil
}

// needName complains about a command without a process name.
func (c *controller) needName(name string, status int) error {
	c.print("Error: %s requires a process name", name)
	c.status = status
	c.help(name)
	return nil
}

func (c *controller) start(arg string) error {
	names := strings.Fields(arg)
	if len(names) == 0 {
		return c.needName("start", exitUsage)
	}
	return c.act(target{startWords(), control.AlreadyStarted, control.OpProcessStart, nil, exitUsage}, names)
}

func (c *controller) stop(arg string) error {
	names := strings.Fields(arg)
	if len(names) == 0 {
		return c.needName("stop", exitGeneric)
	}
	return c.act(target{signalWords("stopped"), control.NotRunning, control.OpProcessStop, nil, exitGeneric}, names)
}

func (c *controller) restart(arg string) error {
	if len(strings.Fields(arg)) == 0 {
		return c.needName("restart", exitGeneric)
	}
	// The original asks for the version before each half.
	if err := checked((*controller).stop)(c, arg); err != nil {
		return err
	}
	return checked((*controller).start)(c, arg)
}

func (c *controller) signal(arg string) error {
	words := strings.Fields(arg)
	if len(words) < 2 {
		c.print("Error: signal requires a signal name and a process name")
		c.help("signal")
		c.status = exitGeneric
		return nil
	}
	return c.act(target{signalWords("signalled"), 0, control.OpProcessSignal, []any{words[0]}, exitGeneric}, words[1:])
}

func (c *controller) clear(arg string) error {
	names := strings.Fields(arg)
	switch {
	case len(names) == 0:
		return c.needName("clear", exitGeneric)
	case slices.Contains(names, "all"):
		list, err := c.structs("clearAllProcessLogs")
		if err != nil {
			return err
		}
		return c.results(list, clearWords(), 0)
	}
	for _, name := range names {
		_, err := c.call("clearProcessLogs", name)
		if err := c.outcome(name, err, clearWords(), 0); err != nil {
			return err
		}
	}
	return nil
}

// really asks before a command that ends everything, in the shell only.
func (c *controller) really(question string) (bool, error) {
	if !c.interactive {
		return true, nil
	}
	answer, err := c.in.ReadLine(question)
	return err == nil && strings.HasPrefix(strings.ToLower(answer), "y"), nil
}

func (c *controller) shutdown() error {
	if ok, err := c.really("Really shut the remote supervisord process down y/N? "); !ok {
		return err
	}
	_, err := c.call("shutdown")
	switch {
	case err == nil:
		c.print("Shut down")
	case faultCode(err) == control.ShutdownState:
		c.print("ERROR: already shutting down")
	case errors.Is(err, syscall.ECONNREFUSED):
		c.status = exitGeneric
		c.print("ERROR: %s refused connection (already shut down?)", c.srv.URL)
	case errors.Is(err, syscall.ENOENT):
		c.status = exitGeneric
		c.print("ERROR: %s no such file (already shut down?)", c.srv.URL)
	default:
		return err
	}
	return nil
}

func (c *controller) reload() error {
	if ok, err := c.really("Really restart the remote supervisord process y/N? "); !ok {
		return err
	}
	_, err := c.call("restart")
	switch {
	case err == nil:
		c.print("Restarted supervisord")
	case faultCode(err) == control.ShutdownState:
		c.status = exitGeneric
		c.print("ERROR: already shutting down")
	default:
		return err
	}
	return nil
}

func (c *controller) version() error {
	if ok, err := c.upcheck(); !ok {
		return err
	}
	v, err := c.call("getSupervisorVersion")
	if err == nil {
		c.print("%v", v)
	}
	return err
}

func (c *controller) open(arg string) error {
	u, err := url.Parse(arg)
	if err != nil || u.Scheme != "http" && u.Scheme != "unix" {
		c.print("ERROR: url must be http:// or unix://")
		c.status = exitGeneric
		return nil
	}
	c.srv = rpc.New(arg, c.srv.Username, c.srv.Password)
	before := c.status
	err = c.statusCommand("")
	c.status = before
	return err
}
