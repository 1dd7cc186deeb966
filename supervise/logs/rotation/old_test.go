//go:build linux

package rotation

import (
	"testing"
	"time"

	"slipway/supervise/kernel"
)

// A log is put away once when its time is over, whatever the clock does.
func TestPassed(t *testing.T) {
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	empty := kernel.FileInfo{}
	for _, tt := range []struct {
		name string
		log  kernel.FileInfo
		at   []time.Duration // from noon
		want []bool
	}{
		{"the day goes by", empty, []time.Duration{0, 11 * time.Hour, 12 * time.Hour, 13 * time.Hour}, []bool{false, false, true, false}},
		{"nothing is written for days", empty, []time.Duration{0, 5 * day, 5*day + time.Hour}, []bool{false, true, false}},
		{"the log is of yesterday", kernel.FileInfo{Size: 1, Modified: noon.Add(-day)}, []time.Duration{0, time.Second}, []bool{true, false}},
		{"the log is of today", kernel.FileInfo{Size: 1, Modified: noon.Add(-time.Hour)}, []time.Duration{0}, []bool{false}},
		{"an empty log of yesterday", kernel.FileInfo{Modified: noon.Add(-day)}, []time.Duration{0}, []bool{false}},
		{"set back over midnight and on", empty, []time.Duration{12 * time.Hour, 11 * time.Hour, 12 * time.Hour, 13 * time.Hour}, []bool{false, false, false, false}},
		{"far ahead, then right", empty, []time.Duration{0, 9000 * day, time.Hour, 13 * time.Hour}, []bool{false, true, false, true}},
		{"the log is of a year to come", kernel.FileInfo{Size: 1, Modified: noon.Add(400 * day)}, []time.Duration{0, 13 * time.Hour}, []bool{false, true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := NewOld(nil, "log")
			o.Set(Rule{Every: Every{length: day}}, 3, 0)
			o.Opened(tt.log, noon)
			for i, d := range tt.at {
				now := noon.Add(d)
				got := o.Passed(now)
				if got != tt.want[i] {
					t.Errorf("after %v: passed = %v, want %v", d, got, tt.want[i])
				}
				if got { // it is put away
					o.Opened(empty, now)
				}
				o.Written(now)
			}
		})
	}
}
