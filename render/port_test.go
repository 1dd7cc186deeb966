package render

import (
	"fmt"
	"testing"

	"slipway/internal/durable"
)

func TestPort(t *testing.T) {
	rows := []struct {
		tool       Tool
		text, want string
		notes      int
	}{
		{Dockerize, `{{ default .Env.PORT "80" }}`, `{{ default "80" .Env.PORT }}`, 0},
		{Dockerize, `{{ .Env.X }} a {{- if isTrue .Env.Y -}} b {{ end }}`, `{{ .Env.X }} a {{- if eq (lower .Env.Y) "true" -}} b {{ end }}`, 0},
		{Dockerize, `{{ range $i, $h := split (default .Env.HOSTS "a b") " " }}{{ $h }}{{ end }}`, `{{ range $i, $h := splitList " " (default "a b" .Env.HOSTS) }}{{ $h }}{{ end }}`, 0},
		{Dockerize, `{{ replace .Env.X "a" "b" -1 }}`, `{{ replace "a" "b" .Env.X }}`, 0},
		{Dockerize, `{{ if contains .Env "X" }}{{ end }}`, `{{ if hasKey .Env "X" }}{{ end }}`, 0},
		{Dockerize, `{{ range loop 0 5 }}{{ end }}`, `{{ range untilStep (int 0) (int 5) 1 }}{{ end }}`, 0},
		{Dockerize, `{{ .Env.X | default "a" }}`, `{{ .Env.X | default "a" }}`, 1}, // means the other thing there
		{Dockerize, `{{/* default .Env.X "a" }} */}}{{ "}} default a b" }}`, `{{/* default .Env.X "a" }} */}}{{ "}} default a b" }}`, 0},
		{Confd, `{{getv "/db/host"}}:{{getv "/db/port" "5432"}}`, `{{kv "/app/db/host"}}:{{kvOr "/app/db/port" "5432"}}`, 0},
		{Confd, `{{range ls "/up"}}{{.}}{{end}}{{if exists "/x"}}y{{end}}`, `{{range kvList "/app/up"}}{{.}}{{end}}{{if kvExists "/app/x"}}y{{end}}`, 0},
		{Confd, `{{$d := json (getv "/d")}}{{join (split .x ",") ";"}}{{getenv "H"}}`, `{{$d := fromJson (kv "/app/d")}}{{join ";" (splitList "," .x)}}{{env "H" ""}}`, 0},
		{Confd, `{{ "a" | toUpper }}`, `{{ "a" | upper }}`, 0},
		{Confd, `{{range gets "/b/*"}}{{.Value}}{{end}} {{datetime}}`, `{{range gets "/b/*"}}{{.Value}}{{end}} {{datetime}}`, 2},
	}
	for _, r := range rows {
		t.Run(r.text, func(t *testing.T) {
			got := Port(r.tool, "t", r.text, func(k string) string { return cleanKey("/app/" + k) })
			if got.Text != r.want || len(got.Notes) != r.notes {
				t.Errorf("got %s and %v\nwant %s and %d notes", got.Text, got.Notes, r.want, r.notes)
			}
		})
	}
}

func TestPortConfdFolder(t *testing.T) {
	dir := tree(t, map[string]string{
		"conf.d/app.toml": "[template]\nsrc = \"app.conf.tmpl\"\ndest = \"/etc/app.conf\"\nkeys = [\n  \"/db\",\n]\nprefix = \"/prod\"\nuid = 0\ngid = 33\nmode = \"0640\"\n" +
			"check_cmd = \"/usr/sbin/app -t -c {{.src}}\"\nreload_cmd = \"pkill -HUP app\"\n",
		"templates/app.conf.tmpl": "host = {{getv \"/db/host\"}}\n{{range gets \"/db/*\"}}{{end}}\n",
	})
	files, notes, err := PortDir(durable.OS{}, Confd, dir)
	if err != nil {
		t.Fatal(err)
	}
	want := []PortedFile{
		{"conf.d/confd.conf", "[template:/etc/app.conf]\nsource = confd/app.conf.tmpl\nowner = 0:33\nmode = 0640\ncheck = /usr/sbin/app -t -c {file}\n; notify = NAME of the program that confd reloaded by: pkill -HUP app\n\n"},
		{"templates/confd/app.conf.tmpl", "host = {{kv \"/prod/db/host\"}}\n{{range gets \"/db/*\"}}{{end}}\n"},
	}
	if fmt.Sprint(files) != fmt.Sprint(want) {
		t.Errorf("files are\n%q\nwant\n%q", files, want)
	}
	if len(notes) != 2 || notes[0].Pos.Line != 12 || notes[1].Pos.String() != dir+"/templates/app.conf.tmpl:2:9" {
		t.Errorf("notes are %v", notes)
	}
}

func TestPortDockerizeFolder(t *testing.T) {
	dir := tree(t, map[string]string{"etc/a.tmpl": "{{ default .Env.A \"1\" }}", "b.tpl": "x"})
	files, notes, err := PortDir(durable.OS{}, Dockerize, dir)
	if want := "[{templates/b.tmpl x} {templates/etc/a.tmpl {{ default \"1\" .Env.A }}}]"; err != nil || fmt.Sprint(files) != want || len(notes) != 1 {
		t.Errorf("files are %v, %v, %v, want %s", files, notes, err, want)
	}
}
