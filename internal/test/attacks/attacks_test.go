package attacks

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"slipway/internal/test/testkit"
)

// alive waits until the program that is attacked runs.
func alive(t *testing.T, c *testkit.Container) {
	t.Helper()
	testkit.Eventually(t, testkit.Patience, "web is RUNNING", func() error {
		out, _ := c.Exec(t, "slipway", "status", "web")
		if !strings.Contains(out, "RUNNING") {
			return fmt.Errorf("%s", out)
		}
		return nil
	})
}

// repelled runs an attacker in a container as a user, and fails the test if it succeeds
// or cannot try. What it says is returned.
func repelled(t *testing.T, c *testkit.Container, user string, attack ...string) string {
	t.Helper()
	args := append([]string{"exec", "-u", user, c.ID, "attacker"}, attack...)
	out, err := exec.Command("docker", args...).CombinedOutput()
	said := strings.TrimSpace(string(out))
	status := -1
	if exit, ok := err.(*exec.ExitError); ok {
		status = exit.ExitCode()
	}
	switch {
	case err == nil:
		t.Errorf("%v SUCCEEDED: %s", attack, said)
	case status != 1:
		t.Errorf("%v could not be tried: %v: %s", attack, err, said)
	}
	return said
}

// TestControlOfStrangers: the control socket is closed to other users of the container.
func TestControlOfStrangers(t *testing.T) {
	build(t)
	c := victim(t, "")
	repelled(t, c, "1000", "control", "/run/slipway/control.sock")
	repelled(t, c, "65534", "control", "/run/slipway/control.sock")
	alive(t, c)
}
