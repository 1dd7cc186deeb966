//go:build linux

package sink

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"

	"slipway/internal/test/testkit"
)

// reader is the other end of a Writer in memory: it can stall, and fail.
type reader struct {
	mu   sync.Mutex
	gate sync.Mutex // held: the reader stalls
	got  bytes.Buffer
	err  error
}

func (r *reader) write(_ int, p []byte) (int, error) {
	r.gate.Lock()
	defer r.gate.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return 0, r.err
	}
	return r.got.Write(p)
}

func (r *reader) text() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.got.String()
}

func (r *reader) fail(err error) {
	r.mu.Lock()
	r.err = err
	r.mu.Unlock()
}

// writerTo returns a Writer whose descriptor is r.
func writerTo(r *reader, wake func()) *Writer {
	sys := realSystem()
	sys.write = r.write
	if wake == nil {
		wake = func() {}
	}
	return newWriter(1, "standard output", sys, wake)
}

// settle waits until the queue is written, which takes a reader.
func settle(t *testing.T, w *Writer) {
	t.Helper()
	if c := w.flush(); c != nil {
		select {
		case <-c:
		case <-time.After(testkit.Patience):
			t.Fatal("the queue is not written")
		}
	}
}

func TestSourcesShareLines(t *testing.T) {
	type step struct {
		source int // of the one that acts
		write  string
		wait   time.Duration
		close  bool
	}
	rows := []struct {
		name    string
		sources int
		steps   []step
		want    string
	}{
		{"one source is byte-exact", 1, []step{{write: "a"}, {write: "\x00b\nc"}}, "a\x00b\nc"},
		{"one source waits for nothing", 1, []step{{write: "prompt> "}}, "prompt> "},
		{"lines are not cut", 2, []step{{0, "one ", 0, false}, {1, "two\n", 0, false}, {0, "more\n", 0, false}}, "two\none more\n"},
		{"a prompt goes out after a while", 2, []step{{0, "name: ", 2 * holdTime, false}}, "name: "},
		{"and gets a line of its own", 2, []step{{0, "name: ", 2 * holdTime, false}, {1, "two\n", 0, false}}, "name: \ntwo\n"},
		{"unless it goes on itself", 2, []step{{0, "name: ", 2 * holdTime, false}, {0, "joe\n", 0, false}}, "name: joe\n"},
		{"last line without end", 2, []step{{0, "last", 0, true}, {1, "two\n", 0, false}}, "last\ntwo\n"},
		{"the next incarnation", 2, []step{{0, "last", 0, true}, {1, "first", 0, true}}, "last\nfirst"},
		{"several lines at once", 2, []step{{0, "1\n2\n3", 0, false}, {1, "x\n", 0, false}, {0, "4\n", 0, false}}, "1\n2\nx\n34\n"},
		{"a long line is let go", 2, []step{{0, strings.Repeat("x", holdLimit+1), 0, false}, {1, "two\n", 0, false}}, strings.Repeat("x", holdLimit+1) + "\ntwo\n"},
		{"each line waits for itself", 2, []step{{0, "x", holdTime - 1, false}, {0, "y\nz", holdTime / 2, false}, {1, "two\n", 0, false}, {0, "w\n", 0, false}}, "xy\ntwo\nzw\n"},
		{"the other one has left", 2, []step{{1, "", 0, true}, {0, "prompt> ", 0, false}}, "prompt> "},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := &reader{}
				w := writerTo(r, nil)
				var sources []*Source
				for range row.sources {
					sources = append(sources, w.Source())
				}
				for _, s := range row.steps {
					sources[s.source].Write([]byte(s.write))
					if s.wait > 0 {
						time.Sleep(s.wait) // virtual
					}
					if s.close {
						sources[s.source].Close()
					}
				}
				if row.sources == 1 {
					synctest.Wait() // nothing else is needed
				} else {
					settle(t, w)
				}
				if got := r.text(); got != row.want {
					t.Errorf("output = %.80q, want %.80q", got, row.want)
				}
			})
		})
	}
}

// inFlight waits until the goroutine has taken what was queued.
func inFlight(t *testing.T, w *Writer) {
	t.Helper()
	testkit.Eventually(t, testkit.Patience, "the first batch is in flight", func() error {
		w.mu.Lock()
		defer w.mu.Unlock()
		if len(w.queue) > 0 {
			return errors.New("still queued")
		}
		return nil
	})
}

// memoryOf is what a Writer's buffers take, in bytes.
func memoryOf(w *Writer) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return cap(w.queue) + cap(w.spare)
}

// A reader that reads nothing costs its caller nothing: no write waits for it.
func TestStalledPipe(t *testing.T) {
	pr, pw, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer pr.Close()
	defer pw.Close()
	w := newWriter(int(pw.Fd()), "standard output", realSystem(), func() {})
	s := w.Source()
	line := []byte(strings.Repeat("x", 99) + "\n")
	written := 0
	for !s.Full() {
		s.Write(line)
		written += len(line)
	}
	for range 10_000 { // against the rules: Full was not asked
		s.Write(line)
		written += len(line)
	}
	if w.Lost() == 0 {
		t.Error("nothing was lost although more than the limit was written")
	}
	if n := memoryOf(w); n > 3*hardLimit {
		t.Errorf("the queue takes %d bytes", n)
	}

	// Somebody reads: what was counted as lost is missing, no more.
	go func() {
		if c := w.flush(); c != nil {
			<-c
		}
		pw.Close()
	}()
	all, err := io.ReadAll(pr)
	if err != nil {
		t.Fatal(err)
	}
	var arrived, said int64
	for l := range bytes.Lines(all) {
		var n, lines int64
		switch k, _ := fmt.Sscanf(string(l), "slipway: output lost here: %d bytes in %d lines\n", &n, &lines); {
		case k == 2 && n == 100*lines:
			said += n
		case string(l) == string(line):
			arrived += int64(len(l))
		default:
			t.Fatalf("cut line %q", l)
		}
	}
	if said != w.Lost() {
		t.Errorf("the output tells of %d bytes lost, want %d", said, w.Lost())
	}
	if want := int64(written) - w.Lost(); arrived != want {
		t.Errorf("%d bytes arrived, want %d", arrived, want)
	}
}

func TestDropOldest(t *testing.T) {
	r := &reader{}
	w := writerTo(r, nil)
	w.SetPolicy(DropOldest)
	s := w.Source()
	r.gate.Lock()
	s.Write([]byte("in flight\n"))
	inFlight(t, w)
	for i := range 100_000 {
		if s.Full() {
			t.Fatal("full although it drops")
		}
		s.Write([]byte(fmt.Sprintf("line %06d\n", i)))
	}
	r.gate.Unlock()
	settle(t, w)
	lines := strings.Split(strings.TrimSuffix(r.text(), "\n"), "\n")
	if lines[0] != "in flight" || !strings.HasPrefix(lines[1], "slipway: output lost here") {
		t.Errorf("output begins %q", lines[:2])
	}
	for i, l := range lines[2:] {
		if want := fmt.Sprintf("line %06d", 100_000-len(lines)+2+i); l != want {
			t.Fatalf("line %d = %q, want %q", i, l, want)
		}
	}
	if got, want := w.Lost(), int64(12*(100_000-len(lines)+2)); got != want {
		t.Errorf("Lost() = %d, want %d", got, want)
	}
}

func TestDropOldestOfOneHugeChunk(t *testing.T) {
	r := &reader{}
	w := writerTo(r, nil)
	w.SetPolicy(DropOldest)
	s := w.Source()
	r.gate.Lock()
	s.Write([]byte("first\n"))
	s.Write(bytes.Repeat([]byte("x"), 4*hardLimit))
	r.gate.Unlock()
	settle(t, w)
	if got := strings.Count(r.text(), "x"); got > hardLimit || got < hardLimit/2 {
		t.Errorf("%d bytes arrived, want about %d", got, hardLimit)
	}
}

func TestFullAndWake(t *testing.T) {
	r := &reader{}
	woken := make(chan struct{}, 10)
	w := writerTo(r, func() { woken <- struct{}{} })
	s := w.Source()
	r.gate.Lock()
	s.Write([]byte("in flight"))
	inFlight(t, w)
	for !s.Full() {
		s.Write(bytes.Repeat([]byte("x"), 1<<10))
	}
	w.SetPolicy(DropOldest)
	if s.Full() {
		t.Error("full although the policy is to drop")
	}
	w.SetPolicy(Block)
	if !s.Full() {
		t.Error("not full")
	}
	r.gate.Unlock()
	select {
	case <-woken:
	case <-time.After(testkit.Patience):
		t.Fatal("not woken")
	}
	settle(t, w)
	if s.Full() {
		t.Error("full with an empty queue")
	}
	if len(woken) > 0 {
		t.Error("woken more than once")
	}
}

func TestWriterErrors(t *testing.T) {
	rows := []struct {
		name  string
		err   error
		final bool
		text  string
	}{
		{"reader gone", unix.EPIPE, true, "broken pipe; what goes there is dropped from now on"},
		{"terminal hung up", unix.EIO, true, "dropped from now on"},
		{"never was open", unix.EBADF, true, "dropped from now on"},
		{"connection reset", unix.ECONNRESET, true, "dropped from now on"},
		{"disk full", unix.ENOSPC, false, "no space left on device; 6 bytes lost so far"},
		{"file too large", unix.EFBIG, false, "bytes lost so far"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			r := &reader{err: row.err}
			woken := make(chan struct{}, 10)
			var reports []string
			targets, sys := newTargets(Options{
				Report: func(s string) { reports = append(reports, s) },
				Wake:   func() { woken <- struct{}{} },
			})
			sys.write = r.write
			s := targets.Stdio(1)
			s.Write([]byte("lost 1"))
			<-woken
			targets.Poll()
			targets.Poll()
			if len(reports) != 1 || !strings.HasPrefix(reports[0], "cannot write standard output: ") || !strings.Contains(reports[0], row.text) {
				t.Errorf("reports = %q, want one with %q", reports, row.text)
			}
			settle(t, s.w)
			r.fail(nil)
			s.Write([]byte("and 2"))
			settle(t, s.w)
			want, lost := "slipway: output lost here: 6 bytes in 0 lines\nand 2", int64(6)
			if row.final {
				want, lost = "", 11
			}
			if got := r.text(); got != want {
				t.Errorf("output = %q, want %q", got, want)
			}
			if got := s.w.Lost(); got != lost {
				t.Errorf("Lost() = %d, want %d", got, lost)
			}
			if s.Full() {
				t.Error("full although nothing is queued")
			}
			for range 1000 {
				s.Write(bytes.Repeat([]byte("x"), 1000))
			}
			if got := memoryOf(s.w); row.final && got != 0 {
				t.Errorf("%d bytes are queued for nobody", got)
			}
		})
	}
}

// A failing disk behind stdout is reported once a minute, not with every write.
func TestWriterFaultIsReportedOncePerMinute(t *testing.T) {
	r := &reader{err: unix.ENOSPC}
	now := time.Now()
	n := 0
	targets, sys := newTargets(Options{Report: func(string) { n++ }})
	sys.write = r.write
	sys.now = func() time.Time { return now }
	s := targets.Stdio(1)
	for range 100 {
		s.Write([]byte("x"))
		settle(t, s.w)
		targets.Poll()
		now = now.Add(time.Second)
	}
	if n != 2 {
		t.Errorf("%d reports in 100 s, want 2", n)
	}
}

// A program may have made the shared description non-blocking.
func TestNonBlockingDescriptor(t *testing.T) {
	var fds [2]int
	if err := unix.Pipe2(fds[:], unix.O_NONBLOCK|unix.O_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	pr := os.NewFile(uintptr(fds[0]), "pipe")
	defer pr.Close()
	w := newWriter(fds[1], "standard output", realSystem(), func() {})
	s := w.Source()
	want := bytes.Repeat([]byte("0123456789abcde\n"), 10_000) // more than a pipe holds
	s.Write(want)
	go func() {
		if c := w.flush(); c != nil {
			<-c
		}
		unix.Close(fds[1])
	}()
	got, err := io.ReadAll(pr)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%d bytes arrived, want %d, unchanged", len(got), len(want))
	}
	if w.Lost() != 0 {
		t.Errorf("Lost() = %d, want 0", w.Lost())
	}
}

// An idle Writer has no goroutine: one that stayed would fail the bubble at its end.
func TestIdleWriterHasNoGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &reader{}
		w := writerTo(r, nil)
		s := w.Source()
		for range 3 {
			s.Write([]byte("x\n"))
			synctest.Wait()
			w.mu.Lock()
			running := w.running
			w.mu.Unlock()
			if running {
				t.Error("the goroutine lives with an empty queue")
			}
		}
	})
}

func TestCloseWaitsForTheQueue(t *testing.T) {
	t.Run("until it is written", func(t *testing.T) {
		r := &reader{}
		targets, sys := newTargets(Options{})
		sys.write = r.write
		one, two := targets.Stdio(1), targets.Stdio(2)
		one.Write([]byte("one\n"))
		two.Write([]byte("two"))
		if !targets.Close(time.Now().Add(testkit.Patience)) {
			t.Error("Close() = false, want true")
		}
		if got := r.text(); !strings.Contains(got, "one\n") || !strings.Contains(got, "two") {
			t.Errorf("output = %q", got)
		}
	})
	t.Run("but not for ever", func(t *testing.T) {
		r := &reader{}
		targets, sys := newTargets(Options{})
		sys.write = r.write
		r.gate.Lock()
		defer r.gate.Unlock()
		targets.Stdio(1).Write([]byte("x"))
		targets.Stdio(2).Write([]byte("x"))
		if targets.Close(time.Now().Add(20 * time.Millisecond)) {
			t.Error("Close() = true with a stalled reader")
		}
	})
}
