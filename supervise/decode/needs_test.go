package decode

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"slipway/supervise/config"
	"slipway/supervise/dialect"
)

// programsOf are two programs: what x depends on, and db with its options.
func programsOf(needs, db string) string {
	return "[supervisord]\n[program:x]\ncommand=a\ndepends_on = " + needs + "\n[program:db]\ncommand=a\n" + db + "\n"
}

// What can be waited for, and what would be waited for without an end.
func TestConditionsOfDependsOn(t *testing.T) {
	for _, tt := range []struct {
		name, needs, db string
		want, hint      string // "": it is right
	}{
		{"started", "db:started", "autorestart=true", "", ""},
		{"ready", "db:ready", "", "", ""},
		{"healthy", "db:healthy", "health=tcp://localhost:1", "", ""},
		{"completed", "db:completed", "", "", ""},
		{"exited", "db:exited", "autorestart=false", "", ""},
		{"healthy without a probe", "db:healthy", "", `cannot parse f:4:14: depends_on: expected a program with a health option, got "db:healthy", and db has none`,
			`write "db", which waits until it is ready`},
		{"completed, started again", "db:completed", "autorestart=true",
			`cannot parse f:4:14: depends_on: expected a program that comes to its end, got "db:completed", and db is always started again`,
			"give db autorestart = unexpected, or false"},
		{"exited, started again", "db:exited", "on_exit=restart",
			`cannot parse f:4:14: depends_on: expected a program that comes to its end, got "db:exited", and db is always started again`,
			"give db autorestart = unexpected, or false"},
		{"no condition", "db:complete", "", `cannot parse f:4:14: depends_on: expected ready, started, healthy, completed or exited behind "db:", got "complete"`,
			`did you mean "completed"?`},
		{"no program", "bd:completed", "", `cannot parse f:4:14: depends_on: expected names of programs or groups, got "bd:completed", which there is not`, ""},
		{"itself", "x:started", "", `cannot parse f:4:14: depends_on: expected programs that do not wait for this one, got the circle x → x`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := decode(programsOf(tt.needs, tt.db), nil)
			var got, hint string
			if ps := new(dialect.Problems); errors.As(err, &ps) {
				got, hint = ps.List[0].Error(), ps.List[0].Hint
			}
			if got != tt.want || hint != tt.hint {
				t.Errorf("problem %q, hint %q\nwant %q, hint %q", got, hint, tt.want, tt.hint)
			}
		})
	}
}

// A process whose name is that of a condition is that process, as it has always been.
func TestProcessCalledLikeACondition(t *testing.T) {
	cfg, err := decode("[supervisord]\n[program:x]\ncommand=a\ndepends_on = g:started g:db:started\n[group:g]\nprograms=started,db\n[program:started]\ncommand=a\n[program:db]\ncommand=a\n", nil)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(cfg.Groups, func(g config.Group) bool { return g.Name == "x" })
	if got, want := cfg.Groups[i].Processes[0].DependsOn, []string{"g:started:ready", "g:db:started"}; !slices.Equal(got, want) {
		t.Errorf("x depends on %q, want %q", got, want)
	}
}

// A oneshot is waited for until it has completed, also where only some of a group are.
func TestNeedOfOneshot(t *testing.T) {
	cfg, err := decode("[supervisord]\n[program:x]\ncommand=a\ndepends_on = job job:started g h\n[program:job]\ncommand=a\ntype=oneshot\n"+
		"[group:g]\nprograms=a\n[program:a]\ncommand=a\ntype=oneshot\nautorestart=true\n[group:h]\nprograms=b,c\n[program:b]\ncommand=a\ntype=oneshot\n[program:c]\ncommand=a\n", nil)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(cfg.Groups, func(g config.Group) bool { return g.Name == "x" })
	if got, want := cfg.Groups[i].Processes[0].DependsOn, []string{"job:completed", "job:started", "g:completed", "h"}; !slices.Equal(got, want) {
		t.Errorf("x depends on %q, want %q", got, want)
	}
}

// type = notify is ready = notify, and does not go with another probe.
func TestTypeNotify(t *testing.T) {
	for text, want := range map[string]string{
		"type=notify":               "",
		"type=notify\nready=notify": "",
		"ready=fd:3\ntype=notify":   `cannot parse f:4:7: ready: expected notify because type is notify, got "fd:3"`,
	} {
		cfg, err := decode(x+text, nil)
		switch {
		case want != "" && (err == nil || err.Error() != want):
			t.Errorf("%q: %v, want %s", text, err, want)
		case want == "" && err != nil:
			t.Errorf("%q: %v", text, err)
		case want == "" && cfg.Groups[0].Processes[0].Ready.Probe.Kind != config.ProbeNotify:
			t.Errorf("%q: it is not waited for", text)
		}
	}
}

// A schedule that is none, or of a program that runs on, is refused; one that is makes a oneshot
// whose failure is its own.
func TestScheduleOption(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"none", "schedule=soon", `cannot parse f:4:10: schedule: expected five fields (minute, hour, day, month, day of the week), @hourly, @daily, @weekly, @monthly, @yearly or @every 5m, got "soon"`},
		{"a field", "schedule=0 25 * * *", `cannot parse f:4:10: schedule: expected hour as *, a number from 0 to 23, a range, a list, or these with a step such as */5, got "25"`},
		{"another type", "type=forking\nschedule=@daily", `cannot parse f:5:10: schedule: expected a program of type oneshot, got type = forking`},
		{"overlap", "schedule=@daily\noverlap=wait", `cannot parse f:5:9: overlap: expected skip, queue or kill, got "wait"`},
		{"jitter", "schedule=@daily\njitter=some", `cannot parse f:5:8: jitter: expected a duration such as 500ms, 30s or 2m, got "some"`},
		{"right", "schedule=@daily", ""},
		{"right, with all it may have", "schedule=*/5 8-18 * * mon-fri\ntype=oneshot\nautostart=true\non_fatal=shutdown\noverlap=queue\njitter=1m", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg, err := decode(x+tt.text, nil)
			if err != nil || tt.want != "" {
				if err == nil || err.Error() != tt.want {
					t.Errorf("%v, want %s", err, tt.want)
				}
				return
			}
			p := cfg.Groups[0].Processes[0]
			written := strings.Contains(tt.text, "autostart")
			onFatal := config.OnFatalIgnore
			if written {
				onFatal = config.OnFatalShutdown
			}
			if p.Conduct != config.ConductOneshot || p.Autostart != written || p.OnFatal != onFatal {
				t.Errorf("type %v, autostart %v, on_fatal %v", p.Conduct, p.Autostart, p.OnFatal)
			}
		})
	}
}

// max_restarts is a number in a time.
func TestMaxRestartsOption(t *testing.T) {
	for text, ok := range map[string]bool{"5 in 1m": true, "1 in 1h30m": true, "5": false, "0 in 1m": false, "5 per 1m": false, "5 in soon": false, "-1 in 1m": false, "5 in 0s": false} {
		_, err := decode(x+"max_restarts="+text, nil)
		want := `cannot parse f:4:14: max_restarts: expected a number of restarts in a time, such as 5 in 1m, got "` + text + `"`
		if ok && err != nil || !ok && (err == nil || err.Error() != want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
