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
		{`{{ .Env.REDIS_PORT | trimPrefix "tcp://" }}`, "10.0.0.1:6379"},
		{`{{ (urlParse .Env.REDIS_PORT).hostname }}`, "10.0.0.1"},
		{`{{ .Env.REDIS_PORT | default "tcp://localhost:6379" | trimPrefix "tcp://" }}`, "10.0.0.1:6379"},
		{`{{ .Env.REDIS_PORT | default "tcp://localhost:6379" }}`, "tcp://10.0.0.1:6379"},
		{`{{ if hasEnv "REDIS_PORT" }}there{{ end }}{{ $p := .Env.REDIS_PORT }}{{ $p | trimPrefix "tcp://10.0.0.1:" }}`, "there6379"},
	} {
		got, err := renderText(t, r.text, data)
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
