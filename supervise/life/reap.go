package life

import (
	"time"

	"slipway/supervise/config"
	"slipway/supervise/ending"
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

// remains is what a process has left behind.
type remains struct {
	group bool  // others in its process group
	away  []int // descendants that have left the group
}

// remains finds out what the dead left behind. With strays=keep nobody asks.
func (t *Table) remains(deaths []death) []remains {
	all := make([]remains, len(deaths))
	if len(deaths) == 0 {
		return all
	}
	var orphans []int
	looked := false
	for i, d := range deaths {
		if !killsStrays(d.p) {
			continue
		}
		// The leader is reaped, but its number is not free while the group
		// has members.
		all[i].group = !d.p.Life.Forked && t.k.Kill(-d.p.bond.pgid, 0) == nil
		if !looked {
			looked = true
			orphans = t.holders.Orphans()
		}
		all[i].away = t.holders.Marked(orphans, d.p.Config.Marks())
	}
	return all
}

// killsStrays reports whether what a process leaves behind is ended with it.
func killsStrays(p *Process) bool { return p.Config.Strays == config.StraysKill }

// died passes the end of a process on, after its last words.
func (t *Table) died(d death, at time.Time, r remains) {
	p := d.p
	t.streams.Drain(&p.Streams)
	ev := t.news(d, at)
	if successor := t.successor(d, &r); successor != 0 {
		ev.Successor = successor
		p.TellPID(successor)
		t.own(successor, p)
		if !p.Life.Forked {
			t.log.Info("forked: ", p.Name(), " went into the background as pid ", itoa(successor),
				"; run it in the foreground if it can, so that its output and its exit status are seen")
		}
		t.Feed(p, ev)
		return
	}
	p.Hush()
	if p.member != nil {
		t.bus.Gone(p.Group.pool, p.member)
	}
	ev.Remains = r.group || len(r.away) > 0
	if ev.Remains {
		t.linger(p, r.away)
		if r.group {
			t.sayStrays(p, "processes of its group")
		} else {
			t.sayStrays(p, "descendants outside of its group")
		}
	}
	t.Feed(p, ev)
}

// successor returns the process that carries on for one that has put itself into the
// background, without a holder: the launcher ended well and left a descendant in a session
// of its own. What a successor leaves behind is the next successor, whatever its status.
func (t *Table) successor(d death, r *remains) int {
	launched := d.exit == kernel.Exit{} && isUp(d.p)
	if !launched && !d.p.Life.Forked {
		return 0
	}
	return t.holders.Successor(r.away, d.p.Life.Forked)
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
		Group: p.bond.pgid, Strays: strays,
		GivenUp: func() bool { return p.Life.Gen != gen || !p.Life.Remains },
		Emptied: func() { t.Feed(p, machine.Event{Kind: machine.Emptied, Gen: gen}) },
	}
	t.holders.Linger(p.bond.left)
}
