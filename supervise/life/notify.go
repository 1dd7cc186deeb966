package life

import (
	"slices"

	"slipway/supervise/boot"
	"slipway/supervise/config"
	"slipway/supervise/kernel"
	"slipway/supervise/notify"
	"slipway/supervise/probe"
)

// readyChannel is what the program of the present incarnation says on that it is ready.
type readyChannel struct {
	*notify.Channel
	doubted bool // somebody else has said that it is ready
}

// openNotify gives a command what its program says on that it is ready: a pipe, of which
// our copy of the program's end is returned, or a socket; then end is -1.
func (t *Table) openNotify(p *Process, c *kernel.Command) (end int, err error) {
	t.closeNotify(p)
	gen := p.Life.Gen
	if p.Config.Ready.Probe.Kind == config.ProbeNotify {
		var name string
		p.probing.notify.Channel, name, err = notify.Socket(t.k, t.loop, func(lines []string, uid int) bool {
			return t.heard(p, gen, lines, uid)
		})
		if err == nil {
			c.Env = append(boot.Without(c.Env, boot.EnvNotify), boot.EnvNotify+"="+name)
		}
		return -1, err
	}
	p.probing.notify.Channel, end, err = notify.Pipe(t.k, t.loop, func() { t.said(p, gen) })
	if err != nil {
		return -1, err
	}
	for len(c.Files) < p.Config.Ready.Probe.FD {
		c.Files = append(c.Files, -1)
	}
	c.Files = append(c.Files, end)
	return end, nil
}

func (t *Table) closeNotify(p *Process) {
	p.probing.notify.Close()
	p.probing.notify = readyChannel{}
}

// said passes on that an incarnation of p has said that it is ready. It may say so often.
func (t *Table) said(p *Process, gen uint64) {
	if p.bond.held() {
		p.bond.holder.Heard()
	}
	if !p.probing.state.Ready {
		t.feedProbe(p, probe.Event{Kind: probe.Said, Gen: gen})
	}
}

// named believes MAINPID of a program with a holder, if that is one of its processes.
func (t *Table) named(p *Process, gen uint64, pid int) {
	if pid != 0 && pid != p.Life.PID && p.Life.Gen == gen && p.bond.held() && !p.bond.holder.Name(pid) {
		t.log.Warn(p.Name(), ": MAINPID=", itoa(pid), " is none of its processes")
	}
}

// heard is a datagram of a user for an incarnation of p. READY=1 and MAINPID count; the
// other things that can be said so are dropped. It reports whether the socket is still open.
func (t *Table) heard(p *Process, gen uint64, lines []string, uid int) bool {
	channel := p.probing.notify.Channel
	switch {
	case uid != 0 && uid != t.opts.Maker.UID && (p.Config.User == nil || uid != p.Config.User.UID):
		if !p.probing.notify.doubted {
			p.probing.notify.doubted = true
			t.log.Warn(p.Name(), ": a notification of user ", itoa(uid), " is not believed; no other one is mentioned")
		}
	default:
		if p.bond.held() {
			p.bond.holder.Heard()
		}
		t.named(p, gen, notify.MainPID(lines))
		if slices.Contains(lines, "READY=1") {
			t.said(p, gen)
		}
	}
	return p.probing.notify.Channel == channel
}
