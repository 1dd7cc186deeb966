package supervise

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/control"
)

// lines are those of the log from an offset on.
func (x *simulation) lines(from int) []string {
	return strings.Split(strings.TrimSuffix(x.file("log")[from:], "\n"), "\n")
}

// A hundred programs that end once a second are a summary, and are started less and less
// often.
func TestAHundredProgramsThatEnd(t *testing.T) {
	simulated(t, Run, func(x *simulation) *config.Config {
		var list []config.Process
		for i := range 100 {
			list = append(list, x.plays(fmt.Sprintf("p%02d", i), "sleep 1s; exit 1", startSecs(time.Second/2), growing))
		}
		cfg := x.config(9*time.Second, append(list, x.plays("good", "pause"))...)
		cfg.Supervisord.Loglevel = config.LevelInfo
		return cfg
	}, func(x *simulation) {
		x.sleep(10 * time.Minute)
		from, spawns := len(x.file("log")), x.m.Spawns()
		x.sleep(10 * time.Minute)
		if n := x.m.Spawns() - spawns; n > 100*12 {
			t.Errorf("%d starts in ten minutes, want about one a minute for each of 100 programs", n)
		}
		list := x.lines(from)
		if len(list) > 10*40 {
			t.Errorf("%d lines in ten minutes, want at most 40 a minute", len(list))
		}
		last := ""
		for _, line := range list {
			if strings.Contains(line, "programs that do not stay up have ended ") {
				last = line
			}
		}
		if !strings.Contains(last, " more in the last minute: p") || !strings.Contains(last, ", the last: exit status 1)") || !strings.Contains(last, " more programs") {
			t.Errorf("the summary is %q", last)
		}
		x.is("good", control.Running)
	})
}

// The first ends are told in full, and so is what is final; as supervisord all are.
func TestWhatIsToldInFull(t *testing.T) {
	const programs, minutes = 16, 6
	for _, mode := range []Mode{Run, Daemon} {
		t.Run(mode.String(), func(t *testing.T) {
			simulated(t, mode, func(x *simulation) *config.Config {
				list := []config.Process{x.plays("last", "sleep 700ms; exit 5", retries(20), ignoreFatal), x.plays("good", "pause")}
				for i := range programs {
					list = append(list, x.plays(fmt.Sprintf("p%02d", i), "sleep 1s; exit 1", startSecs(time.Second/2)))
				}
				cfg := x.config(9*time.Second, list...)
				cfg.Supervisord.Loglevel = config.LevelInfo
				return cfg
			}, func(x *simulation) {
				x.sleep(minutes * time.Minute)
				told, ends := x.count("exited: p"), programs*minutes*60
				x.says("gave up: last entered FATAL state")
				switch {
				case mode == Run && told > minutes*40:
					t.Errorf("%d of about %d ends were told", told, ends)
				case mode == Run && strings.Count(x.file("log"), "exited: p15") < 1:
					t.Errorf("the first ends of a program were not told")
				case mode == Daemon && told < ends*9/10:
					t.Errorf("%d ends were told, want all of about %d", told, ends)
				}
			})
		})
	}
}
