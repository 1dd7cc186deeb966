package supervise

import (
	"syscall"
	"time"

	"slipway/supervise/config"
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
	lingering []*process      // dead, but not what they left behind
	again     loop.Timer      // look at those again
	said      map[string]bool // the programs that leave something behind; by full name
}

// death is a process of the table that was reaped.
type death struct {
	p    *process
	gen  uint64
	exit kernel.Exit
}

// own makes the end of a child that of a process of the table. What it means is decided
// when all of a pass are reaped.
func (s *Supervisor) own(pid int, p *process) {
	s.loop.OnExit(pid, func(exit kernel.Exit) { s.gone.deaths = append(s.gone.deaths, death{p, p.m.Gen, exit}) })
}

// Reaped implements loop.Handler: strangers were children of processes that are gone.
func (s *Supervisor) Reaped(strangers []loop.Death, at time.Time) {
	for _, d := range strangers {
		s.log.Info("reaped unknown pid ", itoa(d.PID), " (", statusText(machine.Status(d.Exit)), ")")
		s.forgetStray(d.PID)
	}
	remains := s.remains(s.gone.deaths)
	for i, d := range s.gone.deaths {
		s.died(d, at, remains[i])
	}
	s.gone.deaths = s.gone.deaths[:0]
	if len(strangers) > 0 {
		s.lookAtGroups()
	}
}

// remains is what a process has left behind.
type remains struct {
	group bool  // others in its process group
	away  []int // descendants that have left the group
}

// remains finds out what the dead left behind. With strays=keep nobody asks.
func (s *Supervisor) remains(deaths []death) []remains {
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
		all[i].group = !d.p.m.Forked && s.k.Kill(-d.p.pgid, 0) == nil
		if !looked {
			looked = true
			orphans = s.orphans()
		}
		for _, pid := range orphans {
			if s.k.Marked(pid, d.p.cfg.Marks()) {
				all[i].away = append(all[i].away, pid)
			}
		}
	}
	return all
}

// killsStrays reports whether what a process leaves behind is ended with it.
func killsStrays(p *process) bool { return p.cfg.Strays == config.StraysKill }

// orphans are the children that are none of the table's processes: descendants of
// programs that have lost their parent.
func (s *Supervisor) orphans() []int {
	var list []int
	for _, pid := range s.k.Children() {
		if !s.loop.Owns(pid) {
			list = append(list, pid)
		}
	}
	return list
}

// died passes the end of a process on, after its last words.
func (s *Supervisor) died(d death, at time.Time, r remains) {
	p := d.p
	s.carrier.Drain(&p.out.Outlet)
	s.carrier.Drain(&p.err.Outlet)
	ev := machine.Event{Kind: machine.Died, Gen: d.gen, At: at, Status: machine.Status(d.exit)}
	if successor := s.successor(d, &r); successor != 0 {
		ev.Successor = successor
		s.own(successor, p)
		if !p.m.Forked {
			s.log.Info("forked: ", p.name(), " went into the background as pid ", itoa(successor),
				"; run it in the foreground if it can, so that its output and its exit status are seen")
		}
		s.feed(p, ev)
		return
	}
	s.closeStdin(p)
	if p.member != nil {
		s.bus.Gone(p.group.pool, p.member)
	}
	ev.Remains = r.group || len(r.away) > 0
	p.strays = r.away
	if ev.Remains {
		s.gone.lingering = append(s.gone.lingering, p)
		s.sayStrays(p, r)
		s.lookSoon()
	}
	s.feed(p, ev)
}

// successor returns the process that carries on for one that has put itself into the
// background: the launcher ended well and left a descendant in a session of its own.
// What a successor leaves behind is the next successor, whatever its status.
func (s *Supervisor) successor(d death, r *remains) int {
	if len(r.away) == 0 {
		return 0
	}
	launched := d.exit == kernel.Exit{} && (d.p.m.State == machine.Starting || d.p.m.State == machine.Running)
	if !launched && !d.p.m.Forked {
		return 0
	}
	for _, pid := range r.away {
		if d.p.m.Forked || s.k.Kill(-pid, 0) == nil { // leads a group of its own
			return pid
		}
	}
	return 0
}

// sayStrays says once for each program that it leaves processes behind.
func (s *Supervisor) sayStrays(p *process, r remains) {
	if s.gone.said[p.fullName()] {
		return
	}
	s.gone.said[p.fullName()] = true
	what := "processes of its group"
	if !r.group {
		what = "descendants outside of its group"
	}
	s.log.Warn(p.name(), " left ", what, " behind; they are ended with it (strays=keep leaves them)")
}

// forgetStray notes the end of an orphan.
func (s *Supervisor) forgetStray(pid int) {
	for _, p := range s.gone.lingering {
		for i, stray := range p.strays {
			if stray == pid {
				p.strays = append(p.strays[:i], p.strays[i+1:]...)
				break
			}
		}
	}
}

// lookAtGroups tells the processes whose remains are gone.
func (s *Supervisor) lookAtGroups() {
	list := s.gone.lingering
	s.gone.lingering = nil
	for _, p := range list {
		if !p.m.Remains {
			continue // given up
		}
		if len(p.strays) > 0 || s.k.Kill(-p.pgid, 0) != syscall.ESRCH {
			s.gone.lingering = append(s.gone.lingering, p)
			continue
		}
		s.feed(p, machine.Event{Kind: machine.Emptied, Gen: p.m.Gen})
	}
	if len(s.gone.lingering) > 0 {
		s.lookSoon()
	}
}

// lookSoon looks at the groups again in a while, if nothing else does before.
func (s *Supervisor) lookSoon() {
	if !s.gone.again.IsSet() {
		s.loop.After(&s.gone.again, lingerPoll, s.lookAtGroups)
	}
}
