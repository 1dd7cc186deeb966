package config

import (
	"strconv"
	"strings"
)

// signalNames are Linux's signals by number, without SIG. The numbers are the
// same on all architectures that we build for; other systems get Linux's, too,
// so that checking a file gives the same answer everywhere.
var signalNames = [...]string{
	1: "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1",
	"SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP",
	"TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR",
	"SYS", 34: "RTMIN", 64: "RTMAX",
}

// SignalNumber gives the number of a signal: its name with or without SIG, in
// any case, or its number. 0 is accepted, as by Supervisor.
func SignalNumber(s string) (int, bool) {
	if n, ok := parseInt(s, 10); ok {
		return int(n), n == 0 || n > 0 && n < int64(len(signalNames)) && signalNames[n] != ""
	}
	name := strings.TrimPrefix(strings.ToUpper(trim(s)), "SIG")
	switch name {
	case "CLD":
		name = "CHLD"
	case "POLL":
		name = "IO"
	case "IOT":
		name = "ABRT"
	}
	for n, known := range signalNames {
		if known == name && known != "" {
			return n, true
		}
	}
	return 0, false
}

// SignalName gives the name of a signal, such as SIGTERM, or its number.
func SignalName(n int) string {
	if n > 0 && n < len(signalNames) && signalNames[n] != "" {
		return "SIG" + signalNames[n]
	}
	return strconv.Itoa(n)
}
