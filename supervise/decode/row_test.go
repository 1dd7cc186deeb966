package decode_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/supervise/attributes"
	"slipway/supervise/config"
	"slipway/supervise/config/changes"
	"slipway/supervise/config/meaning"
	"slipway/supervise/decode"
	"slipway/supervise/dialect"
	"slipway/supervise/hook"
	"slipway/supervise/machine"
)

// An option needs nothing but its row: it is decoded, has its default, is validated and
// compared, and it is in the JSON and in the reference page.
func TestNewOption(t *testing.T) {
	fields := map[string]*time.Duration{} // a struct cannot grow for a test
	patience := config.Option{Name: "patience", Type: config.TypeDuration, Default: "7s", Doc: "How long it waits for its turn."}
	bind := func(p *config.Process) any {
		if fields[p.Pos.File] == nil {
			fields[p.Pos.File] = new(time.Duration)
		}
		return fields[p.Pos.File]
	}
	open := func(file, line string) (decode.Input, *dialect.Document) {
		in := decode.WithProgramOption(decode.TestInput(""), patience, bind)
		in.System.ReadFile = func(string) ([]byte, error) {
			return []byte("[supervisord]\n[program:x]\ncommand=a\n" + line), nil
		}
		doc, err := dialect.Load(file, in.Environ, in.System)
		if err != nil {
			t.Fatal(err)
		}
		return in, doc
	}
	read := func(file, line string) *config.Config {
		in, doc := open(file, line)
		cfg, err := decode.Decode(doc, in)
		if err != nil {
			t.Fatal(err)
		}
		return cfg
	}

	unset, set := read("unset", ""), read("set", "patience = 2m\n")
	if got := *fields["unset"]; got != 7*time.Second {
		t.Errorf("default = %v, want 7s", got)
	}
	if got := *fields["set"]; got != 2*time.Minute {
		t.Errorf("decoded = %v, want 2m", got)
	}
	if len(set.Notes) > 0 {
		t.Errorf("notes = %v: the option is not known", set.Notes)
	}
	in, doc := open("bad", "patience = soon\n")
	_, err := decode.Decode(doc, in)
	if want := `cannot parse bad:4:12: patience: expected a duration such as 500ms, 30s or 2m, got "soon"`; err == nil || err.Error() != want {
		t.Errorf("validated: %v, want %s", err, want)
	}
	if _, changed, _ := changes.Between(unset, set); !slices.Equal(changed, []string{"x"}) {
		t.Errorf("changed = %q, want x", changed)
	}
	if _, changed, _ := changes.Between(set, set); len(changed) > 0 {
		t.Errorf("changed = %q, want nothing", changed)
	}
	in, _ = open("set", "patience = 2m\n")
	if text, err := meaning.Marshal(meaning.Of("set", in)); err != nil || !strings.Contains(string(text), `"patience": 120`) {
		t.Errorf("JSON does not hold it: %s (%v)", text, err)
	}
	if page := meaning.Reference(decode.TablesOf(in)); !strings.Contains(page, "| `patience` | duration | `7s` | How long it waits for its turn. |") {
		t.Error("the reference page does not hold it")
	}
}

// A change of any option of a program or group is seen by reread. Those are left out whose
// value shows in other fields.
func TestDiffSeesEveryOption(t *testing.T) {
	const text = "[supervisord]\n[program:x]\ncommand=a\n[eventlistener:x2]\ncommand=a\nevents=TICK\n[fcgi-program:x3]\ncommand=a\nsocket=tcp://a:1\n"
	for _, asSupervisord := range []bool{true, false} {
		read := func() *config.Config {
			in := decode.TestInput(text)
			in.AsSupervisord = asSupervisord
			doc, err := dialect.Load("f", in.Environ, in.System)
			if err != nil {
				t.Fatal(err)
			}
			cfg, err := decode.Decode(doc, in)
			if err != nil {
				t.Fatal(err)
			}
			return cfg
		}
		options := 0
		for i, g := range read().Groups {
			check := func(what string, change func(*config.Config)) {
				t.Helper()
				options++
				changed := read()
				change(changed)
				if _, got, _ := changes.Between(read(), changed); !slices.Equal(got, []string{g.Name}) {
					t.Errorf("%s %s: changed = %q, want %s", g.Name, what, got, g.Name)
				}
			}
			for o := range config.GroupFields(&g) {
				check(o.Name, func(c *config.Config) {
					for other, field := range config.GroupFields(&c.Groups[i]) {
						if other == o {
							alter(t, o, field)
						}
					}
				})
			}
			for o := range read().ProcessFields(&g.Processes[0]) {
				check(o.Name, func(c *config.Config) {
					for other, field := range c.ProcessFields(&c.Groups[i].Processes[0]) {
						if other == o {
							alter(t, o, field)
						}
					}
				})
			}
		}
		if options < 3*40 {
			t.Errorf("only %d options were compared", options)
		}
	}
}

// alter changes the value of a field.
func alter(t *testing.T, o *config.Option, field any) {
	switch f := field.(type) {
	case *string:
		*f += "/x"
	case *bool:
		*f = !*f
	case *int:
		*f++
	case *int64:
		*f++
	case *time.Duration:
		*f += time.Second
	case *[]string:
		*f = append([]string{"x"}, *f...)
	case *[]int:
		*f = append([]int{5}, *f...)
	case *hook.List:
		f.Set(o.Name, "/bin/x")
	case *[]dialect.Var:
		*f = append([]dialect.Var{{Name: "X", Value: "x"}}, *f...)
	case **config.User:
		*f = &config.User{UID: 5}
	case **config.FCGISocket:
		*f = &config.FCGISocket{URL: "tcp://b:1"}
	case *config.Probe:
		f.Kind, f.Target = config.ProbeFile, "/x"
	case *config.Reload:
		f.How = config.ReloadNone
	case *machine.Pause:
		f.Most++
	case *machine.Restart:
		*f = (*f + 1) % 3
	case *config.OnExit:
		*f = config.OnExitShutdown
	case *config.OnFatal:
		*f = 3 - *f
	case *config.Strays:
		*f = 3 - *f
	case *config.Holder:
		*f = config.HolderNo
	case *config.Conduct:
		*f = config.ConductForking
	case *config.Once:
		*f = config.OnceOnce
	case *config.Overlap:
		*f = config.OverlapKill
	case *config.RestartMode:
		*f = config.RestartOverlap
	case *config.Relay:
		*f = config.RelayNo
	case *config.HealthAction:
		*f = config.HealthNone
	case *attributes.List:
		for _, text := range []string{"1", "idle", "CHOWN", "true"} {
			if f.Set(o.Name, text) {
				return
			}
		}
		t.Fatalf("none of these is a value of %s", o.Name)
	default:
		t.Fatalf("a field of type %T", field)
	}
}

// A log that becomes AUTO, or was, is a change in a container. Supervisor compares nothing
// with AUTO, and has given a log that was AUTO its name when it compares.
func TestDiffOfAutoLogs(t *testing.T) {
	for _, tt := range []struct {
		name          string
		asSupervisord bool
		from, to      string
		changed       bool
	}{
		{"run, from AUTO", false, "AUTO", "/log", true},
		{"run, to AUTO", false, "/log", "AUTO", true},
		{"run, AUTO", false, "AUTO", "AUTO", false},
		{"supervisord, from AUTO", true, "AUTO", "/log", true},
		{"supervisord, to AUTO", true, "/log", "AUTO", false},
		{"supervisord, to another file", true, "/log", "/other", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			read := func(log string) *config.Config {
				in := decode.TestInput("[supervisord]\n[program:x]\ncommand=a\nstdout_logfile=" + log + "\n")
				in.AsSupervisord = tt.asSupervisord
				doc, err := dialect.Load("f", in.Environ, in.System)
				if err != nil {
					t.Fatal(err)
				}
				cfg, err := decode.Decode(doc, in)
				if err != nil {
					t.Fatal(err)
				}
				return cfg
			}
			if _, changed, _ := changes.Between(read(tt.from), read(tt.to)); (len(changed) > 0) != tt.changed {
				t.Errorf("changed = %q, want a change: %v", changed, tt.changed)
			}
		})
	}
}
