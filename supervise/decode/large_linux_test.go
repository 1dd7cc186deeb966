package decode

import (
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Four times the size takes four times the work, and not sixteen times. What is measured
// is the processor time of one thread, which does not depend on what else the machine
// does; the best of several runs counts.
func TestLargeFiles(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	best := func(text string) time.Duration {
		least := time.Hour
		for range 3 {
			began := threadTime(t)
			readLarge(t, text)
			least = min(least, threadTime(t)-began)
		}
		return least
	}
	for _, tt := range large {
		const bound = 8
		ratio := 0.0
		for range 3 {
			small, big := best(tt.text(tt.n)), best(tt.text(4*tt.n))
			if ratio = float64(big) / float64(small); ratio < bound {
				break
			}
		}
		if ratio >= bound {
			t.Errorf("%s: four times the size takes %.1f times the work, want less than %d", tt.name, ratio, bound)
		}
	}
}

// threadTime is the processor time that the thread has used.
func threadTime(t *testing.T) time.Duration {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &now); err != nil {
		t.Fatal(err)
	}
	return time.Duration(now.Nano())
}
