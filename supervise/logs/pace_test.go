//go:build linux

package logs

import (
	"testing"
	"time"
)

func TestPace(t *testing.T) {
	const room = 64 << 10
	type read struct {
		after time.Duration // since the read before
		n     int
		want  time.Duration
	}
	rows := []struct {
		name  string
		reads []read
	}{
		{"first output", []read{{0, 100, 0}}},
		{"now and then", []read{{0, 100, 0}, {time.Second, 100, 0}, {5 * time.Millisecond, 100, 0}}},
		{"line by line", []read{{0, 100, 0}, {10 * time.Microsecond, 100, paceEvery}, {paceEvery, 3000, paceEvery}, {paceEvery, 3000, paceEvery}}},
		{"a flood", []read{{0, room, 0}, {10 * time.Microsecond, room, 0}, {10 * time.Microsecond, room / 2, 0}}},
		{"a flood that ends", []read{{0, room, 0}, {10 * time.Microsecond, 10, paceEvery}, {time.Second, 10, 0}}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			var p Pace
			now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
			for i, r := range row.reads {
				now = now.Add(r.after)
				if got := p.After(r.n, room, now); got != r.want {
					t.Errorf("read %d: After(%d) = %v, want %v", i, r.n, got, r.want)
				}
			}
		})
	}
}
