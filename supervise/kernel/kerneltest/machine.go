package kerneltest

import (
	"container/heap"
	"fmt"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"slipway/supervise/kernel"
	"slipway/supervise/sockets"
)

// System is everything that the supervisor asks of the operating system.
type System interface {
	Now() time.Time
	Wait(buf []kernel.Ready, timeout time.Duration) []kernel.Ready
	Watch(fd int, want kernel.Mode) error
	Unwatch(fd int)
	Signals() kernel.Signals
	Wake()
	Trim()

	Hide() error
	Bind(s *sockets.Socket) (fd int, err error)
	Retune(fd int, s *sockets.Socket) error
	Connected(s *sockets.Socket) (bool, error)
	Spawn(c *kernel.Command) (pid int, err error)
	Hold(c *kernel.Command) (kernel.Held, error)
	Descendants(pid int) []kernel.Relative
	SignalTree(pid int, sig syscall.Signal) int
	SignalRelative(root, pid int, sig syscall.Signal)
	KillCgroup(dir string) bool
	RemoveCgroup(dir string)
	Kill(pid int, sig syscall.Signal) error
	Peek() (pid int, err error)
	Halted() (pid int)
	Reap(pid int) (kernel.Exit, error)
	Children() []int
	Marked(pid int, vars []string) bool

	Pipe() (r, w int, err error)
	InputPipe() (r, w int, err error)
	OutputPipe() (r, w int, err error)
	Enlarge(fd int)
	Null() (int, error)
	Read(fd int, p []byte) (int, error)
	ReadAt(fd int, p []byte, off int64) (int, error)
	Write(fd int, p []byte) (int, error)
	Writable(fd int) error
	Close(fd int) error
	IsTerminal(fd int) bool
	Stdio(fd int) kernel.Stdio
	Give(fd, uid, gid int) error
	SetBlocking(fd int)

	ListenUnix(path string, mode uint32, uid, gid int) (int, error)
	ListenAbstract(name string) (int, error)
	ListenTCP(host string, port int) (int, error)
	ListenNotify() (fd int, name string, err error)
	Tell(name, text string) error
	ReceiveNotify(fd int, p []byte) (n, uid int, err error)
	Backlog(fd, n int)
	Accept(listener int) (int, error)
	PeerUID(fd int) (int, error)
	PeerPID(fd int) (int, error)
	Send(fd int, p []byte, pass int) (int, error)
	Pair() (ours, theirs int, err error)

	IsOwnDir(path string) bool
	Stat(path string) (kernel.FileInfo, error)
	StatOpen(fd int) (kernel.FileInfo, error)
	ReadLink(path string) (string, error)
	MayExecute(path string) error
	OpenRead(path string) (fd int, info kernel.FileInfo, err error)
	OpenLog(path string) (fd int, info kernel.FileInfo, err error)
	OpenFile(path string, flags int, mode uint32) (int, error)
	Position(fd int) (int64, error)
	Truncate(fd int) error
	Rename(from, to string) error
	Remove(path string) error
	WriteFile(path string, data []byte, mode uint32) error
	MakeDir(path string) error

	Executable() string
	Wall() time.Time
	MemoryKills() int
	Tasks() (now, most, refused int)
	IsPaused(pid int) bool
	WhoListens(path string, port int) string
	PIDNamespace() uint64
	Become(uid, gid int, groups []int) error
	Limit(resource int) (current, maximum uint64, err error)
	SetLimit(resource int, current, maximum uint64) error
	DropStdio()
}

var (
	_ System = (*kernel.Linux)(nil)
	_ System = (*Machine)(nil)
)

// Machine is a simulated machine with one supervisor on it. Its methods are those of
// kernel.Linux, for the supervisor, and others for the test: those may be called from
// wherever the supervisor is not at work.
type Machine struct {
	tb testing.TB
	mu sync.Mutex

	events  events
	seq     uint64
	frozen  freeze
	woken   chan struct{} // one place: Wait is to look again
	cond    *sync.Cond    // something has changed, for whoever waits for a descriptor
	dice    func(n int) int
	wakes   bool // Wait is to return, for a signal or for Wake
	signals kernel.Signals
	handed  []syscall.Signal

	self        *Process
	byPID       map[int]*Process
	lastPID     int
	births      uint64
	memoryKills int                     // of OutOfMemory
	tasks       struct{ now, most int } // see LimitTasks
	set         time.Duration           // by which the time of day was set
	hidden      bool                    // the supervisor has hidden itself
	blocked     []*Process              // wait for a descriptor or a child
	reaped      map[int]bool            // numbers that were, and have not been given again
	spawns      int
	watched     []interest
	root        *inode
	inodes      uint64
	abstract    map[string]*socket
	tcp         map[string]*socket
	limits      map[int][2]uint64
	foreign     bool // see PeersAreForeign
	failures    map[string][]error
	settings    Settings
	consoles    [3]*console
	space       int // bytes that files can still take; negative: no limit
	passes      passes
	called      atomic.Pointer[func()] // by every call of the supervisor
}

// Settings are what a machine is like.
type Settings struct {
	PID        int    // of the supervisor; 0: 1
	UID        int    // of the supervisor
	Executable string // of the supervisor; "": /sbin/slipway-init
	PIDs       int    // how many numbers there are before they are used again; 0: 30,000
	Files      uint64 // limit of open descriptors; 0: 1,024
	// Dice makes the machine do everything that Linux leaves open (what is ready first,
	// what happens between two calls) as a number from 0 to n-1 says. Without it that
	// is always the same.
	Dice func(n int) int
	// Idle, if there is one, is called whenever the supervisor is about to wait, on its
	// goroutine: everything has settled then.
	Idle func()
	// Signalled, if there is one, is told of every signal that the supervisor sends; it
	// must not use the machine.
	Signalled func(pid int, sig syscall.Signal)
	// Holders says that programs can have holders.
	Holders bool
	// Cgroups says that what has a holder is in a control group as well.
	Cgroups bool
	// Blind machines have no /proc: they tell of no descendants.
	Blind bool
	// Stalls says that Stall will be called: descriptors 1 and 2 are written to as what may
	// stall.
	Stalls bool
	// Waits says that nobody can know whether such a write would wait, as before Linux 6.4.
	Waits bool
	// Lenient machines let the supervisor do what it may never do.
	Lenient bool
}

// New returns a machine that lasts as long as the test. It belongs into a bubble of
// testing/synctest: outside of one, its clock is the real one.
func New(tb testing.TB, s ...Settings) *Machine {
	m := &Machine{
		tb: tb, woken: make(chan struct{}, 1), byPID: map[int]*Process{}, reaped: map[int]bool{},
		abstract: map[string]*socket{}, tcp: map[string]*socket{}, failures: map[string][]error{},
	}
	if len(s) > 0 {
		m.settings = s[0]
	}
	if m.settings.PID == 0 {
		m.settings.PID = 1
	}
	if m.settings.PIDs == 0 {
		m.settings.PIDs = 30000
	}
	if m.settings.Files == 0 {
		m.settings.Files = 1024
	}
	if m.settings.Executable == "" {
		m.settings.Executable = "/sbin/slipway-init"
	}
	m.dice = m.settings.Dice
	m.space = -1
	m.cond = sync.NewCond(&m.mu)
	m.limits = map[int][2]uint64{limitFiles: {m.settings.Files, m.settings.Files}, limitProcesses: {30000, 30000}}
	m.makeRoot()
	m.makeSelf()
	tb.Cleanup(m.end)
	return m
}

// end lets go of the functions that processes still run.
func (m *Machine) end() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.byPID {
		p.unwind()
	}
}

// enter is the beginning of every call of the supervisor: with dice, what is due may happen
// just before it.
func (m *Machine) enter() {
	m.call()
	m.mu.Lock()
	if m.dice != nil && len(m.events) > 0 && m.dice(4) == 0 {
		m.runUntil(func(e *event) bool { return e.test })
	}
}

func (m *Machine) leave() { m.mu.Unlock() }

// visit is the beginning of every call of the test.
func (m *Machine) visit() {
	m.mu.Lock()
	m.run()
}

// fails returns the error that the test has asked for, for the next call of that name.
func (m *Machine) fails(call string) error {
	list := m.failures[call]
	if len(list) == 0 {
		return nil
	}
	m.failures[call] = list[1:]
	return list[0]
}

// call does what OnCall has asked for.
func (m *Machine) call() {
	if do := m.called.Load(); do != nil {
		(*do)()
	}
}

// OnCall makes every call of the supervisor begin with a function, which may panic: then
// the call has not happened. It runs on the goroutine that makes the call.
func (m *Machine) OnCall(do func()) { m.called.Store(&do) }

// Fail makes the next calls of a method fail, each with one of the errors; nil lets one
// pass. The names are those of the methods: "Spawn", "Pipe" (all three), "OpenFile" …
func (m *Machine) Fail(call string, errs ...error) {
	m.visit()
	defer m.leave()
	m.failures[call] = append(m.failures[call], errs...)
}

// Forgive takes back what Fail has asked for and has not happened.
func (m *Machine) Forgive(call string) {
	m.visit()
	defer m.leave()
	delete(m.failures, call)
}

// complain reports what the supervisor may never do.
func (m *Machine) complain(format string, args ...any) {
	if m.settings.Lenient {
		return
	}
	m.tb.Errorf("kerneltest: %s: the supervisor %s", time.Now().Format("15:04:05.000"), fmt.Sprintf(format, args...))
}

// event is something that happens by itself.
type event struct {
	at   time.Time
	seq  uint64
	do   func()
	test bool // the test has asked for it
}

// events are ordered by time, then by when they were asked for.
type events []*event

func (e events) Len() int { return len(e) }
func (e events) Less(i, j int) bool {
	return e[i].at.Before(e[j].at) || e[i].at.Equal(e[j].at) && e[i].seq < e[j].seq
}
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }

// Push implements heap.Interface.
func (e *events) Push(x any) { *e = append(*e, x.(*event)) }

// Pop implements heap.Interface.
func (e *events) Pop() any {
	old := *e
	last := old[len(old)-1]
	old[len(old)-1] = nil
	*e = old[:len(old)-1]
	return last
}

// after makes something happen. m.mu is held.
func (m *Machine) after(d time.Duration, do func()) *event {
	m.seq++
	e := &event{at: time.Now().Add(d), seq: m.seq, do: do}
	heap.Push(&m.events, e)
	m.poke()
	return e
}

// run lets everything happen that is due. m.mu is held.
func (m *Machine) run() { m.runUntil(func(*event) bool { return false }) }

func (m *Machine) runUntil(not func(*event) bool) {
	for len(m.events) > 0 && !m.events[0].at.After(time.Now()) && !not(m.events[0]) {
		e := heap.Pop(&m.events).(*event)
		if e.do != nil {
			e.do()
		}
	}
}

// poke makes Wait look again.
func (m *Machine) poke() {
	select {
	case m.woken <- struct{}{}:
	default:
	}
	m.cond.Broadcast()
}

// After makes something happen after d, inside of Wait: do may use the methods that are
// for the test.
func (m *Machine) After(d time.Duration, do func()) {
	m.visit()
	defer m.leave()
	m.after(d, func() {
		m.mu.Unlock()
		defer m.mu.Lock()
		do()
	}).test = true
}
