//go:build linux

package logs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slipway/internal/test/testkit"
)

// original runs a piece of Python with the original's modules, with in as JSON on
// its standard input, and decodes what it prints into out.
func original(t *testing.T, script string, in, out any) {
	t.Helper()
	testkit.Need(t, testkit.Supervisor, testkit.Python)
	stdin, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/usr/bin/python3", "-c", script)
	cmd.Stdin = bytes.NewReader(stdin)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.Output()
	if err != nil {
		t.Fatalf("the original failed: %v\n%s", err, stderr.Bytes())
	}
	if err := json.Unmarshal(stdout, out); err != nil {
		t.Fatalf("cannot read the original's answer %.200q: %v", stdout, err)
	}
}

// scenario is one life of a log file.
type scenario struct {
	Dir     string
	Max     int64
	Backups int
	Before  map[string]string
	Writes  []string
	Removed []int // before these writes somebody removes the file
}

const rotateScript = `
import json, os, sys
from supervisor import loggers
for s in json.load(sys.stdin):
    for name, text in (s["Before"] or {}).items():
        open(os.path.join(s["Dir"], name), "w").write(text)
    path = os.path.join(s["Dir"], "log")
    log = loggers.getLogger()
    loggers.handle_file(log, path, "%(message)s", rotating=not not s["Max"], maxbytes=s["Max"], backups=s["Backups"])
    for i, w in enumerate(s["Writes"] or []):
        if i in (s["Removed"] or []) and os.path.exists(path):
            os.remove(path)
        log.info(w.encode())
    log.close()
print("null")
`

func (s scenario) play(t *testing.T) {
	targets := NewTargets(Options{})
	for name, text := range s.Before {
		put(t, s.Dir+"/"+name, text)
	}
	path := s.Dir + "/log"
	f := targets.File(path, Rotation{s.Max, s.Backups}, false)
	for i, w := range s.Writes {
		if slices.Contains(s.Removed, i) {
			os.Remove(path)
		}
		f.Write([]byte(w))
	}
	f.Close()
}

// randomScenario makes one up: small limits, gaps in the backups, others who remove
// the file. Two things are left out, which are accidents of the original: with one
// backup it deletes that backup when the file itself is gone; and after its first
// rotation it does not append any more, so that a file truncated by somebody else
// gets a hole.
func randomScenario(r *rand.Rand) scenario {
	s := scenario{Max: r.Int64N(12), Backups: r.IntN(4), Before: map[string]string{}}
	for i := range 6 {
		if r.IntN(3) == 0 {
			name := "log"
			if i > 0 {
				name = fmt.Sprint("log.", i)
			}
			s.Before[name] = strings.Repeat(fmt.Sprint(i), r.IntN(8))
		}
	}
	for i := range r.IntN(20) {
		s.Writes = append(s.Writes, strings.Repeat(string(rune('a'+i)), 1+r.IntN(9)))
		if s.Backups != 1 && r.IntN(20) == 0 {
			s.Removed = append(s.Removed, i)
		}
	}
	return s
}

// TestRotationLikeSupervisor plays the rows of TestRotation, and random lives of a
// log, against the original's own handler and compares the directories.
func TestRotationLikeSupervisor(t *testing.T) {
	var all []scenario
	for _, row := range rotations {
		all = append(all, scenario{Max: row.rotation.Maxbytes, Backups: row.rotation.Backups, Before: row.before, Writes: row.writes})
	}
	r := rand.New(rand.NewPCG(testkit.Seed(t), 2))
	for range testkit.Repeat(t, 150) {
		all = append(all, randomScenario(r))
	}
	theirs := make([]scenario, len(all))
	for i, s := range all {
		theirs[i] = s
		theirs[i].Dir = t.TempDir()
	}
	original(t, rotateScript, theirs, new(any))
	for i, s := range all {
		s.Dir = t.TempDir()
		s.play(t)
		if diff := cmp.Diff(readDir(t, s.Dir), readDir(t, theirs[i].Dir)); diff != "" {
			t.Errorf("scenario %d %+v (-ours +theirs):\n%s", i, s, diff)
		}
	}
}

const stripScript = `
import json, sys
from supervisor.dispatchers import stripEscapes
json.dump([stripEscapes(s.encode("latin-1")).decode("latin-1") for s in json.load(sys.stdin)], sys.stdout)
`

func TestStripANSILikeSupervisor(t *testing.T) {
	r := rand.New(rand.NewPCG(testkit.Seed(t), 4))
	var all []string
	for range testkit.Repeat(t, 2000) {
		var b strings.Builder
		for range r.IntN(30) {
			b.WriteString([]string{"\x1b[", "\x1b", "[", "m", "H", "0;1", "x", "\n", "Z", "é"}[r.IntN(10)])
		}
		all = append(all, b.String())
	}
	var theirs []string
	original(t, stripScript, all, &theirs)
	for i, in := range all {
		// Ours are UTF-8 bytes, theirs Latin-1: an é is one letter in both.
		if got := run(Spec{StripANSI: true}, in).Log; got != theirs[i] {
			t.Errorf("strip(%q) = %q, the original %q", in, got, theirs[i])
		}
	}
}

const captureScript = `
import json, sys
from supervisor import dispatchers, events, loggers
class Options:
    loglevel = 20
    strip_ansi = False
    def getLogger(self, *a, **k): return loggers.getLogger()
    def __init__(self): self.logger = loggers.getLogger()
class Config:
    name = "x"; stdout_logfile = None; stdout_logfile_maxbytes = 0; stdout_logfile_backups = 0
    stdout_syslog = False; stdout_capture_maxbytes = 1 << 20
    stdout_events_enabled = True; stderr_events_enabled = False
class Process: pid = 1
answers = []
for chunks in json.load(sys.stdin):
    answer = {"Log": "", "Chunks": "", "Captured": []}
    config = Config(); config.options = Options()
    process = Process(); process.config = config
    class Sink(loggers.Handler):
        def emit(self, record): answer["Log"] += record.msg.decode()
        def close(self): pass
    def notify(event):
        if isinstance(event, events.ProcessLogEvent): answer["Chunks"] += event.data.decode()
        else: answer["Captured"].append(event.data.decode())
    dispatchers.notify = notify
    d = dispatchers.POutputDispatcher(process, events.ProcessCommunicationStdoutEvent, 0)
    d.normallog = loggers.getLogger(); d.normallog.addHandler(Sink()); d.childlog = d.normallog
    for c in chunks:
        d.output_buffer += c.encode()
        d.record_output()
    answers.append(answer)
json.dump(answers, sys.stdout)
`

// TestCaptureLikeSupervisor compares capture mode on output that ends with more
// plain text than the original withholds.
func TestCaptureLikeSupervisor(t *testing.T) {
	r := rand.New(rand.NewPCG(testkit.Seed(t), 6))
	pieces := []string{beginToken, endToken, "<!--XSUPER", "<", "text", "\n", "more text that is longer than any token is\n"}
	flush := strings.Repeat(".", 100)
	var all [][]string
	for range testkit.Repeat(t, 500) {
		var text strings.Builder
		for range r.IntN(10) {
			text.WriteString(pieces[r.IntN(len(pieces))])
		}
		text.WriteString(flush + endToken + flush) // leaves capture mode
		var chunks []string
		for rest := text.String(); rest != ""; {
			n := min(1+r.IntN(60), len(rest))
			chunks = append(chunks, rest[:n])
			rest = rest[n:]
		}
		all = append(all, append(chunks, flush))
	}
	var theirs []result
	original(t, captureScript, all, &theirs)
	for i, chunks := range all {
		got := run(Spec{CaptureMaxbytes: 1 << 20}, chunks...)
		if len(got.Captured) == 0 {
			got.Captured = []string{}
		}
		if diff := cmp.Diff(got, theirs[i]); diff != "" {
			t.Errorf("%q (-ours +theirs):\n%s", chunks, diff)
		}
	}
}

const activityScript = `
import json, os, sys, time
from supervisor import loggers
s = json.load(sys.stdin)
time.time = lambda: s["Time"]
log = loggers.getLogger(loggers.getLevelNumByDescription("blather"))
loggers.handle_file(log, s["Path"], "%(asctime)s %(levelname)s %(message)s\n")
for name in ("critical", "error", "warn", "info", "debug", "trace", "blather"):
    getattr(log, name)("text of " + name)
print("null")
`

func TestActivityLikeSupervisor(t *testing.T) {
	b := newBench(t)
	a := clocked()
	// Local time, and a fraction that is exact as a float.
	at := time.Date(2026, 1, 2, 3, 4, 5, 62_500_000, time.Local)
	a.now = func() time.Time { return at }
	original(t, activityScript, map[string]any{"Time": float64(at.UnixMicro()) / 1e6, "Path": b.path("theirs")}, new(any))
	a.Open(b.Targets, ActivitySpec{Logfile: b.path("ours")})
	for _, l := range []struct {
		level Level
		name  string
	}{{Critical, "critical"}, {Error, "error"}, {Warn, "warn"}, {Info, "info"}, {Debug, "debug"}, {Trace, "trace"}, {Blather, "blather"}} {
		a.Log(l.level, "text of ", l.name)
	}
	if diff := cmp.Diff(read(t, b.path("ours")), read(t, b.path("theirs"))); diff != "" {
		t.Errorf("log (-ours +theirs):\n%s", diff)
	}
}
