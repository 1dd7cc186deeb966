package client

import (
	"errors"
	"sync/atomic"
	"testing"
)

func TestRoll(t *testing.T) {
	for _, tt := range []struct {
		name             string
		count, most, bad int
		begun, most2     int
	}{
		{"none", 0, 2, -1, 0, 0},
		{"one by one", 3, 1, -1, 3, 1},
		{"no number is one", 3, 0, -1, 3, 1},
		{"two at once", 5, 2, -1, 5, 2},
		{"the second fails", 5, 1, 1, 2, 1},
		{"one of the first two fails", 5, 2, 0, 2, 2},
		{"the last fails", 5, 2, 4, 5, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var now, peak, called atomic.Int64
			begun := Roll(tt.count, tt.most, func(i int) error {
				peak.Store(max(peak.Load(), now.Add(1)))
				defer now.Add(-1)
				called.Add(1)
				if i == tt.bad {
					return errors.New("no")
				}
				return nil
			})
			if begun != tt.begun || int(called.Load()) != tt.begun || int(peak.Load()) > tt.most2 {
				t.Errorf("begun %d, called %d, at once %d, want %d, at once %d at most", begun, called.Load(), peak.Load(), tt.begun, tt.most2)
			}
		})
	}
}
