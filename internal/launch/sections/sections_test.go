package sections

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/sources/protocol"
	"slipway/supervise/config"
	"slipway/supervise/decode"
	"slipway/supervise/dialect"
	"slipway/supervise/system"
)

// both reads a document as the launch half does: what is needed first, and the rest.
func both(text string, environ ...string) (*Sources, *config.Config, *Files, error) {
	in := decode.Input{
		Environ: environ,
		System: system.System{
			ReadFile: func(name string) ([]byte, error) {
				if name != "f" {
					return nil, fs.ErrNotExist
				}
				return []byte(text), nil
			},
			IsDir: func(string) bool { return true },
		},
	}
	doc, err := dialect.Load("f", in.Environ, in.System)
	if err != nil {
		return nil, nil, nil, err
	}
	s, err := ReadSources(doc, in)
	if err != nil {
		return nil, nil, nil, err
	}
	c, f, err := Read(doc, in)
	return s, c, f, err
}

const program1 = "[program:x]\ncommand=a\n"

func TestProblems(t *testing.T) {
	for _, tt := range []struct {
		name, text, want, hint string
		kind                   dialect.Kind
	}{
		{"destination", "[template:etc/app.conf]", `cannot parse f:1:1: [template:etc/app.conf]: expected the absolute path of a file, got "etc/app.conf"`, "write [template:/etc/app.conf]", dialect.KindBadName},
		{"notify", program1 + "[template:/a]\nnotify=y", `cannot parse f:4:8: notify: expected names of programs or groups, got "y", which there is not`, "", dialect.KindUnknownProgram},
		{"enum without values", "[env:LEVEL]\ntype=enum", `cannot parse f:1:1: [env:LEVEL]: expected a values setting because the type is enum`, "write for instance: values = debug, info, warn", dialect.KindOther},
		{"link port", "[link:db]\nport=0", `cannot parse f:2:6: port: expected a port from 1 to 65535, got "0"`, "", dialect.KindBadPort},
		{"etcd", "[etcd]\nprefix=/a", `cannot parse f:1:1: [etcd]: expected endpoints or srv`, "write endpoints = http://etcd:2379, or set SLIPWAY_ETCD_ENDPOINTS", dialect.KindOther},
		{"etcd as a source", "[source:etcd]\nx=1", `cannot parse f:1:1: [source:etcd]: expected the settings of etcd in [etcd]`, "write [etcd]", dialect.KindOther},
		{"check without a command", "[check:all]\ncommand =\n", `cannot parse f:1:1: [check:all]: expected a command, got nothing`, "write for instance: command = nginx -t, or leave the section out", dialect.KindOther},
		{"check", "[check:all]\n", `cannot parse f:1:1: [check:all]: expected a command setting`, "", dialect.KindOther},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, _, _, err := both(tt.text)
			var ps *dialect.Problems
			if !errors.As(err, &ps) {
				t.Fatalf("%q: %v, want a problem", tt.text, err)
			}
			p := ps.First
			if len(ps.List) != 1 || p.Error() != tt.want || p.Hint != tt.hint || p.Kind != tt.kind {
				t.Errorf("%q:\n got %v (%s)\nhint %s\nwant %s (%s)\nhint %s", tt.text, err, p.Kind, p.Hint, tt.want, tt.kind, tt.hint)
			}
		})
	}
}

// One report has what is wrong with the sections of both halves, in the order of the file.
func TestOneReport(t *testing.T) {
	_, _, _, err := both("[template:a]\n[program:x]\nautostart=maybe\ncommand=a\n[check:x]\n[program:y]\n")
	var ps *dialect.Problems
	if !errors.As(err, &ps) {
		t.Fatal(err)
	}
	var got []string
	for _, p := range ps.List {
		got = append(got, p.Pos.String())
	}
	if want := []string{"f:1:1", "f:3:11", "f:5:1", "f:6:1"}; !slices.Equal(got, want) {
		t.Errorf("problems at %q, want %q:\n%v", got, want, err)
	}
}

// A bad value of every typed option is refused, and every default is accepted.
// That also proves that every row is read.
func TestEveryOption(t *testing.T) {
	bad := map[config.Type]string{
		config.TypeInt: "x", config.TypeBool: "x", config.TypeOctal: "9", config.TypeEnum: "x", config.TypeDuration: "x", config.TypePort: "x",
		config.TypeString: "%(x)s", config.TypeList: "%(x)s", config.TypeWords: "%(x)s",
	}
	whole := map[string]string{"check:NAME": "command=a\n", "etcd": "endpoints=a\n"}
	for _, table := range own() {
		section := strings.Replace(strings.Replace(table.Name, "NAME", "x", 1), "DEST", "/x", 1)
		for o := range table.All() {
			if o.Type == config.TypeText {
				continue
			}
			t.Run(section+"/"+o.Name, func(t *testing.T) {
				text := "[" + section + "]\n" + whole[table.Name]
				if bad[o.Type] == "" {
					t.Fatalf("no bad value of type %s", o.Type)
				}
				_, _, _, err := both(text + o.Name + "=" + bad[o.Type])
				if err == nil || !strings.Contains(err.Error(), o.Name) {
					t.Errorf("%s = %s: %v, want a problem", o.Name, bad[o.Type], err)
				}
				if o.Default == "" {
					return
				}
				if _, _, _, err := both(text + o.Name + "=" + o.Default); err != nil {
					t.Errorf("default %s = %s: %v", o.Name, o.Default, err)
				}
			})
		}
	}
}

func TestRows(t *testing.T) {
	for _, table := range own() {
		var names []string
		for o := range table.Options() {
			if o.Name == "" || o.Doc == "" || o.Doc[len(o.Doc)-1] != '.' {
				t.Errorf("[%s] has an option without name or a sentence about it: %+v", table.Name, o)
			}
			if slices.Contains(names, o.Name) {
				t.Errorf("[%s] has %s twice", table.Name, o.Name)
			}
			names = append(names, o.Name)
			if (o.Type == config.TypeEnum) != (len(o.Choices) > 0) {
				t.Errorf("[%s] %s: choices are for words, and words for choices", table.Name, o.Name)
			}
		}
	}
	if !IsSecret("etcd", "password") || !IsSecret("unix_http_server", "password") || IsSecret("etcd", "user") {
		t.Error("IsSecret does not know passwords")
	}
	if got, want := SecretVariables(), []string{"SLIPWAY_ETCD_PASSWORD"}; !slices.Equal(got, want) {
		t.Errorf("SecretVariables = %q, want %q", got, want)
	}
}

// The supervisor knows the names of these sections, and takes none for a mistake.
func TestSupervisorKnowsTheNames(t *testing.T) {
	var text strings.Builder
	for _, table := range own() {
		text.WriteString("[" + strings.Replace(strings.Replace(table.Name, "NAME", "x", 1), "DEST", "/x", 1) + "]\nnonsense = 1\n")
	}
	in := decode.Input{System: system.System{ReadFile: func(string) ([]byte, error) { return []byte(text.String()), nil }}}
	doc, err := dialect.Load("f", nil, in.System)
	if err != nil {
		t.Fatal(err)
	}
	c, err := decode.Decode(doc, in)
	if err != nil || len(c.Notes) > 0 {
		t.Errorf("Decode = %v, notes %v; want neither", err, c.Notes)
	}
}

func TestMeaning(t *testing.T) {
	s, c, f, err := both(`
[program:web]
command = a
[template:/etc/app.conf]
mode = 0640
notify = web
check = test 100%% -gt {file}
for = {{ printf "%s" .x }}
min_interval = 5m
[template:/etc/block]
write = once
position = top
nonsense = 1
[env:LEVEL]
type = enum
values = debug, info
default = {{ "100%" }}
[link:db]
port = 5432
wait = 30
description = the database
[source:vault]
prefix = /a
start = optional
secret = token
token = hush
url = http://v/%%
[check:all]
command = nginx -t
`, "SLIPWAY_ETCD_ENDPOINTS=http://a:1 http://b:2", "SLIPWAY_ETCD_PASSWORD=pass", "SLIPWAY_ETCD_PREFIX=/app", "SLIPWAY_ETCD_SECRET_PREFIX=/app/secret /other", "SLIPWAY_ETCD_EXPORT=/app")
	if err != nil {
		t.Fatal(err)
	}
	tm := f.Templates[0]
	if tm.Mode != 0o640 || tm.Check != "test 100% -gt {file}" || tm.For != `{{ printf "%s" .x }}` || tm.Left != "{{" || tm.Write != "" || !tm.Bottom || tm.MinInterval != 5*time.Minute || tm.Pos.Line != 4 {
		t.Errorf("template = %+v", tm)
	}
	if tm := f.Templates[1]; tm.Mode != -1 || tm.Write != "once" || tm.Bottom {
		t.Errorf("template = %+v", tm)
	}
	if e := s.Rules[0]; !e.HasDefault || e.Default != `{{ "100%" }}` || len(e.Values) != 2 || e.Origin.String() != "f:14:1" {
		t.Errorf("env = %+v", e)
	}
	if l := s.Links[0]; l.Port != 5432 || l.Wait.Seconds() != 30 || l.Proto != "tcp" || l.Description != "the database" {
		t.Errorf("link = %+v", l)
	}
	if len(f.Checks) != 1 || f.Checks[0].Command != "nginx -t" || f.Checks[0].Timeout != 30*time.Second {
		t.Errorf("checks = %+v", f.Checks)
	}
	set := func(name, text string) protocol.Setting { return protocol.Setting{Name: name, Text: text} }
	password := protocol.Setting{Name: "password", Text: "pass", Secret: true}
	want := []protocol.Setting{
		set("endpoints", "http://a:1"), set("endpoints", "http://b:2"), set("prefix", "/app"), set("secret_prefix", "/app/secret"), set("secret_prefix", "/other"),
		set("start", "require"), set("start_timeout", "1m0s"), set("timeout", "5s"), password,
	}
	if e := s.Etcd; e == nil || e.Optional || !slices.Equal(e.Settings, want) || !slices.Equal(e.Prefixes, []string{"/app", "/other"}) || !slices.Equal(e.Export, []string{"/app"}) {
		t.Errorf("etcd = %+v", e)
	}
	want = []protocol.Setting{{Name: "token", Text: "hush", Secret: true}, set("url", "http://v/%")}
	if p := s.Programs[0]; !p.Optional || p.Timeout != time.Minute || !slices.Equal(p.Settings, want) || !slices.Equal(p.Prefixes, []string{"/a"}) {
		t.Errorf("source = %+v", p)
	}
	if len(s.Notes) != 1 || s.Notes[0].Text != "[source:vault] has no effect: sources of [slipway] does not name vault" {
		t.Errorf("notes = %+v", s.Notes)
	}
	if n := c.OtherNotes; len(n) != 1 || n[0].Text != "[template:/etc/block]: nonsense is not known and has no effect" || len(c.Notes) > 0 {
		t.Errorf("notes = %+v, and of the supervisor %+v", n, c.Notes)
	}
}

// TestSourceOfAValue: a value in source chooses a file in the folder that stands before it.
func TestSourceOfAValue(t *testing.T) {
	for value, wrong := range map[string]bool{"plain": false, "a/b": false, "..a": false, "../x": true, "a/../../x": true, "..": true} {
		_, _, _, err := both("[template:/etc/x]\nsource = ../flavours/%(ENV_F)s\n", "F="+value)
		if got := err != nil && strings.Contains(err.Error(), "expected a file below the folder that is written"); got != wrong {
			t.Errorf("F=%s: %v, want it refused %t", value, err, wrong)
		}
	}
}
