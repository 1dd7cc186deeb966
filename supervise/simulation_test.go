package supervise

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/control"
	"slipway/supervise/kernel/kerneltest"
	"slipway/supervise/machine"
)

// simulation is a supervisor on a simulated machine, in a bubble of testing/synctest. Only
// its logs are real files.
type simulation struct {
	t       testing.TB
	m       *kerneltest.Machine
	s       *Supervisor
	dir     string
	clients []*simClient
}

// simulate makes a supervisor that has not begun. PID 1 of the machine is it.
func simulate(t testing.TB, mode Mode, settings kerneltest.Settings, load func(*simulation) *config.Config) *simulation {
	x := &simulation{t: t, dir: t.TempDir()}
	x.m = kerneltest.New(t, settings)
	x.m.Install("/bin/play", kerneltest.Script)
	x.m.Install("/bin/sh", kerneltest.Script)
	x.s = New(Options{
		Mode: mode, Kernel: x.m, PID: 1, Environ: []string{"PATH=/bin"}, Slipway: "/bin/slipway",
		BootFD: -1, ReadyFD: -1, Version: "1.2.3", ConfigFile: "/etc/x.conf",
		Load: func() (*config.Config, error) { return load(x), nil },
	})
	return x
}

// config is a configuration as the decoder would give it, for these programs.
func (x *simulation) config(budget time.Duration, list ...config.Process) *config.Config {
	cfg := &config.Config{
		Slipway:     config.Slipway{StopBudget: budget},
		Supervisord: config.Supervisord{Loglevel: config.LevelDebug, Logfile: x.path("log"), Pidfile: "NONE", Identifier: "supervisor"},
	}
	for _, p := range list {
		p.OnFatal, p.Strays = config.OnFatalIgnore, config.StraysKill
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

func (x *simulation) path(name string) string { return filepath.Join(x.dir, name) }

func (x *simulation) file(name string) string {
	b, _ := os.ReadFile(x.path(name))
	return string(b)
}

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
	at     time.Time
	answer *control.Frame // nil: none yet
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
		call.what += " " + args[0].Str()
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
			call.answer = &f
			delete(c.open, f.ID)
		}); err != nil {
			t.Errorf("cannot read an answer: %v", err)
		}
	}
}
