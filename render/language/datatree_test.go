package language

import (
	"strings"
	"testing"

	"slipway/render"
)

// A password of a URL in a data file makes those targets secret that it goes into, and
// no others that read data files.
func TestPasswordInADataFile(t *testing.T) {
	data := Data{Tree: map[string]any{"db": map[string]any{
		"pool": int64(5), "urls": []any{"postgres://a", "postgres://me:hunter2@b/app"},
	}}}
	for _, row := range []struct {
		name, template string
		secret         bool
		shown          string
	}{
		{"the URL", "{{ index .Data.db.urls 1 }}", true, "postgres://me:«redacted»@b/app"},
		{"what depends on it", "{{ index .Data.db.urls 1 | sha256sum }}", true, ""},
		{"something else", "{{ .Data.db.pool }} {{ index .Data.db.urls 0 }}", false, "5 postgres://a"},
	} {
		t.Run(row.name, func(t *testing.T) {
			plan, err := Build(Set{Templates: []Template{{Dest: "/etc/a", Name: "a.tmpl", Text: row.template, Mode: render.Keep}}}, data)
			if err != nil {
				t.Fatal(err)
			}
			target := plan.Targets[0]
			if target.Secret != row.secret || row.shown != "" && string(target.Shown) != row.shown || strings.Contains(string(target.Shown), "hunter2") {
				t.Errorf("secret = %v, shown %q, want %v, %q", target.Secret, target.Shown, row.secret, row.shown)
			}
		})
	}
	_, err := Build(Set{Templates: []Template{{Dest: "/etc/a", Name: "a.tmpl", Text: "{{ fail (index .Data.db.urls 1) }}"}}}, data)
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("error = %v, want one without the password", err)
	}
}
