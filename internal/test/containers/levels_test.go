package containers

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"slipway/internal/test/testkit"
)

// TestSeccompProfiles: a profile that refuses what holders need costs their level, which
// status names with the reason, and nothing else: the program runs, is told to stop, and its
// strays end with it.
func TestSeccompProfiles(t *testing.T) {
	build(t)
	type rule map[string]any
	refuse := func(names ...string) rule { return rule{"names": names, "action": "SCMP_ACT_ERRNO"} }
	subreaper := refuse("prctl")
	subreaper["args"] = []rule{{"index": 0, "value": 36, "op": "SCMP_CMP_EQ"}}
	killed := rule{"names": []string{"signalfd4"}, "action": "SCMP_ACT_KILL_PROCESS"}
	for _, tt := range []struct {
		name       string
		rule       rule
		level, why string
	}{
		{"a holder's calls", refuse("signalfd4", "ppoll", "sendto", "recvfrom"), "marks", "signalfd4(2) is refused: EPERM (by a seccomp profile?)"},
		{"to adopt orphans", subreaper, "marks", "the kernel refuses PR_SET_CHILD_SUBREAPER"},
		{"on pain of death", killed, "marks", "a seccomp profile kills it"},
		{"what is not needed", refuse("clone3", "close_range", "pidfd_open", "pidfd_send_signal", "waitid"), "holder", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text, err := json.Marshal(rule{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": []rule{tt.rule}})
			if err != nil {
				t.Fatal(err)
			}
			profile := t.TempDir() + "/seccomp.json"
			write(t, profile, string(text))
			web := `/bin/sh -c 'trap "echo bye; exit 0" TERM; setsid sleep 4321 & echo up as $(id -u); while :; do sleep 0.1; done'`
			c := testkit.Run(t, testkit.RunOptions{Image: image, Flags: configured(t, program("web", web), "--security-opt", "seccomp="+profile)})
			says(t, c, "up as 0")
			testkit.Eventually(t, testkit.Patience, "status says the level", func() error {
				out, _ := c.Exec(t, "slipway", "status", "--output", "json")
				var list []struct {
					State, Level string
					Why          string `json:"level_reason"`
				}
				if err := json.Unmarshal([]byte(out), &list); err != nil || len(list) != 1 {
					return fmt.Errorf("%v: %s", err, out)
				}
				if p := list[0]; p.State != "RUNNING" || p.Level != tt.level || p.Why != tt.why {
					return fmt.Errorf("%s, level %s (%s), want %s (%s)", p.State, p.Level, p.Why, tt.level, tt.why)
				}
				return nil
			})
			if top := strings.Join(c.Top(t), "\n"); !strings.Contains(top, "sleep 4321") {
				t.Errorf("the stray does not run:\n%s", top)
			}
			if out, status := c.Exec(t, "slipway", "stop", "web"); status != 0 {
				t.Errorf("stop ended with %d: %s", status, out)
			}
			testkit.Eventually(t, testkit.Patience, "nothing is left of it", func() error {
				if top := strings.Join(c.Top(t), "\n"); strings.Contains(top, "sleep 4321") {
					return fmt.Errorf("the stray lives:\n%s", top)
				}
				return nil
			})
			if log := c.Logs(t); strings.Count(log, "spawned: ") != 1 || !strings.Contains(log, "bye") {
				t.Errorf("want one start, and an end by TERM:\n%s", log)
			}
			c.Stop(t, time.Minute)
			if status := c.ExitStatus(t, testkit.Patience); status != 0 {
				t.Errorf("exit status after docker stop = %d, want 0", status)
			}
		})
	}
}
