package watcher

import (
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"slipway/supervise/boot"
	"slipway/supervise/child"
	"slipway/supervise/kernel/kerneltest"
	"slipway/supervise/loop"
	"slipway/supervise/loop/looptest"
	"slipway/supervise/server"
)

type silence struct{}

func (silence) Debug(...string) {}
func (silence) Warn(...string)  {}
func (silence) Error(...string) {}

// watching runs a watcher for a while, and returns when its process was started.
func watching(t *testing.T, d time.Duration, running func() bool, program kerneltest.Program, during func(m *kerneltest.Machine, w *Watcher)) (starts []time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		m, began := kerneltest.New(t), time.Now()
		m.Install("/bin/slipway", func(p *kerneltest.Process) {
			if p.Args[1] != boot.Watch {
				t.Errorf("slipway %q was started", p.Args[1:])
			}
			starts = append(starts, time.Since(began))
			program(p)
		})
		l := loop.New(m, m)
		w := New(Options{
			Kernel: m, Loop: l, Log: silence{}, Server: server.New(server.Options{Kernel: m, Loop: l, Log: silence{}}),
			Runner: child.NewRunner(m, l), Maker: &child.Maker{Files: m, Slipway: "/bin/slipway"}, Running: running,
		})
		w.Start()
		w.Start() // it runs
		during(m, w)
		looptest.Run(l, d)
		for fd, what := range m.Descriptors() {
			if fd > 2 && w.running == nil {
				t.Errorf("descriptor %d (%s) is still open", fd, what)
			}
		}
	})
	return starts
}

func always() bool { return true }

func leave(*kerneltest.Machine, *Watcher) {}

// The pauses double while it keeps dying, up to a minute.
func TestPausesDouble(t *testing.T) {
	got := watching(t, 4*time.Minute, always, func(p *kerneltest.Process) { p.Exit(1) }, leave)
	var want []time.Duration
	for _, seconds := range []time.Duration{0, 1, 3, 7, 15, 31, 63, 123, 183} {
		want = append(want, seconds*time.Second)
	}
	if !slices.Equal(got, want) {
		t.Errorf("started at %v, want %v", got, want)
	}
}

// One that has lasted for a minute begins with the shortest pause.
func TestLastingForgivesPauses(t *testing.T) {
	got := watching(t, 3*time.Minute, always, func(p *kerneltest.Process) {
		p.Sleep(time.Minute)
		p.Exit(1)
	}, leave)
	if want := []time.Duration{0, 61 * time.Second, 122 * time.Second}; !slices.Equal(got, want) {
		t.Errorf("started at %v, want %v", got, want)
	}
}

// One that ends well has nothing to watch, and in an ordered stop nothing is rendered.
func TestIsNotStartedInVain(t *testing.T) {
	if got := watching(t, time.Hour, always, func(*kerneltest.Process) {}, leave); len(got) != 1 {
		t.Errorf("started at %v after it has ended well, want once", got)
	}
	stopping := false
	got := watching(t, time.Hour, func() bool { return !stopping }, func(p *kerneltest.Process) { p.Pause() }, func(m *kerneltest.Machine, w *Watcher) {
		m.After(time.Minute, func() {
			stopping = true
			w.Signal(syscall.SIGKILL)
		})
	})
	if len(got) != 1 {
		t.Errorf("started at %v during a stop, want once, before it", got)
	}
	if got := watching(t, time.Hour, func() bool { return false }, func(*kerneltest.Process) {}, leave); len(got) != 0 {
		t.Errorf("started at %v during a stop", got)
	}
}

// An executable that is not there is looked for again.
func TestIsStartedWhenItCanBe(t *testing.T) {
	got := watching(t, time.Minute, always, func(p *kerneltest.Process) { p.Pause() }, func(m *kerneltest.Machine, w *Watcher) {
		w.Signal(syscall.SIGKILL)
		m.Fail("Spawn", syscall.ENOENT, syscall.ENOENT)
	})
	// It is killed at once, and cannot be started twice: after 1 s, 2 s more, 4 s more.
	if len(got) == 0 || got[len(got)-1] != 7*time.Second {
		t.Errorf("started at %v, want at last after 7 s", got)
	}
}
