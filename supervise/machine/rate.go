package machine

import (
	"strconv"
	"strings"
	"time"
)

// Rate is how often a program may be started again without anybody asking for it: Most times
// Within a time. The zero Rate is no limit. What was is forgotten little by little: after a time
// without an end all of it is.
type Rate struct {
	Most   int
	Within time.Duration
}

// ParseRate reads N in DURATION, such as 5 in 1m.
func ParseRate(text string) (r Rate, ok bool) {
	words := strings.Fields(text)
	if len(words) != 3 || words[1] != "in" {
		return Rate{}, false
	}
	n, err := strconv.Atoi(words[0])
	d, bad := time.ParseDuration(words[2])
	if err != nil || bad != nil || n < 1 || n > 1_000_000 || d < time.Second {
		return Rate{}, false
	}
	return Rate{n, d}, true
}

// String writes a rate as one reads it.
func (r Rate) String() string { return strconv.Itoa(r.Most) + " in " + r.Within.String() }

// isSpent counts a restart that nobody has asked for, and reports whether it is one too many.
// Spent is when all that was counted would be forgotten.
func (m *stepper) isSpent() bool {
	r := m.spec.Restarts
	if r.Most == 0 {
		return false
	}
	if m.Spent.Before(m.ev.Now) {
		m.Spent = m.ev.Now
	}
	m.Spent = m.Spent.Add(r.Within / time.Duration(r.Most))
	return m.Spent.Sub(m.ev.Now) > r.Within
}

// giveUp is the end of restarts that come too often.
func (m *stepper) giveUp() {
	m.SpawnErr = "ended more often than " + m.spec.Restarts.String() + " (max_restarts)"
	m.Tries, m.Wanted, m.Due, m.Spent = 0, false, time.Time{}, time.Time{}
	m.enter(Fatal, 0)
}
