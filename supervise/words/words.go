// Package words has what Supervisor's messages are made of, as people search for them and
// tools parse them: names of signals and errors, the end of a child, Python's quotes.
package words

import (
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// ErrnoName is the symbolic name of an error number.
func ErrnoName(err error) string {
	if e, ok := err.(syscall.Errno); ok {
		if name := unix.ErrnoName(e); name != "" {
			return name
		}
	}
	return err.Error()
}

// StatusText is how Supervisor words the end of a child: its exit code, or the signal that ended it.
func StatusText(code, signal int, core bool) string {
	if signal == 0 {
		return "exit status " + strconv.Itoa(code)
	}
	text := "terminated by " + SignalName(signal)
	if core {
		text += " (core dumped)"
	}
	return text
}

// SignalName is the name of a signal, such as SIGTERM.
func SignalName(sig int) string {
	if name := unix.SignalName(syscall.Signal(sig)); name != "" {
		return name
	}
	return "signal " + strconv.Itoa(sig)
}

// Quote is Python's repr of a string, as far as Supervisor's messages need it.
func Quote(text string) string {
	if strings.Contains(text, "'") && !strings.Contains(text, `"`) {
		return `"` + text + `"`
	}
	return "'" + strings.ReplaceAll(text, "'", `\'`) + "'"
}

// Or lists words as alternatives.
func Or(list []string) string {
	last := len(list) - 1
	if last < 1 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:last], ", ") + " or " + list[last]
}
