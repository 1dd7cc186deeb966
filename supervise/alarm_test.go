package supervise

import (
	"strings"
	"testing"

	"slipway/supervise/config"
)

// Why a container ends is on its stderr, wherever the log is. Supervisor's own log stays where
// the file has it.
func TestReasonOfAnEndIsOnStderr(t *testing.T) {
	for _, row := range []struct {
		name, logfile string
		mode          Mode
		want          int // lines with the reason
	}{
		{"a file", "/var/log/log", Run, 1},
		{"/dev/null", "/dev/null", Run, 1},
		{"none", "", Run, 1},
		{"stderr", "/dev/stderr", Run, 1},
		{"supervisord", "/var/log/log", Daemon, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			simulated(t, row.mode, func(x *simulation) *config.Config {
				cfg := x.config(0, x.plays("web", "exit 3", once, func(p *config.Process) { p.OnExit = config.OnExitShutdown }))
				cfg.Supervisord.Logfile, cfg.Supervisord.Loglevel = row.logfile, config.LevelInfo
				return cfg
			}, func(x *simulation) {
				x.over()
				if got := strings.Count(x.m.Output(2), "stopping: web has ended (on_exit=shutdown)"); got != row.want {
					t.Errorf("stderr has the reason %d times, want %d:\n%s", got, row.want, x.m.Output(2))
				}
				if got := strings.Contains(x.m.Output(2), "spawned"); got != (row.logfile == "/dev/stderr") {
					t.Errorf("stderr has all lines: %v", got)
				}
			})
		})
	}
}
