package life

import (
	"strings"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/ending"
	"slipway/supervise/events"
	"slipway/supervise/kernel"
	"slipway/supervise/loop"
	"slipway/supervise/machine"
	"slipway/supervise/ownership"
)

// leftovers are the dead, and what they have left behind.
type leftovers struct {
	deaths []death         // of one pass
	said   map[string]bool // the programs that leave something behind; by full name
}

// death is a process of the table that was reaped.
type death struct {
	p      *Process
	gen    uint64
	exit   kernel.Exit
	memory bool // the memory limit has killed it
	asked  bool // its pid file was asked who carries on
	named  int  // who it named; 0: nobody
}

// own makes the end of a child that of a process of the table. What it means is decided
// when all of a pass are reaped.
func (t *Table) own(pid int, p *Process) {
	t.loop.OnExit(pid, func(exit kernel.Exit) {
		t.gone.deaths = append(t.gone.deaths, death{p: p, gen: p.Life.Gen, exit: exit})
	})
}

// Reaped implements loop.Handler: strangers were children of processes that are gone.
func (t *Table) Reaped(strangers []loop.Death, at time.Time) {
	strangers = t.holders.Reaped(strangers)
	for _, d := range strangers {
		t.orphans.Ended(d.PID, ending.Status(machine.Status(d.Exit)))
	}
	t.bury(at)
	if len(strangers) > 0 {
		t.holders.Look()
	}
}

// bury decides what the deaths of a pass mean.
func (t *Table) bury(at time.Time) {
	deaths := t.gone.deaths
	t.gone.deaths = nil
	remains, memory := t.remains(deaths), t.byMemory(deaths)
	for i, d := range deaths {
		d.memory = memory[d.p]
		t.died(d, at, remains[i])
	}
}

// remains finds out what the dead left behind. With strays=keep nobody asks.
func (t *Table) remains(deaths []death) []ownership.Remains {
	all := make([]ownership.Remains, len(deaths))
	survey := t.holders.Survey()
	for i, d := range deaths {
		if followsStrays(d.p) {
			all[i] = survey.Of(d.p.group(), d.p.Config.Marks())
		}
	}
	return all
}

// group is the process group of p, if it is known to be its own; 0: none.
func (p *Process) group() int {
	if p.Life.Forked {
		return 0
	}
	return p.bond.pgid
}

// killsStrays reports whether what a process leaves behind is ended with it.
func killsStrays(p *Process) bool { return p.Config.Strays == config.StraysKill }

// followsStrays reports whether it may be what carries on for the process.
func followsStrays(p *Process) bool {
	return killsStrays(p) || p.Config.Conduct == config.ConductForking
}

// died passes the end of a process on, after its last words.
func (t *Table) died(d death, at time.Time, r ownership.Remains) {
	p := d.p
	t.streams.Drain(&p.Streams)
	if d.isLauncher() && followsStrays(p) && p.bond.launched != nil && !d.asked {
		d.asked = true
		p.bond.launched.Await(t.opts.PID, func() bool { return isUp(p) && p.Life.Gen == d.gen }, func(pid int) {
			d.named = pid
			t.died(d, at, t.remains([]death{d})[0])
		})
		return
	}
	ev := t.news(d, at)
	if successor, how := t.successor(d, &r); successor != 0 {
		ev.Successor = successor
		t.own(successor, p)
		t.follow(p, successor, how)
		t.Feed(p, ev)
		return
	}
	p.Hush()
	if p.member != nil {
		t.bus.Gone(p.Group.pool, p.member)
	}
	ev.Remains = r.Any() && killsStrays(p)
	if ev.Remains {
		t.linger(p, r.Away)
		if r.Group {
			t.sayStrays(p, "processes of its group")
		} else {
			t.sayStrays(p, "descendants outside of its group")
		}
	}
	t.Feed(p, ev)
}

// successor returns the process that carries on for one that has put itself into the
// background, without a holder: its pid file names it, or it leads a group. What a successor
// leaves behind is the next one, whatever its status.
func (t *Table) successor(d death, r *ownership.Remains) (pid int, how string) {
	if d.named != 0 || !isUp(d.p) || !d.isLauncher() && !d.p.Life.Forked {
		return d.named, ownership.ByFile
	}
	return t.holders.Successor(r.Away, d.p.Life.Forked || d.p.Config.Conduct == config.ConductForking), "its marks"
}

// isLauncher reports whether who has died may have put another one into the background.
func (d *death) isLauncher() bool { return d.exit == kernel.Exit{} && isUp(d.p) }

// follow makes a process the main one of p, which has put itself into the background.
func (t *Table) follow(p *Process, pid int, how string) {
	p.TellPID(pid)
	switch {
	case !p.Life.Forked:
		t.log.Info("forked: ", p.Name(), " went into the background as pid ", itoa(pid), " (", how, ")")
	case how != "":
		t.log.Info("forked: ", p.Name(), " is pid ", itoa(pid), " (", how, ")")
	}
	if how != "" {
		p.bond.how = how
		about := events.Process{Name: p.Config.Name, Group: p.Config.Group, PID: pid}
		t.bus.Emit(events.Forked(about, strings.ReplaceAll(how, " ", "_")))
	}
}

// sayStrays says that a program leaves processes behind: as a warning, once, but not of a stop,
// which ends the child of a shell script after the script as a matter of course.
func (t *Table) sayStrays(p *Process, what string) {
	text := " left " + what + " behind; they are ended with it (strays=keep leaves them)"
	switch {
	case p.Life.State == machine.Stopping:
		t.log.Info(p.Name(), text)
	case !t.gone.said[p.FullName()]:
		t.gone.said[p.FullName()] = true
		t.log.Warn(p.Name(), text)
	}
}

// linger waits for the end of what a process without a holder has left behind.
func (t *Table) linger(p *Process, strays []int) {
	gen := p.Life.Gen
	p.bond.left = &ownership.Left{
		Group: p.group(), Strays: strays,
		GivenUp: func() bool { return p.Life.Gen != gen || !p.Life.Remains },
		Emptied: func() { t.Feed(p, machine.Event{Kind: machine.Emptied, Gen: gen}) },
	}
	t.holders.Linger(p.bond.left)
}
