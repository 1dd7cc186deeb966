package output

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"slipway/supervise/kernel/kerneltest"
	"slipway/supervise/logs"
	"slipway/supervise/logs/format"
	"slipway/supervise/logs/sink"
	"slipway/supervise/loop"
)

// Forty programs print without end and nobody reads. What is held of that has a bound for all
// of them together, in each format and however the output is written. When the reader is back
// it gets every line, in the order of its program.
func TestCrowdAtAStalledReader(t *testing.T) {
	const programs = 40
	styles := map[string]*format.Spec{"raw": nil, "prefix": {Style: format.Prefix}, "json": {Style: format.JSON}}
	for style, spec := range styles {
		for _, waits := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, beside the loop %v", style, waits), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					m := kerneltest.New(t, kerneltest.Settings{Stalls: true, Waits: waits})
					l := loop.New(m, m)
					targets := sink.NewTargets(sink.Options{System: m, Watcher: l, Wake: m.Wake})
					c := NewCarrier(m, l, targets)
					run := func(d time.Duration) {
						var end loop.Timer
						h := &passing{c: c, targets: targets}
						l.After(&end, d, func() { h.over = true })
						l.Run(h)
					}
					m.Stall(1, true)
					var ends [programs]int
					for i := range ends {
						o := &Outlet{}
						s := logs.Spec{Destination: sink.Destination{Process: fmt.Sprint(i), Logfile: "/dev/stdout"}}
						if spec != nil {
							own := *spec
							own.Program, own.Stream = fmt.Sprintf("p%d", i), "stdout"
							s.Lines = &own
						}
						w, err := c.Open(o, s, logs.Hooks{}, Manner{Patient: true})
						if err != nil {
							t.Fatal(err)
						}
						ends[i] = w
						o.Began(100 + i)
					}
					next, written := [programs]int{}, 0
					for before := -1; before != written; {
						before = written
						for i, fd := range ends {
							for {
								text := line(i, next[i])
								if n, err := m.TryWrite(fd, text); n < len(text) || err != nil {
									break
								}
								next[i], written = next[i]+1, written+len(text)
							}
						}
						run(time.Second)
					}
					held := written
					for _, fd := range ends {
						held -= m.Unread(fd)
					}
					most := 336 << 10 // a queue, what one read goes beyond it, and what has no end yet
					if waits {
						most *= 2 // and as much that is being written
					}
					if held > most || held <= 0 {
						t.Errorf("%d bytes are held of what %d programs print, want %d at most", held, programs, most)
					}
					m.Stall(1, false)
					run(10 * time.Second)
					got := [programs]int{}
					for _, text := range strings.Split(strings.TrimSuffix(m.Output(1), "\n"), "\n") {
						p, n := numbers(t, style, text)
						if got[p] != n {
							t.Fatalf("%q comes after %d lines of its program", text, got[p])
						}
						got[p]++
					}
					if got != next {
						t.Errorf("%v lines have arrived, want %v", got, next)
					}
					targets.Close(m.Now())
				})
			})
		}
	}
}

// line is line n of a program, with its end.
func line(program, n int) []byte { return fmt.Appendf(nil, "%d %d \"%0200d\"\n", program, n, n) }

// numbers are the numbers of a line that was passed on.
func numbers(t *testing.T, style, text string) (program, n int) {
	t.Helper()
	switch style {
	case "prefix":
		name, rest, _ := strings.Cut(text, " | ")
		if text = rest; strings.TrimSpace(name) != "p"+strings.Split(rest, " ")[0] {
			t.Fatalf("%q has the name %q", rest, name)
		}
	case "json":
		var o struct{ Program, Message string }
		if err := json.Unmarshal([]byte(text), &o); err != nil || o.Program != "p"+strings.Split(o.Message, " ")[0] {
			t.Fatalf("%q: %v", text, err)
		}
		text = o.Message
	}
	if _, err := fmt.Sscanf(text, "%d %d", &program, &n); err != nil || text+"\n" != string(line(program, n)) {
		t.Fatalf("%q is no line of a program", text)
	}
	return program, n
}
