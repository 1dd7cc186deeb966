package decode

import (
	"testing"

	"slipway/internal/test/testkit"
)

// Sixteen times the size takes sixteen times the work, and not 256 times.
func TestLargeFiles(t *testing.T) {
	for _, tt := range large {
		t.Run(tt.name, func(t *testing.T) {
			small, big := tt.text(tt.n/4), tt.text(4*tt.n)
			testkit.WantLinear(t, func() { readLarge(t, small) }, func() { readLarge(t, big) })
		})
	}
}
