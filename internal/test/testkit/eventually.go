package testkit

import (
	"bytes"
	"testing"
	"time"
)

// Patience is how long a test waits for what must come. It is no claim about
// speed: it ends a test that would hang, on a machine that is as busy as can be.
const Patience = 2 * time.Minute

// Eventually calls check until it returns nil, and fails the test with its last
// error when that takes longer than within. A within below Patience is raised to
// it: what takes how long depends on the machine, and is a benchmark's to say. The
// pause between two calls grows from 1 ms to 50 ms, so that quick things are seen
// quickly.
func Eventually(t testing.TB, within time.Duration, what string, check func() error) {
	t.Helper()
	within = max(within, Patience)
	if err := poll(within, check); err != nil {
		t.Fatalf("%s: not within %v: %v", what, within, err)
	}
}

// poll is Eventually without a test.
func poll(within time.Duration, check func() error) error {
	deadline := time.Now().Add(within)
	pause := time.Millisecond
	for {
		err := check()
		if err == nil || !time.Now().Before(deadline) {
			return err
		}
		time.Sleep(pause)
		pause = min(pause*3/2, 50*time.Millisecond)
	}
}

// lastLine is the last line of a command's output that says something.
func lastLine(out []byte) string {
	out = bytes.TrimSpace(out)
	if i := bytes.LastIndexByte(out, '\n'); i >= 0 {
		out = out[i+1:]
	}
	return string(out)
}
