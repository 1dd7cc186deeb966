package text

import (
	"strconv"
	"strings"
	"time"

	"slipway/supervise/dialect"
	"slipway/supervise/machine"
)

// What a pause has that does not say.
const (
	pauseFactor = 2
	pauseJitter = 0.1
)

// FixedPause is the word for the pause that is Supervisor's habit.
const FixedPause = "fixed"

// Pause reads FIRST, or FIRST, MOST, or these and a factor and a share of chance, such
// as 1s, 1m, 2, 0.1. The word fixed is the zero Pause.
func Pause(s string) (p machine.Pause, ok bool) {
	if strings.EqualFold(dialect.Trim(s), FixedPause) {
		return p, true
	}
	parts := List(s)
	if len(parts) < 1 || len(parts) > 4 {
		return p, false
	}
	p = machine.Pause{Factor: pauseFactor, Jitter: pauseJitter}
	p.First, ok = Duration(parts[0])
	p.Most = p.First
	if ok && len(parts) > 1 {
		p.Most, ok = Duration(parts[1])
	}
	if ok && len(parts) > 2 {
		p.Factor, ok = float(parts[2])
	}
	if ok && len(parts) > 3 {
		p.Jitter, ok = float(parts[3])
	}
	ok = ok && p.First >= time.Millisecond && p.Most >= p.First && p.Factor >= 1 && p.Factor <= 100 && p.Jitter >= 0 && p.Jitter <= 1
	return p, ok
}

// float reads a number such as 1.5.
func float(s string) (float64, bool) {
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil
}
