package language

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"slipway/render"
)

// yamlOfTests is a reader of YAML; that of the product is tested where it is.
func yamlOfTests(text string) (any, error) {
	var v any
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		return nil, errors.New("line 1: it is none")
	}
	return v, nil
}

// TestReadFile: what is secret marks the target; what is not there and what may not be read
// are two things.
func TestReadFile(t *testing.T) {
	data := Data{Read: func(file string) ([]byte, bool, error) {
		switch file {
		case "/run/secrets/key":
			return []byte("hunter2"), true, nil
		case "/etc/motd":
			return []byte("hello"), false, nil
		case "/etc/gone":
			return nil, false, &fs.PathError{Op: "open", Path: file, Err: fs.ErrNotExist}
		}
		return nil, false, errors.New("it is below no folder that templates may read")
	}}
	plan, err := Build(Set{Templates: []Template{
		{Dest: "/a", Name: "a", Text: `{{ readFile "/run/secrets/key" }}`, Mode: render.Keep}, {Dest: "/b", Name: "b", Text: `{{ readFile "/etc/motd" }}`, Mode: render.Keep},
		{Dest: "/c", Name: "c", Text: `{{ readFile "/etc/gone" | default "none" }}`, Mode: render.Keep},
	}}, data)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range plan.Targets {
		got = append(got, fmt.Sprintf("%s %s %s %t %o", f.Dest, f.Content, f.Shown, f.Secret, f.NewMode))
	}
	want := "/a hunter2 «redacted» true 600|/b hello hello false 644|/c none none false 644"
	if s := strings.Join(got, "|"); s != want {
		t.Errorf("targets are %s, want %s", s, want)
	}
	for text, want := range map[string]string{
		`{{ readFile "/etc/gone" }}`:                    `there is no file "/etc/gone"`,
		`{{ if readFile "/etc/gone" }}x{{ end }}`:       `there is no file "/etc/gone"`,
		`{{ readFile "/etc/shadow" | default "none" }}`: `cannot read "/etc/shadow": it is below no folder that templates may read`,
	} {
		if _, err := renderText(t, text, data); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func TestNamesOfTypes(t *testing.T) {
	for text, want := range map[string]string{
		`{{ typeOf . }}`: "dot", `{{ typeOf .Env }}`: "map[string]interface {}", `{{ typeOf "a" }}`: "string", `{{ typeOf (link "elasticsearch" 9200) }}`: "peer",
		`{{ typeIs "dot" . }} {{ typeIs "string" "a" }} {{ typeIs "int" "a" }} {{ typeIsLike "string" "a" }}`: "true true false true",
		`{{ range kvTree "log" }}{{ typeOf . }}{{ end }}`:                                                     "pair",
		`{{ typeOf .Host }} {{ typeOf .Links }}`:                                                              "host []interface {}",
	} {
		if got, err := renderText(t, text, exampleData()); err != nil || got != want || strings.Contains(got, "language.") {
			t.Errorf("%s = %q, %v, want %q", text, got, err, want)
		}
	}
}

// TestWordsOfOtherTools: hints are right, or absent.
func TestWordsOfOtherTools(t *testing.T) {
	for text, want := range map[string]string{
		`{{ strings.Split .Env.APP_NAME "," }}`:        `write splitList "," TEXT`,
		`{{ strings.ToUpper .Env.APP_NAME }}`:          "write upper TEXT",
		`{{ strings.Frob .Env.APP_NAME }}`:             `Go's packages are not here: splitList "," TEXT, replace "old" "new" TEXT, upper TEXT`,
		`{{ os.Getenv "X" }}`:                          `write .Env.NAME, or env "NAME" "default"`,
		`{{ exists "/etc/x" }}`:                        elsewhere["exists"],
		`{{ keyOrDefault "a" "b" }}`:                   elsewhere["keyOrDefault"],
		`{{ lookup "x" }}`:                             "",
		`{{ define "a" }}{{ end }}{{ include "a" . }}`: `a define of the same file is called by {{ template "a" . }}`,
		`{{ template "nope" . }}`:                      "templates of other files are called by include",
		`{{ .Env.get "X" }}`:                           `a key by a name that is not written out is taken by index: index .Env "NAME"`,
	} {
		_, err := renderText(t, text, exampleData())
		var problems render.Problems
		if !errors.As(err, &problems) || problems[0].Hint != want {
			t.Errorf("%s: %v with the hint %q, want %q", text, err, problems[0].Hint, want)
		}
	}
}
