package output

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"slipway/supervise/kernel/kerneltest"
	"slipway/supervise/logs"
	"slipway/supervise/logs/sink"
	"slipway/supervise/loop"
)

// onSlowReader runs a test of programs that write to a standard output that the test reads,
// with the loop that writes it itself. Ends are those of the programs; run runs the loop for a
// while and returns how many passes that were.
func onSlowReader(t *testing.T, programs int, test func(m *kerneltest.Machine, ends []int, run func(time.Duration) int)) {
	synctest.Test(t, func(t *testing.T) {
		m := kerneltest.New(t, kerneltest.Settings{Stalls: true})
		l := loop.New(m, m)
		targets := sink.NewTargets(sink.Options{System: m, Watcher: l, Wake: m.Wake})
		c := NewCarrier(m, l, targets)
		var ends []int
		for i := range programs {
			w, err := c.Open(&Outlet{}, logs.Spec{Destination: sink.Destination{Process: fmt.Sprint(i), Logfile: "/dev/stdout"}}, logs.Hooks{}, Manner{Patient: true})
			if err != nil {
				t.Fatal(err)
			}
			ends = append(ends, w)
		}
		test(m, ends, func(d time.Duration) int {
			var end loop.Timer
			h := &passing{c: c, targets: targets}
			l.After(&end, d, func() { h.over = true })
			l.Run(h)
			return h.passes
		})
		m.Stall(1, false)
		targets.Close(m.Now())
	})
}

// passing does in each pass of a loop what the supervisor does.
type passing struct {
	c       *Carrier
	targets *sink.Targets
	over    bool
	passes  int
}

func (h *passing) Settle() bool                   { return h.over }
func (h *passing) Stalled(time.Duration)          {}
func (h *passing) Reaped([]loop.Death, time.Time) {}
func (h *passing) Received(syscall.Signal)        {}
func (h *passing) Passed() {
	if h.over { // what is then done is due to the test
		return
	}
	h.passes++
	h.c.Resume()
	h.targets.Poll()
}

// fill writes numbered lines to the end of a program until its pipe is full.
func fill(m *kerneltest.Machine, fd, program int, next *int) {
	for {
		line := fmt.Sprintf("%d %d\n", program, *next)
		if n, err := m.TryWrite(fd, []byte(line)); n < len(line) || err != nil {
			return
		}
		*next++
	}
}

// Programs that want to write more than the reader takes have their turns, and nothing of any
// of them is lost, torn or given in another order.
func TestTurnsAtASlowReader(t *testing.T) {
	const programs = 5
	onSlowReader(t, programs, func(m *kerneltest.Machine, ends []int, run func(time.Duration) int) {
		m.Stall(1, true)
		var next [programs]int
		for range 100 {
			for i, fd := range ends {
				fill(m, fd, i, &next[i])
			}
			m.Room(1, 20000)
			run(time.Millisecond)
		}
		m.Stall(1, false)
		run(time.Second)
		var got, early [programs]int
		text := m.Output(1)
		half := strings.Count(text, "\n") / 2
		for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
			var p, n int
			if _, err := fmt.Sscanf(line, "%d %d", &p, &n); err != nil || n != got[p] {
				t.Fatalf("line %d is %q, want the next of its program", i, line)
			}
			got[p]++
			if i < half {
				early[p]++
			}
		}
		for i := range got {
			if got[i] != next[i] || early[i] < half/programs/2 {
				t.Errorf("program %d: %d lines of %d have arrived, %d of the first %d of all", i, got[i], next[i], early[i], half)
			}
		}
	})
}

// A reader that is away is waited for with a queue, and then without waking anybody.
func TestAReaderIsAway(t *testing.T) {
	onSlowReader(t, 2, func(m *kerneltest.Machine, ends []int, run func(time.Duration) int) {
		m.Stall(1, true)
		var next [2]int
		for i, fd := range ends {
			fill(m, fd, i, &next[i])
		}
		first := next[0]
		run(time.Second)
		for i, fd := range ends {
			fill(m, fd, i, &next[i])
		}
		if next[0] < first*3/2 || next[1] < first*3/2 {
			t.Errorf("%d lines were written, then %d and %d, want that all was read", first, next[0], next[1])
		}
		for before := -1; before != next[0]; {
			run(time.Second)
			before = next[0]
			fill(m, ends[0], 0, &next[0])
		}
		if n := run(time.Hour); n > 2 { // with the end of the hour
			t.Errorf("%d passes in an hour in which nothing can happen", n)
		}
		m.Stall(1, false)
		run(time.Second)
		if n := strings.Count(m.Output(1), "\n"); n != next[0]+next[1] {
			t.Errorf("%d lines of %d have arrived", n, next[0]+next[1])
		}
	})
}
