package language

import (
	"errors"
	"strings"
	"testing"

	"slipway/render"
)

// TestServiceIsNoPortOfADialect: what TestServiceIsNoPort says holds for all dialects.
func TestServiceIsNoPortOfADialect(t *testing.T) {
	data := Data{Env: Vars{"REDIS_PORT": "tcp://10.0.0.1:6379"}}
	for _, r := range []struct{ dialect, text, want string }{ // "" is an error
		{DialectEnvsubst, "port $REDIS_PORT", ""},
		{DialectEnvsubst, "port ${REDIS_PORT}", ""},
		{DialectShell, "port ${REDIS_PORT}", ""},
		{DialectShell, "port ${REDIS_PORT:?which}", ""},
		{DialectShell, "port ${REDIS_PORT:-6379}", "port 6379"},
		{DialectShell, "port ${REDIS_PORT-6379}", "port 6379"},
		{DialectShell, "port ${REDIS_PORT:-}", "port "},
		{DialectShell, "port ${REDIS_PORT:-tcp://localhost:1}", "port tcp://10.0.0.1:6379"},
		{DialectShell, "${REDIS_PORT:+yes} ${REDIS_PORT+set}", "yes set"},
	} {
		plan, err := Build(Set{Templates: []Template{{Dest: "/x", Name: "x", Text: r.text, Dialect: r.dialect}}}, data)
		switch {
		case r.want == "" && (err == nil || !strings.Contains(err.Error(), "which is no port")):
			t.Errorf("%s %q: %v, want an error that says what it is", r.dialect, r.text, err)
		case r.want != "" && err != nil:
			t.Errorf("%s %q: %v", r.dialect, r.text, err)
		case r.want != "" && string(plan.Targets[0].Content) != r.want:
			t.Errorf("%s %q gives %q, want %q", r.dialect, r.text, plan.Targets[0].Content, r.want)
		}
	}
}

func TestEnvsubstDialect(t *testing.T) {
	env := Vars{"HOST": "web", "EMPTY": "", "TRICK": "${HOST} {{ .Env.HOST }}", "low": "l"}
	rows := []struct {
		name, dialect, variables, text, want string
	}{
		{"both forms", DialectEnvsubst, "", "a $HOST b ${HOST}c", "a web b webc"},
		{"nginx's own stay", DialectEnvsubst, "", "proxy_set_header Host $http_host; $host $low", "proxy_set_header Host $http_host; $host $low"},
		{"named", DialectEnvsubst, "low ${HOST}", "$low $HOST $EMPTY", "l web $EMPTY"},
		{"all", DialectEnvsubst, "*", "$low$HOST$EMPTY.", "lweb."},
		{"a value is no template", DialectEnvsubst, "", "$TRICK", "${HOST} {{ .Env.HOST }}"},
		{"braces are text", DialectEnvsubst, "", "{{ .x }} {{- end }} $HOST {{", "{{ .x }} {{- end }} web {{"},
		{"what names nothing", DialectEnvsubst, "", "$ $$ $1 ${ ${} $( ${HOST cost: 5$", "$ $$ $1 ${ ${} $( ${HOST cost: 5$"},
		{"no form of envsubst", DialectEnvsubst, "", "${HOST:-x} ${NOPE-y}", "${HOST:-x} ${NOPE-y}"},
		{"defaults", DialectShell, "", "${HOST:-x} ${EMPTY:-x} ${EMPTY-x} ${NOPE-a b} ${EMPTY:-}", "web x  a b "},
		{"alternatives", DialectShell, "", "${HOST:+a b} ${EMPTY:+x} ${EMPTY+set} ${NOPE+set}.", "a b  set ."},
		{"required", DialectShell, "", "${HOST:?message}", "web"},
		{"empty", DialectEnvsubst, "", "", ""},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			plan, err := Build(Set{Templates: []Template{{Dest: "/x", Name: "x", Text: r.text, Dialect: r.dialect, Variables: strings.Fields(r.variables)}}}, Data{Env: env})
			if err != nil {
				t.Fatal(err)
			}
			if got := string(plan.Targets[0].Content); got != r.want {
				t.Errorf("%s gives %q, want %q", r.text, got, r.want)
			}
		})
	}
}

// All that is missing is one report, with the places of the dollars.
func TestEnvsubstDialectReports(t *testing.T) {
	text := "a $NOPE\n  ${NEITHER} ${NOR:?say so} ${BAD:-$HOST}"
	_, err := Build(Set{Templates: []Template{{Dest: "/x", Name: "x", Text: text, Dialect: DialectShell}}}, Data{Env: Vars{"HOST": "h"}})
	var got render.Problems
	errors.As(err, &got)
	var lines []string
	for _, p := range got {
		lines = append(lines, p.Pos.String()+" "+p.Text)
	}
	want := "x:1:3 the variable NOPE is not set|x:2:3 the variable NEITHER is not set|x:2:14 say so|x:2:29 ${BAD:-$HOST} cannot be read: what stands after :- is more than a plain text"
	if strings.Join(lines, "|") != want {
		t.Errorf("problems are %q\nwant %q", strings.Join(lines, "|"), want)
	}
	if len(got) > 0 && !strings.Contains(got[0].Line, "$NOPE") {
		t.Errorf("the line shown is %q", got[0].Line)
	}
}

func TestEnvsubstDialectIsTaintedAndInspected(t *testing.T) {
	tm := Template{Dest: "/x", Name: "x", Text: "p=$DB_PASSWORD ${HOST-h}", Dialect: DialectShell}
	plan, err := Build(Set{Templates: []Template{tm}}, Data{Env: secretVars{Vars{"DB_PASSWORD": "hunter2"}, map[string]bool{"DB_PASSWORD": true}}})
	if err != nil || !plan.Targets[0].Secret || strings.Contains(string(plan.Targets[0].Shown), "hunter2") {
		t.Errorf("plan %+v, %v: want a secret target that does not show it", plan, err)
	}
	uses, err := Uses(Set{Templates: []Template{tm}})
	if err != nil || len(uses) != 2 || uses[0].Name != "DB_PASSWORD" || uses[0].Pos.Col != 3 || uses[1].Default != "h" {
		t.Errorf("uses are %+v, %v", uses, err)
	}
}
