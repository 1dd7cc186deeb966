package supervise

import (
	"fmt"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/control"
	"slipway/supervise/machine"
)

// toStdout makes a program print to the container's stdout, through the supervisor.
func toStdout(p *config.Process) {
	p.Stdout.Logfile, p.Stdout.Maxbytes = "/dev/stdout", 50<<20
}

// once is a program that is not started again.
func once(p *config.Process) {
	p.Autorestart, p.StartSecs = machine.RestartNever, 0
}

// slowly runs a supervisor whose stdout nobody reads until the test lets it.
func slowly(t *testing.T, load func(*simulation) *config.Config, test func(*simulation)) {
	t.Helper()
	simulatedWith(t, Run, func(x *simulation) { x.m.Stall(1, true) }, load, func(x *simulation) {
		defer x.m.Stall(1, false) // a write that waits would outlive the test
		test(x)
	})
}

// Programs have printed and ended before anybody reads. The container ends when everything
// is read, as a program alone would wait in its write.
func TestEndWaitsForTheReader(t *testing.T) {
	const programs, lines = 6, 20000
	slowly(t, func(x *simulation) *config.Config {
		var list []config.Process
		for i := range programs {
			list = append(list, x.plays("p"+strconv.Itoa(i), fmt.Sprintf("flood 1 %d; exit 0", lines), toStdout, once))
		}
		return x.config(9*time.Second, list...)
	}, func(x *simulation) {
		x.sleep(3 * time.Second)
		x.m.Stall(1, false)
		x.ends(time.Minute, 0)
		if got := strings.Count(x.m.Output(1), "\n"); got != programs*lines {
			t.Errorf("%d lines have arrived, want %d", got, programs*lines)
		}
	})
}

// An end that has come by itself does not wait for ever, and a signal shortens the wait. What
// is lost is said.
func TestEndGivesTheReaderUp(t *testing.T) {
	end := func(signals int, limit time.Duration) {
		t.Run(strconv.Itoa(signals)+" signals", func(t *testing.T) {
			slowly(t, func(x *simulation) *config.Config {
				return x.config(5*time.Second,
					x.plays("a", "flood 1 20000; exit 0", toStdout, once), x.plays("b", "exit 0", toStdout, once))
			}, func(x *simulation) {
				x.sleep(3 * time.Second)
				for range signals {
					x.signal(syscall.SIGTERM)
				}
				x.ends(limit, 0)
				x.says("bytes for standard output are lost: its reader takes nothing")
			})
		})
	}
	end(0, readerWait)
	end(1, flushWait)
	end(3, 0)
}

// An ordered stop waits for a reader that reads, however slowly, until its budget is used up.
func TestStopWaitsForAReaderThatReads(t *testing.T) {
	slowly(t, func(x *simulation) *config.Config {
		return x.config(9*time.Second, x.plays("a", "flood 1 20000; pause", toStdout), x.plays("b", "pause", toStdout))
	}, func(x *simulation) {
		x.sleep(2 * time.Second)
		x.signal(syscall.SIGTERM)
		x.sleep(flushWait / 2)
		x.m.Stall(1, false)
		x.ends(time.Minute, 0)
		if got := strings.Count(x.m.Output(1), "\n"); got != 20000 {
			t.Errorf("%d lines have arrived, want 20000", got)
		}
	})
}

// crashing prints its pid and some lines, and crashes, over and over.
func crashing(p *config.Process) {
	toStdout(p)
	p.Autorestart, p.StartSecs = machine.RestartAlways, 0
}

// What a dead incarnation has printed comes before what the next one prints, and no line is
// glued to another.
func TestIncarnationsInOrder(t *testing.T) {
	const lines = 30000
	slowly(t, func(x *simulation) *config.Config {
		return x.config(0, x.plays("web", fmt.Sprintf("pid 1; flood 1 %d; fill 1 7; sleep 10ms; exit 1", lines), crashing),
			x.plays("keeper", "pause", toStdout))
	}, func(x *simulation) {
		x.sleep(time.Second)
		x.m.Stall(1, false)
		for x.count("exited: web") < 6 {
			x.sleep(time.Second)
		}
		x.ask(control.Success, control.OpProcessStop, control.String("web"), waiting)
		x.sleep(time.Second)
		next := lines
		for _, l := range strings.Split(strings.TrimSuffix(x.m.Output(1), "\n"), "\n") {
			switch _, err := strconv.Atoi(l); {
			case len(l) == 7 && l == strings.Repeat(l[:1], 7) && err != nil: // the last line, which has no end
				if next != lines {
					t.Fatalf("the last line comes after %d lines", next)
				}
			case err == nil && next == lines: // the pid
				next = 0
			case l == "line "+strconv.Itoa(next):
				next++
			default:
				t.Fatalf("line %.40q, want number %d", l, next)
			}
		}
	})
}

// A program that crashes over and over while nobody reads is started again, and so is its
// sibling. Four pipes of dead incarnations are kept; the oldest beyond that is dropped,
// counted and said.
func TestPipesOfTheDead(t *testing.T) {
	slowly(t, func(x *simulation) *config.Config {
		return x.config(0, x.plays("web", "pid 1; fill 1 60000; print 1; exit 1", crashing),
			x.plays("sibling", "print 1 up; sleep 2s; exit 1", crashing, func(p *config.Process) { p.Stdout.Logfile = x.path("sibling.log") }))
	}, func(x *simulation) {
		for x.count("spawned: 'web'") < 20 {
			x.sleep(time.Second)
		}
		if got := strings.Count(x.file("sibling.log"), "up\n"); got < 5 {
			t.Errorf("the sibling was started %d times while nobody read", got)
		}
		x.says("bytes that web had printed before it ended are lost: its output is read too slowly")
		x.ask(control.Success, control.OpProcessStop, control.String("web"), waiting)
		x.m.Stall(1, false)
		x.sleep(time.Second)
		printed := x.count("spawned: 'web'")
		arrived, lost := 0, 0
		for _, l := range strings.Split(x.m.Output(1), "\n") {
			if _, err := strconv.Atoi(l); err == nil {
				arrived++
			}
			var n, lines int
			if k, _ := fmt.Sscanf(l, "slipway: output lost here: %d bytes in %d lines", &n, &lines); k == 2 {
				lost += lines / 2
			}
		}
		if arrived+lost != printed || lost == 0 || arrived < maxLateForTest {
			t.Errorf("%d incarnations have printed, %d have arrived, %d are counted as lost", printed, arrived, lost)
		}
	})
}

// maxLateForTest is how many pipes of dead incarnations are kept.
const maxLateForTest = 4
