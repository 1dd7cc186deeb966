package loop

import (
	"math/rand/v2"
	"slices"
	"syscall"
	"testing"
	"time"

	"slipway/supervise/kernel"
)

// fake is a poller whose clock only moves in Wait, and a reaper with a list.
type fake struct {
	now     time.Time
	dead    []Death
	ready   []kernel.Ready
	sent    []syscall.Signal
	waits   []time.Duration
	late    time.Duration // by which Wait returns
	watched map[int]kernel.Mode
}

func newFake() *fake { return &fake{now: time.Unix(1000, 0), watched: map[int]kernel.Mode{}} }

func (f *fake) Now() time.Time { return f.now }

func (f *fake) Watch(fd int, m kernel.Mode) error {
	f.watched[fd] = m
	return nil
}

func (f *fake) Unwatch(fd int) { delete(f.watched, fd) }

func (f *fake) Wait(buf []kernel.Ready, timeout time.Duration) []kernel.Ready {
	f.waits = append(f.waits, timeout)
	if timeout > 0 && len(f.ready) == 0 && len(f.dead) == 0 {
		f.now = f.now.Add(timeout + f.late)
	}
	buf = append(buf[:0], f.ready...)
	f.ready = nil
	return buf
}

func (f *fake) Signals() kernel.Signals {
	s := kernel.Signals{Child: len(f.dead) > 0, At: f.now, Other: f.sent}
	f.sent = nil
	return s
}

func (f *fake) Peek() (int, error) {
	if len(f.dead) == 0 {
		return 0, syscall.ECHILD
	}
	return f.dead[0].PID, nil
}

func (f *fake) Reap(int) (kernel.Exit, error) {
	exit := f.dead[0].Exit
	f.dead = f.dead[1:]
	return exit, nil
}

// diary is a handler that notes what happens, for some passes.
type diary struct {
	left  int
	notes []string
}

func (d *diary) Settle() bool {
	d.left--
	return d.left < 0
}

func (d *diary) Reaped(strangers []Death, _ time.Time) {
	for _, x := range strangers {
		d.notes = append(d.notes, "stranger "+string(rune('0'+x.PID)))
	}
}

func (d *diary) Stalled(by time.Duration) { d.notes = append(d.notes, "stalled "+by.String()) }

func (d *diary) Received(sig syscall.Signal) { d.notes = append(d.notes, sig.String()) }

func (d *diary) Passed() { d.notes = append(d.notes, "passed") }

type owner func(fd int)

func (o owner) OnReadable(fd int, _ kernel.Mode) { o(fd) }

func TestOrderOfAPass(t *testing.T) {
	f := newFake()
	l := New(f, f)
	d := &diary{left: 1}
	note := func(text string) func() { return func() { d.notes = append(d.notes, text) } }
	f.dead = []Death{{PID: 1}, {PID: 2}, {PID: 3}}
	f.ready = []kernel.Ready{{FD: 7}, {FD: 8}}
	f.sent = []syscall.Signal{syscall.SIGHUP}
	l.OnExit(2, func(kernel.Exit) { d.notes = append(d.notes, "ended 2") })
	if err := l.Own(7, owner(func(int) { note("readable 7")(); l.Disown(8) }), kernel.Readable); err != nil {
		t.Fatal(err)
	}
	if err := l.Own(8, owner(func(int) { note("readable 8")() }), kernel.Readable); err != nil {
		t.Fatal(err)
	}
	var timer Timer
	l.Set(&timer, f.now, note("timer"))
	l.Run(d)
	want := []string{"ended 2", "stranger 1", "stranger 3", "readable 7", "hangup", "timer", "passed"}
	if !slices.Equal(d.notes, want) {
		t.Errorf("order of a pass = %q, want %q", d.notes, want)
	}
	if l.Owns(2) || len(f.watched) != 1 {
		t.Errorf("the dead child is owned: %v, watched: %v", l.Owns(2), f.watched)
	}
}

func TestWaitsForTheNearestTimer(t *testing.T) {
	f := newFake()
	l := New(f, f)
	var a, b Timer
	fired := 0
	l.After(&a, 5*time.Second, func() { fired++ })
	l.After(&b, time.Second, func() { t.Error("a cleared timer has fired") })
	l.Clear(&b)
	l.Clear(&b)
	l.Run(&diary{left: 2})
	if want := []time.Duration{5 * time.Second, -1}; fired != 1 || !slices.Equal(f.waits, want) {
		t.Errorf("fired %d times, waits %v, want once, %v", fired, f.waits, want)
	}
}

// A loop that ran too late says so before it calls anybody, so that a timer can be set anew.
func TestStalled(t *testing.T) {
	f := newFake()
	l := New(f, f)
	f.late = time.Minute
	d := &diary{left: 1}
	var timer Timer
	l.After(&timer, time.Second, func() { d.notes = append(d.notes, "timer") })
	l.Run(d)
	if want := []string{"stalled 1m1s", "timer", "passed"}; !slices.Equal(d.notes, want) {
		t.Errorf("order of a late pass = %q, want %q", d.notes, want)
	}
	f.late, d.left, d.notes = stall, 1, nil
	l.After(&timer, time.Second, func() {})
	l.Run(d)
	if want := []string{"stalled 200ms", "passed"}; !slices.Equal(d.notes, want) {
		t.Errorf("a little late: %q, want %q", d.notes, want)
	}
	f.late, d.left, d.notes = stall-1, 1, nil
	l.After(&timer, time.Second, func() {})
	l.Run(d)
	if want := []string{"passed"}; !slices.Equal(d.notes, want) {
		t.Errorf("as late as always: %q, want %q", d.notes, want)
	}
}

func TestTimerSetAnewFiresOnce(t *testing.T) {
	f := newFake()
	l := New(f, f)
	var x Timer
	l.After(&x, time.Second, func() { t.Error("fired for what it was set for before") })
	fired := time.Time{}
	l.After(&x, 3*time.Second, func() { fired = f.now })
	l.Run(&diary{left: 3})
	if want := time.Unix(1003, 0); !fired.Equal(want) || x.IsSet() {
		t.Errorf("fired at %v, want %v; still set: %v", fired, want, x.IsSet())
	}
}

func TestZeroTimeClears(t *testing.T) {
	f := newFake()
	l := New(f, f)
	var x Timer
	l.After(&x, time.Second, func() { t.Error("fired") })
	l.Set(&x, time.Time{}, nil)
	l.Run(&diary{left: 1})
	if x.IsSet() || !x.At().IsZero() {
		t.Errorf("still set for %v", x.At())
	}
}

// Any sequence of sets and clears fires what is set, in the order of times.
func TestTimersAtRandom(t *testing.T) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	f := newFake()
	l := New(f, f)
	var all [50]Timer
	want := map[int]time.Time{}
	var last time.Time
	for range 20000 {
		i := r.IntN(len(all))
		switch r.IntN(4) {
		case 0:
			l.Clear(&all[i])
			delete(want, i)
		case 1:
			f.now = f.now.Add(time.Duration(r.IntN(10)) * time.Millisecond)
			last = time.Time{}
			l.fire()
			for i, at := range want {
				if !at.After(f.now) {
					t.Fatalf("seed %d: timer %d, due %v, has not fired at %v", seed, i, at, f.now)
				}
			}
		default:
			at := f.now.Add(time.Duration(r.IntN(100)) * time.Millisecond)
			want[i] = at
			l.Set(&all[i], at, func() {
				if !want[i].Equal(at) || at.Before(last) {
					t.Fatalf("seed %d: timer %d fires for %v after %v, want %v", seed, i, at, last, want[i])
				}
				last = at
				delete(want, i)
			})
		}
		if len(l.timers.heap) != len(want) {
			t.Fatalf("seed %d: %d timers in the heap, want %d", seed, len(l.timers.heap), len(want))
		}
	}
}

// A freeze that begins within a wait is as long as the wait hides of it. A time that counts
// against a program makes waits short, so that little is hidden; other times do not.
func TestLiveTimersKeepWaitsShort(t *testing.T) {
	f := newFake()
	l := New(f, f)
	var live, other Timer
	d := &diary{left: 3}
	l.SetLive(&live, f.now.Add(250*time.Millisecond), func() { d.notes = append(d.notes, "live") })
	l.After(&other, time.Hour, func() {})
	l.Run(d)
	if want := []string{"passed", "passed", "live", "passed"}; !slices.Equal(d.notes, want) {
		t.Errorf("passes are %q, want %q", d.notes, want)
	}
	d.left = 1
	l.Run(d)
	if want := []time.Duration{stall, stall, stall / 2, time.Hour - 250*time.Millisecond}; !slices.Equal(f.waits, want) {
		t.Errorf("waits %v, want %v", f.waits, want)
	}
	l.SetLive(&live, f.now.Add(time.Second), func() {})
	l.SetLive(&live, f.now.Add(time.Second), func() {})
	f.waits, f.late, d.notes, d.left = nil, 2*time.Second, nil, 1
	l.Set(&other, time.Time{}, nil)
	l.Run(d)
	if want := []string{"stalled 2.1s", "passed"}; !slices.Equal(d.notes, want) {
		t.Errorf("after a freeze: %q, want %q", d.notes, want)
	}
	l.Clear(&live)
	l.After(&live, time.Minute, func() {})
	if got := l.timers.wait(f.now); got != time.Minute || l.timers.live != 0 {
		t.Errorf("waits %v with %d live timers after the last one was cleared, want a minute, 0", got, l.timers.live)
	}
}
