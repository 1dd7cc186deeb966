package life

import (
	"strconv"
	"strings"
	"time"

	"slipway/supervise/logs"
	"slipway/supervise/loop"
)

const (
	// crowdEvery is how often it is said what was not told line by line.
	crowdEvery = time.Minute
	// crowdMost is how many lines are told in that time about programs that end again and
	// again.
	crowdMost = 30
	// shortRun is how long a run lasts that is worth no line of its own.
	shortRun = time.Minute
)

// crowd keeps the log of a container readable when many programs end again and again: three
// lines for each end would bury what matters. The first ends of each are told in full, what
// is final always is.
type crowd struct {
	told   int              // lines of this minute
	untold map[*Process]int // ends of this minute that had no line
	timer  loop.Timer
}

// tell logs a line about the life of p, one of those that come with every end and start; an
// end that is not told is counted.
func (t *Table) tell(p *Process, end bool, log func(parts ...string), parts ...string) {
	if !t.isOneOfMany(p) {
		log(parts...)
		return
	}
	c := &t.crowd
	if !c.timer.IsSet() {
		t.loop.After(&c.timer, crowdEvery, t.sayCrowd)
	}
	if c.told < crowdMost {
		c.told++
		log(parts...)
		return
	}
	if end {
		if c.untold == nil {
			c.untold = map[*Process]int{}
		}
		c.untold[p]++
	}
}

// isOneOfMany reports whether p has been started again a few times, and its last run was a
// short one. As supervisord every line is told, as is with loglevel = debug.
func (t *Table) isOneOfMany(p *Process) bool {
	return t.opts.Explain && p.Life.Restarts >= 2 && p.Life.Ran < shortRun && !t.log.Enabled(logs.Debug)
}

// sayCrowd sums up a minute.
func (t *Table) sayCrowd() {
	untold := t.crowd.untold
	t.crowd = crowd{}
	var names []string
	ends := 0
	t.Each(func(p *Process) {
		if n := untold[p]; n > 0 {
			ends += n
			names = append(names, p.Name()+" ("+times(n)+", the last: "+t.howEnded(p)+")")
		}
	})
	if len(names) == 0 {
		return
	}
	more := ""
	if over := len(names) - remindMost; over > 0 {
		more = ", and " + strconv.Itoa(over) + " more programs"
		names = names[:remindMost]
	}
	t.log.Warn("programs that do not stay up have ended ", times(ends), " more in the last minute: ", strings.Join(names, ", "), more)
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return strconv.Itoa(n) + " times"
}
