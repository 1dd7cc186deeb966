package life

import (
	"bytes"
	"strings"

	"slipway/supervise/boot"
	"slipway/supervise/config"
	"slipway/supervise/kernel"
	"slipway/supervise/probe"
	"slipway/supervise/server"
)

// readyChannel is what the program of the present incarnation says on that it is ready.
type readyChannel struct {
	fd      int  // + 1; 0: none
	doubted bool // somebody else has said that it is ready
}

// readyPipe is our end of the pipe of a program with ready = fd:N. It says that it is
// ready with a newline. What comes later is read and dropped, or it would die of
// SIGPIPE; the pipe belongs to one incarnation and is closed with it.
type readyPipe struct {
	t   *Table
	p   *Process
	gen uint64
}

// readySocket is the socket of a program with ready = notify. It says READY=1 there, as
// sd_notify(3) does; the other things that can be said so are dropped. The socket
// belongs to one incarnation.
type readySocket struct {
	t   *Table
	p   *Process
	gen uint64
}

// envNotify is where sd_notify looks for the socket.
const envNotify = "NOTIFY_SOCKET"

// openNotify gives a command what its program says on that it is ready: a pipe, of which
// our copy of the program's end is returned, or a socket; then end is -1.
func (t *Table) openNotify(p *Process, c *kernel.Command) (end int, err error) {
	t.closeNotify(p)
	if p.Config.Ready.Probe.Kind == config.ProbeNotify {
		return -1, t.openReadySocket(p, c)
	}
	r, w, err := t.k.OutputPipe()
	if err != nil {
		return -1, err
	}
	for len(c.Files) < p.Config.Ready.Probe.FD {
		c.Files = append(c.Files, -1)
	}
	c.Files = append(c.Files, w)
	p.probing.notify.fd = r + 1
	t.loop.Own(r, readyPipe{t, p, p.Life.Gen}, kernel.Readable)
	return w, nil
}

func (t *Table) openReadySocket(p *Process, c *kernel.Command) error {
	fd, name, err := t.k.ListenNotify()
	if err != nil {
		return err
	}
	if err := t.loop.Own(fd, readySocket{t, p, p.Life.Gen}, kernel.Readable); err != nil {
		t.k.Close(fd)
		return err
	}
	p.probing.notify.fd = fd + 1
	c.Env = append(boot.Without(c.Env, envNotify), envNotify+"="+name)
	return nil
}

func (t *Table) closeNotify(p *Process) {
	if fd := p.probing.notify.fd - 1; fd >= 0 {
		t.loop.Disown(fd)
		t.k.Close(fd)
	}
	p.probing.notify = readyChannel{}
}

// OnReadable implements loop.FDOwner.
func (r readyPipe) OnReadable(fd int, _ kernel.Mode) {
	t := r.t
	n, err := t.k.Read(fd, t.loop.Buffer())
	if n <= 0 {
		if !isAgain(err) {
			t.closeNotify(r.p)
		}
		return
	}
	if bytes.IndexByte(t.loop.Buffer()[:n], '\n') >= 0 {
		t.said(r.p, r.gen)
	}
}

// said passes on that an incarnation of p has said that it is ready. It may say so often.
func (t *Table) said(p *Process, gen uint64) {
	if !p.probing.state.Ready {
		t.feedProbe(p, probe.Event{Kind: probe.Said, Gen: gen})
	}
}

// OnReadable implements loop.FDOwner.
func (r readySocket) OnReadable(fd int, _ kernel.Mode) {
	t := r.t
	for range server.MostAtOnce {
		n, uid, err := t.k.ReceiveNotify(fd, t.loop.Buffer())
		if err != nil {
			if !isAgain(err) {
				t.loop.Rest(fd)
			}
			return // nothing more for now
		}
		if uid != 0 && uid != t.opts.Maker.UID && (r.p.Config.User == nil || uid != r.p.Config.User.UID) {
			if notify := &r.p.probing.notify; !notify.doubted {
				notify.doubted = true
				t.log.Warn(r.p.Name(), ": a notification of user ", itoa(uid), " is not believed; no other one is mentioned")
			}
			continue
		}
		for line := range strings.Lines(string(t.loop.Buffer()[:n])) {
			if strings.TrimSuffix(line, "\n") == "READY=1" {
				t.said(r.p, r.gen)
				break
			}
		}
	}
}
