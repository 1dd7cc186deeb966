package decode

import (
	"errors"
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
		{"stop_with = a, dba", `cannot parse f:3:16: stop_with: expected names of programs or groups, got "dba", which there is not`, ""},
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
