package supervise

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/kernel/kerneltest"
	"slipway/supervise/logs/rotation"
)

// packs is what stands for `slipway compress`: it marks what it has read.
func packs(x *simulation, fails *int) {
	x.m.Install("/bin/slipway", func(p *kerneltest.Process) {
		if len(p.Args) < 2 || p.Args[1] != "compress" {
			p.Exit(2)
		}
		if *fails > 0 {
			*fails--
			p.Print(2, "no room\n")
			p.Exit(73)
		}
		buf := make([]byte, 1<<10)
		n, _ := p.Read(3, buf)
		p.Sleep(time.Second)
		p.Print(4, "zip:"+string(buf[:max(n, 0)]))
	})
}

// rotates is a program that prints a line an hour, with these options for its log files.
func rotates(o rotation.Options, backups int) func(*simulation) *config.Config {
	return func(x *simulation) *config.Config {
		p := x.program("app", "/bin/play", "print 1 one; sleep 24h; print 1 two; sleep 24h; print 1 three; sleep 24h; print 1 four; pause")
		p.Stdout.Backups = backups
		p.OldLogs = o
		return x.config(0, p)
	}
}

// A day's log is put away with the first line of the next, and compressed by a process of its
// own. One that fails is tried again a minute later; the file stays meanwhile.
func TestLogsOfDaysAreCompressed(t *testing.T) {
	fails := 1
	simulatedWith(t, Run, func(x *simulation) { packs(x, &fails) }, rotates(rotation.Options{Rotate: "daily", Compress: "gzip"}, 9), func(x *simulation) {
		x.sleep(24*time.Hour + 2*time.Second)
		if got := x.file("app.log.1"); got != "one\n" {
			t.Errorf("app.log.1 = %q, want the first day", got)
		}
		x.says("cannot compress an old file of /var/log/app.log: no room; the file stays as it is, next try in 1m0s")
		x.sleep(time.Minute + 5*time.Second)
		if got := x.file("app.log.1.gz"); got != "zip:one\n" {
			t.Errorf("app.log.1.gz = %q, want the first day, compressed", got)
		}
		x.sleep(48 * time.Hour)
		for name, want := range map[string]string{
			"app.log": "four\n", "app.log.1.gz": "zip:three\n", "app.log.2.gz": "zip:two\n", "app.log.3.gz": "zip:one\n", "app.log.1": "", "app.log.gz~": "",
		} {
			if got := x.file(name); got != want {
				t.Errorf("%s = %q, want %q", name, got, want)
			}
		}
	})
}

// A clock that is set does not tear a log to pieces: it is put away once for the days that it
// has jumped over, and not at all when it is set back.
func TestLogsOfDaysWhenTheClockIsSet(t *testing.T) {
	fails := 0
	simulatedWith(t, Run, func(x *simulation) { packs(x, &fails) }, rotates(rotation.Options{Rotate: "daily"}, 9), func(x *simulation) {
		x.sleep(time.Hour)
		x.m.SetClock(-50 * time.Hour)
		x.sleep(24 * time.Hour) // two is printed
		x.m.SetClock(400 * 24 * time.Hour)
		x.sleep(24 * time.Hour) // three
		x.sleep(24 * time.Hour) // four
		for name, want := range map[string]string{"app.log": "four\n", "app.log.1": "three\n", "app.log.2": "one\ntwo\n", "app.log.3": ""} {
			if got := x.file(name); got != want {
				t.Errorf("%s = %q, want %q", name, got, want)
			}
		}
	})
}

// The end does not wait for a compression. The file is there, and nothing that was begun.
func TestEndWhileALogIsCompressed(t *testing.T) {
	fails := 0
	simulatedWith(t, Run, func(x *simulation) {
		packs(x, &fails)
		x.m.Put(x.path("app.log.1"), "old\n", 0o644)
	}, rotates(rotation.Options{Compress: "gzip"}, 3), func(x *simulation) {
		x.signal(syscall.SIGTERM)
		x.ends(2*time.Second, 0)
		if got := x.file("app.log.1"); got != "old\n" {
			t.Errorf("app.log.1 = %q, want it as it was", got)
		}
		if strings.Contains(x.file("log"), "compress") || x.file("app.log.gz~") != "" || x.file("app.log.1.gz") != "" {
			t.Errorf("said or left: %s", x.file("log"))
		}
	})
}
