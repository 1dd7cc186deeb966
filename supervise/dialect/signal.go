package dialect

import (
	"strconv"
	"strings"
)

// SignalNames are Linux's signals by number, without SIG. The numbers are the
// same on all architectures that we build for; other systems get Linux's, too,
// so that checking a file gives the same answer everywhere.
var SignalNames = [...]string{
	1: "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1",
	"SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP",
	"TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR",
	"SYS", 34: "RTMIN", 64: "RTMAX",
}

// SignalNumber gives the number of a signal: its name with or without SIG, in
// any case, or its number. 0 is accepted, as by Supervisor.
func SignalNumber(s string) (int, bool) {
	if n, ok := ParseInt(s, 10); ok {
		return int(n), n == 0 || n > 0 && n < int64(len(SignalNames)) && SignalNames[n] != ""
	}
	name := strings.TrimPrefix(strings.ToUpper(Trim(s)), "SIG")
	switch name {
	case "CLD":
		name = "CHLD"
	case "POLL":
		name = "IO"
	case "IOT":
		name = "ABRT"
	}
	for n, known := range SignalNames {
		if known == name && known != "" {
			return n, true
		}
	}
	return 0, false
}

// SignalName gives the name of a signal, such as SIGTERM, or its number.
func SignalName(n int) string {
	if n > 0 && n < len(SignalNames) && SignalNames[n] != "" {
		return "SIG" + SignalNames[n]
	}
	return strconv.Itoa(n)
}
