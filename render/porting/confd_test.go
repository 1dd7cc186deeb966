package porting

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slipway/render/transaction/durable"
)

// confdOf converts a folder of confd and returns its files by path, and the notes without the folder.
func confdOf(t *testing.T, in map[string]string) (map[string]string, []string) {
	t.Helper()
	dir := folder(t, in)
	files, notes, err := Dir(durable.OS{}, Confd, dir, DirOptions{})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range files {
		out[f.Path] = f.Text
	}
	var said []string
	for _, n := range notes {
		said = append(said, strings.ReplaceAll(n.String(), dir+"/", ""))
	}
	return out, said
}

func TestConfdResources(t *testing.T) {
	const tmpl = `{{getv "/a"}}`
	rows := []struct {
		name, toml    string
		section, tmpl string // want
		notes         []string
	}{
		{
			"comments, quotes and lists", "# a comment\n[template] # another\nsrc = 'x.tmpl' # one\n\"dest\" = \"/etc/\\u0061.conf\"\nkeys = [\n  \"/a\", # \"]\"\n  \"/b\"\n]\nprefix = '/p#1'\n",
			"[template:/etc/a.conf]\n\n", `{{kv "/p#1/a"}}`, nil,
		},
		{"any case", "[Template]\nSrc = \"x.tmpl\"\nDEST = \"/etc/a.conf\"\n", "[template:/etc/a.conf]\n\n", tmpl, nil},
		{"an underscore", "[template]\nsrc=\"x.tmpl\"\ndest=\"/etc/_a.conf\"\n", "[template:/etc/_a.conf]\nsource = etc/_a.conf.template\n\n", `{{kv "/a"}}`, nil},
		{"a mode", "[template]\nsrc=\"x.tmpl\"\ndest=\"/etc/a.conf\"\nmode=\"0o640\"\n", "[template:/etc/a.conf]\nmode = 0640\n\n", `{{kv "/a"}}`, nil},
		{
			"a decimal mode", "[template]\nsrc=\"x.tmpl\"\ndest=\"/etc/a.conf\"\nmode=\"644\"\n", "[template:/etc/a.conf]\nmode = 1204\n\n", `{{kv "/a"}}`,
			[]string{"conf.d/a.toml:4: mode = 644: is a decimal number for confd, which makes it 1204: write 0644 if that was meant"},
		},
		{
			"a check with a semicolon and a comment", "[template]\nsrc=\"x.tmpl\"\ndest=\"/etc/a.conf\"\ncheck_cmd = \"cd /x ; a 5% {{ .src }} # see b\"\n",
			"[template:/etc/a.conf]\ncheck = cd /x; a 5%% {file}\n\n", `{{kv "/a"}}`, nil,
		},
		{
			"a table that is not read", "[template]\nsrc=\"x.tmpl\"\ndest=\"/etc/a.conf\"\n[other]\nmode=\"0600\"\n", "[template:/etc/a.conf]\n\n", `{{kv "/a"}}`,
			[]string{"conf.d/a.toml:4: [other]: is a table that confd does not read either"},
		},
		{
			"several lines of reload", "[template]\nsrc=\"x.tmpl\"\ndest=\"/etc/a.conf\"\nreload_cmd = \"\"\"\na;\nb\"\"\"\nuid = -1\ngid = 33\n", "[template:/etc/a.conf]\nowner = :33\n; notify = NAME of the program that confd reloaded by: a; b\n\n", `{{kv "/a"}}`,
			[]string{"conf.d/a.toml:4: reload_cmd = a; b: name the program in notify, and say in its section how it reloads: reload = signal HUP | command … | restart"},
		},
		{"what is no TOML", "[template]\nsrc=\"x.tmpl\"\ndest=\"/etc/a.conf\"\nmode=0640\n", "[template:/etc/a.conf]\n\n", `{{kv "/a"}}`, []string{"conf.d/a.toml:4: TOML: cannot be read from here on: "}},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			files, notes := confdOf(t, map[string]string{"conf.d/a.toml": r.toml, "templates/x.tmpl": tmpl})
			var text string
			for name, content := range files {
				if strings.HasPrefix(name, "templates/") {
					text = content
				}
			}
			if r.tmpl == tmpl {
				r.tmpl = `{{kv "/a"}}`
			}
			if files["conf.d/confd.conf"] != r.section || text != r.tmpl {
				t.Errorf("sections %q and template %q\nwant %q and %q", files["conf.d/confd.conf"], text, r.section, r.tmpl)
			}
			if len(notes) != len(r.notes) {
				t.Fatalf("notes are %q, want %q", notes, r.notes)
			}
			for i := range notes {
				if !strings.HasPrefix(notes[i], r.notes[i]) {
					t.Errorf("note %q, want %q", notes[i], r.notes[i])
				}
			}
		})
	}
}

// A check that our configuration cannot hold becomes a script, and means the same.
func TestConfdCheckScript(t *testing.T) {
	files, notes := confdOf(t, map[string]string{
		"conf.d/a.toml":    "[template]\nsrc=\"x.tmpl\"\ndest=\"/etc/a/b.conf\"\ncheck_cmd = '''\ngrep -q 'a ;b' {{.src}} && test \"x {{.src}}\" = 'x {{.src}}'\n'''\n",
		"templates/x.tmpl": "x",
	})
	if want := "[template:/etc/a/b.conf]\ncheck = sh /etc/slipway/checks/etc-a-b.conf.sh {file}\n\n"; files["conf.d/confd.conf"] != want {
		t.Errorf("sections %q, want %q", files["conf.d/confd.conf"], want)
	}
	want := "#!/bin/sh\ngrep -q 'a ;b' \"$1\" && test \"x $1\" = 'x '\"$1\"''\n"
	if got := files["checks/etc-a-b.conf.sh"]; got != want || len(notes) != 1 {
		t.Errorf("script %q and %q, want %q and one note", got, notes, want)
	}
}

// Resources lie in folders as well, and of two for one destination the last one stays.
func TestConfdFolders(t *testing.T) {
	files, notes := confdOf(t, map[string]string{
		"conf.d/a.toml":        "[template]\nsrc=\"x.tmpl\"\ndest=\"/etc/a.conf\"\n",
		"conf.d/sub/b.toml":    "[template]\nsrc=\"sub/y.tmpl\"\ndest=\"/etc//a.conf\"\nprefix=\"p\"\n",
		"conf.d/sub/c.txt":     "not one",
		"templates/x.tmpl":     "x",
		"templates/sub/y.tmpl": `{{range gets "/*"}}{{.Value}}{{end}}`,
	})
	want := map[string]string{
		"conf.d/confd.conf":         "[template:/etc/a.conf]\n\n",
		"templates/etc/a.conf.tmpl": `{{range kvMatch "/p" "/*"}}{{.Value}}{{end}}`,
	}
	if diff := cmp.Diff(want, files); diff != "" {
		t.Errorf("files differ (-want +got):\n%s", diff)
	}
	if len(notes) != 1 || !strings.HasPrefix(notes[0], "conf.d/a.toml:3: dest = /etc/a.conf: is what conf.d/sub/b.toml writes as well") {
		t.Errorf("notes are %q", notes)
	}
}
