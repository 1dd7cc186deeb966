package ctl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"

	"slipway/internal/supervisor/rpc"
	"slipway/internal/supervisor/serve/xmlrpc"
	"slipway/supervise/control"
)

// The exit statuses of supervisorctl.
const (
	exitOK           = 0
	exitGeneric      = 1
	exitUsage        = 2
	exitNoInterface  = 3 // the server has no supervisor methods
	exitStopped      = 3 // status: a process is not running
	exitUnknown      = 4 // status: the server or a name is unknown
	exitRefused      = 4
	exitNotInstalled = 5 // another version of the interface
	exitNotRunning   = 7
)

// controller runs commands one after the other and remembers their exit status.
type controller struct {
	ctx         context.Context
	srv         *rpc.Server
	out, errOut io.Writer
	in          lineReader
	interactive bool
	status      int
	infos       []xmlrpc.Struct // for completion, until the next command
	// attend returns a context that an interrupt ends, for the commands that
	// run until they are interrupted.
	attend   func() (context.Context, context.CancelFunc)
	attended bool // the command has called it: an interrupt ends the command only
}

// lineReader is where the shell and the questions get their lines from.
type lineReader interface {
	// ReadLine returns a line without its end; io.EOF at the end of input,
	// errInterrupted when the user has pressed Ctrl-C.
	ReadLine(prompt string) (string, error)
	// ReadPassword is ReadLine without echo.
	ReadPassword(prompt string) (string, error)
	// ReadPlain returns a line as the terminal edits it, without a prompt. It
	// returns ctx's error when that ends.
	ReadPlain(ctx context.Context) (string, error)
	// Suspend gives the terminal back until the next prompt, for output that
	// comes by itself.
	Suspend()
}

var errInterrupted = errors.New("interrupted")

// command is one row of the command table.
type command struct {
	name string
	help string // without the last line's end
	run  func(c *controller, arg string) error
}

// errQuit ends the shell.
var errQuit = errors.New("quit")

func (c *controller) print(format string, args ...any) {
	fmt.Fprintf(c.out, format+"\n", args...)
}

// exec runs one line. It reports whether the shell is to end.
func (c *controller) exec(line string) (quit bool) {
	line = strings.TrimSpace(line)
	if line == "" {
		return false
	}
	c.infos = nil
	name, arg := splitCommand(line)
	if name == "EOF" {
		c.print("")
		return true
	}
	var cmd *command
	for _, row := range commandTable() {
		if row.name == name {
			cmd = &row
			break
		}
	}
	if cmd == nil {
		c.print("*** Unknown syntax: %s", line)
		c.status = exitGeneric
		return false
	}
	err := cmd.run(c, arg)
	if isUnauthorized(err) {
		c.print("Server requires authentication")
		if c.interactive {
			if !c.askCredentials() {
				return false
			}
			return c.exec(line)
		}
		c.status = exitGeneric
		err = cmd.run(c, arg) // as the original does, which so prints the error as well
	}
	if errors.Is(err, errQuit) {
		return true
	}
	if err != nil && c.ctx.Err() == nil {
		c.print("error: %s, %s", rpc.ClassName(err), rpc.ErrorText(err))
		c.status = exitGeneric
	}
	return false
}

// splitCommand takes a line apart as Python's cmd does: "?" is help, a name is
// letters, digits and underscores.
func splitCommand(line string) (name, arg string) {
	if rest, ok := strings.CutPrefix(line, "?"); ok {
		return "help", strings.TrimSpace(rest)
	}
	i := strings.IndexFunc(line, func(r rune) bool {
		return !(r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z')
	})
	if i < 0 {
		return line, ""
	}
	return line[:i], strings.TrimSpace(line[i:])
}

func isUnauthorized(err error) bool {
	var st *rpc.StatusError
	return errors.As(err, &st) && st.Code == 401
}

func (c *controller) askCredentials() bool {
	user, err := c.in.ReadLine("Username:")
	if err != nil {
		return false
	}
	password, err := c.in.ReadPassword("Password:")
	if err != nil {
		return false
	}
	c.print("")
	c.srv.Username, c.srv.Password = user, password
	return true
}

// call calls supervisor.NAME.
func (c *controller) call(name string, args ...any) (any, error) {
	return c.srv.Call(c.ctx, "supervisor."+name, args...)
}

// structs calls a method that answers with an array of structs.
func (c *controller) structs(name string, args ...any) ([]xmlrpc.Struct, error) {
	v, err := c.call(name, args...)
	if err != nil {
		return nil, err
	}
	list, _ := v.([]any)
	out := make([]xmlrpc.Struct, 0, len(list))
	for _, item := range list {
		s, _ := item.(xmlrpc.Struct)
		out = append(out, s)
	}
	return out, nil
}

// faultCode returns the code of a fault, or 0.
func faultCode(err error) control.Code {
	var f *xmlrpc.Fault
	if errors.As(err, &f) {
		return control.Code(f.Code)
	}
	return 0
}

func faultText(err error) string {
	var f *xmlrpc.Fault
	if errors.As(err, &f) {
		return f.Text
	}
	return err.Error()
}

// upcheck asks the server for its version and explains what is wrong with it. A
// command goes on only if it returns true and nil.
func (c *controller) upcheck() (bool, error) {
	v, err := c.call("getVersion")
	switch {
	case faultCode(err) == control.UnknownMethod:
		c.print("Sorry, supervisord responded but did not recognize the supervisor namespace commands that supervisorctl " +
			"uses to control it.  Please check that the [rpcinterface:supervisor] section is enabled in the " +
			"configuration file (see sample.conf).")
		c.status = exitNoInterface
		return false, nil
	case errors.Is(err, syscall.ECONNREFUSED):
		c.print("%s refused connection", c.srv.URL)
		c.status = exitRefused
		return false, nil
	case errors.Is(err, syscall.ENOENT):
		c.print("%s no such file", c.srv.URL)
		c.status = exitNotRunning
		return false, nil
	case err != nil:
		c.status = exitGeneric
		return false, err
	}
	if v != "3.0" {
		c.print("Sorry, this version of supervisorctl expects to talk to a server with API version 3.0, but the remote version is %v.", v)
		c.status = exitNotInstalled
		return false, nil
	}
	return true, nil
}

// checked wraps a command that begins with upcheck.
func checked(run func(c *controller, arg string) error) func(*controller, string) error {
	return func(c *controller, arg string) error {
		if ok, err := c.upcheck(); !ok {
			return err
		}
		return run(c, arg)
	}
}

// bare wraps a command that takes no arguments.
func bare(name string, run func(c *controller) error) func(*controller, string) error {
	return func(c *controller, arg string) error {
		if arg != "" {
			c.print("Error: %s accepts no arguments", name)
			c.status = exitGeneric
			c.help(name)
			return nil
		}
		return run(c)
	}
}

func (c *controller) help(name string) {
	for _, row := range commandTable() {
		if row.name == name {
			c.print("%s", row.help)
		}
	}
}

// setStatus is how a fault of one process becomes the exit status.
func (c *controller) setStatus(code, ignored control.Code) {
	switch code {
	case ignored, control.Success:
	case control.SpawnError, control.AbnormalTermination, control.NotRunning:
		c.status = exitNotRunning
	default:
		c.status = exitGeneric
	}
}

// words of a result, by code.
type wording struct {
	success string
	errors  map[control.Code]string
}

// line returns the line that a result prints.
func (w wording) line(name string, code control.Code, text string) (string, error) {
	if code == control.Success {
		return name + ": " + w.success, nil
	}
	if words, ok := w.errors[code]; ok {
		return name + ": ERROR (" + words + ")", nil
	}
	if code == control.Failed && w.errors[control.BadSignal] != "" {
		return text, nil
	}
	return "", rpc.ValueError(fmt.Sprintf("Unknown result code %d for %s", code, name))
}

func startWords() wording {
	return wording{"started", map[control.Code]string{
		control.BadName: "no such process", control.NoFile: "no such file", control.NotExecutable: "file is not executable",
		control.AlreadyStarted: "already started", control.SpawnError: "spawn error",
		control.AbnormalTermination: "abnormal termination",
	}}
}

func signalWords(success string) wording {
	return wording{success, map[control.Code]string{
		control.BadName: "no such process", control.BadSignal: "bad signal name", control.NotRunning: "not running",
	}}
}

func clearWords() wording {
	return wording{"cleared", map[control.Code]string{control.BadName: "no such process", control.Failed: "failed"}}
}

// results prints the outcome of a group operation.
func (c *controller) results(list []xmlrpc.Struct, w wording, ignored control.Code) error {
	for _, r := range list {
		code := control.Code(r.Int("status"))
		line, err := w.line(control.FullName(r.String("group"), r.String("name")), code, r.String("description"))
		if err != nil {
			return err
		}
		c.print("%s", line)
		c.setStatus(code, ignored)
	}
	return nil
}

// outcome prints the outcome of an operation on one process.
func (c *controller) outcome(name string, err error, w wording, ignored control.Code) error {
	code := control.Success
	if err != nil {
		if code = faultCode(err); code == 0 {
			return err
		}
	}
	group, process := control.SplitName(name)
	if process == "" {
		process = "*"
	}
	line, lineErr := w.line(control.FullName(group, process), code, faultTextOrEmpty(err))
	if lineErr != nil {
		return lineErr
	}
	c.print("%s", line)
	c.setStatus(code, ignored)
	return nil
}

func faultTextOrEmpty(err error) string {
	if err == nil {
		return ""
	}
	return faultText(err)
}
