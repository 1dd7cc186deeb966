package decode

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"slipway/supervise/config"
	"slipway/supervise/dialect"
)

// switchOf are three programs for the listener of that command; more is in the section of c.
func switchOf(listener, more string) string {
	return "[supervisord]\n[eventlistener:l]\nevents=PROCESS_STATE\ncommand=" + listener + "\n" +
		"[program:a]\ncommand=a\nautostart=false\npriority=5\ndependent_startup=true\n" +
		"[program:b]\ncommand=b\nautostart=false\npriority=7\n" +
		"[program:c]\ncommand=c\n" + more + "\n"
}

// started describes the programs of a configuration that start by themselves, in their order.
func started(cfg *config.Config) string {
	var list []string
	for g, p := range cfg.Processes() {
		if !p.Autostart {
			continue
		}
		word := p.Name
		if len(p.DependsOn) > 0 {
			word += "(" + strings.Join(p.DependsOn, "; ") + ")"
		}
		list = append(list, fmt.Sprint(word, "@", g.Priority))
	}
	return strings.Join(list, " ")
}

// Which command lines are those of the listener, and which are not: then its keys mean nothing.
func TestStartupListener(t *testing.T) {
	for _, tt := range []struct {
		command string
		is      bool
	}{
		{"python3 -m supervisord_dependent_startup", true},
		{"python -m supervisord_dependent_startup --log-level debug", true},
		{"/usr/bin/env python3.11 -u -m supervisord_dependent_startup -c /etc/supervisor/supervisord.conf", true},
		{"/opt/venv/bin/python3 /opt/lib/supervisord_dependent_startup.py", true},
		{"supervisord-dependent-startup", true},
		{"/usr/local/bin/supervisord-dependent-startup --log-file /tmp/log", true},
		{"bash -c 'sleep 1 && exec python3 -m supervisord_dependent_startup'", true},
		{"python3 -m supervisord_startup", false},
		{"/usr/local/bin/dependent-startup", false},
		{"cat /var/log/supervisord_dependent_startup.log", false},
		{"python3 -m supervisord_dependent_startup\nautostart=false", false},
		{"python3 -m supervisord_dependent_startup\nenabled=false", false},
	} {
		cfg, err := decode(switchOf(tt.command, "autostart=false\ndependent_startup=true\ndependent_startup_wait_for=a:running"), nil)
		if err != nil {
			t.Errorf("%s: %v", tt.command, err)
			continue
		}
		want := "a@5 c(a:reached running)@999"
		if !tt.is {
			want = "l@-1"
			if strings.Contains(tt.command, "=false") {
				want = ""
			}
		}
		if got := started(cfg); got != want {
			t.Errorf("%s: %q is started, want %q", tt.command, got, want)
		}
		noted := slices.ContainsFunc(cfg.Notes, func(n dialect.Note) bool { return strings.Contains(n.Text, "dependent_startup") })
		told := slices.Contains(cfg.Infos, "l is not started: the programs with dependent_startup are started in order without it")
		if noted == tt.is || told != tt.is {
			t.Errorf("%s: the keys are noted as unknown: %v; the listener is told: %v", tt.command, noted, told)
		}
	}
}

// What the keys say, as the listener takes them, and what is wrong with them.
func TestStartupKeys(t *testing.T) {
	const on = "autostart=false\ndependent_startup=true\n"
	for _, tt := range []struct {
		name, more   string
		want         string // of c
		note, strict string // "": nothing is wrong
	}{
		{"no key", "", "c@999", "", ""},
		{"alone", on, "c@999", "", ""},
		{"off", "autostart=false\ndependent_startup=no\ndependent_startup_wait_for=a:running", "", "", ""},
		{"wait without the first", "autostart=false\ndependent_startup_wait_for=a:running", "", "", ""},
		{"no state is RUNNING", on + "dependent_startup_wait_for=a", "c(a:reached running)@999", "", ""},
		{"each state", on + "dependent_startup_wait_for=a:starting,running,backoff b:STOPPING,Exited,fatal",
			"c(a:reached starting,running,backoff; b:reached stopping,exited,fatal)@999", "", ""},
		{"several lines", on + "dependent_startup_wait_for=a:running\n  b:exited", "c(a:reached running; b:reached exited)@999", "", ""},
		{"expanded", on + "dependent_startup_wait_for=%(ENV_OTHER)s:running", "c(a:reached running)@999", "", ""},
		{"beside depends_on", on + "dependent_startup_wait_for=a:running\ndepends_on=b", "c(b; a:reached running)@999", "", ""},
		{"inherited", on + "dependent_startup_wait_for=b:running a:running\ndependent_startup_inherit_priority=true", "c(b:reached running; a:reached running)@5", "", ""},
		{"its own is lower", on + "priority=3\ndependent_startup_wait_for=a:running\ndependent_startup_inherit_priority=true", "c(a:reached running)@3", "", ""},
		{"each process", on + "numprocs=2\nprocess_name=c%(process_num)d\ndependent_startup_wait_for=a:running", "c0(a:reached running)@999 c1(a:reached running)@999", "", ""},
		{"empty", on + "dependent_startup_wait_for=", "c@999", "", ""},
		{"started at once", "dependent_startup=true\ndependent_startup_wait_for=a:running", "c@999", "expected autostart = false beside it: c is started at once", "f:16:19: dependent_startup: "},
		{"autostart", "autostart=true\ndependent_startup=true", "c@999", "expected autostart = false beside it: c is started at once", "f:17:19: dependent_startup: "},
		{"no boolean", "autostart=false\ndependent_startup=maybe", "", `expected true or false, got "maybe"`, "f:17:19: dependent_startup: "},
		{"no program", on + "dependent_startup_wait_for=aa:running b", "c(b:reached running)@999", `expected names of programs, got "aa", for which there is no section: it is not waited for`, "f:18:28: dependent_startup_wait_for: "},
		{"no state", on + "dependent_startup_wait_for=a:runing,exited", "c(a:reached exited)@999", `expected starting, running, backoff, stopping, exited or fatal, got "runing"`, "f:18:28: dependent_startup_wait_for: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, listener := range []string{"python3 -m supervisord_dependent_startup", "python3 -m supervisord_dependent_startup --error-action exit"} {
				cfg, err := decode(switchOf(listener, tt.more), func(in *Input) { in.Environ = append(in.Environ, "OTHER=a") })
				if tt.strict != "" && strings.Contains(listener, "exit") {
					if want := "cannot parse " + tt.strict + tt.note; err == nil || err.Error() != want {
						t.Errorf("with --error-action exit: %v, want %s", err, want)
					}
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				if all := started(cfg); strings.TrimSpace(strings.Replace(all, "a@5", "", 1)) != tt.want {
					t.Errorf("%q is started, want a@5 and %q", all, tt.want)
				}
				noted := ""
				for _, n := range cfg.Notes {
					noted += n.Text
				}
				if tt.note == "" && noted != "" || !strings.Contains(noted, tt.note) {
					t.Errorf("noted is %q, want %q", noted, tt.note)
				}
			}
		})
	}
}

// What cannot be is refused at the key: a circle, and a wait for what is not to run.
func TestStartupMistakes(t *testing.T) {
	const on = "autostart=false\ndependent_startup=true\n"
	const listener = "python3 -m supervisord_dependent_startup"
	for _, tt := range []struct{ name, text, want string }{
		{"circle", switchOf(listener, on+"dependent_startup_wait_for=d") + "[program:d]\ncommand=d\n" + on + "dependent_startup_wait_for=c:exited\n",
			"cannot parse f:18:28: dependent_startup_wait_for: expected programs that do not wait for this one, got the circle c → d → c"},
		{"circle of both kinds", switchOf(listener, on+"dependent_startup_wait_for=d") + "[program:d]\ncommand=d\ndepends_on=c\n",
			"cannot parse f:18:28: dependent_startup_wait_for: expected programs that do not wait for this one, got the circle c → d → c"},
		{"left out", switchOf(listener, on+"dependent_startup_wait_for=d") + "[program:d]\ncommand=d\nenabled=false\n",
			`cannot parse f:18:28: dependent_startup_wait_for: expected programs that are to run, got "d", which is left out: enabled = false`},
		{"both left out", switchOf(listener, on+"enabled=false\ndependent_startup_wait_for=d") + "[program:d]\ncommand=d\nenabled=false\n", ""},
		{"none of the words of depends_on", switchOf("a", "depends_on=a:running"),
			`cannot parse f:16:12: depends_on: expected ready, started, healthy, completed or exited behind "a:", got "running"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := decode(tt.text, nil)
			if got := fmt.Sprint(err); got != tt.want && (err != nil || tt.want != "") {
				t.Errorf("%s\nwant %s", got, tt.want)
			}
		})
	}
}

// What is started by itself alone is what it waits for, and nothing else.
func TestStartupOnly(t *testing.T) {
	text := switchOf("python3 -m supervisord_dependent_startup", "autostart=false\ndependent_startup=true\ndependent_startup_wait_for=a:running") + "[slipway]\nonly=c\n"
	cfg, err := decode(text, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := started(cfg), "a@5 c(a:reached running)@999"; got != want {
		t.Errorf("%q is started, want %q", got, want)
	}
}
