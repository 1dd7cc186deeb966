package kerneltest

import (
	"path"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"slipway/supervise/holder"
	"slipway/supervise/kernel"
)

// keeper is the holder of a program: a process of the machine that does what the first
// instructions of a real one do.
type keeper struct {
	p      *Process
	fd     int // of its socket
	main   *Process
	asking bool // reaps nobody until it is told who carries on
	alone  bool // nobody is at the other end any more
	paused bool // as it was said of main
	death  int  // signal for main when the supervisor is gone; 0: none
}

// Hold implements System.
func (m *Machine) Hold(c *kernel.Command) (kernel.Held, error) {
	if !m.settings.Holders {
		return kernel.Held{}, kernel.NoHolder("this machine has none")
	}
	m.enter()
	defer m.leave()
	m.spawns++
	if err := m.fails("Hold"); err != nil {
		return kernel.Held{}, err
	}
	pid := m.newPID()
	if pid == 0 {
		return kernel.Held{}, syscall.EAGAIN
	}
	h := &Process{
		m: m, pid: pid, pgid: pid, sid: m.self.sid, uid: m.self.uid, parent: m.self, subreaper: true,
		fds: map[int]*open{}, Path: m.settings.Executable, Args: []string{holder.Name},
	}
	a, b := m.connected(m.self.uid, m.self.uid)
	ours, err := m.self.grab(&open{m: m, thing: a, reads: true, writes: true, nonblock: true})
	if err != nil {
		return kernel.Held{}, err
	}
	theirs := &open{m: m, thing: b, reads: true, writes: true, nonblock: true}
	for i, fd := range append(slices.Clone(c.Files), -1) {
		o := m.self.fds[fd]
		if i == len(c.Files) {
			o = theirs
		}
		if o != nil {
			h.fds[i] = o
			o.refs++
		}
	}
	k := &keeper{p: h, fd: len(c.Files), death: c.DeathSignal}
	h.keeper, a.keeper = k, k
	m.begin(h, func(*Process) { k.run(c) })
	held := kernel.Held{PID: pid, Channel: ours, Table: &holder.Table{}}
	if m.settings.Cgroups {
		held.Cgroup = "/cgroup/" + strconv.Itoa(pid)
	}
	return held, nil
}

// run is the life of a holder.
func (k *keeper) run(c *kernel.Command) {
	for _, sig := range []syscall.Signal{syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGUSR1, syscall.SIGUSR2} {
		k.p.Handle(sig, func() { k.say(holder.Received, 0, int(sig), 0) })
	}
	for sig := syscall.Signal(1); sig < 65; sig++ {
		if k.p.handlers[sig] == nil {
			k.p.Ignore(sig)
		}
	}
	k.fork(c)
	for fd := range k.fd {
		k.p.Close(fd)
	}
	for {
		k.children()
		k.told()
		k.p.block()
	}
}

// fork starts the program.
func (k *keeper) fork(c *kernel.Command) {
	m := k.p.m
	pid := m.newPID()
	if pid == 0 {
		k.say(holder.Failed, 0, holder.RowFork, int(syscall.EAGAIN))
		k.p.Exit(127)
	}
	k.say(holder.Born, pid, 0, 0)
	program, err := m.executable(c)
	if err != nil {
		k.say(holder.Failed, pid, holder.RowExec, int(err.(syscall.Errno)))
		k.p.Exit(127)
	}
	p := &Process{
		m: m, pid: pid, pgid: pid, sid: k.p.sid, uid: k.p.uid, parent: k.p, fds: map[int]*open{},
		Path: c.Path, Dir: c.Dir, Args: slices.Clone(c.Argv), env: slices.Clone(c.Env), marks: slices.Clone(c.Env),
	}
	if c.Credential != nil {
		p.uid = c.Credential.UID
	}
	for i, v := range p.env {
		if name, _, _ := strings.Cut(v, "="); c.PIDVariable == name {
			p.env[i] = name + "=" + strconv.Itoa(pid)
		}
	}
	for fd := range k.fd {
		if o := k.p.fds[fd]; o != nil {
			p.fds[fd] = o
			o.refs++
		}
	}
	m.begin(p, program)
	k.main = p
	says := holder.Adopts
	if m.settings.Cgroups {
		says |= holder.InCgroup
	}
	k.say(holder.Running, pid, says, 0)
}

func (k *keeper) say(kind holder.Kind, pid, a, b int) {
	if o := k.p.fds[k.fd]; o != nil {
		o.thing.write(o, holder.Record{Kind: kind, PID: int32(pid), A: int32(a), B: int32(b)}.Append(nil))
	}
}

// children takes the news of all children.
func (k *keeper) children() {
	for !k.asking {
		if k.main != nil && !k.main.zombie && k.main.stopped != k.paused {
			k.paused = k.main.stopped
			if k.paused {
				k.say(holder.Stopped, k.main.pid, int(syscall.SIGSTOP), 0)
			} else {
				k.say(holder.Continued, k.main.pid, 0, 0)
			}
		}
		if len(k.p.children) == 0 {
			k.say(holder.Empty, 0, 0, 0)
			k.p.Exit(0)
		}
		dead := k.zombie()
		if dead == nil {
			return
		}
		dead.remove()
		if dead == k.main {
			k.ended(dead)
		}
	}
}

func (k *keeper) zombie() *Process {
	for _, c := range k.p.children {
		if c.zombie {
			return c
		}
	}
	return nil
}

func (k *keeper) ended(dead *Process) {
	status := dead.exit.Code<<8 | dead.exit.Signal
	if dead.exit.Core {
		status |= 0x80
	}
	k.main, k.paused = nil, false
	for z := k.zombie(); z != nil; z = k.zombie() {
		z.remove()
	}
	if len(k.p.children) == 0 {
		k.say(holder.Died, dead.pid, status, 0)
		k.p.Exit(0)
	}
	k.say(holder.Died, dead.pid, status, 1)
	k.asking = !k.alone
}

// told does what the supervisor asks for.
func (k *keeper) told() {
	buf := make([]byte, holder.Size)
	for !k.alone {
		o := k.p.fds[k.fd]
		n, err := o.thing.read(o, buf)
		if err == syscall.EAGAIN {
			return
		}
		r, _, ok := holder.Read(buf[:n])
		if !ok {
			k.alone, k.asking = true, false
			if k.death != 0 && k.main != nil {
				k.p.m.kill(k.p, k.main.pid, syscall.Signal(k.death))
			}
			k.children()
			return
		}
		switch r.Kind {
		case holder.Signal:
			k.signal(r)
		case holder.Main:
			k.choose(int(r.PID))
		case holder.Go:
			k.asking = false
		case holder.Leave:
			k.p.Exit(0)
		}
		k.children()
	}
}

func (k *keeper) signal(r holder.Record) {
	if k.main == nil {
		return
	}
	err := error(syscall.ESRCH)
	m, sig := k.p.m, syscall.Signal(r.A)
	if err := m.fails("Kill"); err != nil {
		k.say(holder.Refused, k.main.pid, int(holder.Signal), int(err.(syscall.Errno)))
		return
	}
	if r.B != 0 {
		err = m.kill(k.p, -k.main.pid, sig)
	}
	if err == syscall.ESRCH {
		err = m.kill(k.p, k.main.pid, sig)
	}
	if err != nil && err != syscall.ESRCH {
		k.say(holder.Refused, k.main.pid, int(holder.Signal), int(err.(syscall.Errno)))
	}
}

// asked tells the test of a signal, when the supervisor has asked for it.
func (k *keeper) asked(message []byte) {
	r, _, ok := holder.Read(message)
	if !ok || r.Kind != holder.Signal || k.main == nil || k.p.m.settings.Signalled == nil {
		return
	}
	to := k.main.pid
	if r.B != 0 {
		to = -to
	}
	k.p.m.settings.Signalled(to, syscall.Signal(r.A))
}

func (k *keeper) choose(pid int) {
	p := k.p.m.byPID[pid]
	if p == nil || p.parent != k.p {
		k.say(holder.Refused, pid, int(holder.Main), int(syscall.ECHILD))
		return
	}
	k.main, k.asking, k.paused = p, false, false
	k.say(holder.Chosen, pid, 0, 0)
}

// Descendants implements System.
func (m *Machine) Descendants(root int) []kernel.Relative {
	m.enter()
	defer m.leave()
	return m.descendants(root)
}

func (m *Machine) descendants(root int) (list []kernel.Relative) {
	p := m.byPID[root]
	if p == nil || m.settings.Blind {
		return nil
	}
	for next := p.children; len(next) > 0; {
		var children []*Process
		for _, c := range next {
			list = append(list, kernel.Relative{
				PID: c.pid, Parent: c.parent.pid, Group: c.pgid, Session: c.sid, Start: c.born, Zombie: c.zombie,
			})
			children = append(children, c.children...)
		}
		next = children
	}
	return list
}

// SignalTree implements System.
func (m *Machine) SignalTree(root int, sig syscall.Signal) int {
	m.enter()
	defer m.leave()
	n := 0
	for _, r := range m.descendants(root) {
		if r.Zombie {
			continue
		}
		n++
		if m.settings.Signalled != nil {
			m.settings.Signalled(r.PID, sig)
		}
		m.kill(m.self, r.PID, sig)
	}
	return n
}

// KillCgroup implements System. The group of a holder is named by its number.
func (m *Machine) KillCgroup(dir string) bool {
	pid, err := strconv.Atoi(path.Base(dir))
	if err != nil {
		return false
	}
	m.SignalTree(pid, syscall.SIGKILL)
	return true
}

// RemoveCgroup implements System.
func (m *Machine) RemoveCgroup(string) {}

// SignalRelative implements System.
func (m *Machine) SignalRelative(root, pid int, sig syscall.Signal) {
	m.enter()
	defer m.leave()
	for _, r := range m.descendants(root) {
		if r.PID == pid && !r.Zombie {
			m.kill(m.self, pid, sig)
		}
	}
}

// Holder returns the number of the holder of a process, 0 if it has none.
func (m *Machine) Holder(pid int) int {
	m.visit()
	defer m.leave()
	for p := m.byPID[pid]; p != nil && p != m.self && p.parent != p; p = p.parent {
		if p.keeper != nil {
			return p.pid
		}
	}
	return 0
}
