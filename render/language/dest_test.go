package language

import (
	"errors"
	"strings"
	"testing"

	"slipway/render"
)

// TestValuesStayInTheFolder: an item of for chooses a file below the folder that the
// section's name fixes, and no other.
func TestValuesStayInTheFolder(t *testing.T) {
	for _, r := range []struct{ dest, item, want string }{
		{"/etc/sites/{{ .Item }}.conf", "a", ""},
		{"/etc/sites/{{ .Item }}.conf", "a/b", ""},
		{"/etc/sites/{{ .Item }}.conf", "a/../b", ""},
		{"/etc/sites/{{ .Item }}", "..a", ""},
		{"/etc/sites/site-{{ .Item }}", "a", ""},
		{"/{{ .Item }}", "etc/a", ""},
		{"/etc/sites/{{ .Item }}.conf", "../a", "outside of /etc/sites, the folder"},
		{"/etc/sites/{{ .Item }}.conf", "../../root/.ssh/a", "outside of /etc/sites, the folder"},
		{"/etc/sites/{{ .Item }}", "../sites2/x", "outside of /etc/sites, the folder"},
		{"/etc/sites/site-{{ .Item }}", "a/../../x", "outside of /etc/sites, the folder"},
		{"/etc/{{ .Item }}/x.conf", "a/../..", "outside of /etc, the folder"},
		{"/etc/sites/{{ .Item }}", "..", "outside of /etc/sites, the folder"},
		{"/etc/sites/{{ .Item }}", ".", "which is a folder"},
		{"/etc/sites/{{ .Item }}", "a/", "which is a folder"},
		{"/etc/sites/{{ .Item }}", "a\\tb", "control character"},
		{"/etc/sites/{{ .Item }}", "a\\u0000b", "control character"},
		{"/etc/sites/{{ .Item }}", "a\\nb", "control character"},
		{"/etc/sites/{{ .Item }}", ".app.conf.slipway-new", "keeps for itself"},
		{"{{ .Item }}", "etc/x", "not an absolute path"},
	} {
		t.Run(r.dest+" "+r.item, func(t *testing.T) {
			set := Set{Templates: []Template{{Dest: r.dest, Name: "x", Text: "x", For: `["ok", "` + r.item + `"]`, Pos: render.Pos{File: "app.conf", Line: 3}}}}
			if r.dest == "{{ .Item }}" {
				set.Templates[0].For = `["/ok", "` + r.item + `"]`
			}
			plan, err := Build(set, Data{})
			var problems render.Problems
			errors.As(err, &problems)
			switch {
			case r.want == "" && (err != nil || len(plan.Targets) != 2):
				t.Errorf("Build = %v, want two files", err)
			case r.want != "" && (len(problems) != 1 || !strings.Contains(problems[0].Text, r.want) || !strings.Contains(problems[0].Text, "item 2 of for (\"")):
				t.Errorf("problems are %v, want one that names the item and says %s", problems, r.want)
			}
		})
	}
}

// TestTwoItemsOfOneFile: both are named.
func TestTwoItemsOfOneFile(t *testing.T) {
	set := Set{Templates: []Template{{Dest: "/etc/{{ .Item | lower }}", Name: "x", Text: "x", For: "a\nb\nA", Pos: render.Pos{File: "app.conf", Line: 3}}}}
	_, err := Build(set, Data{})
	want := `cannot render /etc/a: app.conf:3: two items of for make this file: item 1 ("a") and item 3 ("A")`
	if err == nil || err.Error() != want {
		t.Errorf("Build = %v, want %s", err, want)
	}
	set.Templates[0].SkipIf = "{{ eq .Item \"a\" }}" // it is not wanted, so there is one
	if _, err := Build(set, Data{}); err != nil {
		t.Errorf("Build with one that is skipped = %v", err)
	}
}
