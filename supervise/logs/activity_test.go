//go:build linux

package logs

import (
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"slipway/internal/test/testkit"
	"slipway/supervise/logs/sink"
	"slipway/supervise/logs/sink/sinktest"
	"slipway/supervise/logs/syslog"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// clocked returns an activity log whose time stands still, somewhere east.
func clocked() *Activity {
	a := NewActivity(time.Now)
	at := time.Date(2026, 1, 2, 3, 4, 5, 67*int(time.Millisecond), time.FixedZone("", 3600))
	a.now = func() time.Time { return at }
	return a
}

func read(t *testing.T, path string) string {
	t.Helper()
	p, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(p)
}

func TestActivityFormat(t *testing.T) {
	const at = "2026-01-02 03:04:05,067 "
	rows := []struct {
		name string
		log  func(*Activity)
		want string
	}{
		{"critical", func(a *Activity) { a.Critical("x") }, at + "CRIT x\n"},
		{"error", func(a *Activity) { a.Error("x") }, at + "ERRO x\n"},
		{"warn", func(a *Activity) { a.Warn("x") }, at + "WARN x\n"},
		{"info of parts", func(a *Activity) { a.Info("spawned: '", "web", "' with pid ", "12") }, at + "INFO spawned: 'web' with pid 12\n"},
		{"debug", func(a *Activity) { a.Debug("x") }, at + "DEBG x\n"},
		{"trace", func(a *Activity) { a.Log(Trace, "x") }, at + "TRAC x\n"},
		{"blather", func(a *Activity) { a.Log(Blather, "x") }, at + "BLAT x\n"},
		{"several lines", func(a *Activity) { a.Info("one\ntwo") }, at + "INFO one\ntwo\n"},
		{"output of a program", func(a *Activity) { a.Output("web", "stdout", []byte("100%\n")) }, at + "DEBG 'web' stdout output:\n100%\n\n"},
		{"binary output", func(a *Activity) { a.Output("web", "stderr", []byte("it's\\\xff\n\r\t\x00\"")) },
			at + `DEBG 'web' stderr output:` + "\n" + `Undecodable: b'it\'s\\\xff\n\r\t\x00"'` + "\n"},
		{"binary output, quoted like Python", func(a *Activity) { a.Output("web", "stderr", []byte("it's \xff")) },
			at + `DEBG 'web' stderr output:` + "\n" + `Undecodable: b"it's \xff"` + "\n"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			b := newBench(t)
			a := clocked()
			a.Open(b.Targets, ActivitySpec{Level: Blather, Logfile: b.path("log")})
			row.log(a)
			if got := read(t, b.path("log")); got != row.want {
				t.Errorf("log = %q, want %q", got, row.want)
			}
		})
	}
}

func TestActivityThreshold(t *testing.T) {
	all := []Level{Blather, Trace, Debug, Info, Warn, Error, Critical}
	for _, threshold := range all {
		t.Run(threshold.tag(), func(t *testing.T) {
			b := newBench(t)
			a := clocked()
			for _, l := range all {
				a.Log(l, "early")
			}
			a.Open(b.Targets, ActivitySpec{Level: threshold, Logfile: b.path("log")})
			for _, l := range all {
				if got, want := a.Enabled(l), l >= threshold; got != want {
					t.Errorf("Enabled(%s) = %v, want %v", l.tag(), got, want)
				}
				a.Log(l, "late")
			}
			got := strings.Count(read(t, b.path("log")), "\n")
			if want := 2 * (len(all) - int(threshold)); got != want {
				t.Errorf("%d lines, want %d", got, want)
			}
		})
	}
}

func TestActivityEarlyLines(t *testing.T) {
	a := clocked()
	a.Info("first")
	a.Warn("second")
	want := []string{"2026-01-02 03:04:05,067 INFO first", "2026-01-02 03:04:05,067 WARN second"}
	if got := a.Lines(); !cmp.Equal(got, want) {
		t.Errorf("Lines() = %q, want %q", got, want)
	}
	for range 10_000 {
		a.Info(strings.Repeat("x", 100))
	}
	n := 0
	for _, l := range a.Lines() {
		n += len(l)
	}
	if n > earlyLimit {
		t.Errorf("%d bytes are kept, want at most %d", n, earlyLimit)
	}
}

func TestActivityPlaces(t *testing.T) {
	const line = "2026-01-02 03:04:05,067 INFO x\n"
	rows := []struct {
		name                 string
		logfile              string // FILE stands for one
		stdout               bool
		file, stdin1, stdin2 string
	}{
		{"foreground", "FILE", true, line, line, ""},
		{"silent", "FILE", false, line, "", ""},
		{"on stdout, not twice", "/dev/stdout", true, "", line, ""},
		{"on fd 1, not twice", "/dev/fd/1", true, "", line, ""},
		{"on stderr", "/dev/stderr", false, "", "", line},
		{"on stderr and stdout", "/dev/stderr", true, "", line, line},
		{"the idiom of images", "/dev/null", true, "", line, ""},
		{"nowhere", "", false, "", "", ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			b := newBench(t)
			real := b.sys.write
			var out [3]printed
			b.sys.write = func(fd int, p []byte) (int, error) {
				if fd == 1 || fd == 2 {
					return out[fd].write(fd, p)
				}
				return real(fd, p)
			}
			sinktest.Put(t, b.path("log"), "")
			a := clocked()
			a.Open(b.Targets, ActivitySpec{Level: Info, Logfile: strings.Replace(row.logfile, "FILE", b.path("log"), 1), Rotation: sink.Rotation{Maxbytes: 1 << 20, Backups: 1}, Stdout: row.stdout})
			a.Info("x")
			b.Targets.Close(time.Now().Add(time.Minute))
			got := [3]string{read(t, b.path("log")), out[1].text(), out[2].text()}
			if want := [3]string{row.file, row.stdin1, row.stdin2}; got != want {
				t.Errorf("file, stdout, stderr = %q, want %q", got, want)
			}
		})
	}
}

func TestActivityRotatesReopensAndClears(t *testing.T) {
	b := newBench(t)
	a := clocked()
	a.Open(b.Targets, ActivitySpec{Level: Info, Logfile: b.path("log"), Rotation: sink.Rotation{Maxbytes: 30, Backups: 1}})
	a.Info("1")
	a.Info("2")
	const at = "2026-01-02 03:04:05,067 INFO "
	b.wantFiles(map[string]string{"log": "", "log.1": at + "2\n"})
	os.Rename(b.path("log"), b.path("moved"))
	a.Reopen()
	b.wantFiles(map[string]string{"log": "", "log.1": at + "2\n", "moved": ""})
	a.Open(b.Targets, ActivitySpec{Level: Info, Logfile: b.path("log")}) // a reload
	a.Info("3")
	if err := a.Clear(); err != nil {
		t.Fatal(err)
	}
	b.wantFiles(map[string]string{"log": "", "log.1": at + "2\n", "moved": ""})
	a.Close()
	if n := b.sys.open; n != 0 {
		t.Errorf("%d files are open after Close", n)
	}
}

// A report about the log's own file comes while a line is written. It must neither
// spoil that line nor go round in circles.
func TestActivityReportsItsOwnFile(t *testing.T) {
	var out printed
	a := clocked()
	sys := newSystem()
	targets := sink.NewTargets(sink.Options{System: sys, Report: func(s string) { a.Warn(s) }})
	sys.write = func(fd int, p []byte) (int, error) {
		if fd == 1 {
			return out.write(fd, p)
		}
		return 0, unix.ENOSPC
	}
	path := t.TempDir() + "/log"
	a.Open(targets, ActivitySpec{Level: Info, Logfile: path, Stdout: true})
	a.Info("one")
	a.Info("two")
	targets.Close(time.Now().Add(time.Minute))
	lines := strings.Split(out.text(), "\n")
	want := []string{
		"2026-01-02 03:04:05,067 INFO one",
		`2026-01-02 03:04:05,067 WARN cannot write log file "` + path + `": no space left on device; 33 bytes lost, trying again`,
		"2026-01-02 03:04:05,067 INFO two",
	}
	if len(lines) < 3 || !cmp.Equal(lines[:3], want) {
		t.Errorf("stdout = %q, want it to begin %q", lines, want)
	}
}

func TestActivityAllocatesNothing(t *testing.T) {
	b := newBench(t)
	a := clocked()
	a.Open(b.Targets, ActivitySpec{Level: Info, Logfile: b.path("log")})
	name := "web"
	if n := testing.AllocsPerRun(100, func() { a.Info("spawned: '", name, "'"); a.Debug("not ", name) }); n != 0 {
		t.Errorf("a line allocates %v times, want 0", n)
	}
}

func TestActivityOnSyslog(t *testing.T) {
	b := newBench(t)
	d, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: b.path("log"), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	b.SendSyslogTo(syslog.Server{Path: b.path("log")})
	a := clocked()
	a.Open(b.Targets, ActivitySpec{Level: Info, Logfile: "syslog"})
	a.Info("x")
	buf := make([]byte, 1024)
	d.SetReadDeadline(time.Now().Add(testkit.Patience))
	n, err := d.Read(buf)
	if want := "<14>Jan  2 03:04:05 supervisord: 2026-01-02 03:04:05,067 INFO x"; err != nil || string(buf[:n]) != want {
		t.Errorf("message = %q, %v, want %q", buf[:n], err, want)
	}
}
