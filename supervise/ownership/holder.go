package ownership

import (
	"sort"
	"syscall"

	"slipway/supervise/holder"
	"slipway/supervise/kernel"
	"slipway/supervise/words"
)

// Owner is told what becomes of a command that has a holder.
type Owner interface {
	// Began: it has been executed, as this process.
	Began(pid int)
	// NotBegun: it could not be; step is what failed before the execve, "" for the
	// execve itself and the fork. Nothing more is told.
	NotBegun(step string, err error)
	// Died: its main process has ended. If descendants are left, the holder has to be
	// told what is to become of them: Follow, Release or Leave. Without, nothing more is
	// told.
	Died(exit kernel.Exit, left bool)
	// Followed answers Follow: this is the main process, and how it was found. 0: none of
	// the others can be. It also comes later, when the pid file says better.
	Followed(pid int, how string)
	// Emptied: the last descendant has ended, after Release. Nothing more is told.
	Emptied()
	// NotSignalled: a signal could not be sent.
	NotSignalled(pid int, err error)
	// Lost: somebody has killed the holder. main is the main process, a child of ours
	// now, or 0; if it has ended as well, exit is its status. Nothing more is told.
	Lost(main int, exit *kernel.Exit)
}

// Holder is the holder of one run of a command.
type Holder struct {
	all   *Holders
	owner Owner
	pid   int           // its own
	fd    int           // our end of its socket; -1: closed
	table *holder.Table // by which a failure is named; nil: too late for one
	rest  []byte        // of a record that has not come as a whole

	main    int          // the main process; 0: none yet, or none any more
	began   bool         // the command has been executed
	over    bool         // nothing more is to be expected
	loose   bool         // orphans do not come to it
	lacks   string       // why there is none: it becomes the command itself
	exit    *kernel.Exit // of the holder
	cgroup  string       // the folder of its control group; "": none
	grouped bool         // the command is in it
	choices []kernel.Relative
	how     string // the choice that was made was found; "": none is being made
	byName  bool   // the first of choices is from the pid file
	rounds  int    // in which what is left was killed
	naming  naming
}

// OnReadable implements loop.FDOwner.
func (h *Holder) OnReadable(int, kernel.Mode) { h.read() }

// read takes the records that are there.
func (h *Holder) read() {
	for h.fd >= 0 {
		n, err := h.all.k.Read(h.fd, h.all.loop.Buffer())
		if n <= 0 {
			if err != syscall.EAGAIN && err != syscall.EINTR {
				if h.close(); h.lacks != "" && !h.over {
					h.executed()
				}
			}
			return
		}
		// What a record leads to may read something else into the same buffer.
		b := append(h.rest, h.all.loop.Buffer()[:n]...)
		for r, rest, ok := holder.Read(b); ok; r, rest, ok = holder.Read(b) {
			b = rest
			h.take(r)
		}
		h.rest = append([]byte(nil), b...)
	}
}

// close closes the socket.
func (h *Holder) close() {
	if h.fd >= 0 {
		h.all.loop.Disown(h.fd)
		h.all.k.Close(h.fd)
		h.fd = -1
	}
}

// finish is the end of a holder's part.
func (h *Holder) finish() {
	h.over = true
	h.all.loop.Clear(&h.naming.look)
	if h.cgroup != "" {
		h.all.k.RemoveCgroup(h.cgroup)
	}
	h.close()
}

// tell sends a record. The socket holds thousands: that there is no place for one means
// that the holder does not run, and an error that it is gone, which is told elsewhere.
func (h *Holder) tell(r holder.Record) {
	if h.fd >= 0 {
		h.all.k.Send(h.fd, r.Append(nil), -1)
	}
}

// take does what a record says.
func (h *Holder) take(r holder.Record) {
	pid := int(r.PID)
	switch {
	case h.over:
	case r.Kind == holder.Born:
		if h.main = pid; r.A > 0 && int(r.A) < len(holder.Needs) {
			h.lacks = holder.Needs[r.A] + "(2) is refused: " + words.ErrnoName(r.Err()) + " (by a seccomp profile?)"
		}
	case r.Kind == holder.Running:
		h.loose, h.grouped = r.A&holder.Adopts == 0, r.A&holder.InCgroup != 0
		h.begin(pid)
	case r.Kind == holder.Failed:
		h.failed(int(r.A), r.Err())
	case r.Kind == holder.Died:
		h.main, h.naming.deep = 0, 0
		if r.B == 0 {
			h.finish()
		}
		h.owner.Died(kernel.ExitOf(r.A), r.B != 0)
	case r.Kind == holder.Empty:
		h.finish()
		h.owner.Emptied()
	case r.Kind == holder.Chosen:
		how := h.how
		h.main, h.how = pid, ""
		h.settled(how)
	case r.Kind == holder.Refused && holder.Kind(r.A) == holder.Main:
		if h.how != "" && !h.Follow(nil) && h.main == 0 {
			h.owner.Followed(0, "")
		}
	case r.Kind == holder.Refused:
		h.owner.NotSignalled(pid, r.Err())
	case r.Kind == holder.Received:
		h.all.relay(syscall.Signal(r.A), pid)
	}
}

// executed comes when what was to be the holder has become the command.
func (h *Holder) executed() {
	delete(h.all.alive, h.pid)
	h.finish()
	h.begin(h.main)
	h.owner.Lost(h.main, h.exit)
}

// Lacks is why there could be no holder, so that its process has become the command; "" if one
// could be.
func (h *Holder) Lacks() string { return h.lacks }

// begin tells once that the command has been executed.
func (h *Holder) begin(pid int) {
	if !h.began {
		h.main, h.began, h.table = pid, true, nil
		h.owner.Began(pid)
	}
}

// Heard is called when the command has said something by itself: it has been executed, even
// if its holder has not come to say so.
func (h *Holder) Heard() {
	if h.began || h.over {
		return
	}
	if h.read(); !h.over && h.main != 0 {
		h.begin(h.main)
	}
}

func (h *Holder) failed(row int, err error) {
	h.finish()
	if h.began { // where vfork does not wait: it was too early to say so
		h.owner.Died(kernel.Exit{Code: notExecuted}, false)
		return
	}
	h.owner.NotBegun(h.table.Step(row), err)
}

// notExecuted is the status of a process that could not be executed.
const notExecuted = 127

// IsOver reports whether nothing more is to be expected of it.
func (h *Holder) IsOver() bool { return h.over }

// IsLoose reports whether orphans do not come to it, as the kernel refuses that.
func (h *Holder) IsLoose() bool { return h.loose }

// IsGrouped reports whether the command is in a control group, which is killed in one step.
func (h *Holder) IsGrouped() bool { return h.grouped }

// Signal sends a signal to the main process, or to its group. Nothing happens if there is
// no main process.
func (h *Holder) Signal(sig syscall.Signal, asGroup bool) {
	if h.naming.deep != 0 {
		h.signalDeep(sig)
		return
	}
	r := holder.Record{Kind: holder.Signal, A: int32(sig)}
	if asGroup {
		r.B = 1
	}
	h.tell(r)
}

// SignalAll sends a signal to all descendants. SIGKILL is sent again until none is left.
func (h *Holder) SignalAll(sig syscall.Signal) {
	if sig == syscall.SIGKILL {
		h.all.sweep(h)
		return
	}
	h.all.k.SignalTree(h.pid, sig)
}

// Candidates are the children of the holder that may carry on for a main process that has
// ended: what the pid file names, the leaders of sessions, the oldest first, then the others.
func (h *Holder) Candidates() (list []kernel.Relative) {
	h.naming.wants = 0
	if r, child, ok := h.named(); ok {
		list = append(list, child)
		if h.byName = true; r.PID != child.PID {
			h.naming.wants = r.PID
		}
	}
	children := h.all.k.Descendants(h.pid)
	for _, leader := range []bool{true, false} {
		first := len(list)
		for _, r := range children {
			if r.Parent == h.pid && !r.Zombie && (r.Session == r.PID) == leader {
				list = append(list, r)
			}
		}
		some := list[first:]
		sort.SliceStable(some, func(i, j int) bool { return some[i].Start < some[j].Start })
	}
	return list
}

// Follow makes the first of these the main process, or the next one if that cannot be; nil:
// of those that are left of the last call. It reports whether there is one: then Followed
// answers. The holder reaps nobody until then, so none of them has vanished.
func (h *Holder) Follow(choices []kernel.Relative) bool {
	if choices != nil {
		h.choices = choices
	}
	if len(h.choices) == 0 {
		h.how = ""
		return false
	}
	r := h.choices[0]
	h.choices = h.choices[1:]
	switch {
	case h.byName:
		h.how, h.byName = ByFile, false
	case r.Session == r.PID:
		h.how = "the session leader"
	default:
		h.how = "the oldest"
	}
	h.tell(holder.Record{Kind: holder.Main, PID: int32(r.PID)})
	return true
}

// Release lets the holder go on without a main process: Emptied tells when all have ended.
func (h *Holder) Release() { h.tell(holder.Record{Kind: holder.Go}) }

// Leave ends the holder: what is left is ours.
func (h *Holder) Leave() {
	h.tell(holder.Record{Kind: holder.Leave})
	h.finish()
}

// Level is how the processes of a program are known to be its own, as status shows it, and why
// that is no better one. Without a holder, which may be nil, that is in why.
func (h *Holder) Level(without string) (level, why string) {
	switch {
	case h == nil:
		return "marks", without
	case h.IsLoose():
		return "marks", "the kernel refuses PR_SET_CHILD_SUBREAPER"
	case h.IsGrouped():
		return "cgroup", ""
	}
	return "holder", ""
}
