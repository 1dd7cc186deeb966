package life

import (
	"slices"
	"slipway/supervise/fcgi"
	"time"

	"slipway/supervise/bus"
	"slipway/supervise/child"
	"slipway/supervise/config"
	"slipway/supervise/loop"
	"slipway/supervise/machine"
	"slipway/supervise/order"
	"slipway/supervise/overlap"
	"slipway/supervise/ownership"
	"slipway/supervise/streams"
)

// Group is an active process group.
type Group struct {
	Config    config.Group
	Processes []*Process
	Removing  bool          // is to vanish when its processes have ended
	Successor *config.Group // then this takes its place

	beside []*Process  // that are not, or no longer, those of Processes
	pool   *bus.Pool   // of listeners; nil: they are programs
	socket fcgi.Socket // of an fcgi-program
}

// Process is one process of the table, over all its incarnations. There can be thousands.
// So what several have in common, or one rarely needs, is a pointer.
type Process struct {
	Config *config.Process // of the configuration that it was made from; not to be changed
	Group  *Group
	Spec   *machine.Spec
	Life   machine.Proc
	streams.Streams
	Failure child.Failure // why the last start failed
	Place   *order.Place  // who waits for it, and for whom it waits
	wait
	*overlap.Line[*Process] // nil: no other one was ever to take its place, or it theirs

	Next  Intent // what somebody has asked for while its group was being replaced
	Stuck uint64 // the incarnation that KILL has not ended in time; 0: none
	doubt *doubt // look whether KILL has ended it; nil: it was never sent

	due     loop.Timer // of Life.Due
	onDue   func()
	member  *bus.Member // of the pool of its group; nil: it is a program
	probing probing     // its readiness and health
	hooks   child.Hooks // that run

	Waits    bool // for somebody to connect, which starts it
	Followed bool // it was stopped with another one (stop_with)
	bond     bond // how its processes are known
}

// doubt is the time after a KILL at which it is looked whether that has ended what it was for.
type doubt struct {
	loop.Timer
	remains bool // it was for what the process has left
}

// Doubt returns the timer for a KILL that was sent now; nil: it is set for an earlier one, and
// that counts.
func (p *Process) Doubt() *loop.Timer {
	if p.doubt == nil {
		p.doubt = new(doubt)
	}
	if p.doubt.IsSet() && p.doubt.remains == p.Life.Remains {
		return nil
	}
	p.doubt.remains = p.Life.Remains
	return &p.doubt.Timer
}

// Doubted returns the timer if it is set.
func (p *Process) Doubted() *loop.Timer {
	if p.doubt == nil || !p.doubt.IsSet() {
		return nil
	}
	return &p.doubt.Timer
}

// bond is how the processes of the present incarnation are known to be its own.
type bond struct {
	holder *ownership.Holder // nil: by marks
	run    *run              // what the holder tells; nil: by marks
	why    string            // there is no holder, if there could be one
	how    string            // the main process was found after its launcher; "": it is the launcher
	pgid   int               // process group that it was started in
	left   *ownership.Left   // by marks: what it has left behind; nil: nothing
	// launched is, by marks, what may come to be named by a pid file; nil: nothing.
	launched *ownership.Launched
}

// held reports whether a holder speaks for the processes.
func (b *bond) held() bool { return b.holder != nil && !b.holder.IsOver() && !b.holder.IsLoose() }

// Level is how the processes of a program are known to be its own, as status shows it, and
// why that is no better one.
func (p *Process) Level() (level, why string) { return p.bond.holder.Level(p.bond.why) }

// wait is that of a process which is to start and may not yet, because of depends_on, or of a
// limit that leaves it no room.
type wait struct {
	Held  bool
	Vain  string    // why what it waits for will not come by itself; "": it may
	since time.Time // when that began

	blamed *Process // the one that Vain is about
}

// Unhold ends a wait.
func (w *wait) Unhold() { *w = wait{} }

// FoundBy says how the main process of a program was found whose launcher has ended; "" if
// it has not.
func (p *Process) FoundBy() string { return p.bond.how }

// Intent is what somebody wants of a process beside its autostart option.
type Intent uint8

// The intents. The zero one is none.
const (
	IntentNone Intent = iota
	IntentUp
	IntentDown
)

// IsStuck reports whether KILL has not ended what is being stopped.
func (p *Process) IsStuck() bool { return p.Life.State == machine.Stopping && p.Stuck == p.Life.Gen }

// Name is what log lines call the process: Supervisor's leave out the group.
func (p *Process) Name() string { return p.Config.Name }

// FullName is what supervisorctl calls the process.
func (p *Process) FullName() string { return p.Config.FullName() }

// IsOver reports whether nothing of the group is up or will come up by itself.
func (g *Group) IsOver() bool {
	for _, p := range g.Processes {
		if !p.IsOver() {
			return false
		}
	}
	return !g.HasBeside()
}

// HasBeside reports whether processes are there, or coming up, that are not those of the
// table.
func (g *Group) HasBeside() bool {
	return slices.ContainsFunc(g.beside, func(p *Process) bool { return !p.IsOver() && !p.IsStuck() })
}

// IsOver reports whether a stop need not wait for a process. One that cannot be
// signalled will not go because of us.
func (p *Process) IsOver() bool { return p.Life.AtRest() || p.Life.State == machine.Unknown }

// IsSignallable reports whether there is a process that a signal can be sent to. What a
// program has left behind is none.
func (p *Process) IsSignallable() bool {
	return p.Life.State.IsSignallable() && p.Life.PID != 0 && !p.Life.Remains
}

func isUp(p *Process) bool {
	return p.Life.State == machine.Running || p.Life.State == machine.Starting
}
