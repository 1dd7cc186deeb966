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
		{"db", "db", "db is up", Need{"db", Ready}},
		{"db:ready", "db", "db is up", Need{"db", Ready}},
		{"db:started", "db:started", "db is started", Need{"db", Started}},
		{"db:healthy", "db:healthy", "db is healthy", Need{"db", Healthy}},
		{"db:completed", "db:completed", "db has completed", Need{"db", Completed}},
		{"db:exited", "db:exited", "db has ended", Need{"db", Exited}},
		{"g:db", "g:db", "g:db is up", Need{"g:db", Ready}},
		{"g:db:exited", "g:db:exited", "g:db has ended", Need{"g:db", Exited}},
		{":exited", ":exited", ":exited is up", Need{":exited", Ready}},
		{"exited", "exited", "exited is up", Need{"exited", Ready}},
	} {
		t.Run(tt.word, func(t *testing.T) {
			got := ParseNeed(tt.word)
			if got != tt.want || got.String() != tt.text || got.Goal() != tt.goal {
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
