package protocol

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"
)

// So much comes through at once, and so much in a minute, however long it goes on.
func TestFlow(t *testing.T) {
	now := time.Unix(1e9, 0)
	f := Flow{PerMinute: 600}
	if !f.take(600, now) {
		t.Error("as much as a minute has is refused at first")
	}
	if f.take(1, now) {
		t.Error("more than that comes through at once")
	}
	now = now.Add(time.Minute)
	for i := range 10_000 { // ten in a second, for hours
		now = now.Add(time.Second)
		if !f.take(10, now) {
			t.Fatalf("the flow stops after %d seconds", i)
		}
	}
	if now = now.Add(24 * time.Hour); f.take(601, now) {
		t.Error("silence is saved up")
	}
}

// A watch may go on for months. What is more than a store can change, or than people can
// read, is not followed: it would keep a processor busy, and fill the log.
func TestFloods(t *testing.T) {
	const limit = 1 << 20
	for _, row := range []struct {
		name, head, line string
		lines            int
		want             error
	}{
		{"notes", "", "note look here\n", 10_000, ErrFlood},
		{"progress", "snapshot 7\nend 7\n", "progress 7\n", 10_000, ErrFlood},
		{"word of a lost store", "", "stale why\n", 10_000, ErrFlood},
		{"variables", "snapshot 7\n", "var A x\n", 10_000, ErrTooMuch}, // 80 KB, but not in memory
		{"some notes", "", "note look here\n", 50, nil},
		{"some progress", "snapshot 7\nend 7\n", "progress 7\n", 500, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			us, err := read("slipway-source 1\n"+row.head+strings.Repeat(row.line, row.lines), limit)
			if row.want != nil && !errors.Is(err, row.want) || row.want == nil && (errors.Is(err, ErrFlood) || errors.Is(err, ErrTooMuch)) {
				t.Errorf("%d updates, error %v, want %v", len(us), err, row.want)
			}
		})
	}
	t.Run("changes", func(t *testing.T) {
		var b strings.Builder
		b.WriteString("slipway-source 1\nsnapshot 1\nend 1\n")
		for i := range 2000 {
			n := strconv.Itoa(i + 2)
			b.WriteString("change " + n + "\nvar A " + n + "\nend " + n + "\n")
		}
		if us, err := read(b.String(), limit); !errors.Is(err, ErrFlood) {
			t.Errorf("%d updates, error %v, want ErrFlood", len(us), err)
		}
	})
}
