package language

import (
	"errors"
	"strings"
	"testing"

	"slipway/render"
)

// TestServiceIsNoPort: X_PORT of Kubernetes is an address. Where a port is meant the default
// counts, or it is said what it is; who takes the address apart has it.
func TestServiceIsNoPort(t *testing.T) {
	data := Data{Env: Vars{"REDIS_PORT": "tcp://10.0.0.1:6379", "WEB_PORT": "80", "MY_DB_PORT": "tcp://[::1]:5432", "API_PORT": "http://x:80"}}
	const is = "cannot render /out: out.tmpl:1:"
	for _, r := range []struct{ text, want string }{
		{`{{ .Env.REDIS_PORT | default "6379" }}`, "6379"},
		{`{{ default "6379" .Env.REDIS_PORT }}`, "6379"},
		{`{{ $.Env.REDIS_PORT | default 6379 | quote }}`, `"6379"`},
		{`{{ env "REDIS_PORT" "6379" }}`, "6379"},
		{`{{ envInt "REDIS_PORT" 6379 }}`, "6379"},
		{`{{ $p := .Env.REDIS_PORT | default "6379" }}{{ $p }}`, "6379"},
		{`{{ printf "%s" (.Env.REDIS_PORT | default "6379") }}`, "6379"},
		{`{{ .Env.WEB_PORT | default "6379" }} {{ .Env.API_PORT }}`, "80 http://x:80"},
		{`{{ .Env.REDIS_PORT }}`, is},
		{`{{ .Env.REDIS_PORT | int }}`, is},
		{`{{ index .Env "REDIS_PORT" }}`, is},
		{`{{ env "REDIS_PORT" }}`, is},
		{`{{ envInt "REDIS_PORT" }}`, is},
		{`{{ required "a port" .Env.REDIS_PORT }}`, is},
		{`{{ .Env.REDIS_PORT | shellQuote }}`, is},
		{`{{ printf "%s:%s" "a" .Env.REDIS_PORT }}`, is},
		{`{{ if .Env.REDIS_PORT }}{{ .Env.REDIS_PORT }}{{ end }}`, is},
		{`{{ or .Env.REDIS_PORT 6379 }} {{ coalesce .Env.REDIS_PORT "6379" }} {{ or .Env.WEB_PORT 1 }}`, "6379 6379 80"},
		{`{{ or .Env.REDIS_PORT "tcp://localhost:1" }}`, "tcp://10.0.0.1:6379"},
		{`{{ coalesce .Env.REDIS_PORT .Env.WEB_PORT }} {{ requiredOneOf "REDIS_PORT" "WEB_PORT" }}`, "80 80"},
		{`{{ requiredOneOf "REDIS_PORT" "NOPE" }}`, is},
		{`{{ expandenv "port $REDIS_PORT" }}`, is},
		{`{{ (urlParse (requiredOneOf "REDIS_PORT")).hostname }}`, "10.0.0.1"},
		{`{{ ternary .Env.REDIS_PORT "1" true }}`, is},
		{`{{ join ":" (list "a" .Env.REDIS_PORT) }}`, is},
		{`{{ list "a" .Env.REDIS_PORT | join ":" }}`, is},
		{`{{ .Env.REDIS_PORT | trimPrefix "tcp://" }}`, "10.0.0.1:6379"},
		{`{{ (urlParse .Env.REDIS_PORT).hostname }}`, "10.0.0.1"},
		{`{{ .Env.REDIS_PORT | default "tcp://localhost:6379" | trimPrefix "tcp://" }}`, "10.0.0.1:6379"},
		{`{{ .Env.REDIS_PORT | default "tcp://localhost:6379" }}`, "tcp://10.0.0.1:6379"},
		// read here, written there
		{`{{ $p := .Env.REDIS_PORT }}{{ $p }}`, is},
		{`{{ $p := .Env.REDIS_PORT }}{{ $p | default "6379" | quote }}`, is},
		{`{{ $p := "80" }}{{ if true }}{{ $p = .Env.REDIS_PORT }}{{ end }}port {{ $p }}`, is},
		{`{{ with .Env.REDIS_PORT }}port {{ . }}{{ end }}`, is},
		{`{{ with $p := .Env.REDIS_PORT }}port {{ $p }}{{ end }}`, is},
		{`{{ with .Env.REDIS_PORT | default "6379" }}port {{ . }}{{ end }}`, "port 6379"},
		{`{{ range list .Env.REDIS_PORT }}port {{ . }}{{ end }}`, is},
		{`{{ range $i, $p := splitList "," .Env.REDIS_PORT }}port {{ $p }}{{ end }}`, is},
		{`{{ define "t" }}port {{ . }}{{ end }}{{ template "t" .Env.REDIS_PORT }}`, is},
		{`{{ define "t" }}port {{ . }}{{ end }}{{ template "t" .Env.REDIS_PORT | default "6379" }}`, "port 6379"},
		{`{{ define "t" }}port {{ .port }}{{ end }}{{ template "t" (dict "port" .Env.REDIS_PORT) }}`, is},
		{`{{ define "t" }}port {{ .Env.REDIS_PORT }}{{ end }}{{ template "t" . }}`, is},
		{`{{ define "t" }}port {{ .REDIS_PORT }}{{ end }}{{ template "t" .Env }}`, is},
		{`{{ define "t" }}port {{ .e.REDIS_PORT }}{{ end }}{{ template "t" (dict "e" .Env) }}`, is},
		{`{{ define "t" }}port {{ .s.Env.REDIS_PORT }}{{ end }}{{ template "t" (dict "s" .) }}`, is},
		{`{{ block "t" .Env.REDIS_PORT }}port {{ . }}{{ end }}`, is},
		{`{{ $d := dict "port" .Env.REDIS_PORT }}{{ $d | toJson }}`, is},
		{`{{ $s := . }}{{ $s.Env.REDIS_PORT }}`, is},
		{`{{ $e := .Env }}{{ $e.REDIS_PORT }}`, is},
		{`{{ with .Env }}{{ .REDIS_PORT }}{{ end }}`, is},
		{`{{ get .Env "REDIS_PORT" }}`, is},
		{`{{ get .Env "REDIS_PORT" | default "6379" }}`, is},
		{`{{ index .Env (print "REDIS" "_PORT") }}`, is},
		{`{{ $n := "REDIS_PORT" }}{{ index $.Env $n }}`, is},
		{`{{ $n := "REDIS_PORT" }}{{ env $n }}`, is},
		{`{{ range list "REDIS_PORT" }}{{ index $.Env . }}{{ end }}`, is},
		{`{{ (pick .Env "REDIS_PORT").REDIS_PORT }}`, is},
		{`{{ pluck "REDIS_PORT" .Env | first }}`, is},
		{`{{ dig "REDIS_PORT" "6379" .Env }}`, is},
		{`{{ range $k, $v := .Env }}{{ if eq $k "REDIS_PORT" }}port {{ $v }}{{ end }}{{ end }}`, is},
		{`{{ $p := expandenv "$REDIS_PORT" }}{{ $p }}`, is},
		{`{{ $p := requiredOneOf "REDIS_PORT" }}{{ $p }}`, is},
		{`{{ $p := or .Env.REDIS_PORT 6379 }}{{ $p }}`, "6379"},
		{`{{ $p := printf "%s" .Env.REDIS_PORT }}{{ $p }}`, is},
		{`{{ .Env.REDIS_PORT | upper | lower | trim | replace "x" "y" }}`, is},
		{`{{ .Env.REDIS_PORT | cat "listen" }}`, is},
		{`{{ .Env.REDIS_PORT | b64enc }}`, is},
		{`{{ $p := .Env.REDIS_PORT }}{{ $p | urlquery }}`, is},
		{`{{ $p := .Env.REDIS_PORT }}{{ propertiesKey $p }}`, is},
		{`{{ include "_p" .Env.REDIS_PORT }}`, is},
		{`{{ .Env.REDIS_PORT | default "" }}.`, "."},
		{`{{ $d := "6379" }}{{ .Env.REDIS_PORT | default $d }}`, "6379"},
		// the address is meant, or the environment is copied
		{`{{ with .Env.REDIS_PORT | default "tcp://localhost:1" }}{{ . }}{{ end }}`, "tcp://10.0.0.1:6379"},
		{`{{ $u := urlParse .Env.REDIS_PORT }}tcp://{{ $u.host }}`, "tcp://10.0.0.1:6379"},
		{`{{ with .Env.REDIS_PORT }}{{ splitList ":" . | last }}{{ end }}`, "6379"},
		{`{{ with .Env.REDIS_PORT }}{{ trimPrefix "tcp://" . | trimSuffix ":6379" }}{{ end }}`, "10.0.0.1"},
		{`{{ range $k, $v := .Env }}{{ if hasPrefix "RED" $k }}{{ $k }}={{ $v }}{{ end }}{{ end }}`, "REDIS_PORT=tcp://10.0.0.1:6379"},
		{`{{ range keys .Env }}{{ if hasPrefix "RED" . }}{{ . }}={{ index $.Env . }}{{ end }}{{ end }}`, "REDIS_PORT=tcp://10.0.0.1:6379"},
		{`{{ range envPrefix "REDIS_" }}{{ .Key }}={{ .Value }}{{ end }}`, "PORT=tcp://10.0.0.1:6379"},
		{`{{ pick .Env "WEB_PORT" | toJson }}`, `{"WEB_PORT":"80"}`},
		{`{{ hasKey .Env "REDIS_PORT" }}{{ len .Env }}`, "true4"},
		{`{{ if hasEnv "REDIS_PORT" }}there{{ end }}{{ $p := .Env.REDIS_PORT }}{{ $p | trimPrefix "tcp://10.0.0.1:" }}`, "there6379"},
	} {
		got, err := renderText(t, r.text, data, Template{Dest: "_p", Name: "_p.tmpl", Text: "port {{ . }}"})
		var problems render.Problems
		errors.As(err, &problems)
		switch {
		case r.want != is && (err != nil || got != r.want):
			t.Errorf("%s = %q, %v, want %q", r.text, got, err, r.want)
		case r.want == is && (len(problems) != 1 || !strings.Contains(problems[0].Text, `the variable REDIS_PORT is "tcp://10.0.0.1:6379", which is no port`)):
			t.Errorf("%s = %q, %v, want one error that says what it is", r.text, got, err)
		}
	}
	_, err := renderText(t, "{{ .Env.MY_DB_PORT }}", data)
	var problems render.Problems
	if !errors.As(err, &problems) || !strings.HasPrefix(problems[0].Hint, `write {{ (link "my-db" 5432).Port }}`) {
		t.Errorf("hint is %v, want the link", problems)
	}
}

// TestConditionsThatSayNo: a check finds that an if takes "false" for true.
func TestConditionsThatSayNo(t *testing.T) {
	data := Data{Env: Vars{"DEBUG": "false", "TLS": "No", "COUNT": "0", "ON": "true", "EMPTY": ""}}
	for _, r := range []struct {
		text string
		want string
	}{
		{"{{ if .Env.DEBUG }}x{{ end }}", "1:7 DEBUG"},
		{"{{ if not .Env.DEBUG }}x{{ else if .Env.TLS }}y{{ end }}", "1:11 DEBUG|1:36 TLS"},
		{"{{ if and .Env.ON (or $.Env.TLS .Env.COUNT) }}x{{ end }}", "1:23 TLS"},
		{"{{ if toBool .Env.DEBUG }}x{{ end }}{{ if eq .Env.DEBUG \"true\" }}y{{ end }}{{ if .Env.COUNT }}z{{ end }}{{ if .Env.EMPTY }}{{ end }}", ""},
		{"{{ .Env.DEBUG }}{{ with .Env.TLS }}{{ . }}{{ end }}", ""},
	} {
		_, err := Check(Set{Templates: []Template{{Dest: "/x", Name: "x", Text: r.text}}}, data)
		var problems render.Problems
		errors.As(err, &problems)
		var got []string
		for _, p := range problems {
			got = append(got, strings.TrimPrefix(p.Pos.String(), "x:")+" "+p.Name)
		}
		if s := strings.Join(got, "|"); s != r.want {
			t.Errorf("%s: %q, want %q (%v)", r.text, s, r.want, err)
		}
		if plan, err := Build(Set{Templates: []Template{{Dest: "/x", Name: "x", Text: r.text}}}, data); err != nil || plan == nil {
			t.Errorf("%s: a start fails: %v", r.text, err)
		}
	}
}
