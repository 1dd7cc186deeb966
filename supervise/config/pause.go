package config

import (
	"strconv"
	"strings"
	"time"

	"slipway/supervise/config/text"
	"slipway/supervise/dialect"
	"slipway/supervise/machine"
)

// What a restart_pause has that does not say.
const (
	pauseFactor = 2
	pauseJitter = 0.1
)

// fixedPause is the restart_pause that is Supervisor's habit.
const fixedPause = "fixed"

// unsetPause is the pause of a program that does not say.
var unsetPause = machine.Pause{First: -1}

// UnsetPause has a program take the pause of [slipway].
func (p *Process) UnsetPause() { p.Pause = unsetPause }

// ParsePause reads FIRST, or FIRST, MOST, or these and a factor and a share of chance, such
// as 1s, 1m, 2, 0.1. The word fixed is the zero Pause.
func ParsePause(s string) (p machine.Pause, ok bool) {
	if strings.EqualFold(dialect.Trim(s), fixedPause) {
		return p, true
	}
	parts := text.List(s)
	if len(parts) < 1 || len(parts) > 4 {
		return p, false
	}
	p = machine.Pause{Factor: pauseFactor, Jitter: pauseJitter}
	p.First, ok = text.Duration(parts[0])
	p.Most = p.First
	if ok && len(parts) > 1 {
		p.Most, ok = text.Duration(parts[1])
	}
	if ok && len(parts) > 2 {
		p.Factor, ok = parseFloat(parts[2])
	}
	if ok && len(parts) > 3 {
		p.Jitter, ok = parseFloat(parts[3])
	}
	ok = ok && p.First >= time.Millisecond && p.Most >= p.First && p.Factor >= 1 && p.Factor <= 100 && p.Jitter >= 0 && p.Jitter <= 1
	return p, ok
}

// parseFloat reads a number such as 1.5.
func parseFloat(s string) (float64, bool) {
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil
}
