package supervise

import (
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/kernel/kerneltest"
)

// A container is paused while a program starts, and while its probe runs. Neither has had
// the time, so neither has failed.
func TestFreezeEndsNoStart(t *testing.T) {
	for _, tt := range []struct {
		name  string
		probe time.Duration // how long a run takes
	}{
		{"between two runs", 0},
		{"during a run", 4 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := kerneltest.New(t)
				up := false
				m.Install("/bin/db", func(p *kerneltest.Process) {
					p.Sleep(6 * time.Second)
					up = true
					p.Sleep(time.Hour)
				})
				m.Install("/bin/sh", func(p *kerneltest.Process) {
					p.Sleep(tt.probe)
					if !up {
						p.Exit(1)
					}
				})
				db := program("db", "", ready("exec:up", 10*time.Second), retries(0))
				db.Processes[0].Argv = []string{"/bin/db"}
				cfg := groups(db)
				s := New(Options{Mode: Run, Kernel: m, PID: 1, BootFD: -1, ReadyFD: -1, Load: func() (*config.Config, error) { return cfg, nil }})
				if err := s.Begin(); err != nil {
					t.Fatal(err)
				}
				time.AfterFunc(2*time.Second, func() { m.Freeze(time.Minute, true) })
				defer time.AfterFunc(2*time.Minute, func() { m.Signal(syscall.SIGTERM) }).Stop()
				if code := s.Run(); code != 0 {
					t.Errorf("exit status = %d, want 0", code)
				}
				if log := m.Output(2); !strings.Contains(log, "ready: db") || strings.Contains(log, "failed: db") {
					t.Errorf("log is\n%s", log)
				}
			})
		})
	}
}
