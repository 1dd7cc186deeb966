package supervise

import (
	"errors"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/control"
	"slipway/supervise/control/surface"
	"slipway/supervise/kernel/kerneltest"
	"slipway/supervise/machine"
)

// simulation is a supervisor on a simulated machine, in a bubble of testing/synctest.
type simulation struct {
	t       testing.TB
	m       *kerneltest.Machine
	s       *Supervisor
	clients []*simClient
	done    chan struct{} // closed when the supervisor has ended
	code    int           // its exit status then
	passes  atomic.Int64  // of the loop: how often it was about to wait
}

// simulate makes a supervisor that has not begun. PID 1 of the machine is it, unless the
// settings say otherwise. A configuration that is nil cannot be read.
func simulate(t testing.TB, mode Mode, settings kerneltest.Settings, load func(*simulation) *config.Config) *simulation {
	x := &simulation{t: t}
	if settings.Idle == nil {
		settings.Idle = func() { x.passes.Add(1) }
	}
	x.m = kerneltest.New(t, settings)
	x.m.Install("/bin/play", kerneltest.Script)
	x.m.Install("/bin/sh", func(p *kerneltest.Process) { // sh -c SCRIPT
		p.Args = []string{p.Args[0], p.Args[2]}
		kerneltest.Script(p)
	})
	x.s = New(Options{
		Mode: mode, Kernel: x.m, PID: max(settings.PID, 1), Environ: []string{"PATH=/bin"}, Slipway: "/bin/slipway",
		BootFD: -1, ReadyFD: -1, Version: "1.2.3", ConfigFile: "/etc/x.conf",
		Load: func() (*config.Config, error) {
			cfg := load(x)
			if cfg == nil {
				return nil, errors.New("broken")
			}
			return cfg, nil
		},
	})
	return x
}

// config is a configuration as the decoder would give it, for these programs.
func (x *simulation) config(budget time.Duration, list ...config.Process) *config.Config {
	cfg := &config.Config{
		Slipway:     config.Slipway{ControlFallback: true, StopBudget: budget, StopSignals: []int{15, 2, 3}},
		Supervisord: config.Supervisord{Loglevel: config.LevelDebug, Logfile: x.path("log"), Pidfile: "NONE", Identifier: "supervisor"},
	}
	for _, p := range list {
		if p.OnFatal == config.OnFatalUnset {
			if p.OnFatal = config.OnFatalIgnore; x.s.opts.Mode == Run {
				p.OnFatal = config.OnFatalShutdown
			}
		}
		if p.Strays == config.StraysUnset {
			if p.Strays = config.StraysKeep; x.s.opts.Mode == Run {
				p.Strays = config.StraysKill
			}
		}
		cfg.Groups = append(cfg.Groups, config.Group{Name: p.Group, Priority: p.Priority, Processes: []config.Process{p}})
	}
	return cfg
}

// simProgram is a program with the defaults of the tests.
func (x *simulation) program(name string, argv ...string) config.Process {
	out := config.Output{Logfile: x.path(name + ".log")}
	return config.Process{
		Name: name, Group: name, Program: name, Command: strings.Join(argv, " "), Argv: argv,
		Priority: 999, Umask: -1, Autostart: true, RedirectStderr: true,
		Spec: machine.Spec{
			StartSecs: time.Second, StartRetries: 3, ExitCodes: []int{0},
			StopSignal: int(syscall.SIGTERM), StopWait: 10 * time.Second,
		},
		Stdout: out,
	}
}

func (x *simulation) path(name string) string { return "/var/log/" + name }

func (x *simulation) file(name string) string { return x.m.Text(x.path(name)) }

// simClient is somebody at the control socket.
type simClient struct {
	conn    *kerneltest.Conn
	decoder control.Decoder
	next    uint64
	open    map[uint64]*simCall
	gone    bool
	buf     []byte
}

// simCall is a call and what came of it.
type simCall struct {
	what   string
	name   string // of the program or group, if it concerns one
	at     time.Time
	chunks []control.Value // of a stream
	answer *control.Frame  // nil: none yet
}

// dial connects somebody to the control socket; nil if nobody listens.
func (x *simulation) dial() *simClient {
	conn, err := x.m.Dial(control.DefaultRuntime+"/control.sock", 0)
	if err != nil {
		return nil
	}
	c := &simClient{conn: conn, open: map[uint64]*simCall{}, decoder: control.Decoder{Max: control.MaxAnswer}, buf: make([]byte, 8<<10)}
	x.clients = append(x.clients, c)
	return c
}

// call asks for something; the answer comes with receive.
func (c *simClient) call(method string, args ...control.Value) *simCall {
	c.next++
	call := &simCall{what: method, at: time.Now()}
	if len(args) > 0 {
		call.name = args[0].Str()
		call.what += " " + call.name
	}
	c.open[c.next] = call
	c.conn.Write(control.AppendFrame(nil, control.Frame{Kind: control.FrameRequest, ID: c.next, Method: method, Args: args}))
	return call
}

// receive takes the answers that have come.
func (c *simClient) receive(t testing.TB) {
	for !c.gone {
		n, err := c.conn.Poll(c.buf)
		if err == syscall.EAGAIN {
			return
		}
		if err != nil {
			c.gone = true
			return
		}
		if err := c.decoder.Feed(c.buf[:n], func(f control.Frame) {
			call := c.open[f.ID]
			if call == nil {
				t.Errorf("an answer to nothing, or a second one: %+v", f)
				return
			}
			if f.Kind == control.FrameChunk {
				call.chunks = append(call.chunks, f.Value)
				return
			}
			call.answer = &f
			delete(c.open, f.ID)
		}); err != nil {
			t.Errorf("cannot read an answer: %v", err)
		}
	}
}

// simulated runs a test of a supervisor in a bubble. The programs are started when the test
// body begins; at its end the supervisor is ended, unless it has ended by itself.
func simulated(t *testing.T, mode Mode, load func(*simulation) *config.Config, test func(*simulation)) {
	t.Helper()
	simulatedOn(t, kerneltest.Settings{}, mode, func(*simulation) {}, load, test)
}

// simulatedWith is simulated with something to prepare before it begins.
func simulatedWith(t *testing.T, mode Mode, prepare func(*simulation), load func(*simulation) *config.Config, test func(*simulation)) {
	t.Helper()
	simulatedOn(t, kerneltest.Settings{}, mode, prepare, load, test)
}

// simulatedOn is simulatedWith on a machine that is special.
func simulatedOn(t *testing.T, settings kerneltest.Settings, mode Mode, prepare func(*simulation), load func(*simulation) *config.Config, test func(*simulation)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		x := simulate(t, mode, settings, load)
		prepare(x)
		x.done = make(chan struct{})
		if err := x.s.Begin(); err != nil {
			t.Fatal(err)
		}
		go func() { // ends with the supervisor, whose end is waited for below
			x.code = x.s.Run()
			close(x.done)
		}()
		defer func() {
			if settings.Stalls { // what still writes would end with a process only
				x.m.Stall(1, false)
				x.m.Stall(2, false)
			}
			for range 3 {
				x.signal(syscall.SIGTERM)
			}
			x.over()
			if t.Failed() {
				t.Logf("the log:\n%s", x.file("log"))
			}
		}()
		x.settle()
		test(x)
	})
}

// settle waits until the supervisor waits.
func (x *simulation) settle() { synctest.Wait() }

// sleep lets time pass, and all that happens in it.
func (x *simulation) sleep(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (x *simulation) signal(sig syscall.Signal) {
	x.m.Signal(sig)
	synctest.Wait()
}

// over waits for the end of the supervisor, and returns how long that has taken.
func (x *simulation) over() time.Duration {
	x.t.Helper()
	began := time.Now()
	select {
	case <-x.done:
	case <-time.After(time.Hour):
		x.t.Fatal("the supervisor is there after an hour")
	}
	return time.Since(began)
}

// ends waits for the end, which must come in time and with this exit status.
func (x *simulation) ends(within time.Duration, code int) {
	x.t.Helper()
	if took := x.over(); took > within {
		x.t.Errorf("the end took %v, want %v at most", took, within)
	}
	if x.code != code {
		x.t.Errorf("exit status = %d, want %d", x.code, code)
	}
}

// says insists that the log has a text.
func (x *simulation) says(want string) {
	x.t.Helper()
	if text := x.file("log"); !strings.Contains(text, want) {
		x.t.Errorf("the log does not say %q", want)
	}
}

// until lets time pass until something is so, a minute at most.
func (x *simulation) until(what string, is func() bool) {
	x.t.Helper()
	for began := time.Now(); !is(); x.sleep(10 * time.Millisecond) {
		if time.Since(began) > time.Minute {
			x.t.Fatalf("it is not so after a minute: %s", what)
		}
	}
}

// printed waits until the log of a program has a text.
func (x *simulation) printed(name, want string) {
	x.t.Helper()
	x.until(name+" has printed "+want, func() bool { return strings.Contains(x.file(name+".log"), want) })
}

// ask makes a call and waits for its answer, for a minute at most. It must succeed, or fail
// with a fault of that code. An answer is of the kind that the operation's row promises.
func (x *simulation) ask(want control.Code, method string, args ...control.Value) control.Value {
	x.t.Helper()
	call := x.begin(method, args...)
	for began := time.Now(); call.answer == nil; x.sleep(time.Millisecond) {
		if x.clients[0].receive(x.t); time.Since(began) > time.Minute {
			x.t.Fatalf("no answer to %s", call.what)
		}
	}
	got := control.Success
	if call.answer.Fault != nil {
		got = call.answer.Fault.Code
	}
	if got != want {
		x.t.Fatalf("%s = %v (%v), want %v", call.what, got.Name(), call.answer.Fault, want.Name())
	}
	v := call.answer.Value
	if row, ok := surface.Lookup(method); got == control.Success && (!ok || v.Kind() != row.Result) {
		x.t.Errorf("%s answers with a %s, its row promises %s", method, v.Kind(), row.Result)
	}
	return v
}

// stream returns the chunks that have come of a call.
func (x *simulation) stream(call *simCall) []control.Value {
	x.settle()
	x.clients[0].receive(x.t)
	return call.chunks
}

// begin makes a call that nobody waits for.
func (x *simulation) begin(method string, args ...control.Value) *simCall {
	x.t.Helper()
	if len(x.clients) == 0 && x.dial() == nil {
		x.t.Fatal("nobody listens at the control socket")
	}
	call := x.clients[0].call(method, args...)
	x.settle()
	return call
}

// info is what clients see of a process.
func (x *simulation) info(name string) control.ProcessInfo {
	x.t.Helper()
	return control.Read[control.ProcessInfo](x.ask(control.Success, control.OpProcessGet, control.String(name)))
}

// is insists on the state of a process.
func (x *simulation) is(name string, want control.ProcessState) control.ProcessInfo {
	x.t.Helper()
	i := x.info(name)
	if i.State != want {
		x.t.Errorf("%s is %v, want %v", name, i.State, want)
	}
	return i
}

// playing returns a program that plays scripts.
func (x *simulation) playing(name string, scripts ...string) config.Process {
	return x.program(name, append([]string{"/bin/play"}, scripts...)...)
}

// plays returns a program that plays a script, with changes of its options.
func (x *simulation) plays(name, script string, change ...func(*config.Process)) config.Process {
	p := x.playing(name, script)
	for _, c := range change {
		c(&p)
	}
	return p
}

// count is how often the log says something.
func (x *simulation) count(what string) int { return strings.Count(x.file("log"), what) }

// up waits until programs are ready.
func (x *simulation) up(names ...string) {
	x.t.Helper()
	for _, name := range names {
		x.ask(control.Success, control.OpWaitReady, control.String(name))
	}
}

// empty insists that no process is left on the machine.
func (x *simulation) empty() {
	x.t.Helper()
	for _, p := range x.m.Processes() {
		x.t.Errorf("process %v is still there", p)
	}
}
