package summary

import (
	"fmt"
	"strings"
	"testing"
)

func TestEnds(t *testing.T) {
	how := func(name string) string { return name + " is broken" }
	var e Ends
	for i := range linesTold {
		if !e.Tell("a", true) {
			t.Fatalf("line %d is not told", i)
		}
	}
	if got := e.Sum(how); got != "" {
		t.Errorf("everything was told, and summed up: %q", got)
	}
	for range linesTold {
		e.Tell("a", false)
	}
	for range 3 {
		e.Tell("b", true)
		e.Tell("b", false)
	}
	if e.Tell("a", true) {
		t.Error("more lines are told than there may be")
	}
	if got, want := e.Sum(how), "programs that do not stay up have ended 4 times more in the last minute: b (3 times, the last: b is broken), a (once, the last: a is broken)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if !e.Tell("a", true) || e.Sum(how) != "" {
		t.Error("it does not begin anew")
	}
	for i := range linesTold + 100 {
		e.Tell(fmt.Sprint("p", i), true)
	}
	if got := e.Sum(how); !strings.HasSuffix(got, ", and 92 more programs") || strings.Count(got, "broken") != remindMost {
		t.Errorf("a hundred programs are %q", got)
	}
}
