//go:build linux

package sink

import (
	"testing"

	"slipway/supervise/config"
)

// A copy holds what the log file holds, each with its own rotation, and an output whose
// copy is its log file is written once.
func TestCopy(t *testing.T) {
	b := newBench(t)
	rotated := Rotation{Maxbytes: 6, Backups: 1}
	outputs := [][]Sink{
		b.Open(&Destination{Logfile: b.path("a.log"), Rotation: rotated, Destinations: config.Destinations{Copy: b.path("all")}}),
		b.Open(&Destination{Logfile: b.path("all"), Rotation: rotated}),
		b.Open(&Destination{Logfile: b.path("b.log"), Destinations: config.Destinations{Copy: b.path("b.log")}}),
		b.Open(&Destination{Destinations: config.Destinations{Copy: b.path("only")}}),
		b.Open(&Destination{Logfile: b.path("c.log"), Destinations: config.Destinations{Copy: b.path("all")}}),
	}
	for i, want := range []int{2, 1, 1, 1, 2} {
		if got := len(outputs[i]); got != want {
			t.Fatalf("output %d has %d sinks, want %d", i, got, want)
		}
	}
	for i, text := range []string{"one\n", "", "two\n", "three\n", "four\n"} {
		for _, s := range outputs[i] {
			s.Write([]byte(text))
		}
	}
	b.wantFiles(map[string]string{
		"a.log": "one\n", "all": "", "all.1": "one\nfour\n", "b.log": "two\n", "only": "three\n", "c.log": "four\n",
	})
	for _, sinks := range outputs {
		for _, s := range sinks {
			s.Close()
		}
	}
}
