package summary

import (
	"strconv"
	"strings"
	"time"

	"slipway/supervise/logs"
	"slipway/supervise/loop"
)

const (
	// remindEvery is how often it is said what waits.
	remindEvery = time.Minute
	// remindMost is how many are named then.
	remindMost = 8
)

// Wait is something that waits.
type Wait struct {
	Name  string // of the program
	Since time.Time
	What  string // "has waited for db"
}

// Waits says every minute what has waited for a minute or longer: a wait that nothing ends
// must not be silent.
type Waits struct {
	teller
	timer loop.Timer // not set while nothing waits
}

// NewWaits returns a Waits that writes to log.
func NewWaits(clock Clock, l *loop.Loop, log *logs.Activity) *Waits {
	return &Waits{teller: teller{clock, l, log}}
}

// Remind has list asked in a minute, if anything waits now.
func (w *Waits) Remind(waiting bool, list func() []Wait) {
	switch {
	case !waiting:
		w.loop.Clear(&w.timer)
	case !w.timer.IsSet():
		w.loop.After(&w.timer, remindEvery, func() { w.say(list()) })
	}
}

func (w *Waits) say(list []Wait) {
	now, said := w.clock.Now(), 0
	var names []string
	for _, one := range list {
		d := now.Sub(one.Since)
		if d < remindEvery {
			continue
		}
		if said++; said <= remindMost {
			w.log.Warn(one.Name, " ", one.What, " for ", d.Round(time.Second).String())
			continue
		}
		names = append(names, one.Name)
	}
	if len(names) > 0 {
		w.log.Warn("so it is with ", strconv.Itoa(len(names)), " more: ", Short(names))
	}
}

// Short is the first of many names.
func Short(names []string) string {
	if len(names) <= remindMost {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:remindMost], ", ") + " …"
}
