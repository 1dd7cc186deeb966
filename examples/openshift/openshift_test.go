// Package openshift_test builds the image of this example and runs it as OpenShift would.
package openshift_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"slipway/internal/test/testkit"
)

const image = "slipway-example/openshift"

func TestOpenShift(t *testing.T) {
	testkit.Need(t, testkit.Docker, testkit.Root)
	testkit.BuildExample(t, image, ".")
	anyUser := []string{"--user", "1000710000:0", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "-e", "GREETING=good morning"}
	for _, tt := range []struct {
		name  string
		flags []string
	}{
		{"a random user", nil},
		{"a read-only root", []string{"--read-only", "--tmpfs", "/work", "--tmpfs", "/run/slipway"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := testkit.Run(t, testkit.RunOptions{Image: image, Flags: append(tt.flags, anyUser...)})
			testkit.Eventually(t, testkit.Patience, "the container is ready", func() error {
				if out, status := c.Exec(t, "slipway", "healthcheck"); status != 0 {
					return fmt.Errorf("status %d: %s", status, out)
				}
				return nil
			})
			if got := c.MustExec(t, "stat", "-c", "%u:%g", "/work/nginx.conf", "/run/slipway/control.sock"); got != strings.Repeat("1000710000:0\n", 2) {
				t.Errorf("the files belong to %q", got)
			}
			if out, status := c.Exec(t, "id", "-un"); status == 0 {
				t.Errorf("the user has an account: %s", out)
			}
			if got := c.MustExec(t, "grep", "-c", "return 200 .good morning", "/work/nginx.conf"); got != "1\n" {
				t.Errorf("the file has %s lines of it", got)
			}
			out := c.MustExec(t, "slipway", "status")
			if !strings.Contains(out, "RUNNING") || !strings.Contains(out, "holder") {
				t.Errorf("status says\n%s", out)
			}
			c.Stop(t, testkit.Patience)
			if status := c.ExitStatus(t, testkit.Patience); status != 0 {
				t.Errorf("status %d after docker stop, want 0", status)
			}
		})
	}

	t.Run("a target that cannot be written", func(t *testing.T) {
		c := testkit.Run(t, testkit.RunOptions{Image: image, Flags: append([]string{"--read-only"}, anyUser...)})
		if status := c.ExitStatus(t, testkit.Patience); status != 73 {
			t.Errorf("status %d, want 73", status)
		}
		if logs := c.Logs(t); !strings.Contains(logs, "/work/nginx.conf") || strings.Contains(logs, "spawned") {
			t.Errorf("the log does not name the file, or something was started:\n%s", logs)
		}
	})
}

// The page shows what the example has.
func TestPageOfOpenShift(t *testing.T) {
	for _, b := range testkit.Blocks(t, "docs/how-to/any-user.md", t.Name()) {
		file := map[string]string{"dockerfile": "Dockerfile", "ini": "etc/slipway/conf.d/web.conf"}[b.Lang]
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), b.Text) {
			t.Errorf("%s has no such lines:\n%s", file, b.Text)
		}
	}
}
