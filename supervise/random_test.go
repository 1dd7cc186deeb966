package supervise

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"slipway/internal/test/testkit"
	"slipway/supervise/config"
	"slipway/supervise/control"
	"slipway/supervise/holder"
	"slipway/supervise/kernel/kerneltest"
	"slipway/supervise/life"
	"slipway/supervise/machine"
	"slipway/supervise/ownership"
)

// envSeeds says how many courses of events are tried. A failure prints its seed; with
// SLIPWAY_SEED=n SLIPWAY_SEEDS=1 it comes again.
const envSeeds = "SLIPWAY_SEEDS"

// TestRandom runs the real loop on the simulated machine, where everything happens in any
// order: deaths, timers, requests, changes of the configuration, failures to fork, freezes.
// Afterwards, and in every pass, what DESIGN.md promises must hold.
func TestRandom(t *testing.T) {
	first, n := int(testkit.Seed(t)), number(t, envSeeds, testkit.Rounds(t, 30, 100))
	if testing.Short() {
		n = min(n, 20)
	}
	for seed := first; seed < first+n; seed++ {
		t.Run("seed "+strconv.Itoa(seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { newChaos(t, uint64(seed), false).run() })
		})
		t.Run("with holders, seed "+strconv.Itoa(seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { newChaos(t, uint64(seed), true).run() })
		})
	}
}

func number(t *testing.T, name string, otherwise int) int {
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// chaos is one course of events.
type chaos struct {
	*simulation
	r       *rand.Rand
	traits  traits
	want    map[string]int       // the configuration: version of each program; none without
	calm    bool                 // nothing goes wrong any more
	frozen  time.Duration        // how long the supervisor did not run, in all
	lives   map[int]*incarnation // by the number of the process that was started
	begun   time.Time            // when the course began
	asked   time.Time            // when the end was asked for
	states  map[string]machine.Proc
	final   map[string]string // the last request for each program
	wrong   int
	printed map[string]string // by program
	told    map[int]time.Time // by process or group: when it was asked to stop
	others  others
}

// longestCourse is far more than any course takes.
const longestCourse = 24 * time.Hour

// traits are what is the same during one course.
type traits struct {
	budget   time.Duration
	stopWait time.Duration
	health   bool
	depends  bool
	deep     bool // some processes cannot be killed
	holders  bool // programs have holders
	steps    int
	others   bool // there are an event listener, an fcgi-program and an HTTP server as well
}

// incarnation is a program that was started, and what it has begun.
type incarnation struct {
	name    string
	version int
	began   time.Time
	family  []int
}

var chaosNames = []string{"a", "b", "c", "d"}

func newChaos(t testing.TB, seed uint64, holders bool) *chaos {
	c := &chaos{
		r: rand.New(rand.NewPCG(seed, 0)), want: map[string]int{}, lives: map[int]*incarnation{}, states: map[string]machine.Proc{},
		final: map[string]string{}, told: map[int]time.Time{}, printed: map[string]string{},
	}
	c.traits = traits{
		budget:   []time.Duration{0, 0, 9 * time.Second, 3 * time.Second}[c.r.IntN(4)],
		stopWait: []time.Duration{time.Second, 4 * time.Second, 12 * time.Second}[c.r.IntN(3)],
		health:   c.r.IntN(2) == 0, depends: c.r.IntN(2) == 0, deep: c.r.IntN(3) == 0, steps: 10 + c.r.IntN(40),
		others: c.r.IntN(2) == 0,
	}
	dice := rand.New(rand.NewPCG(seed, 1))
	c.traits.holders = holders
	for _, name := range chaosNames {
		if c.r.IntN(4) > 0 {
			c.want[name] = 1
		}
	}
	c.simulation = simulate(t, Run, kerneltest.Settings{
		Dice: dice.IntN, PIDs: 60 + c.r.IntN(1000), Idle: c.look, Signalled: c.signalled, Holders: holders,
	}, func(*simulation) *config.Config { return c.load() })
	c.others.install(c)
	c.m.Install("/bin/program", c.program)
	c.m.Install("/bin/sh", c.probe)
	return c
}

// load is the configuration as it is now.
func (c *chaos) load() *config.Config {
	if c.others.unreadable {
		return nil
	}
	var list []config.Process
	for _, name := range slices.Sorted(maps.Keys(c.want)) {
		p := c.simulation.program(name, "/bin/program", name, strconv.Itoa(c.want[name]))
		p.StopWait, p.Autorestart, p.OnFatal = c.traits.stopWait, machine.RestartUnexpected, config.OnFatalIgnore
		p.Priority = 900 + int(name[0])
		if c.traits.health && name != "d" {
			p.Health = config.Health{
				Probe:    config.Probe{Kind: config.ProbeExec, Target: "probe"},
				Interval: 3 * time.Second, Timeout: 2 * time.Second, Retries: 1, Action: config.HealthRestart,
			}
		}
		if c.traits.depends && name == "b" && c.want["a"] > 0 {
			p.DependsOn = []string{"a"}
		}
		list = append(list, p)
	}
	keeper := c.simulation.program("keeper", "/bin/program", "keeper", "1")
	keeper.StopWait, keeper.Autorestart = c.traits.stopWait, machine.RestartAlways
	return c.others.add(c.config(c.traits.budget, append(list, keeper)...))
}

// run lets everything happen, and looks at what has come of it.
func (c *chaos) run() {
	if err := c.s.Begin(); err != nil {
		c.t.Fatal(err)
	}
	for range 2 {
		c.dial()
	}
	c.after(c.pause(), c.step)
	code := c.s.Run()
	took := time.Since(c.asked)
	for _, cl := range c.clients {
		cl.receive(c.t)
	}
	if code != 0 {
		c.fail("the exit status is %d after an ordered stop", code)
	}
	c.checkEnd(took)
	if c.t.Failed() {
		c.t.Logf("traits %+v; the log:\n%s", c.traits, c.file("log"))
	}
}

func (c *chaos) fail(format string, args ...any) {
	c.t.Helper()
	if c.wrong++; c.wrong > 8 {
		return
	}
	c.t.Errorf("%s: %s", time.Now().Format("15:04:05.000000"), fmt.Sprintf(format, args...))
}

func (c *chaos) note(format string, args ...any) {
	c.s.log.Debug("---- " + fmt.Sprintf(format, args...))
}

// after does something later, at a time that nothing else happens at.
func (c *chaos) after(d time.Duration, do func()) {
	c.m.After(d+time.Duration(1+c.r.IntN(1000)), do)
}

// pause is between two steps: mostly short, so that they meet.
func (c *chaos) pause() time.Duration {
	switch c.r.IntN(4) {
	case 0:
		return 0
	case 1:
		return time.Duration(c.r.IntN(50)) * time.Millisecond
	case 2:
		return time.Duration(c.r.IntN(1500)) * time.Millisecond
	}
	return time.Duration(c.r.IntN(8000)) * time.Millisecond
}

func (c *chaos) step() {
	if c.s.phase != phaseRunning {
		c.fail("it is stopping, although nobody has asked for it")
		return
	}
	if c.traits.steps--; c.traits.steps < 0 {
		c.settleDown()
		return
	}
	n := 14
	if c.traits.others {
		n += 4
	}
	switch c.r.IntN(n) {
	case 0, 1:
		c.change()
		c.apply()
	case 2:
		c.change()
	case 3:
		c.apply()
	case 4, 5, 6, 7:
		c.request(c.client(), c.anyName())
	case 8:
		c.crash()
	case 9:
		c.m.Fail([]string{"Spawn", "Pipe", c.spawn()}[c.r.IntN(3)], []error{syscall.EAGAIN, syscall.ENOMEM, syscall.EMFILE}[c.r.IntN(3)])
	case 10:
		d := time.Duration(1+c.r.IntN(30)) * time.Second
		all := c.r.IntN(2) == 0
		c.note("freeze %v, all %v", d, all)
		c.frozen += d
		c.m.Freeze(d, all)
	case 11:
		c.m.Signal([]syscall.Signal{syscall.SIGUSR2, syscall.SIGWINCH, syscall.SIGCHLD, syscall.SIGPIPE}[c.r.IntN(4)])
	case 12:
		c.groupRequest()
	case 13:
		c.stray()
	default:
		c.others.step()
	}
	c.after(c.pause(), c.step)
}

// spawn is the call by which programs are started.
func (c *chaos) spawn() string {
	if c.traits.holders {
		return "Hold"
	}
	return "Spawn"
}

func (c *chaos) anyName() string { return chaosNames[c.r.IntN(len(chaosNames))] }

// change changes the configuration, or changes it back.
func (c *chaos) change() {
	name := c.anyName()
	if c.want[name] > 0 && c.r.IntN(2) == 0 {
		delete(c.want, name)
	} else {
		c.want[name] = 1 + c.r.IntN(3)
	}
	c.note("configuration is %v", c.want)
}

// apply asks for what is configured.
func (c *chaos) apply() {
	c.note("apply")
	if c.r.IntN(2) == 0 {
		c.m.Signal(syscall.SIGHUP)
		return
	}
	c.client().call(control.OpRestart)
}

func (c *chaos) client() *simClient {
	cl := c.clients[c.r.IntN(len(c.clients))]
	if cl.gone {
		c.fail("a connection has ended")
	}
	return cl
}

// request asks for something of a program, and returns what.
func (c *chaos) request(cl *simClient, name string) string {
	wait := control.Bool(c.r.IntN(2) == 0)
	method := []string{control.OpProcessStart, control.OpProcessStop, control.OpProcessRestart}[c.r.IntN(3)]
	c.note("request %s %s", method, name)
	cl.call(method, control.String(name), wait)
	return method
}

func (c *chaos) groupRequest() {
	switch c.r.IntN(5) {
	case 0:
		c.client().call(control.OpAllStart, control.Bool(true))
	case 1:
		c.client().call(control.OpGroupRemove, control.String(c.anyName()))
	case 2:
		c.client().call(control.OpConfigReread)
	case 3:
		c.client().call(control.OpProcessSignal, control.String(c.anyName()), control.String("USR1"))
	case 4:
		c.client().call(control.OpWaitReady, control.String("keeper"))
	}
}

// crash ends a process, of whatever kind.
func (c *chaos) crash() {
	list := c.m.Processes()
	if len(list) == 0 {
		return
	}
	p := list[c.r.IntN(len(list))]
	if p.Zombie || p.Deep || p.Path == "/bin/sh" || len(p.Args) > 1 && p.Args[1] == "keeper" {
		return
	}
	sig := []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM, syscall.SIGSEGV, syscall.SIGSTOP}[c.r.IntN(4)]
	if p.Args[0] == holder.Name && sig == syscall.SIGTERM {
		return // that asks the supervisor to end
	}
	if sig == syscall.SIGSTOP && p.Path != "/bin/program" && p.Args[0] != holder.Name {
		return // nobody would ever wake it
	}
	c.note("crash %d by %v", p.PID, sig)
	c.m.KillFrom(0, p.PID, sig)
}

// stray comes into the container from outside, and stays for a while.
func (c *chaos) stray() {
	c.m.Enter([]string{"stray"}, func(p *kerneltest.Process) { p.Sleep(time.Second) })
}

// program is what every program does: something else each time, until it is calm.
func (c *chaos) program(p *kerneltest.Process) {
	version, _ := strconv.Atoi(p.Args[2])
	l := &incarnation{name: p.Args[1], version: version, began: time.Now(), family: []int{p.PID()}}
	c.lives[p.PID()] = l
	c.print(p, l, "start "+p.Args[2])
	if l.name != "keeper" && c.calm {
		p.Handle(syscall.SIGTERM, func() {
			p.Sleep(time.Duration(c.r.IntN(800)) * time.Millisecond)
			p.Exit(0)
		})
	}
	if l.name == "keeper" || c.calm {
		c.steady(p, l)
	}
	switch c.r.IntN(10) {
	case 0:
		p.Exit(c.r.IntN(3))
	case 1:
		p.Sleep(time.Duration(c.r.IntN(3000)) * time.Millisecond)
		p.Exit(c.r.IntN(2))
	case 2:
		p.Ignore(syscall.SIGTERM)
		p.Pause()
	case 3:
		c.fork(p, l, func(q *kerneltest.Process) {
			q.Ignore(syscall.SIGTERM)
			q.Sleep(time.Duration(c.r.IntN(20000)) * time.Millisecond)
		})
	case 4:
		c.fork(p, l, func(q *kerneltest.Process) {
			q.Setsid()
			q.Sleep(time.Duration(c.r.IntN(20000)) * time.Millisecond)
		})
		p.Sleep(time.Duration(c.r.IntN(1000)) * time.Millisecond)
		p.Exit(0)
	case 5:
		p.Raise(syscall.SIGSTOP)
	case 6:
		if c.traits.deep && l.name != "a" {
			p.Handle(syscall.SIGTERM, func() { p.Deep(30 * time.Second) })
		}
	case 7:
		p.Handle(syscall.SIGTERM, func() {
			p.Sleep(time.Duration(c.r.IntN(6000)) * time.Millisecond)
			p.Exit(c.r.IntN(2))
		})
	}
	c.steady(p, l)
}

// print writes a line, and notes what the log has to say at the end.
func (c *chaos) print(p *kerneltest.Process, l *incarnation, line string) {
	n, _ := p.Write(1, []byte(line+"\n"))
	c.printed[l.name] += (line + "\n")[:n]
}

func (c *chaos) fork(p *kerneltest.Process, l *incarnation, do kerneltest.Program) {
	l.family = append(l.family, p.Fork(do))
}

func (c *chaos) steady(p *kerneltest.Process, l *incarnation) {
	for i := 0; ; i++ {
		c.print(p, l, strconv.Itoa(p.PID())+" line "+strconv.Itoa(i))
		p.Sleep(time.Duration(1000+c.r.IntN(9000)) * time.Millisecond)
	}
}

// probe is the command of the health check: whoever lets it run is told that all is well.
func (c *chaos) probe(p *kerneltest.Process) {
	p.Sleep(time.Duration(c.r.IntN(800)) * time.Millisecond)
	p.Exit(0)
}

// firstSteps is how long a process may be there before its program begins.
const firstSteps = 20 * time.Millisecond

// signalled is told of what the supervisor sends.
func (c *chaos) signalled(pid int, sig syscall.Signal) {
	if pid == -1 || c.s.stop.signals > 1 || c.s.phase == phaseSweeping {
		return
	}
	if pid < 0 {
		pid = -pid
	}
	l := c.lives[pid]
	switch {
	case l == nil && sig == syscall.SIGTERM: // not at its first instruction yet
		c.told[pid] = time.Now()
	case l == nil:
	case sig == syscall.SIGTERM: // one that was started in this pass is not among the states yet
		if c.told[pid].Before(l.began.Add(-firstSteps)) {
			c.told[pid] = time.Now()
		}
	case c.states[l.name].PID != pid:
	case sig == syscall.SIGKILL && c.traits.budget == 0:
		p := c.s.table.Find(l.name, l.name)
		if p == nil || p.Life.Remains || p.Life.Forked {
			return // remains have had their time
		}
		if at := c.told[pid]; at.Before(l.began.Add(-firstSteps)) || time.Since(at) < c.traits.stopWait {
			c.fail("%s (%d) is killed %v after it was asked to stop, want stopwaitsecs of %v first", l.name, pid, time.Since(at), c.traits.stopWait)
		}
	}
}

// look is what holds in every pass of the loop.
func (c *chaos) look() {
	if c.begun.IsZero() {
		c.begun = time.Now()
	}
	if lasts := time.Since(c.begun) - c.frozen; lasts > longestCourse {
		c.fail("it has not come to its end within %v", longestCourse)
		c.t.FailNow()
	}
	for _, cl := range c.clients {
		cl.receive(c.t)
	}
	c.others.look()
	seen := map[string]machine.Proc{}
	c.s.table.Each(func(p *life.Process) {
		was := c.states[p.Name()]
		is := p.Life
		seen[p.Name()] = is
		if is.State == machine.Running && is.PID != 0 && was.State == machine.Starting && was.Gen == is.Gen {
			if l := c.lives[is.PID]; l != nil && !is.Forked && l.began.After(is.Started) && time.Since(is.Started) < p.Spec.StartSecs {
				c.fail("%s is RUNNING %v after its start, want startsecs of %v first", p.Name(), time.Since(is.Started), p.Spec.StartSecs)
			}
		}
		if is.State == machine.Running && time.Since(is.Started) < p.Spec.StartSecs {
			c.fail("%s is RUNNING %v after its start, want startsecs of %v first", p.Name(), time.Since(is.Started), p.Spec.StartSecs)
		}
		if is.State == machine.Running && is.PID == 0 || is.State == machine.Stopped && is.PID != 0 {
			c.fail("%s is %v with process %d", p.Name(), is.State, is.PID)
		}
	})
	c.states = seen
}

// settleDown lets nothing go wrong any more, and asks for the last things.
func (c *chaos) settleDown() {
	c.note("settle down")
	c.calm = true
	c.m.Forgive("Spawn")
	c.m.Forgive("Hold")
	c.m.Forgive("Pipe")
	c.apply()
	c.after(40*time.Second, func() {
		c.lastChanges(maps.Clone(c.want), c.r.IntN(3))
	})
}

// lastChanges are changes of the configuration in quick succession, of which the last may
// take all of them back. It is read when the request is handled, so each has its moment.
func (c *chaos) lastChanges(was map[string]int, n int) {
	switch {
	case n > 0:
		c.change()
	case c.r.IntN(2) == 0:
		c.want = was
	}
	c.clients[0].call(control.OpRestart) // of one connection, all stays in order
	c.note("apply %v", c.want)
	if n == 0 {
		c.sayLast()
		return
	}
	c.after(time.Duration(c.r.IntN(500))*time.Millisecond, func() { c.lastChanges(was, n-1) })
}

// sayLast asks for something of each program.
func (c *chaos) sayLast() {
	for _, name := range chaosNames {
		if c.r.IntN(3) > 0 {
			c.lastWords(name, 1+c.r.IntN(3))
		} else {
			delete(c.final, name)
		}
	}
	c.others.sayLast()
	c.after(80*time.Second, c.checkCalm)
}

// lastWords are requests for one program in quick succession. The last one counts.
func (c *chaos) lastWords(name string, n int) {
	c.final[name] = c.request(c.clients[0], name)
	if n > 1 {
		c.after(time.Duration(c.r.IntN(300))*time.Millisecond, func() { c.lastWords(name, n-1) })
	}
}

// checkCalm is what holds when everything has come to rest.
func (c *chaos) checkCalm() {
	c.note("check")
	c.m.After(0, func() {})
	c.checkTable()
	c.checkProcesses()
	c.others.check()
	for _, cl := range c.clients {
		for _, call := range cl.open {
			if c.isHeld(call.name) || call.name == "" && c.isHeld("b") {
				continue // what it waits for has been stopped
			}
			c.fail("no answer to %s of %s", call.what, call.at.Format("15:04:05.000000"))
		}
	}
	for _, name := range append(chaosNames, "keeper") {
		if got := c.file(name + ".log"); got != c.printed[name] {
			c.fail("the log of %s is\n%s\nwant\n%s", name, got, c.printed[name])
		}
	}
	if text := c.file("log"); c.traits.health && strings.Contains(text, "unhealthy: ") {
		c.fail("a program was found unhealthy whose probe never fails")
	}
	c.end()
}

// isHeld reports whether a program waits for another one that is down.
func (c *chaos) isHeld(name string) bool {
	p := c.s.table.Find(name, name)
	return p != nil && p.Held
}

// checkTable compares the table with the configuration and the last requests.
func (c *chaos) checkTable() {
	for _, g := range c.s.table.Groups() {
		if c.want[g.Config.Name] == 0 && g.Config.Name != "keeper" && !c.others.has(g.Config.Name) {
			c.fail("%s is in the table, and not in the configuration", g.Config.Name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.want)) {
		p := c.s.table.Find(name, name)
		if p == nil {
			c.fail("%s is in the configuration, and not in the table", name)
			continue
		}
		if got := p.Config.Argv[2]; got != strconv.Itoa(c.want[name]) {
			c.fail("%s is version %s in the table, want %d", name, got, c.want[name])
		}
		up := p.Life.State == machine.Running
		switch last := c.final[name]; {
		case last == "":
		case last == control.OpProcessStop && (up || p.Life.PID != 0):
			c.fail("%s is %v, and was asked to stop last", name, p.Life.State)
		case last != control.OpProcessStop && !up && !p.Held:
			c.fail("%s is %v (held: %v, wanted: %v), and was asked to be up last (%s)", name, p.Life.State, p.Held, p.Life.Wanted, last)
		case p.Held && c.s.table.Find("a", "a").IsReady():
			c.fail("%s is held, and what it waits for is ready", name)
		}
	}
}

// checkProcesses compares the processes that there are with the table.
func (c *chaos) checkProcesses() {
	allowed := map[int]bool{}
	running := map[int][]string{}
	for _, p := range c.m.Processes() {
		running[p.PID] = p.Args
	}
	c.s.table.Each(func(p *life.Process) {
		if p.Life.PID == 0 {
			return
		}
		l := c.lives[p.Life.PID]
		if l == nil || l.began.Before(p.Life.Started) { // it did not come to its first instruction, is a successor, or one of the others
			if !p.Life.Forked && !slices.Contains(running[p.Life.PID], p.Config.Argv[2]) {
				c.fail("%s is process %d, which nobody has started", p.Name(), p.Life.PID)
			}
			allowed[p.Life.PID] = true
			return
		}
		if l.name != p.Name() || strconv.Itoa(l.version) != p.Config.Argv[2] {
			c.fail("%s is process %d, which runs version %d of %s", p.Name(), p.Life.PID, l.version, l.name)
		}
		for _, pid := range l.family {
			allowed[pid] = true
		}
	})
	for _, p := range c.m.Processes() {
		switch {
		case p.Zombie && p.Parent == 1:
			c.fail("process %v was not reaped", p)
		case (allowed[p.PID] || p.Path == "/bin/sh") && c.m.Holder(p.PID) != 0:
			allowed[c.m.Holder(p.PID)] = true
		}
	}
	for _, p := range c.m.Processes() {
		switch {
		case !allowed[p.PID] && p.Path != "/bin/sh" && p.Path != "/bin/slipway" && p.Args[0] != "stray":
			c.fail("process %v runs, and belongs to nothing", p)
		}
	}
}

// end asks for the end, in one of the ways.
func (c *chaos) end() {
	c.asked = time.Now()
	c.note("the end")
	c.m.Signal(syscall.SIGTERM)
}

// checkEnd is what holds when it is over.
func (c *chaos) checkEnd(took time.Duration) {
	limit := c.traits.budget
	if limit == 0 {
		limit = 8*c.traits.stopWait + ownership.SweepWait
	}
	if limit += killWait + flushWait; took > limit {
		c.fail("the stop took %v, want %v at most", took, limit)
	}
	stuck := slices.ContainsFunc(c.m.Processes(), func(p kerneltest.Info) bool { return p.Deep })
	for fd, what := range c.m.Descriptors() {
		if fd > 2 && !(stuck && what == "pipe") {
			c.fail("descriptor %d (%s) is still open", fd, what)
		}
	}
	for _, p := range c.m.Processes() {
		if p.Zombie && p.Parent == 1 {
			c.fail("process %v was not reaped", p)
		}
	}
}
