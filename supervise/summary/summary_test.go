package summary

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestEnds(t *testing.T) {
	how := func(name string) string { return name + " is broken" }
	var e Ends
	for i := range Lines {
		if !e.Tell("a", true) {
			t.Fatalf("line %d is not told", i)
		}
	}
	if got := e.Sum(how); got != "" {
		t.Errorf("everything was told, and summed up: %q", got)
	}
	for range Lines {
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
	for i := range Lines + 100 {
		e.Tell(fmt.Sprint("p", i), true)
	}
	if got := e.Sum(how); !strings.HasSuffix(got, ", and 92 more programs") || strings.Count(got, "broken") != Named {
		t.Errorf("a hundred programs are %q", got)
	}
}

func TestWaits(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	list := []Wait{{"new", "waits", now.Add(-59 * time.Second)}, {"old", "has waited for db", now.Add(-2 * time.Minute)}}
	if got, want := Waits(list, now), []string{"old has waited for db for 2m0s"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	for i := range 20 {
		list = append(list, Wait{fmt.Sprint("p", i), "waits", now.Add(-Every)})
	}
	got := Waits(list, now)
	if len(got) != Named+1 || got[Named] != "so it is with 13 more: p7, p8, p9, p10, p11, p12, p13, p14 …" {
		t.Errorf("%q", got)
	}
}
