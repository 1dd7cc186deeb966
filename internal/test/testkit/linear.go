//go:build unix

package testkit

import (
	"math"
	"runtime"
	"runtime/debug"
	"syscall"
	"testing"
	"time"
)

// WantLinear fails the test when large, which has sixteen times as much to do as
// small, takes more than 64 times as long: what is linear takes about sixteen times,
// twice that when only the small one fits into the caches of a busy processor, and what is
// quadratic takes 256 times. It compares the processor time of the best tries and ends as
// soon as they are good enough, so that a busy machine makes it slower, but not fail. The
// collector rests meanwhile: it sets in only from some size on, and would count as work. Nothing
// else may run in the test process.
func WantLinear(t testing.TB, small, large func()) {
	t.Helper()
	const most, tries = 64, 25
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	short, long := time.Duration(math.MaxInt64), time.Duration(math.MaxInt64)
	for range 4 { // one that something has disturbed would excuse what is quadratic
		short = min(short, cost(t, small))
	}
	for range tries {
		short, long = min(short, cost(t, small)), min(long, cost(t, large))
		if long < most*short {
			return
		}
	}
	t.Errorf("sixteen times the work takes %v instead of %v of the processor: more than %d times", long, short, most)
}

// cost is the processor time that the process spends while f runs.
func cost(t testing.TB, f func()) time.Duration {
	t.Helper()
	runtime.GC()
	before := used(t)
	f()
	return used(t) - before
}

// used is the processor time that the process has spent.
func used(t testing.TB) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// Timed is for the body of a fuzz target: defer Timed(t, size)() fails the test if the body takes
// more processor time than two seconds and 20 µs per byte of input. What is quadratic takes more
// from some 50 KB on; nothing that is linear comes near.
func Timed(t testing.TB, size int) func() {
	before := used(t)
	return func() {
		t.Helper()
		if took, most := used(t)-before, 2*time.Second+time.Duration(size)*20*time.Microsecond; took > most {
			t.Errorf("an input of %d bytes takes %v of the processor, more than %v", size, took, most)
		}
	}
}
