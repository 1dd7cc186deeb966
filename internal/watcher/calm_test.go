package watcher

import (
	"testing"
	"time"
)

func TestCalm(t *testing.T) {
	at := func(ms int) time.Time { return time.UnixMilli(1_000_000 + int64(ms)) }
	for _, row := range []struct {
		name string
		do   func(c *calm)
		due  time.Time
	}{
		{"nothing", func(*calm) {}, time.Time{}},
		{"one change waits for quiet", func(c *calm) { c.note(at(0)) }, at(100)},
		{"each further change puts it off", func(c *calm) { c.note(at(0)); c.note(at(90)); c.note(at(180)) }, at(280)},
		{"but not for ever", func(c *calm) {
			for ms := range 60 {
				c.note(at(10 * ms))
			}
		}, at(500)},
		{"what was quiet already is due at once", func(c *calm) { c.settled(at(0)) }, at(0)},
		{"together with what is not", func(c *calm) { c.note(at(0)); c.settled(at(50)) }, at(100)},
		{"a change after a quiet one waits no longer", func(c *calm) { c.settled(at(0)); c.note(at(1)) }, at(0)},
		{"what is done is done", func(c *calm) { c.note(at(0)); c.done() }, time.Time{}},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := calm{quiet: 100 * time.Millisecond, longest: 500 * time.Millisecond}
			row.do(&c)
			if got := c.due(); !got.Equal(row.due) {
				t.Errorf("due = %v, want %v", got, row.due)
			}
		})
	}
}
