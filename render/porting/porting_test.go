package porting

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slipway/render/transaction/durable"
)

func TestPort(t *testing.T) {
	rows := []struct {
		tool       Tool
		text, want string
		notes      int
	}{
		{Dockerize, `{{ default .Env.PORT "80" }}`, `{{ env "PORT" "80" }}`, 0},
		{Dockerize, `{{ .Env.X }} a {{- if isTrue .Env.Y -}} b {{ end }}`, `{{ .Env.X }} a {{- if has (lower .Env.Y) (list "1" "t" "true") -}} b {{ end }}`, 1},
		{Dockerize, `{{ range $i, $h := split (default .Env.HOSTS "a b") " " }}{{ $h }}{{ end }}`, `{{ range $i, $h := splitList " " (env "HOSTS" "a b") }}{{ $h }}{{ end }}`, 0},
		{Dockerize, `{{ replace .Env.X "a" "b" -1 }}`, `{{ replace "a" "b" .Env.X }}`, 0},
		{Dockerize, `{{ if contains .Env "X" }}{{ end }}`, `{{ if hasKey .Env "X" }}{{ end }}`, 0},
		{Dockerize, `{{ range loop 0 5 }}{{ end }}`, `{{ range untilStep 0 5 1 }}{{ end }}`, 0},
		{Dockerize, `{{ .Env.X | default "a" }}`, `{{ .Env.X | default "a" }}`, 1}, // means the other thing there
		{Dockerize, `{{/* default .Env.X "a" }} */}}{{ "}} default a b" }}`, `{{/* default .Env.X "a" }} */}}{{ "}} default a b" }}`, 0},
		{Confd, `{{getv "/db/host"}}:{{getv "/db/port" "5432"}}`, `{{kv "/app/db/host"}}:{{kvOr "/app/db/port" "5432"}}`, 0},
		{Confd, `{{range ls "/up"}}{{.}}{{end}}{{if exists "/x"}}y{{end}}`, `{{range kvList "/app/up"}}{{.}}{{end}}{{if kvExists "/app/x"}}y{{end}}`, 0},
		{Confd, `{{$d := json (getv "/d")}}{{join (split .x ",") ";"}}{{getenv "H"}}`, `{{$d := fromJson (kv "/app/d")}}{{join ";" (splitList "," .x)}}{{env "H" ""}}`, 0},
		{Confd, `{{getenv "A" "d"}}{{getenv $x}}`, `{{default "d" (env "A" "")}}{{env $x ""}}`, 0},
		{Confd, `{{getv $k}}{{ls (printf "/a/%s" .)}}`, `{{kv (print "/app/" $k)}}{{kvList (print "/app/" (printf "/a/%s" .))}}`, 0},
		{Confd, `{{$x = getv "/a"}}{{if parseBool (getv "/a")}}`, `{{$x = kv "/app/a"}}{{if parseBool (kv "/app/a")}}`, 0},
		{Confd, `{{range $i, $x = split "a,b" ","}}`, `{{range $i, $x = splitList "," "a,b"}}`, 0},
		{Confd, `{{if "/a" | exists}}{{else if "/b" | getv "/x" | toLower}}`, `{{if kvExists "/app/a"}}{{else if "/b" | kvOr "/app/x" | lower}}`, 0},
		{Confd, `{{replace .x "a" "b" 1}}{{replace .x "a" "b" $n}}`, `{{replaceN "a" "b" 1 .x}}{{replaceN "a" "b" $n .x}}`, 0},
		{Confd, `{{join (getvs "/a/*") ","}}{{map "a" 1 "b" (getv "/b")}}`, `{{join "," (kvMatchValues "/app" "/a/*")}}{{dict "a" 1 "b" (kv "/app/b")}}`, 0},
		{Gomplate, `{{define "y"}}{{end}}{{template "y"}}{{ template "ssl" .Env.H }}{{template "ssl"}}`, `{{define "y"}}{{end}}{{template "y"}}{{ template "ssl" .Env.H }}{{template "ssl"}}`, 1},
		{Confd, `{{define "x"}}{{end}}{{template "x" (getv "/a")}}{{block "y" getv "/a"}}{{end}}`, `{{define "x"}}{{end}}{{template "x" (kv "/app/a")}}{{block "y" kv "/app/a"}}{{end}}`, 0},
		{Consul, `{{ key "a@dc1" }}{{ range ls "a?ns=x" }}{{ end }}{{ key "b" }}`, `{{ kv "a@dc1" }}{{ range kvKeys "a?ns=x" }}{{ end }}{{ kv "b" }}`, 2},
		{Consul, `{{ scratch.Set "a" 1 }}{{ scratch.Get "a" }}`, `{{ scratch.Set "a" 1 }}{{ scratch.Get "a" }}`, 2},
		{Consul, `{{ range key "a" | parseYAML }}{{ end }}`, `{{ range kv "a" | fromYaml }}{{ end }}`, 0},
		{Gomplate, `{{ (yaml "a: 1").a }}{{ data.YAML "[]" }}`, `{{ (fromYaml "a: 1").a }}{{ fromYaml "[]" }}`, 0},
		{Dockerize, `{{ if .Env.X | isTrue }}`, `{{ if has (lower .Env.X) (list "1" "t" "true") }}`, 1},
		{Dockerize, `{{ with $x := .Env.A | lower | isTrue -}}`, `{{ with $x := has (lower (.Env.A | lower)) (list "1" "t" "true") -}}`, 1},
		{Dockerize, `{{ (parseUrl .Env.U).Host }}{{ index .Env "A-B" }}`, `{{ (parseUrl .Env.U).Host }}{{ env "A-B" "" }}`, 0},
		{Dockerize, `{{ jsonQuery .Env.J "a.[0].b" }}`, `{{ index (fromJson .Env.J) "a" 0 "b" }}`, 0},
		{Dockerize, `{{ default "80" .Env.PORT }}{{ splitList "," .Env.A }}{{ replace "a" "b" .Env.X }}`, `{{ default "80" .Env.PORT }}{{ splitList "," .Env.A }}{{ replace "a" "b" .Env.X }}`, 0}, // powerman's
		{Gomplate, `{{ getenv "X" "d" | strings.ToUpper }}{{ split .Env.A "," | join ";" }}`, `{{ default "d" (env "X" "") | upper }}{{ join (splitList "," .Env.A) ";" }}`, 0},
		{Gomplate, `{{ (ds "config").port }}{{ time.Now }}{{ if .Env.X | conv.ToBool }}`, `{{ ($.Data.config).port }}{{ time.Now }}{{ if has (lower (toString .Env.X)) (list "1" "t" "true" "yes" "1.0") }}`, 2},
		{Gomplate, `{{ ternary "a" "b" (eq 1 2) }}{{ coll.Slice 1 2 }}{{ strings.Nope 1 }}`, `{{ ternary "a" "b" (eq 1 2) }}{{ list 1 2 }}{{ strings.Nope 1 }}`, 1},
		{Consul, `{{ keyOrDefault "a" "d" }}{{ key "a/b" | parseJSON }}{{ env "X" }}`, `{{ default "d" (kvOr "a" "") }}{{ fromJson (coalesce (kv "a/b") "{}") }}{{ env "X" "" }}`, 0},
		{Consul, `{{ 5 | subtract 1 }}{{ "a,b" | split "," }}{{ range loop 3 }}{{ end }}`, `{{ sub 5 1 }}{{ "a,b" | splitTrimmed "," }}{{ range untilStep 0 3 1 }}{{ end }}`, 0},
		{Consul, `{{ with secret "p" }}{{ end }}{{ range service "web" }}{{ end }}{{ sprig_upper "a" }}`, `{{ with secret "p" }}{{ end }}{{ range service "web" }}{{ end }}{{ upper "a" }}`, 2},
		{Dockerize, `{{ default $x "d" }}{{ range loop 5 0 -1 }}{{ end }}`, `{{ default "d" $x }}{{ range list }}{{ end }}`, 0},
		{Confd, `{{ "a" | toUpper }}`, `{{ "a" | upper }}`, 0},
		{Confd, `{{range gets "/b/*"}}{{.Value}}{{end}} {{datetime}}`, `{{range kvMatch "/app" "/b/*"}}{{.Value}}{{end}} {{datetime}}`, 1},
	}
	for _, r := range rows {
		t.Run(r.text, func(t *testing.T) {
			got := Text(r.tool, "t", r.text, Options{Prefix: "app"})
			if got.Text != r.want || len(got.Notes) != r.notes {
				t.Errorf("got %s and %v\nwant %s and %d notes", got.Text, got.Notes, r.want, r.notes)
			}
		})
	}
}

// TestUnknownFunctions: a function that the tool does not have has a note at each place, in
// every place where a call can stand, whether slipway has one of that name or not.
func TestUnknownFunctions(t *testing.T) {
	for _, tool := range Languages() {
		for _, r := range []struct {
			text string
			want string // the places of notes about functions that are not known
		}{
			{`{{ nosuch }}`, "1:4"},
			{`a {{ nosuch "x" 1 }} b`, "1:6"},
			{"x\n{{- $v := nosuch .Env.A -}}", "2:11"},
			{`{{ .Env.A | nosuch "x" }}`, "1:13"},
			{`{{ if nosuch .Env.A }}{{ else if nosuch }}{{ end }}`, "1:7 1:34"},
			{`{{ range $i, $x := nosuch }}{{ end }}`, "1:20"},
			{`{{ with (nosuch .Env.A).Field }}{{ end }}`, "1:10"},
			{`{{ printf "%s" nosuch }}`, "1:16"},
			{`{{ printf "%s" (nosuch (nosuch 1)) }}`, "1:25 1:17"},
			{`{{define "t"}}{{end}}{{ template "t" nosuch }}`, "1:38"},
			{`{{ nosuch.Sub 1 }}`, "1:4"},
			{`{{ kvTree "a" }}{{ stableShuffle .L }}{{ iniValue .Env.A }}`, "1:4 1:20 1:42"},
			{`{{/* nosuch */}}{{ "nosuch" }}{{ .nosuch }}{{ $nosuch := 1 }}{{ $nosuch }}nosuch`, ""},
			{`{{ if and (not true) (eq nil 1) }}{{ break }}{{ continue }}{{ end }}{{ print (len "a") 1.5 'x' -1 }}`, ""},
		} {
			p := Text(tool, "t", r.text, Options{})
			var got []string
			for _, n := range p.Notes {
				if strings.Contains(n.Text, "is no function of "+string(tool)) {
					got = append(got, strings.TrimPrefix(n.Pos.String(), "t:"))
				}
			}
			if places := strings.Join(got, " "); places != r.want {
				t.Errorf("%s: %s has notes at %q, want %q (%v)", tool, r.text, places, r.want, p.Notes)
			}
		}
	}
}

func TestPortConfdFolder(t *testing.T) {
	dir := folder(t, map[string]string{
		"confd.toml": "backend = \"etcdv3\"\nnodes = [\n  \"http://a:2379\",\n]\nprefix = \"/me\"\n",
		"conf.d/app.toml": "[template]\nsrc = \"app.conf.tmpl\"\ndest = \"/etc/app.conf\"\nkeys = [\n  \"/db\",\n]\nprefix = \"/prod\"\nuid = 0\ngid = 33\nmode = \"0640\"\n" +
			"check_cmd = \"/usr/sbin/app -t -c {{.src}}\"\nreload_cmd = \"pkill -HUP app\"\n",
		"conf.d/test.toml":        "[template]\nsrc = \"app.conf.tmpl\"\ndest = \"/etc/test.conf\"\nprefix = \"/test\"\n",
		"conf.d/lost.toml":        "[template]\nsrc = \"lost.tmpl\"\ndest = \"/etc/lost.conf\"\n",
		"templates/app.conf.tmpl": "host = {{getv \"/db/host\"}}\n{{range gets \"/db/*\"}}{{end}}\n",
	})
	files, notes, err := Dir(durable.OS{}, Confd, dir, DirOptions{})
	if err != nil {
		t.Fatal(err)
	}
	src := dir + "/templates/app.conf.tmpl"
	want := []File{
		{
			"conf.d/confd.conf", "[template:/etc/app.conf]\nowner = 0:33\nmode = 0640\ncheck = /usr/sbin/app -t -c {file}\n; notify = NAME of the program that confd reloaded by: pkill -HUP app\n\n" +
				"[template:/etc/test.conf]\n\n", dir + "/conf.d",
		},
		{"templates/etc/app.conf.tmpl", "host = {{kv \"/me/db/host\"}}\n{{range kvMatch \"/me\" \"/db/*\"}}{{end}}\n", src},
		{"templates/etc/test.conf.tmpl", "host = {{kv \"/me/db/host\"}}\n{{range kvMatch \"/me\" \"/db/*\"}}{{end}}\n", src},
	}
	if diff := cmp.Diff(want, files); diff != "" {
		t.Errorf("files differ (-want +got):\n%s", diff)
	}
	var places []string
	for _, n := range notes {
		places = append(places, strings.TrimPrefix(n.Pos.String(), dir+"/"))
	}
	wantPlaces := []string{
		"confd.toml:1", "confd.toml:2", "confd.toml:5", "conf.d/app.toml:12", "conf.d/lost.toml:2",
	}
	if diff := cmp.Diff(wantPlaces, places); diff != "" {
		t.Errorf("places of the notes differ (-want +got):\n%s", diff)
	}
}

func TestPortDockerizeFolder(t *testing.T) {
	dir := folder(t, map[string]string{"etc/a.tmpl": "{{ default .Env.A \"1\" }}", "b.tpl": "x"})
	files, notes, err := Dir(durable.OS{}, Dockerize, dir, DirOptions{})
	want := []File{
		{"templates/b.tmpl", "x", dir + "/b.tpl"},
		{"templates/etc/a.tmpl", "{{ env \"A\" \"1\" }}", dir + "/etc/a.tmpl"},
	}
	if diff := cmp.Diff(want, files); err != nil || diff != "" || len(notes) != 1 {
		t.Errorf("Dir = %v, %v (-want +got):\n%s", notes, err, diff)
	}
}

// folder makes a folder of files.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
