package advice

import (
	"strings"
	"testing"

	"slipway/internal/exit"
)

func names(families []Family) string {
	var all []string
	for _, f := range families {
		all = append(all, f.Name)
	}
	return strings.Join(all, " ")
}

func TestFind(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"no-program", "no-program"},
		{"78", "configuration no-program"},
		{"slipway: error: cannot render /etc/a: a.tmpl:1:2: the variable A is not set", "variable-not-set template"},
		{"cannot write /etc/a: directory /etc does not exist", "cannot-write"},
		{"run", ""},
		{"template", "template"},
		{"0", ""},
		{"something else", ""},
	} {
		if got := names(Find(tt.text)); got != tt.want {
			t.Errorf("Find(%q) = %q, want %q", tt.text, got, tt.want)
		}
	}
}

// Every family can be read by itself: it has a status of the table, and says what to do.
func TestTable(t *testing.T) {
	last, seen := 0, map[string]bool{}
	for _, f := range Table() {
		if _, ok := exit.Find(f.Status); !ok || f.Status < last {
			t.Errorf("%s: status %d is not in the table, or out of order", f.Name, f.Status)
		}
		last = f.Status
		if seen[f.Name] || f.Name == "" || strings.Contains(f.Name, " ") {
			t.Errorf("the name %q is no word, or not the only one", f.Name)
		}
		seen[f.Name] = true
		if f.Says == "" || !strings.HasSuffix(f.Means, ".") || len(f.Do) == 0 {
			t.Errorf("%s: %+v says too little", f.Name, f)
		}
	}
}
