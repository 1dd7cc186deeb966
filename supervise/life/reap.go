package life

import (
	"syscall"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/ending"
	"slipway/supervise/kernel"
	"slipway/supervise/loop"
	"slipway/supervise/machine"
)

// lingerPoll is how often a group is looked at that does not become empty: its
// members may be children of processes that have left it, so that nobody tells us
// of their end.
const lingerPoll = 20 * time.Millisecond

// leftovers are the dead, and what they have left behind.
type leftovers struct {
	deaths    []death         // of one pass
	lingering []*Process      // dead, but not what they left behind
	again     loop.Timer      // look at those again
	said      map[string]bool // the programs that leave something behind; by full name
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
	for _, d := range strangers {
		t.log.Info("reaped unknown pid ", itoa(d.PID), " (", ending.Status(machine.Status(d.Exit)), ")")
		t.forgetStray(d.PID)
	}
	remains, memory := t.remains(t.gone.deaths), t.byMemory(t.gone.deaths)
	for i, d := range t.gone.deaths {
		d.memory = memory[d.p]
		t.died(d, at, remains[i])
	}
	t.gone.deaths = t.gone.deaths[:0]
	if len(strangers) > 0 {
		t.lookAtGroups()
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
		all[i].group = !d.p.Life.Forked && t.k.Kill(-d.p.pgid, 0) == nil
		if !looked {
			looked = true
			orphans = t.Orphans()
		}
		for _, pid := range orphans {
			if t.k.Marked(pid, d.p.Config.Marks()) {
				all[i].away = append(all[i].away, pid)
			}
		}
	}
	return all
}

// killsStrays reports whether what a process leaves behind is ended with it.
func killsStrays(p *Process) bool { return p.Config.Strays == config.StraysKill }

// Orphans are the children that are none of the table's processes: descendants of
// programs that have lost their parent.
func (t *Table) Orphans() []int {
	var list []int
	for _, pid := range t.k.Children() {
		if !t.loop.Owns(pid) {
			list = append(list, pid)
		}
	}
	return list
}

// died passes the end of a process on, after its last words.
func (t *Table) died(d death, at time.Time, r remains) {
	p := d.p
	t.opts.Carrier.Drain(&p.Out.Outlet)
	t.opts.Carrier.Drain(&p.Err.Outlet)
	ev := t.news(d, at)
	if successor := t.successor(d, &r); successor != 0 {
		ev.Successor = successor
		t.own(successor, p)
		if !p.Life.Forked {
			t.log.Info("forked: ", p.Name(), " went into the background as pid ", itoa(successor),
				"; run it in the foreground if it can, so that its output and its exit status are seen")
		}
		t.Feed(p, ev)
		return
	}
	t.closeStdin(p)
	if p.member != nil {
		t.bus.Gone(p.Group.pool, p.member)
	}
	ev.Remains = r.group || len(r.away) > 0
	p.strays = r.away
	if ev.Remains {
		t.gone.lingering = append(t.gone.lingering, p)
		t.sayStrays(p, r)
		t.lookSoon()
	}
	t.Feed(p, ev)
}

// successor returns the process that carries on for one that has put itself into the
// background: the launcher ended well and left a descendant in a session of its own.
// What a successor leaves behind is the next successor, whatever its status.
func (t *Table) successor(d death, r *remains) int {
	if len(r.away) == 0 {
		return 0
	}
	launched := d.exit == kernel.Exit{} && (d.p.Life.State == machine.Starting || d.p.Life.State == machine.Running)
	if !launched && !d.p.Life.Forked {
		return 0
	}
	for _, pid := range r.away {
		if d.p.Life.Forked || t.k.Kill(-pid, 0) == nil { // leads a group of its own
			return pid
		}
	}
	return 0
}

// sayStrays says once for each program that it leaves processes behind.
func (t *Table) sayStrays(p *Process, r remains) {
	if t.gone.said[p.FullName()] {
		return
	}
	t.gone.said[p.FullName()] = true
	what := "processes of its group"
	if !r.group {
		what = "descendants outside of its group"
	}
	t.log.Warn(p.Name(), " left ", what, " behind; they are ended with it (strays=keep leaves them)")
}

// forgetStray notes the end of an orphan.
func (t *Table) forgetStray(pid int) {
	for _, p := range t.gone.lingering {
		for i, stray := range p.strays {
			if stray == pid {
				p.strays = append(p.strays[:i], p.strays[i+1:]...)
				break
			}
		}
	}
}

// lookAtGroups tells the processes whose remains are gone.
func (t *Table) lookAtGroups() {
	list := t.gone.lingering
	t.gone.lingering = nil
	for _, p := range list {
		if !p.Life.Remains {
			continue // given up
		}
		if len(p.strays) > 0 || t.k.Kill(-p.pgid, 0) != syscall.ESRCH {
			t.gone.lingering = append(t.gone.lingering, p)
			continue
		}
		t.Feed(p, machine.Event{Kind: machine.Emptied, Gen: p.Life.Gen})
	}
	if len(t.gone.lingering) > 0 {
		t.lookSoon()
	}
}

// lookSoon looks at the groups again in a while, if nothing else does before.
func (t *Table) lookSoon() {
	if !t.gone.again.IsSet() {
		t.loop.After(&t.gone.again, lingerPoll, t.lookAtGroups)
	}
}
