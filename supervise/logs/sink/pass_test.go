//go:build linux

package sink

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"

	"slipway/supervise/kernel"
	"slipway/supervise/loop"
)

// trying is a system whose standard output takes room bytes, and the loop that watches it.
type trying struct {
	*system
	reader
	room  int // bytes that are taken without waiting
	err   error
	owner loop.FDOwner
	fixed bool // it cannot be watched
	woken int
}

func (s *trying) TryWrite(fd int, p []byte) (int, error) {
	switch n := min(s.room, len(p)); {
	case s.err != nil:
		return 0, s.err
	case n == 0:
		return 0, unix.EAGAIN
	default:
		s.room -= n
		return s.reader.write(fd, p[:n])
	}
}

func (s *trying) Own(_ int, owner loop.FDOwner, _ kernel.Mode) error {
	if s.fixed {
		return unix.EPERM
	}
	s.owner = owner
	return nil
}

func (s *trying) Disown(int) { s.owner = nil }

// take lets the reader take n bytes more, and the loop know.
func (s *trying) take(n int) {
	s.room += n
	if s.owner != nil {
		s.owner.OnReadable(1, kernel.Writable)
	}
}

// tryingTargets returns Targets of it, with what they report.
func tryingTargets(room int) (*trying, *Targets, *[]string) {
	s, reports := &trying{system: realSystem(), room: room}, new([]string)
	s.system.write = s.reader.write
	return s, NewTargets(Options{
		System: s, Watcher: s, Wake: func() { s.woken++ },
		Report: func(text string) { *reports = append(*reports, text) },
	}), reports
}

// What is taken at once is written by the caller; the rest waits for the loop, and for
// nobody else, in its order.
func TestPassWaitsForTheLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, targets, _ := tryingTargets(6)
		one, two := targets.Stdio(1), targets.Stdio(1)
		one.Write([]byte("1234\n"))
		if got := s.text(); got != "1234\n" || s.owner != nil || one.Full() {
			t.Fatalf("got %q, watched %v, full %v, want the line at once", got, s.owner != nil, one.Full())
		}
		one.Write([]byte("5678\n"))
		two.Write([]byte("abc\nde"))
		synctest.Wait() // a goroutine would have written by now
		if got := s.text(); got != "1234\n5" || s.owner == nil || !one.Full() || !two.Full() || !targets.Busy() {
			t.Fatalf("got %q, watched %v, full %v and %v, want that the rest waits", got, s.owner != nil, one.Full(), two.Full())
		}
		s.take(2)
		if got := s.text(); got != "1234\n567" {
			t.Errorf("got %q, want as much as is taken", got)
		}
		s.take(100)
		targets.Poll()
		if got := s.text(); got != "1234\n5678\nabc\nde" || s.owner != nil || one.Full() || targets.Busy() {
			t.Errorf("got %q, watched %v, want all, and that the loop has no more to do with it", got, s.owner != nil)
		}
	})
}

// Whoever writes waits for a reader that is soon back, and fills a queue for one that is not.
func TestPassGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, targets, _ := tryingTargets(4)
		source := targets.Stdio(1)
		source.Write([]byte("12345"))
		if !source.Full() {
			t.Error("it is not full as soon as something waits")
		}
		time.Sleep(Grace) // virtual
		if source.Full() {
			t.Error("it is full when nobody has read for a while")
		}
		source.Write(make([]byte, softLimit))
		if !source.Full() {
			t.Error("it is not full with a full queue")
		}
		s.take(softLimit / 2)
		if !source.Full() {
			t.Error("it is not full although its reader is back")
		}
		s.take(softLimit)
		if source.Full() {
			t.Error("it is full with nothing that waits")
		}
	})
}

// Every byte arrives, or is counted and its loss said, in whole lines.
func TestPassLosesWhatItSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, targets, _ := tryingTargets(100)
		targets.SetPolicy(DropOldest)
		source := targets.Stdio(1)
		given, lines := 0, 0
		for i := range 100000 {
			line := fmt.Appendf(nil, "%d %s\n", i, strings.Repeat("x", i%97))
			source.Write(line)
			given, lines = given+len(line), lines+1
			if i%10 == 0 {
				s.take(20)
			}
		}
		if source.Full() {
			t.Error("who rather loses than waits is full")
		}
		s.take(1 << 30)
		targets.Poll()
		arrived, said, saidLines := 0, 0, 0
		last := -1
		for _, line := range strings.SplitAfter(s.text(), "\n") {
			var bytes, n int
			if _, err := fmt.Sscanf(line, "slipway: output lost here: %d bytes in %d lines", &bytes, &n); err == nil {
				said, saidLines = said+bytes, saidLines+n
				continue
			}
			arrived += len(line)
			if _, err := fmt.Sscanf(line, "%d ", &n); err == nil && strings.HasSuffix(line, "x\n") && n < last {
				t.Fatalf("line %d comes after line %d", n, last)
			} else if err == nil && strings.HasSuffix(line, "x\n") {
				last = n
			}
		}
		// A line of which a part was taken already is ended before the loss is said.
		if ends := arrived + said - given; said == 0 || ends < 0 || ends > strings.Count(s.text(), "output lost") {
			t.Errorf("%d bytes of %d have arrived, and %d are said to be lost", arrived, given, said)
		}
		if w := source.w; w.Lost() != int64(said) {
			t.Errorf("%d bytes are counted as lost, said are %d", w.Lost(), said)
		}
	})
}

func TestPassErrors(t *testing.T) {
	rows := []struct {
		name  string
		err   error
		again string // what has arrived when the error is over
		lost  int64
	}{
		{"no reader", unix.EPIPE, "one\n", int64(len("two\nthree\n"))},
		{"disk full", unix.ENOSPC, "one\nslipway: output lost here: 4 bytes in 1 lines\nthree\n", int64(len("two\n"))},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			s, targets, reports := tryingTargets(1 << 20)
			source := targets.Stdio(1)
			source.Write([]byte("one\n"))
			s.err = row.err
			source.Write([]byte("two\n"))
			if s.woken != 1 {
				t.Errorf("the loop was woken %d times, want once, to report it", s.woken)
			}
			targets.Poll()
			if len(*reports) != 1 || !strings.Contains((*reports)[0], row.err.Error()) || source.Full() {
				t.Errorf("reports %q, full %v, want the cause", *reports, source.Full())
			}
			s.err = nil
			source.Write([]byte("three\n"))
			targets.Poll()
			if got := s.text(); got != row.again {
				t.Errorf("got %q, want %q", got, row.again)
			}
			if n := source.w.Lost(); n != row.lost {
				t.Errorf("%d bytes are counted as lost, want %d", n, row.lost)
			}
		})
	}
}

// Where nobody can know whether a write would wait, or the loop cannot watch, a goroutine
// writes, and nothing is lost or given out twice.
func TestPassNeedsAGoroutine(t *testing.T) {
	rows := map[string]func(s *trying){
		"from the beginning": func(s *trying) { s.err = unix.EOPNOTSUPP },
		"cannot be watched":  func(s *trying) { s.fixed = true },
	}
	for name, be := range rows {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, targets, _ := tryingTargets(7)
				be(s)
				source := targets.Stdio(1)
				var want bytes.Buffer
				for i := range 1000 {
					line := fmt.Appendf(nil, "line %d\n", i)
					want.Write(line)
					source.Write(line)
				}
				synctest.Wait()
				if got := s.text(); got != want.String() {
					t.Errorf("%d bytes have arrived, or others than the %d that were given", len(got), want.Len())
				}
				if s.owner != nil || source.w.way.Good() {
					t.Error("the loop has still to do with it")
				}
			})
		})
	}
}

// What waits when there is no loop any more is written as long as Close may wait.
func TestPassCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, targets, _ := tryingTargets(0)
		source := targets.Stdio(1)
		source.Write([]byte("last words\n"))
		if !targets.Close(s.Now().Add(time.Minute)) || s.text() != "last words\n" || s.owner != nil {
			t.Errorf("got %q, watched %v, want all", s.text(), s.owner != nil)
		}
	})
}

// An unfinished line is let go by a timer, which has the loop look after what is not taken.
func TestPassHeldLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, targets, _ := tryingTargets(0)
		one := targets.Stdio(1)
		targets.Stdio(1)
		one.Write([]byte("prompt> "))
		time.Sleep(2 * holdTime) // virtual
		synctest.Wait()
		if s.owner != nil || s.woken == 0 {
			t.Fatalf("watched %v, woken %d times, want that the loop is woken", s.owner != nil, s.woken)
		}
		targets.Poll()
		s.take(100)
		if got := s.text(); got != "prompt> " {
			t.Errorf("got %q", got)
		}
	})
}
