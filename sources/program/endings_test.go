package program

import (
	"fmt"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slipway/internal/test/testkit"
)

// day is the time of a test, in days.
func day(n int) time.Time { return time.Unix(0, 0).Add(time.Duration(n) * 24 * time.Hour) }

// People are told once that something is about to end and once that it has, and of its
// successor anew.
func TestEndings(t *testing.T) {
	var e endings
	want := func(now int, next time.Time, what ...string) {
		t.Helper()
		news, again := e.news(day(now))
		var got []string
		for _, n := range news {
			got = append(got, fmt.Sprintf("%s %t", n.What, n.Over(day(now))))
		}
		if diff := cmp.Diff(what, got); diff != "" || !again.Equal(next) {
			t.Errorf("news on day %d, again %v, want %v (-want +got):\n%s", now, again, next, diff)
		}
	}
	want(0, time.Time{})
	e.tell("server", day(10), 1)
	e.tell("client", day(5), 1)
	want(1, day(5), "client false", "server false")
	want(2, day(5))
	e.tell("server", day(10), 1) // told again
	want(3, day(5))
	want(6, day(10), "client true")
	want(7, day(10))
	e.tell("client", day(12), 1) // renewed, for a short time
	want(8, day(10), "client false")
	e.tell("server", time.Time{}, 1)
	want(11, day(12))
	e.since(2) // the program was started again, and tells of none
	want(13, time.Time{})
	e.tell("client", day(12), 2)
	want(14, time.Time{}, "client true")
	e.tell("client", day(12), 3)
	e.since(3)
	want(15, time.Time{})
	if diff := cmp.Diff([]Ending{{"client", day(12)}}, e.all()); diff != "" {
		t.Errorf("all (-want +got):\n%s", diff)
	}
}

// However much a program tells, what is kept of it is bounded, and nothing is said twice.
func TestEndingsAreBounded(t *testing.T) {
	var e endings
	for run := range 20 {
		for i := range 3 * maxEndings {
			e.tell(fmt.Sprint(run, " ", i), day(10), run)
		}
		e.since(run)
		if news, _ := e.news(day(1)); len(news) != maxEndings {
			t.Errorf("run %d has %d news, want %d", run, len(news), maxEndings)
		}
		if news, _ := e.news(day(1)); len(news) != 0 {
			t.Errorf("run %d has %d news twice", run, len(news))
		}
		if len(e.list) > maxEndings || len(e.said) > 2*maxEndings {
			t.Errorf("run %d: %d are kept, and %d of what was said", run, len(e.list), len(e.said))
		}
	}
}

// What a program tells of its ends is in its condition and in the log, also of one that is
// read once a minute. A run that tells of them no more takes them back.
func TestFollowerWarnsOfEnds(t *testing.T) {
	for _, row := range []struct {
		name       string
		foreign    bool
		first, end string
	}{
		{"one that watches", false, "exit 69", "cat >/dev/null"},
		{"one that is read first", true, "exit 0", "cat >/dev/null"},
	} {
		t.Run(row.name, func(t *testing.T) {
			dir := t.TempDir()
			j := &journal{}
			f := &Follower{Foreign: row.foreign, Log: slog.New(slog.NewTextHandler(j, nil)), Program: script(t, `
echo slipway-source 1
if [ ! -e `+dir+`/once ]; then
	touch `+dir+`/once
	echo 'expires 2030-01-31T12:00:00Z the key of /x'
	printf 'snapshot 1\nend 1\n'
	`+row.first+`
fi
while [ ! -e `+dir+`/said ]; do sleep 0.02; done
printf 'snapshot 2\nend 2\n'
`+row.end)}
			run(t, f)
			testkit.Eventually(t, testkit.Patience, "it is told of", func() error {
				f.WarnOfEnds(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC))
				if j.times("test: the key of /x is about to end, at 2030-01-31T12:00:00Z") != 1 {
					return fmt.Errorf("the log is %s", j)
				}
				return nil
			})
			if err := os.WriteFile(dir+"/said", nil, 0o600); err != nil {
				t.Fatal(err)
			}
			eventually(t, f, j, 2)
			if c := f.Condition(); len(c.Expires) != 0 {
				t.Errorf("the condition is %+v", c)
			}
			f.WarnOfEnds(time.Date(2030, 2, 1, 0, 0, 0, 0, time.UTC))
			if n := j.times("the key of /x"); n != 1 {
				t.Errorf("it is said %d times, want once: %s", n, j)
			}
		})
	}
}

// Who reads a program that nobody follows is told by a note.
func TestGetNotesEnds(t *testing.T) {
	const code = "printf 'slipway-source 1\nexpires 2001-01-31T12:00:00Z the key\nsnapshot 1\nend 1\n'"
	for _, alone := range []bool{true, false} {
		var notes []string
		p := script(t, code)
		p.Alone, p.Note = alone, func(text string) { notes = append(notes, text) }
		if _, err := p.Get(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(notes); alone && got != "[the key has ended at 2001-01-31T12:00:00Z]" || !alone && got != "[]" {
			t.Errorf("alone %t: the notes are %s", alone, got)
		}
	}
}
