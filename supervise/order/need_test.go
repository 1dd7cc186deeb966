package order

import (
	"strings"
	"testing"
)

func TestParseNeed(t *testing.T) {
	for _, tt := range []struct {
		word, text, goal string
		want             Need
	}{
		{"db", "db", "db is up", Need{Name: "db", Until: Ready}},
		{"db:ready", "db", "db is up", Need{Name: "db", Until: Ready}},
		{"db:started", "db:started", "db is started", Need{Name: "db", Until: Started}},
		{"db:healthy", "db:healthy", "db is healthy", Need{Name: "db", Until: Healthy}},
		{"db:completed", "db:completed", "db has completed", Need{Name: "db", Until: Completed}},
		{"db:exited", "db:exited", "db has ended", Need{Name: "db", Until: Exited}},
		{"g:db", "g:db", "g:db is up", Need{Name: "g:db", Until: Ready}},
		{"g:db:exited", "g:db:exited", "g:db has ended", Need{Name: "g:db", Until: Exited}},
		{":exited", ":exited", ":exited is up", Need{Name: ":exited", Until: Ready}},
		{"db:reached exited", "db:exited", "db has been EXITED", Need{Name: "db", Any: Reached("EXITED")}},
		{"g:db:reached fatal,running", "g:db:running,fatal", "g:db has been RUNNING or FATAL", Need{Name: "g:db", Any: Reached("running") | Reached("fatal")}},
		{"exited", "exited", "exited is up", Need{Name: "exited", Until: Ready}},
	} {
		t.Run(tt.word, func(t *testing.T) {
			got := ParseNeed(tt.word)
			if got != tt.want || got.String() != tt.text || got.Goal() != tt.goal || ParseNeed(got.Word()) != got {
				t.Errorf("ParseNeed(%q) = %#v, %q, %q, want %#v, %q, %q", tt.word, got, got, got.Goal(), tt.want, tt.text, tt.goal)
			}
		})
	}
	for _, word := range UntilWords() {
		if ParseNeed("x:"+word).Name != "x" {
			t.Errorf("x:%s has no condition", word)
		}
	}
}

// Each condition is waited for on its own: a process that has ended is what some wait for,
// and what others wait for in vain.
func TestConditions(t *testing.T) {
	for _, tt := range []struct {
		name    string
		facts   Facts
		rests   bool
		release string // the words of the conditions that it releases
		vain    string
	}{
		{"not there yet", 0, false, "", ""},
		{"not started", 0, true, "", "ready started healthy completed exited"},
		{"up", Facts(0).With(Started, true), false, "started", ""},
		{"up and ready", Facts(0).With(Started, true).With(Ready, true), false, "ready started", ""},
		{"up and well", Facts(0).With(Started, true).With(Ready, true).With(Healthy, true), false, "ready started healthy", ""},
		{"ended well", Facts(0).With(Completed, true).With(Exited, true), true, "completed exited", "ready started healthy"},
		{"ended badly", Facts(0).With(Exited, true), true, "exited", "ready started healthy completed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var b Board
			db := b.Add(*member("db"))
			var release, vain []string
			var apps []*Place
			for _, word := range UntilWords() {
				apps = append(apps, b.Add(*member("app-"+word, "db:"+word)))
				b.Judge(apps[len(apps)-1], true, true)
			}
			b.Set(db, tt.facts)
			b.Judge(db, tt.rests, false)
			for i, app := range apps {
				if app.WaitsFor().IsZero() {
					release = append(release, untilWords[i])
				}
				if !app.InVain().IsZero() {
					vain = append(vain, untilWords[i])
				}
			}
			if got := strings.Join(release, " "); got != tt.release {
				t.Errorf("it releases those who wait for %q, want %q", got, tt.release)
			}
			if got := strings.Join(vain, " "); got != tt.vain {
				t.Errorf("in vain wait those for %q, want %q", got, tt.vain)
			}
		})
	}
}

// A state that was reached goes on to hold, whatever comes after it, until the process is
// there no more. One of several is enough, and of several processes each must have reached it.
func TestReached(t *testing.T) {
	var b Board
	one, two := b.Add(Member{Program: "job", Group: "job", Name: "1"}), b.Add(Member{Program: "job", Group: "job", Name: "2"})
	app := b.Add(Member{Program: "app", Group: "app", Name: "app", Needs: ParseNeeds([]string{"job:reached running,fatal"})})
	b.Judge(app, true, true)
	enter := func(p *Place, states ...string) {
		for _, state := range states {
			p.Reach(state)
		}
		b.Set(p, 0)
	}
	enter(one, "STARTING", "RUNNING", "EXITED")
	enter(two, "STARTING", "FATAL")
	if got := app.WaitsFor(); got.String() != "job:running,fatal" {
		t.Errorf("each has reached another state: it waits for %q", got)
	}
	b.Judge(two, true, false)
	b.Judge(one, true, false)
	if app.InVain().IsZero() || two.Lacks(app.Needs[0]) {
		t.Errorf("both rest: in vain for %q; the second lacks all: %v", app.InVain(), two.Lacks(app.Needs[0]))
	}
	enter(two, "RUNNING")
	if need := app.WaitsFor(); !need.IsZero() || !app.InVain().IsZero() {
		t.Errorf("both have been RUNNING: it waits for %q", need)
	}
	b.Remove(one)
	b.Remove(two)
	fresh := b.Add(Member{Program: "job", Group: "job", Name: "1"})
	if app.WaitsFor().IsZero() {
		t.Error("a new process has the past of one that was removed")
	}
	if enter(fresh, "STOPPED", "UNKNOWN"); app.WaitsFor().IsZero() {
		t.Error("a state that nobody can wait for releases")
	}
}
