package launch

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slipway/supervise/system"
)

// TestExamineNothing: a check of nothing at all is no success.
func TestExamineNothing(t *testing.T) {
	found, err := Examine(context.Background(), Options{System: system.Unix(t.TempDir()), Argv0: "slipway"})
	if err != nil {
		t.Fatal(err)
	}
	var nothing *NothingError
	if err := found.Err(); !errors.As(err, &nothing) || !strings.Contains(nothing.Hint(), "/etc/slipway/conf.d") {
		t.Errorf("Examine of nothing = %v, want that nothing is there, with the places", err)
	}
}

// TestExamineMends: what uses a wrong value is looked at with one that is right.
func TestExamineMends(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("app.conf", "[env:PORT]\ntype = port\nsecret = true\n[env:DERIVED]\ndefault = {{ .Env.NOPE }}\ntype = int\n[template:"+dir+"/out]\nsource = x.tmpl\n")
	write("x.tmpl", "{{ int .Env.PORT }} {{ int .Env.DERIVED }} {{ toBool .Env.FLAG }}")
	var known Known
	found, err := Examine(context.Background(), Options{
		Config: filepath.Join(dir, "app.conf"), Environ: []string{"PORT=hunter2hunter2", "FLAG=x"}, Reached: func(k Known) { known = k },
	})
	if err != nil {
		t.Fatal(err)
	}
	got := found.Err().Error()
	for _, want := range []string{"cannot accept PORT", "cannot make the default of DERIVED", "the value is not a truth value"} {
		if strings.Count(got, want) != 1 {
			t.Errorf("the report does not say once %q:\n%s", want, got)
		}
	}
	if n := strings.Count(got, "\n") + 1; n != 3 {
		t.Errorf("the report has %d lines, want 3:\n%s", n, got)
	}
	if shown := known.Redactor().Redact("hunter2hunter2"); strings.Contains(shown, "hunter2") {
		t.Errorf("the wrong secret is shown: %s", shown)
	}
}

// TestExamineOwners: a user that a file is to belong to, and that there is not, is found by a
// check and not only when the container starts.
func TestExamineOwners(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "app.conf")
	for name, text := range map[string]string{
		"x.tmpl":   "x",
		"app.conf": "[template:" + dir + "/a]\nsource = x.tmpl\nowner = no-such-user\n[template:" + dir + "/b]\nsource = x.tmpl\nowner = 0:no-such-group\n[template:" + dir + "/c]\nsource = x.tmpl\nowner = 0:0\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	found, err := Examine(context.Background(), Options{Config: config})
	if err != nil {
		t.Fatal(err)
	}
	got := found.Err().Error()
	for _, want := range []string{`owner no-such-user: there is no user "no-such-user"`, `owner 0:no-such-group: there is no group "no-such-group"`} {
		if strings.Count(got, want) != 1 {
			t.Errorf("the report does not say once %q:\n%s", want, got)
		}
	}
	if n := strings.Count(got, "\n") + 1; n != 2 {
		t.Errorf("the report has %d lines, want 2:\n%s", n, got)
	}
}
