package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"slipway/internal/test/testkit"
)

// A person types into bash and presses TAB. It is what the completed commands print that
// counts, in a bash with the package bash-completion and in one without.
func TestBashCompletes(t *testing.T) {
	testkit.Need(t, testkit.Linux, "bash")
	c := newContainer(t, "[group:site]\nprograms = app, proxy\n[program:app]\ncommand = sleep 600\n[program:proxy]\ncommand = sleep 600\n")
	c.start("slipway", "run", "-c", "app.conf")
	c.healthy()
	const library = "/usr/share/bash-completion/bash_completion"
	for _, tt := range []struct{ name, first string }{
		{"alone", ""},
		{"with bash-completion", ". " + library + "\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := os.Stat(library); tt.first != "" && err != nil {
				t.Skipf("the package is not there: %v", err)
			}
			cmd := exec.Command("bash", "--norc", "--noprofile", "-i")
			cmd.Dir = c.dir
			cmd.Env = []string{"PATH=" + c.bins.Dir + ":" + os.Getenv("PATH"), "HOME=" + c.dir, "TERM=dumb", "PS1=$ ", "SLIPWAY_CONTROL=" + c.dir + "/run/control.sock"}
			out := onPTY(t, 200, cmd, tt.first+"source <(slipway completion bash)\n"+strings.Join([]string{
				"slipway hel\texit-s\t",
				"slipway help no-such\t",
				"slipway templates log4j.\t",
				"slipway restart site:a\t",
				"slipway sig\tWINC\tsite:pr\t",
				"slipway status --output j\tsite:app",
				"exit",
			}, "\n")+"\n")
			for _, want := range []string{
				"WHAT TO DO", "no-such-name (status 1", "log4j.rootLogger", "site:app: restarted", "site:proxy: signalled", `"name": "app"`,
			} {
				if !strings.Contains(out, want) {
					t.Errorf("there is no %q", want)
				}
			}
			if strings.Contains(out, "command not found") || t.Failed() {
				t.Errorf("bash shows\n%s", out)
			}
		})
	}
	c.ask("shutdown")
	c.wait()
}
