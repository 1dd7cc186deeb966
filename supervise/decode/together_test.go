package decode

import (
	"errors"
	"strings"
	"testing"

	"slipway/supervise/config"
	"slipway/supervise/dialect"
)

// What a group says of the end of the container holds for its programs that do not say.
func TestGroupSaysOnExitAndOnFatal(t *testing.T) {
	cfg, err := decode("[supervisord]\n[group:g]\nprograms=a,b\non_exit=shutdown\non_fatal=ignore\n[program:a]\ncommand=a\n[program:b]\ncommand=a\non_exit=none\non_fatal=shutdown\n[program:c]\ncommand=a\n", nil)
	if err != nil {
		t.Fatal(err)
	}
	for g, p := range cfg.Processes() {
		exit, fatal := config.OnExitNone, config.OnFatalShutdown
		if p.Name == "a" {
			exit, fatal = config.OnExitShutdown, config.OnFatalIgnore
		}
		if p.Name == "c" {
			fatal = cfg.Slipway.OnFatal
		}
		if p.OnExit != exit || p.OnFatal != fatal {
			t.Errorf("%s of %s: on_exit=%v on_fatal=%v, want %v and %v", p.Name, g.Name, p.OnExit, p.OnFatal, exit, fatal)
		}
	}
}

// What is wrong with an option says where, what was expected and what to do.
func TestMistakesAroundAProgram(t *testing.T) {
	for _, tt := range []struct{ line, want, hint string }{
		{"stop_with = dba", `cannot parse f:3:13: stop_with: expected names of programs or groups, got "dba", which there is not`, ""},
		{"stop_with = a", `cannot parse f:3:13: stop_with: expected other programs, got "a", which is this one`, ""},
		{"restart_with = main, a", `cannot parse f:3:16: restart_with: expected other programs, got "a", which is this one`, ""},
		{"pass_environment = PATH, A*B", `cannot parse f:3:20: pass_environment: expected names of variables, or their beginning and a *, got "A*B"`, ""},
		{"unset_environment = A=1", `cannot parse f:3:21: unset_environment: expected names of variables, or their beginning and a *, got "A=1"`, ""},
		{"pass_environment = *, A_*\nunset_environment = LC_*", "", ""},
		{"health_retries = 0", `cannot parse f:3:18: health_retries: expected at least 1, got 0`, ""},
		{"health_successes = 0", `cannot parse f:3:20: health_successes: expected at least 1, got 0`, ""},
		{"schedule = @daily\nrun = once", `cannot parse f:3:12: schedule: expected a program that runs again, got run = once`, "take one of the two out"},
		{"pre_start = a 'b", `cannot parse f:3:13: pre_start: expected a command and its arguments, got "a 'b": No closing quotation`, ""},
		{"post_stop =", `cannot parse f:3:12: post_stop: expected a command and its arguments, got "": it is empty`, ""},
		{"hook_timeout = 0s", `cannot parse f:3:16: hook_timeout: expected a duration of more than 0, got "0s"`, ""},
		{"hook_timeout = soon", `cannot parse f:3:16: hook_timeout: expected a duration such as 500ms, 30s or 2m, got "soon"`, ""},
		{"supplementary_groups = 4", `cannot parse f:3:24: supplementary_groups: expected a user option beside it`, "write user = NAME, or user = root"},
		{"user = 0\nsupplementary_groups = 4, nobodies", `cannot parse f:4:24: supplementary_groups: expected names or numbers of groups, separated by commas, got "nobodies"`,
			"add the group in the image, for instance: RUN groupadd --system nobodies"},
		{"user = 0\nsupplementary_groups = 4, 12345\npre_stop = sleep %(process_num)s\nstop_with = main", "", ""},
	} {
		t.Run(tt.line, func(t *testing.T) {
			_, err := decode("[program:a]\ncommand=a\n"+tt.line+"\n", func(in *Input) { in.AsSupervisord = false })
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

// What is set and has no effect, for want of what it is about, is noted as an unknown key is: a
// file may have it for reasons of its own.
func TestIdleOptions(t *testing.T) {
	for text, want := range map[string]string{
		"timeout=5m\nrun=once":                         "[program:x]: timeout has no effect without type = oneshot; [program:x]: run has no effect without type = oneshot",
		"type=oneshot\ntimeout=5m\nrun=once":           "",
		"jitter=5s\noverlap=kill":                      "[program:x]: jitter has no effect without schedule; [program:x]: overlap has no effect without schedule",
		"schedule=@daily\njitter=5s\ntimeout=1m":       "",
		"health_retries=2":                             "[program:x]: health_retries has no effect without health",
		"health=tcp://a:1\nhealth_retries=2":           "",
		"hook_timeout=5s":                              "[program:x]: hook_timeout has no effect without pre_start, post_start, pre_stop or post_stop",
		"hook_timeout=5s\npost_stop=a\nautostart=true": "",
	} {
		cfg, err := decode(x+text, nil)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		var notes []string
		for _, n := range cfg.Notes {
			notes = append(notes, n.Text)
		}
		if got := strings.Join(notes, "; "); got != want {
			t.Errorf("%q: noted is %q, want %q", text, got, want)
		}
	}
}
