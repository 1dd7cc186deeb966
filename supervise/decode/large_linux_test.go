package decode

import (
	"testing"

	"slipway/internal/test/testkit"
)

// Four times the size takes four times the work, and not sixteen times.
func TestLargeFiles(t *testing.T) {
	for _, tt := range large {
		t.Run(tt.name, func(t *testing.T) {
			small, big := tt.text(tt.n), tt.text(4*tt.n)
			testkit.WantLinear(t, func() { readLarge(t, small) }, func() { readLarge(t, big) })
		})
	}
}
