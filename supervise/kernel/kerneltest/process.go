package kerneltest

import (
	"iter"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"slipway/supervise/kernel"
)

// Program is what a process does. It runs until it returns, which is an exit with status 0,
// or calls Exit, or is killed: then its deferred functions run, and may do nothing else. Its
// calls take no time except those that say so.
type Program func(p *Process)

// Process is a process of the machine, for its own Program.
type Process struct {
	m                   *Machine
	pid, pgid, sid, uid int
	parent              *Process
	children            []*Process
	subreaper           bool
	Path, Dir           string
	Args                []string
	env, marks          []string // marks: what /proc/PID/environ shows
	fds                 map[int]*open
	ends                bool // was told to end
	zombie, gone        bool
	exit                kernel.Exit
	stopped             bool
	halted              bool // it was stopped, and nobody has asked
	deep                bool // in a system call that nothing interrupts
	killed              bool // while it was deep
	handlers            map[syscall.Signal]func()
	ignored             map[syscall.Signal]bool
	pending             []syscall.Signal
	blocked             bool // waits for a descriptor
	owed                bool // was to go on while it was stopped
	next                func() (struct{}, bool)
	stop                func()
	yield               func(struct{}) bool
	running             bool
	forgets             bool // its children leave no zombies
	born                uint64
	keeper              *keeper // it is a holder
}

// ended is what unwinds the function of a process that is no more.
type ended struct{}

func (m *Machine) makeSelf() {
	pid := m.settings.PID
	m.self = &Process{m: m, pid: pid, pgid: pid, sid: pid, uid: m.settings.UID, subreaper: true, fds: map[int]*open{}}
	for fd := range m.consoles {
		m.consoles[fd] = &console{}
		m.self.grab(&open{m: m, thing: m.consoles[fd], reads: true, writes: true})
	}
	m.byPID[pid] = m.self
	m.lastPID = pid
}

// newPID returns a number that nobody uses: not a process, nor a group.
func (m *Machine) newPID() int {
	for range m.settings.PIDs {
		m.lastPID++
		if m.lastPID > m.settings.PIDs {
			m.lastPID = 2
		}
		if !m.inUse(m.lastPID) {
			delete(m.reaped, m.lastPID)
			return m.lastPID
		}
	}
	return 0
}

func (m *Machine) inUse(pid int) bool {
	for _, p := range m.byPID {
		if p.pid == pid || p.pgid == pid || p.sid == pid {
			return true
		}
	}
	return false
}

// Spawn implements System.
func (m *Machine) Spawn(c *kernel.Command) (int, error) {
	m.enter()
	defer m.leave()
	m.spawns++
	if err := m.fails("Spawn"); err != nil {
		return 0, err
	}
	program, err := m.executable(c)
	if err != nil {
		return 0, err
	}
	pid := m.newPID()
	if pid == 0 {
		return 0, syscall.EAGAIN
	}
	p := &Process{
		m: m, pid: pid, pgid: pid, sid: m.self.sid, uid: m.self.uid, parent: m.self, fds: map[int]*open{},
		Path: c.Path, Dir: c.Dir, Args: slices.Clone(c.Argv), env: slices.Clone(c.Env), marks: slices.Clone(c.Env),
	}
	if c.Credential != nil {
		p.uid = c.Credential.UID
	}
	for i, fd := range c.Files {
		o := m.self.fds[fd]
		if o == nil {
			return 0, syscall.EBADF
		}
		p.fds[i] = o
		o.refs++
	}
	m.begin(p, program)
	return pid, nil
}

// executable finds the program of a command, with the errors of execve and of the steps
// before it.
func (m *Machine) executable(c *kernel.Command) (Program, error) {
	if c.Credential != nil && m.self.uid != 0 && c.Credential.UID != m.self.uid {
		return nil, syscall.EPERM
	}
	if c.Dir != "" {
		dir, err := m.find(c.Dir)
		switch {
		case err != nil:
			return nil, err
		case !dir.isDir():
			return nil, syscall.ENOTDIR
		}
	}
	node, err := m.find(c.Path)
	switch {
	case err != nil:
		return nil, err
	case !node.isRegular() || node.mode&0o111 == 0:
		return nil, syscall.EACCES
	case node.program == nil:
		return nil, syscall.ENOEXEC
	}
	return node.program, nil
}

// begin makes a process go.
func (m *Machine) begin(p *Process, program Program) {
	p.handlers, p.ignored = map[syscall.Signal]func(){}, map[syscall.Signal]bool{}
	m.byPID[p.pid] = p
	m.births++
	p.born = m.births
	p.parent.children = append(p.parent.children, p)
	p.next, p.stop = iter.Pull(func(yield func(struct{}) bool) {
		defer func() {
			if r := recover(); r != nil {
				if _, ok := r.(ended); !ok {
					panic(r)
				}
			}
		}()
		p.yield = yield
		p.handle()
		program(p)
		p.Exit(0)
	})
	m.after(m.lag(), p.resume)
}

// resume lets the function of a process go on. m.mu is held.
func (p *Process) resume() {
	switch {
	case p.zombie || p.gone || p.running:
		return
	case p.stopped || p.deep:
		p.owed = true
		return
	}
	p.running = true
	_, alive := p.next()
	p.running = false
	if !alive {
		p.die(p.exit)
	}
}

// unwind ends the function of a process that does not go on.
func (p *Process) unwind() {
	if p.stop != nil && !p.running {
		p.ends = true
		p.stop()
	}
}

// wait gives way until the process is to go on, and deals with signals.
func (p *Process) wait() {
	if !p.yield(struct{}{}) {
		panic(ended{})
	}
	p.handle()
}

// handle runs the handlers of the signals that have come.
func (p *Process) handle() {
	for len(p.pending) > 0 {
		sig := p.pending[0]
		p.pending = p.pending[1:]
		if do := p.handlers[sig]; do != nil {
			do()
		}
	}
}

// die makes a zombie of a process: its descriptors are closed, its children are given
// away, its parent is told. m.mu is held.
func (p *Process) die(exit kernel.Exit) {
	if p.zombie || p.gone {
		return
	}
	p.zombie, p.exit = true, exit
	p.unwind()
	for _, fd := range sorted(p.fds) {
		o := p.fds[fd]
		delete(p.fds, fd)
		o.drop()
	}
	adopter := p.parent
	for !adopter.subreaper {
		adopter = adopter.parent
	}
	for _, c := range p.children {
		c.parent = adopter
		adopter.children = append(adopter.children, c)
		if c.zombie {
			adopter.told()
		}
	}
	p.children = nil
	p.parent.told()
	if p.parent.forgets {
		p.remove()
	}
}

// told is a SIGCHLD. What is not the supervisor takes the status of its children when it
// asks for it, as a program does that forgets nobody.
func (p *Process) told() {
	if p == p.m.self {
		p.m.noted(syscall.SIGCHLD)
		return
	}
	p.m.changed()
}

// remove is the end of a zombie.
func (p *Process) remove() {
	p.gone = true
	delete(p.m.byPID, p.pid)
	if i := slices.Index(p.parent.children, p); i >= 0 {
		p.parent.children = slices.Delete(p.parent.children, i, i+1)
	}
}

// Peek implements System.
func (m *Machine) Peek() (int, error) {
	m.enter()
	defer m.leave()
	if len(m.self.children) == 0 {
		return 0, syscall.ECHILD
	}
	for _, c := range m.self.children {
		if c.zombie {
			return c.pid, nil
		}
	}
	return 0, nil
}

// Halted implements System.
func (m *Machine) Halted() int {
	m.enter()
	defer m.leave()
	for _, c := range m.self.children {
		if c.halted {
			c.halted = false
			if c.stopped && !c.zombie {
				return c.pid
			}
		}
	}
	return 0
}

// Reap implements System.
func (m *Machine) Reap(pid int) (kernel.Exit, error) {
	m.enter()
	defer m.leave()
	p := m.byPID[pid]
	switch {
	case p == nil || p.parent != m.self:
		return kernel.Exit{}, syscall.ECHILD
	case !p.zombie:
		m.complain("reaps process %d, which is alive", pid)
		return kernel.Exit{}, nil // wait4 with WNOHANG has nothing to say
	}
	p.remove()
	m.reaped[pid] = true
	return p.exit, nil
}

// Children implements System.
func (m *Machine) Children() []int {
	m.enter()
	defer m.leave()
	var list []int
	for _, c := range m.self.children {
		list = append(list, c.pid)
	}
	return list
}

// Marked implements System.
func (m *Machine) Marked(pid int, vars []string) bool {
	m.enter()
	defer m.leave()
	p := m.byPID[pid]
	if p == nil || p.zombie { // a zombie has no memory to read
		return false
	}
	for _, v := range vars {
		if !slices.Contains(p.marks, v) {
			return false
		}
	}
	return true
}

// pids are the numbers of all processes, in their order.
func (m *Machine) pids() []int { return sorted(m.byPID) }

func sorted[V any](set map[int]V) []int {
	list := make([]int, 0, len(set))
	for k := range set {
		list = append(list, k)
	}
	slices.Sort(list)
	return list
}

// Info is what is to be seen of a process from outside, as in ps.
type Info struct {
	PID, Parent, Group, Session, UID int
	Path                             string
	Args                             []string
	Zombie, Stopped, Deep            bool
	Ignored                          []syscall.Signal
}

// String says it in one line.
func (i Info) String() string {
	text := strconv.Itoa(i.PID) + " (parent " + strconv.Itoa(i.Parent) + ", group " + strconv.Itoa(i.Group) + ") " + strings.Join(i.Args, " ")
	for word, is := range map[string]bool{" zombie": i.Zombie, " stopped": i.Stopped, " uninterruptible": i.Deep} {
		if is {
			text += word
		}
	}
	return text
}

// Processes returns all processes but the supervisor, by number.
func (m *Machine) Processes() []Info {
	m.visit()
	defer m.leave()
	var list []Info
	for _, pid := range m.pids() {
		if p := m.byPID[pid]; p != m.self {
			list = append(list, Info{
				PID: p.pid, Parent: p.parent.pid, Group: p.pgid, Session: p.sid, UID: p.uid, Path: p.Path, Args: p.Args,
				Zombie: p.zombie, Stopped: p.stopped, Deep: p.deep,
			})
		}
	}
	return list
}

// Environ returns the environment that a process was started with, nil without it.
func (m *Machine) Environ(pid int) []string {
	m.visit()
	defer m.leave()
	if p := m.byPID[pid]; p != nil {
		return slices.Clone(p.env)
	}
	return nil
}

// Spawns is how often the supervisor has asked for a process.
func (m *Machine) Spawns() int {
	m.visit()
	defer m.leave()
	return m.spawns
}

// Enter puts a process into the machine that the supervisor has not started, as `docker
// exec` does: its parent is outside. The supervisor may kill it, and does not reap it.
func (m *Machine) Enter(args []string, program Program) int {
	m.visit()
	defer m.leave()
	outside := &Process{m: m, subreaper: true, forgets: true}
	outside.parent = outside
	pid := m.newPID()
	p := &Process{m: m, pid: pid, pgid: pid, sid: pid, uid: m.self.uid, parent: outside, fds: map[int]*open{}, Args: args}
	m.begin(p, program)
	return pid
}

// End makes a process end as if by itself, whatever it is at.
func (m *Machine) End(pid int, exit kernel.Exit) {
	m.visit()
	defer m.leave()
	if p := m.byPID[pid]; p != nil && p != m.self {
		p.die(exit)
	}
}

// Deepen puts a process into a system call that nothing interrupts, as on a disk that does
// not answer; it ends after d, or never if d is negative. A SIGKILL has its effect then.
func (m *Machine) Deepen(pid int, d time.Duration) {
	m.visit()
	defer m.leave()
	if p := m.byPID[pid]; p != nil && !p.zombie {
		p.sink(d)
	}
}

func (p *Process) sink(d time.Duration) {
	p.deep = true
	if d < 0 {
		return
	}
	p.m.after(d, func() {
		p.deep = false
		if p.killed {
			p.die(kernel.Exit{Signal: int(syscall.SIGKILL)})
			return
		}
		p.late()
	})
}
