package decode

import (
	"strings"
	"testing"
)

// stack is an image of several layers: what each program depends on.
const stack = `[supervisord]
[program:db]
command=a
[program:webapp]
command=a
depends_on=db:started migrate
[program:migrate]
command=a
type=oneshot
depends_on=g:tool
[group:g]
programs=tool,other
[program:tool]
command=a
[program:other]
command=a
[program:sshd]
command=a
[program:debugger]
command=a
profiles=debug, trace
[eventlistener:mailer]
command=a
events=EVENT
`

// What runs of a stack of layers, when this start of it, or a layer above, does without some.
func TestLeavingOut(t *testing.T) {
	const all = "mailer db g:tool g:other migrate sshd webapp"
	for _, tt := range []struct {
		name, more, environ string
		runs                string
		out                 string // what is left out, and why
		problem, note       string
	}{
		{name: "a profile that nobody asks for", runs: all, out: "debugger: SLIPWAY_PROFILES has not debug or trace"},
		{name: "a profile", environ: "SLIPWAY_PROFILES=trace,other", runs: "mailer db debugger g:tool g:other migrate sshd webapp"},
		{name: "disabled by a layer", more: "[program:sshd]\nenabled=false\n", runs: strings.Replace(all, "sshd ", "", 1), out: "debugger: SLIPWAY_PROFILES has not debug or trace; sshd: enabled = false"},
		{name: "disabled at the start", environ: "SLIPWAY_DISABLE=sshd, mailer debugger", runs: "db g:tool g:other migrate webapp",
			out: "debugger: SLIPWAY_PROFILES has not debug or trace; mailer: SLIPWAY_DISABLE; sshd: SLIPWAY_DISABLE"},
		{name: "one of a group", environ: "SLIPWAY_DISABLE=other", runs: strings.Replace(all, "g:other ", "", 1), out: "debugger: SLIPWAY_PROFILES has not debug or trace; other: SLIPWAY_DISABLE"},
		{name: "all of a group, each for its own reason", environ: "SLIPWAY_DISABLE=other", more: "[program:migrate]\ndepends_on=db\n[program:tool]\nenabled=false\n",
			runs: "mailer db migrate sshd webapp",
			out:  "debugger: SLIPWAY_PROFILES has not debug or trace; g: tool: enabled = false, other: SLIPWAY_DISABLE; other: SLIPWAY_DISABLE; tool: enabled = false"},
		{name: "only one, with what it depends on", environ: "SLIPWAY_ONLY=webapp", runs: "db g:tool migrate webapp"},
		{name: "only a group", environ: "SLIPWAY_ONLY=g", runs: "g:tool g:other"},
		{name: "nothing by that name is there to be disabled", environ: "SLIPWAY_DISABLE=sshdd", runs: all,
			note: `[slipway]: disable: there is no program or group "sshdd" did you mean "sshd"?`},
		{name: "nothing by that name is there to run", environ: "SLIPWAY_ONLY=wepapp",
			problem: `cannot parse environment variable SLIPWAY_ONLY: only: expected names of programs or groups, got "wepapp", which there is not`},
		{name: "what others depend on", environ: "SLIPWAY_DISABLE=db",
			problem: `cannot parse f:6:12: depends_on: expected programs that are to run, got "db:started", which is left out: SLIPWAY_DISABLE`},
		{name: "what others depend on, by a layer", more: "[program:tool]\nenabled=no\n",
			problem: `cannot parse f:10:12: depends_on: expected programs that are to run, got "g:tool", which is left out: enabled = false`},
		{name: "with its dependant", environ: "SLIPWAY_DISABLE=db webapp", runs: "mailer g:tool g:other migrate sshd"},
		{name: "no word of a bool", more: "[program:sshd]\nenabled=never\n", problem: `cannot parse f:26:9: enabled: expected true or false, got "never"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg, err := decode(stack+tt.more, func(in *Input) {
				if tt.environ != "" {
					in.Environ = append(in.Environ, tt.environ)
				}
			})
			if err != nil || tt.problem != "" {
				if err == nil || err.Error() != tt.problem {
					t.Errorf("%v, want %s", err, tt.problem)
				}
				return
			}
			var runs, out, notes []string
			for g, p := range cfg.Processes() {
				if name := g.Name; name != p.Name {
					runs = append(runs, name+":"+p.Name)
				} else {
					runs = append(runs, name)
				}
			}
			for _, o := range cfg.LeftOut {
				out = append(out, o.Name+": "+o.Why)
			}
			for _, n := range cfg.Notes {
				notes = append(notes, strings.TrimSpace(n.Text+" "+n.Hint))
			}
			if got := strings.Join(runs, " "); got != tt.runs {
				t.Errorf("runs %s, want %s", got, tt.runs)
			}
			if got := strings.Join(out, "; "); tt.out != "" && got != tt.out {
				t.Errorf("left out %s\nwant %s", got, tt.out)
			}
			if got := strings.Join(notes, "\n"); got != tt.note {
				t.Errorf("notes %q, want %q", got, tt.note)
			}
		})
	}
}
