//go:build linux

package logs

import (
	"bytes"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slipway/supervise/kernel"
	"slipway/supervise/logs/sink"
	"slipway/supervise/logs/sink/sinktest"
)

// system is the real one with a clock that stands still, and writes that can be made to
// fail. It counts what is open.
type system struct {
	kernel.Linux
	write func(fd int, p []byte) (int, error)
	now   time.Time
	open  int
}

func newSystem() *system {
	s := &system{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	s.write = s.Linux.Write
	return s
}

func (s *system) Now() time.Time { return s.now }

func (s *system) Write(fd int, p []byte) (int, error) { return s.write(fd, p) }

func (s *system) OpenFile(path string, flags int, mode uint32) (int, error) {
	fd, err := s.Linux.OpenFile(path, flags, mode)
	if err == nil {
		s.open++
	}
	return fd, err
}

func (s *system) Close(fd int) error {
	s.open--
	return s.Linux.Close(fd)
}

// bench is a set of targets in a directory of its own.
type bench struct {
	*testing.T
	*sink.Targets
	sys *system
	dir string
}

func newBench(t *testing.T) *bench {
	b := &bench{T: t, dir: t.TempDir(), sys: newSystem()}
	b.Targets = sink.NewTargets(sink.Options{System: b.sys})
	t.Cleanup(func() { b.Targets.Close(b.sys.now.Add(time.Minute)) })
	return b
}

func (b *bench) path(name string) string { return filepath.Join(b.dir, name) }

// wantFiles compares the directory with what it should hold.
func (b *bench) wantFiles(want map[string]string) {
	b.Helper()
	if diff := cmp.Diff(sinktest.ReadDir(b.T, b.dir), want); diff != "" {
		b.Errorf("files (-got +want):\n%s", diff)
	}
}

// printed keeps what a Writer's goroutine writes.
type printed struct {
	mu  sync.Mutex
	got bytes.Buffer
}

func (p *printed) write(_ int, b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.got.Write(b)
}

func (p *printed) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.got.String()
}
