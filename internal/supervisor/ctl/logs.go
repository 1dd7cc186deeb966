package ctl

import (
	"context"
	"io"
	"strconv"
	"strings"
	"sync"

	"slipway/internal/supervisor/serve/xmlrpc"
	"slipway/supervise/control"
)

const tailHelp = "tail [-f] <name> [stdout|stderr] (default stdout)\n" +
	"Ex:\n" +
	"tail -f <name>\t\tContinuous tail of named process stdout\n" +
	"\t\t\tCtrl-C to exit.\n" +
	"tail -100 <name>\tlast 100 *bytes* of process stdout\n" +
	"tail <name> stderr\tlast 1600 *bytes* of process stderr"

const pressCtrlC = "==> Press Ctrl-C to exit <=="

// tailBytes is how much tail shows without a number.
const tailBytes = 1600

// wrong complains and makes the command fail.
func (c *controller) wrong(text string) error {
	c.print("%s", text)
	c.status = exitGeneric
	return nil
}

func (c *controller) tail(arg string) error {
	words := strings.Fields(arg)
	if len(words) < 1 || len(words) > 3 {
		_ = c.wrong(map[bool]string{true: "Error: too few arguments", false: "Error: too many arguments"}[len(words) < 1])
		c.help("tail")
		return nil
	}
	modifier := ""
	if strings.HasPrefix(words[0], "-") {
		modifier, words = words[0], words[1:]
	}
	if len(words) == 0 {
		return c.wrong("Error: tail requires process name")
	}
	name, channel := words[0], "stdout"
	if len(words) > 1 {
		channel = strings.ToLower(words[len(words)-1])
	}
	if channel != "stdout" && channel != "stderr" {
		return c.wrong("Error: bad channel " + xmlrpc.Repr(channel))
	}
	if modifier == "-f" {
		c.follow("/logtail/" + name + "/" + channel)
		return nil
	}
	n, ok := tailCount(modifier)
	if !ok {
		return c.wrong("Error: bad argument " + modifier)
	}
	method := "readProcessStdoutLog"
	if channel == "stderr" {
		method = "readProcessStderrLog"
	}
	v, err := c.call(method, name, -n, 0)
	return c.showLog(name, v, err)
}

// tailCount reads -N; without a modifier it is the default.
func tailCount(modifier string) (int, bool) {
	if modifier == "" {
		return tailBytes, true
	}
	n, err := strconv.Atoi(modifier[1:])
	return n, err == nil
}

func (c *controller) maintail(arg string) error {
	words := strings.Fields(arg)
	if len(words) > 1 {
		_ = c.wrong("Error: too many arguments")
		c.help("maintail")
		return nil
	}
	modifier := ""
	if len(words) == 1 {
		modifier = words[0]
	}
	if modifier == "-f" {
		c.follow("/mainlogtail")
		return nil
	}
	n, ok := tailCount(modifier)
	if !ok || modifier != "" && modifier[0] != '-' {
		return c.wrong("Error: bad argument " + modifier)
	}
	v, err := c.call("readLog", -n, 0)
	if faultCode(err) == control.BadName {
		return err
	}
	return c.showLog("supervisord", v, err)
}

// showLog prints what was read of a log, or why it cannot be.
func (c *controller) showLog(name string, v any, err error) error {
	if err == nil {
		text, _ := v.(string)
		c.print("%s", text)
		return nil
	}
	words, ok := map[control.Code]string{
		control.NoFile: "no log file", control.Failed: "unknown error reading log", control.BadName: "no such process name",
	}[faultCode(err)]
	if !ok {
		return err
	}
	return c.wrong(name + ": ERROR (" + words + ")")
}

// follow prints a log tail until an interrupt or its end.
func (c *controller) follow(path string) {
	c.attended = true
	ctx, cancel := c.attend()
	defer cancel()
	c.print(pressCtrlC)
	c.srv.Tail(ctx, path, c.out, c.errOut)
	if ctx.Err() != nil {
		c.print("")
	}
}

// lockedWriter lets the two tails of fg share an output.
type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

// fg connects the terminal with a process: its output here, lines to its input.
func (c *controller) fg(arg string) error {
	names := strings.Fields(arg)
	switch {
	case len(names) == 0:
		_ = c.wrong("ERROR: no process name supplied")
		c.help("fg")
		return nil
	case len(names) > 1:
		return c.wrong("ERROR: too many process names supplied")
	}
	name := names[0]
	v, err := c.call("getProcessInfo", name)
	switch {
	case faultCode(err) == control.BadName:
		return c.wrong("ERROR: bad process name supplied")
	case faultCode(err) != 0:
		c.print("ERROR: %v", err)
		return nil
	case err != nil:
		return err
	}
	if info, _ := v.(xmlrpc.Struct); control.ProcessState(info.Int("state")) != control.Running {
		return c.wrong("ERROR: process not running")
	}
	c.print(pressCtrlC)
	c.attended = true
	ctx, cancel := c.attend()
	out := &lockedWriter{w: c.out}
	var tails sync.WaitGroup
	for _, channel := range []string{"stdout", "stderr"} {
		tails.Add(1)
		go func() { // ended by cancel, waited for below
			defer tails.Done()
			c.srv.Tail(ctx, "/logtail/"+name+"/"+channel, out, c.errOut)
		}()
	}
	last := c.typeInto(ctx, name)
	cancel()
	tails.Wait()
	if last != "" {
		c.print("%s", last)
	}
	c.print("Exiting foreground")
	return nil
}

// typeInto sends lines to a process until input ends, the user interrupts, or the
// process does not run any more. It returns what to say about the end.
func (c *controller) typeInto(ctx context.Context, name string) string {
	for {
		line, err := c.in.ReadPlain(ctx)
		if err != nil {
			return ""
		}
		_, err = c.call("sendProcessStdin", name, line+"\n")
		switch {
		case faultCode(err) == control.NotRunning:
			return "Process got killed"
		case err != nil:
			return "ERROR: " + err.Error()
		}
		v, err := c.call("getProcessInfo", name)
		if err != nil {
			return "ERROR: " + err.Error()
		}
		if info, _ := v.(xmlrpc.Struct); control.ProcessState(info.Int("state")) != control.Running {
			return "Process got killed"
		}
	}
}
