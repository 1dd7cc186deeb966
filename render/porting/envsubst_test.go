package porting

import "testing"

func TestEnvsubstText(t *testing.T) {
	rows := []struct {
		text, want string
		o          Options
		notes      int
	}{
		{"a $HOST ${HOST}b", "a {{ .Env.HOST }} {{ .Env.HOST }}b", Options{}, 0},
		{"$http_host ${HOST", "$http_host ${HOST", Options{}, 0},
		{`{"a":{$HOST}}`, `{"a":{{ "{" }}{{ .Env.HOST }}}}`, Options{}, 0},
		{"{{ .x }}{{{$HOST", `{{ "{{" }} .x }}{{ "{{" }}{{ "{" }}{{ .Env.HOST }}`, Options{}, 0},
		{"$a$B", "{{ .Env.a }}$B", Options{Variables: []string{"a"}}, 0},
		{"${A:-b c} ${A-b} ${A:+c} ${A+c} ${A:?m}", "${A:-b c} ${A-b} ${A:+c} ${A+c} ${A:?m}", Options{}, 5},
		{"${A:-b c} ${A-b}", `{{ env "A" "" | default "b c" }} {{ env "A" "b" }}`, Options{Shell: true}, 0},
		{"${A:=b}${A=b}", "${A:=b}${A=b}", Options{Shell: true}, 2},
		{"${A:-$B}", "${A:-$B}", Options{Shell: true}, 1},
	}
	for _, r := range rows {
		got := Text(Envsubst, "t", r.text, r.o)
		if got.Text != r.want || len(got.Notes) != r.notes {
			t.Errorf("%s becomes %s with %v, want %s and %d notes", r.text, got.Text, got.Notes, r.want, r.notes)
		}
	}
}
