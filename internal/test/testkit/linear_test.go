//go:build unix

package testkit

import "testing"

// judge keeps what a test is told.
type judge struct {
	testing.TB
	failed bool
}

func (*judge) Helper()                 {}
func (j *judge) Errorf(string, ...any) { j.failed = true }

var sink int

// What is linear, and what costs a little more, passes on any machine; what is quadratic
// fails.
func TestWantLinear(t *testing.T) {
	// The sum is in a register. In memory it takes a sixth of the time as long as the processor
	// forwards what was stored, which it does until something interrupts it.
	loop := func(n int) func() {
		return func() {
			x := sink
			for i := range n {
				x = x*31 + i
			}
			sink = x
		}
	}
	const n = 300_000
	for _, tt := range []struct {
		name  string
		large int
		want  bool
	}{{"linear", 16 * n, false}, {"twice that", 32 * n, false}, {"quadratic", 256 * n, true}} {
		j := &judge{TB: t}
		if WantLinear(j, loop(n), loop(tt.large)); j.failed != tt.want {
			t.Errorf("%s: failed is %v, want %v", tt.name, j.failed, tt.want)
		}
	}
}
