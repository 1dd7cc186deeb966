package bench

import (
	"time"

	"golang.org/x/sys/unix"
)

// monotonic reads the clock that the probes read.
func monotonic() time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		panic(err) // the clock exists on every Linux
	}
	return time.Duration(ts.Nano())
}
