package launch

import (
	"strings"
	"testing"

	"slipway/internal/test/testkit"
)

// TestCertain: what a script runs in any case is known, and nothing is said of the rest.
func TestCertain(t *testing.T) {
	for _, r := range []struct{ script, want string }{
		{"nginx -t -c {file}", "nginx"},
		{"  'nginx' -t", "nginx"},
		{`"/opt/my tools/check" x`, "/opt/my tools/check"},
		{`ngi\nx`, "nginx"},
		{"a && b; c | d\ne & f", "a b c d e f"},
		{"a || b; c", "c"},
		{"a || true", ""},
		{"A=1 B='x y' a", "a"},
		{"PATH=/opt/bin a; b", ""},
		{"export PATH=/opt; a", ""},
		{"! a {file}", "a"},
		{"time exec a", "a"},
		{"{ a; b; }", "a b"},
		{"(a; b)", "a b"},
		{"a >x 2>&1 <y; b >>z; 2>e c", "a b c"},
		{"a # && b", "a"},
		{"a#b", "a#b"},
		{"a 'x ; y' \"& z\"; b", "a b"},
		{"a $(b; c) `d; e`; f", "a f"},
		{"$A x; b", "b"},
		{"{file} --check; b", "b"},
		{"/opt/*/a; b", "b"},
		{"a;b", "a b"},
		{"test -f {file} && a", ""},
		{"[ -s {file} ] && a; b", "b"},
		{"command -v a && a", ""},
		{"if a; then b; fi", ""},
		{"a; while b; do c; done", "a"},
		{"case x in y) b;; esac", ""},
		{"f() { a; }; f", ""},
		{"a <<E\nb\nE\n", ""},
		{"cd /x && a; b", "a b"},
		{"export PATH=/x && a; b", ""},
		{"a; exit 0; b", "a"},
		{"echo x; true; printf y; a", "a"},
		{"a \\\n b", "a"},
		{"a 'unclosed", "a"},
		{"a $(unclosed", "a"},
		{"a `unclosed", "a"},
		{"", ""},
		{" \n;;&& || |", ""},
		{"sh -c 'nosuch'", "sh"},
	} {
		if got := strings.Join(certain(r.script), " "); got != r.want {
			t.Errorf("certain(%q) = %q, want %q", r.script, got, r.want)
		}
	}
}

// FuzzCertain: every script is read to an end, and what is said to be run is not empty.
func FuzzCertain(f *testing.F) {
	f.Add("a && (b; c) || d >e 2>&1 <<F\n`g` $(h) 'i' \"j\" \\k")
	f.Fuzz(func(t *testing.T, script string) {
		defer testkit.Timed(t, len(script))()
		for _, name := range certain(script) {
			if name == "" {
				t.Errorf("certain(%q) has an empty name", script)
			}
		}
	})
}
