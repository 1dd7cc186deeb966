package supervise

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/control"
	"slipway/supervise/kernel/kerneltest"
)

// scheduled gives a program a schedule, as the decoder does.
func scheduled(text string, overlap config.Overlap) func(*config.Process) {
	return func(p *config.Process) {
		p.Schedule, p.Overlap, p.Conduct, p.Autostart, p.OnFatal = "CRON_TZ=UTC "+text, overlap, config.ConductOneshot, false, config.OnFatalIgnore
	}
}

// runsOf are the times of day at which a program was started.
func (x *simulation) runsOf(name string) string {
	var at []string
	for _, line := range strings.Split(x.file("log"), "\n") {
		if strings.Contains(line, "spawned: '"+name+"'") {
			at = append(at, line[len("2000-01-01 "):len("2000-01-01 00:00:00")])
		}
	}
	return strings.Join(at, " ")
}

// Programs run when their time has come, and a run that is not over is what overlap says. The
// clock of the machine begins at midnight.
func TestSchedules(t *testing.T) {
	for _, tt := range []struct {
		name, script, text string
		overlap            config.Overlap
		want               string // the times in the first three hours
		says               string
		change             func(*config.Process)
	}{
		{name: "hourly", script: "exit 0", text: "@hourly", want: "01:00:00 02:00:00 03:00:00"},
		{name: "fields", script: "exit 0", text: "15,45 1-2 * * *", want: "01:15:00 01:45:00 02:15:00 02:45:00"},
		{name: "every", script: "exit 0", text: "@every 50m", want: "00:50:00 01:40:00 02:30:00"},
		{name: "every, of long runs", script: "sleep 30m; exit 0", text: "@every 50m", want: "00:50:00 01:40:00 02:30:00"},
		{name: "skip", script: "sleep 90m; exit 0", text: "@hourly", want: "01:00:00 03:00:00", says: "not running job, whose time has come: the run before is not over (overlap=skip)"},
		{name: "queue", script: "sleep 90m; exit 0", text: "@hourly", overlap: config.OverlapQueue, want: "01:00:00 02:30:00", says: "job runs again when the run before is over"},
		{name: "kill", script: "sleep 90m; exit 0", text: "@hourly", overlap: config.OverlapKill, want: "01:00:00 02:00:00 03:00:00", says: "stopping job to run it again"},
		{name: "failing, and tried again", script: "need /never; exit 0", text: "0 1 * * *", want: "01:00:00 01:00:01 01:00:03", change: retries(2), says: "gave up: job entered FATAL state"},
		{name: "failed, and run at its next time", script: "exit 1", text: "@hourly", want: "01:00:00 02:00:00 03:00:00", change: never},
		{name: "with the start as well", script: "exit 0", text: "@hourly", want: "00:00:00 01:00:00 02:00:00 03:00:00", change: func(p *config.Process) { p.Autostart = true }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			simulatedWith(t, Run, func(*simulation) {}, deps(func(x *simulation) []config.Process {
				job := x.plays("job", tt.script, scheduled(tt.text, tt.overlap))
				if tt.change != nil {
					tt.change(&job)
				}
				return []config.Process{job}
			}), func(x *simulation) {
				x.sleep(3*time.Hour + time.Minute)
				if got := x.runsOf("job"); got != tt.want {
					t.Errorf("it ran at %s, want %s", got, tt.want)
				}
				x.says(tt.says)
				if next := x.info("job").NextRun; time.Unix(next, 0).Before(time.Now()) {
					t.Errorf("the next run is at %d", next)
				}
				x.signal(syscall.SIGTERM)
				x.ends(time.Second, 0)
			})
		})
	}
}

// A run now is a run of the schedule: overlap counts, and the next time stays what it is.
func TestTrigger(t *testing.T) {
	simulatedWith(t, Run, func(*simulation) {}, deps(func(x *simulation) []config.Process {
		return []config.Process{x.plays("job", "sleep 10m; exit 0", scheduled("@hourly", config.OverlapQueue)), x.plays("plain", "pause", noAutostart)}
	}), func(x *simulation) {
		x.sleep(5 * time.Minute)
		next := x.info("job").NextRun
		for range 3 { // one runs, one is queued, and that is enough
			x.ask(control.Success, control.OpProcessTrigger, control.String("job"))
		}
		x.ask(control.Success, control.OpProcessTrigger, control.String("plain"))
		x.ask(control.AlreadyStarted, control.OpProcessTrigger, control.String("plain"))
		x.sleep(30 * time.Minute)
		if got, want := x.runsOf("job"), "00:05:00 00:15:00"; got != want {
			t.Errorf("it ran at %s, want %s", got, want)
		}
		if now := x.info("job").NextRun; now != next {
			t.Errorf("the next run is at %d, want %d", now, next)
		}
		x.signal(syscall.SIGTERM)
		x.ends(time.Second, 0)
	})
}

// Chance delays a run, by less than jitter, and the time of the next one is that of the schedule.
func TestJitter(t *testing.T) {
	simulatedWith(t, Run, func(*simulation) {}, deps(func(x *simulation) []config.Process {
		return []config.Process{x.plays("job", "exit 0", scheduled("@hourly", config.OverlapSkip), func(p *config.Process) { p.Jitter = 10 * time.Minute })}
	}), func(x *simulation) {
		x.sleep(5 * time.Hour)
		runs := strings.Fields(x.runsOf("job"))
		late := 0
		for i, run := range runs {
			at, err := time.Parse("15:04:05", run)
			if err != nil || at.Hour() != i+1 || at.Minute() >= 10 {
				t.Errorf("run %d is at %s", i, run)
			}
			if at.Minute() > 0 {
				late++
			}
		}
		if len(runs) < 4 || late == 0 {
			t.Errorf("it ran at %q, want each hour and some minutes", runs)
		}
		x.signal(syscall.SIGTERM)
		x.ends(time.Second, 0)
	})
}

// A new configuration takes its schedules along.
func TestScheduleIsReplaced(t *testing.T) {
	text := "@hourly"
	simulatedWith(t, Run, func(*simulation) {}, deps(func(x *simulation) []config.Process {
		return []config.Process{x.plays("other", "pause"), x.plays("job", "exit 0", scheduled(text, config.OverlapSkip))}
	}), func(x *simulation) {
		x.sleep(90 * time.Minute)
		text = "30 * * * *"
		x.signal(syscall.SIGHUP)
		x.sleep(2 * time.Hour)
		if got, want := x.runsOf("job"), "01:00:00 02:30:00 03:30:00"; got != want && got != "01:00:00 02:30:00" {
			t.Errorf("it ran at %s, want %s", got, want)
		}
		x.signal(syscall.SIGTERM)
		x.ends(time.Second, 0)
	})
}

// A time that comes while the program waits for another one changes nothing, whatever overlap is.
func TestScheduleWaitsForOthers(t *testing.T) {
	for _, overlap := range []config.Overlap{config.OverlapSkip, config.OverlapQueue, config.OverlapKill} {
		t.Run(overlap.String(), func(t *testing.T) {
			simulatedWith(t, Run, func(*simulation) {}, deps(func(x *simulation) []config.Process {
				return []config.Process{
					x.plays("db", "pause", ready("file:/data", 0)), x.plays("job", "exit 0", scheduled("@every 1m", overlap), dependsOn("db")),
				}
			}), func(x *simulation) {
				x.m.Install("/bin/slipway", func(p *kerneltest.Process) {
					if !p.Exists("/data") {
						p.Exit(1)
					}
				})
				x.sleep(3*time.Minute + 20*time.Second)
				if got := x.runsOf("job"); got != "" {
					t.Errorf("it ran at %s, before db was ready", got)
				}
				x.m.Put("/data", "", 0o644)
				x.sleep(30 * time.Second)
				if got := len(strings.Fields(x.runsOf("job"))); got != 1 {
					t.Errorf("it ran %d times after that, want once", got)
				}
				x.signal(syscall.SIGTERM)
				x.ends(time.Second, 0)
			})
		})
	}
}
