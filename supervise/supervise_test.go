package supervise

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"slipway/internal/test/testkit"
	"slipway/supervise/config"
	"slipway/supervise/kernel"
	"slipway/supervise/machine"
)

// A supervisor's loop takes the signals and the children of its process, so every
// scenario runs in a process of its own: this test binary again, which TestMain turns
// into the supervisor of a named scenario.
const envScenario = "SLIPWAY_TEST_SCENARIO"

func TestMain(m *testing.M) {
	if name := os.Getenv(envScenario); name != "" {
		if len(os.Args) > 1 && os.Args[1] == "probe" {
			os.Exit(fakeProbe())
		}
		if len(os.Args) > 1 && os.Args[1] == "spew" {
			os.Exit(spew())
		}
		if len(os.Args) > 1 && os.Args[1] == "notify" {
			os.Exit(notifyReady())
		}
		os.Exit(runScenario(name))
	}
	// Simulations are short-lived: collecting their garbage as often costs a quarter of the time.
	debug.SetGCPercent(400)
	// What runs real processes waits for them more than it computes.
	flag.Parse()
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// scenario is a configuration in Go, and the mode it runs in.
type scenario struct {
	mode   Mode
	budget time.Duration // of a stop; 0: the default, negative: none
	config func() *config.Config
	main   []string
}

// load gives the configuration, with what the decoder takes from [slipway] in it.
func (sc scenario) load() (*config.Config, error) {
	cfg := sc.config()
	if cfg == nil {
		return nil, errors.New("broken")
	}
	c := &cfg.Slipway
	c.OnFatal, c.Strays, c.StopSignals = config.OnFatalIgnore, config.StraysKeep, []int{15, 2, 3}
	if sc.mode == Run {
		c.OnFatal, c.Strays, c.StopBudget = config.OnFatalShutdown, config.StraysKill, 9*time.Second
		if sc.budget != 0 {
			c.StopBudget = max(sc.budget, 0)
		}
	}
	for i := range cfg.Groups {
		for j := range cfg.Groups[i].Processes {
			p := &cfg.Groups[i].Processes[j]
			if p.OnFatal == config.OnFatalUnset {
				p.OnFatal = c.OnFatal
			}
			if p.Strays == config.StraysUnset {
				p.Strays = c.Strays
			}
		}
	}
	return cfg, nil
}

func runScenario(name string) int {
	k, err := kernel.Open()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 70
	}
	sc, ok := scenarios()[name]
	if !ok {
		fmt.Fprintln(os.Stderr, "no scenario", name)
		return 70
	}
	kernel.BecomeSubreaper()
	s := New(Options{
		Mode: sc.mode, Kernel: k, PID: os.Getpid(), UID: os.Geteuid(), Environ: os.Environ(),
		Slipway: "/proc/self/exe", BootFD: -1, ReadyFD: -1, Main: sc.main, Version: "1.2.3", ConfigFile: "/etc/x.conf", Secrets: []string{"TOKEN", "PASSWORD"},
		Load: sc.load,
	})
	if err := s.Begin(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 78
	}
	return s.Run()
}

// program is a process as the configuration would give it, run by sh.
func program(name, script string, change ...func(*config.Process)) config.Group {
	out := config.Output{Logfile: os.Getenv("OUT")}
	p := config.Process{
		Name: name, Group: name, Program: name,
		Command: script, Argv: []string{"/bin/sh", "-c", script},
		Priority: 999, Umask: -1, Autostart: true,
		Spec: machine.Spec{
			StartSecs: time.Second / 5, StartRetries: 3,
			ExitCodes: []int{0}, StopSignal: int(syscall.SIGTERM), StopWait: 10 * time.Second,
		},
		Stdout: out, Stderr: out,
	}
	for _, c := range change {
		c(&p)
	}
	return config.Group{Name: name, Priority: p.Priority, Processes: []config.Process{p}}
}

func groups(list ...config.Group) *config.Config {
	return &config.Config{
		Groups:      list,
		Slipway:     config.Slipway{ControlFallback: true, Runtime: os.Getenv("DIR")},
		Supervisord: config.Supervisord{Loglevel: config.LevelInfo, Logfile: "/dev/stderr", Pidfile: "NONE", Identifier: "supervisor"},
	}
}

// running is a supervisor under test.
type running struct {
	t    *testing.T
	dir  string
	proc *os.Process
	mu   sync.Mutex
	log  bytes.Buffer
	read chan struct{} // closed when all of the log is there
	done chan struct{} // closed when it has ended
	code int
}

// supervise starts the supervisor of a scenario.
func start(t *testing.T, name string, change ...func(*startOptions)) *running {
	t.Helper()
	t.Parallel()
	r := &running{t: t, dir: t.TempDir(), read: make(chan struct{}), done: make(chan struct{})}
	o := startOptions{env: append(os.Environ(), envScenario+"="+name, "DIR="+r.dir, "OUT="+filepath.Join(r.dir, "out"))}
	pr, pw, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	o.files = []*os.File{nil, pw, pw}
	for _, c := range change {
		c(&o)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	argv := append([]string{"slipway-init-test"}, o.args...)
	path := exe
	if o.pid1 {
		testkit.Need(t, testkit.Root)
		path = "/bin/sh"
		argv = []string{"sh", "-c", `mount --make-rprivate / && mount -t proc proc /proc && exec "$@"`, "sh", exe}
		o.sys.Cloneflags |= syscall.CLONE_NEWPID | syscall.CLONE_NEWNS
	}
	o.sys.Setpgid = true
	r.proc, err = os.StartProcess(path, argv, &os.ProcAttr{Env: o.env, Files: o.files, Sys: &o.sys})
	if err != nil {
		t.Fatal(err)
	}
	pw.Close()
	go r.follow(pr) // ends with the pipe's last writer
	go func() {     // ends with the process
		st, err := r.proc.Wait()
		if err == nil {
			ws := st.Sys().(syscall.WaitStatus)
			r.code = ws.ExitStatus()
			if ws.Signaled() {
				r.code = 128 + int(ws.Signal())
			}
		}
		close(r.done)
	}()
	t.Cleanup(func() {
		// Three signals end a supervisor with its programs at once; killed, it leaves them.
		for range 3 {
			r.proc.Signal(syscall.SIGTERM)
		}
		select {
		case <-r.done:
		case <-time.After(3 * time.Second):
			r.proc.Kill()
			<-r.done
		}
		if t.Failed() {
			t.Logf("log of the supervisor:\n%s", r.text())
		}
	})
	return r
}

type startOptions struct {
	env   []string
	files []*os.File
	sys   syscall.SysProcAttr
	pid1  bool
	args  []string
}

func asPID1(o *startOptions) { o.pid1 = true }

func (r *running) follow(f *os.File) {
	defer close(r.read)
	buf := make([]byte, 64<<10)
	for {
		n, err := f.Read(buf)
		r.mu.Lock()
		r.log.Write(buf[:n])
		r.mu.Unlock()
		if err != nil {
			f.Close()
			return
		}
	}
}

func (r *running) text() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.log.String()
}

// says waits for a line of the log.
func (r *running) says(want string) {
	r.t.Helper()
	testkit.Eventually(r.t, testkit.Patience, "log says "+want, func() error {
		if text := r.text(); !strings.Contains(text, want) {
			return fmt.Errorf("log is\n%s", text)
		}
		return nil
	})
}

// wrote waits until a file in the scenario's directory has a content.
func (r *running) wrote(name, want string) {
	r.t.Helper()
	testkit.Eventually(r.t, testkit.Patience, name+" has "+want, func() error {
		if got := r.file(name); !strings.Contains(got, want) {
			return fmt.Errorf("%s is %q", name, got)
		}
		return nil
	})
}

func (r *running) file(name string) string {
	b, _ := os.ReadFile(filepath.Join(r.dir, name))
	return string(b)
}

func (r *running) signal(sig syscall.Signal) { r.proc.Signal(sig) }

// ends waits for the end, and for the rest of the log, and checks the exit status.
func (r *running) ends(within time.Duration, want int) {
	r.t.Helper()
	select {
	case <-r.done:
	case <-time.After(within):
		r.t.Fatalf("supervisor still there after %v", within)
	}
	select {
	case <-r.read:
	case <-time.After(testkit.Patience):
		r.t.Fatal("somebody who is left holds the log open")
	}
	if r.code != want {
		r.t.Errorf("exit status = %d, want %d", r.code, want)
	}
}
