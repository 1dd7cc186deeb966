package config

import (
	"strconv"
	"strings"

	"slipway/supervise/config/text"
	"slipway/supervise/machine"
)

// ParseRestart reads true, false or unexpected.
func ParseRestart(s string) (machine.Restart, bool) {
	if strings.EqualFold(s, "unexpected") {
		return machine.RestartUnexpected, true
	}
	b, ok := text.Bool(s)
	if b {
		return machine.RestartAlways, ok
	}
	return machine.RestartNever, ok
}

// LevelNames are the levels of the activity log by number.
var LevelNames = [...]string{"blather", "trace", "debug", "info", "warn", "error", "critical"}

// String gives the word that loglevel= has for the level.
func (l Loglevel) String() string {
	if int(l) < len(LevelNames) {
		return LevelNames[l]
	}
	return strconv.Itoa(int(l))
}

// ParseLevel reads the name of a level, in any case.
func ParseLevel(s string) (Loglevel, bool) {
	for i, name := range LevelNames {
		if strings.EqualFold(s, name) {
			return Loglevel(i), true
		}
	}
	return 0, false
}
