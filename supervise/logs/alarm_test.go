//go:build linux

package logs

import (
	"strings"
	"testing"
	"time"

	"slipway/supervise/kernel"
	"slipway/supervise/logs/sink"
)

// written is a system that keeps what is written, by descriptor, and opens nothing.
type written struct {
	kernel.Linux
	text map[int]string
}

func (w *written) Write(fd int, p []byte) (int, error) {
	w.text[fd] += string(p)
	return len(p), nil
}

func (w *written) NeverStalls(int) bool { return true }

// What people must see is on standard error wherever the log is, once.
func TestAlarm(t *testing.T) {
	for _, row := range []struct {
		name  string
		spec  ActivitySpec
		warns int // warnings on standard error
		ends  int // reasons of an end
		infos int
	}{
		{"no file", ActivitySpec{Level: Info, Alarm: true}, 2, 2, 0},
		{"/dev/null", ActivitySpec{Level: Info, Logfile: "/dev/null", Alarm: true}, 2, 2, 0},
		{"a file", ActivitySpec{Level: Info, Logfile: "FILE", Alarm: true}, 2, 2, 0},
		{"a file, and no alarm", ActivitySpec{Level: Info, Logfile: "FILE"}, 0, 0, 0},
		{"standard error", ActivitySpec{Level: Info, Logfile: "/dev/stderr", Alarm: true}, 2, 2, 2},
		{"standard output", ActivitySpec{Level: Info, Logfile: "/dev/stdout", Alarm: true}, 0, 0, 0},
		{"warnings are not wanted", ActivitySpec{Level: Error, Logfile: "FILE", Alarm: true}, 0, 2, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			sys := &written{text: map[int]string{}}
			targets := sink.NewTargets(sink.Options{System: sys})
			if row.spec.Logfile == "FILE" {
				row.spec.Logfile = t.TempDir() + "/log"
			}
			a := NewActivity(time.Now)
			speak := func() {
				a.Info("as ever")
				a.Warn("look here")
				a.Urgent("stopping: because")
			}
			speak() // before it is opened
			a.Open(targets, row.spec)
			speak()
			a.Close()
			count := func(what string) int { return strings.Count(sys.text[2], what) }
			if got, want := [3]int{count("WARN look here"), count("stopping: because"), count("as ever")}, [3]int{row.warns, row.ends, row.infos}; got != want {
				t.Errorf("warnings, ends, other lines = %v, want %v; standard error:\n%s", got, want, sys.text[2])
			}
			targets.Close(time.Now())
		})
	}
}
