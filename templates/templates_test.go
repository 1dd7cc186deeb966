package templates

import (
	"io/fs"
	"strings"
	"testing"
)

func TestEveryFileIsListedAndDocumented(t *testing.T) {
	listed := map[string]bool{}
	for _, tmpl := range All() {
		listed[tmpl.Name+".tmpl"] = true
		if tmpl.Doc == "" || !strings.HasSuffix(tmpl.Doc, ".") {
			t.Errorf("%s: its head comment is %q, want sentences", tmpl.Name, tmpl.Doc)
		}
		if !strings.HasPrefix(tmpl.Example, "[template:"+tmpl.Dest+"]\nsource = builtin:"+tmpl.Name+"\n") {
			t.Errorf("%s: its example is %q", tmpl.Name, tmpl.Example)
		}
		if got, ok := Get(tmpl.Name); !ok || got != tmpl {
			t.Errorf("Get(%q) = %v, %v", tmpl.Name, got, ok)
		}
	}
	entries, err := fs.ReadDir(files, "files")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !listed[e.Name()] {
			t.Errorf("files/%s is not in the table", e.Name())
		}
	}
	if _, ok := Get("no-such"); ok {
		t.Error("Get finds a template that does not exist")
	}
}
