//go:build linux

package sink

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slipway/internal/test/testkit"
	"slipway/supervise/logs/sink/sinktest"
)

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
		sinktest.Put(t, s.Dir+"/"+name, text)
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
	sinktest.Original(t, rotateScript, theirs, new(any))
	for i, s := range all {
		s.Dir = t.TempDir()
		s.play(t)
		if diff := cmp.Diff(sinktest.ReadDir(t, s.Dir), sinktest.ReadDir(t, theirs[i].Dir)); diff != "" {
			t.Errorf("scenario %d %+v (-ours +theirs):\n%s", i, s, diff)
		}
	}
}
