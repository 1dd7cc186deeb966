//go:build linux

package logs

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slipway/internal/test/testkit"
	"slipway/supervise/logs/sink/sinktest"
)

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
	sinktest.Original(t, stripScript, all, &theirs)
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
	sinktest.Original(t, captureScript, all, &theirs)
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
	sinktest.Original(t, activityScript, map[string]any{"Time": float64(at.UnixMicro()) / 1e6, "Path": b.path("theirs")}, new(any))
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
