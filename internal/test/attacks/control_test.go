package attacks

import (
	"errors"
	"strings"
	"testing"

	"slipway/internal/test/testkit"
)

// TestNeighbourInTheNetwork: where nothing can be written, the control socket is a name in the
// network namespace. A container that shares that and nothing else is refused; the container
// itself is not, and is told where the socket is.
func TestNeighbourInTheNetwork(t *testing.T) {
	build(t)
	c := victim(t, "", "--read-only")
	other := victim(t, "", "--network", "container:"+c.ID)
	repelled(t, other, "0", "neighbour")
	alive(t, c)
	if out, _ := c.Exec(t, "slipway", "status"); !strings.Contains(out, "a name without a file") {
		t.Errorf("status does not name the socket:\n%s", out)
	}
}

// TestFolderOfStrangers: a folder that somebody else has made in /tmp is not used; whoever
// owns it could put a socket of theirs into ours' place.
func TestFolderOfStrangers(t *testing.T) {
	build(t) // the image has eve's /tmp/slipway-0
	c := victim(t, "[slipway]\nruntime=/proc/nowhere\n")
	if out, status := c.Exec(t, "ls", "-A", "/tmp/slipway-0"); status != 0 || strings.TrimSpace(out) != "" {
		t.Errorf("the folder of a stranger has %q", out)
	}
	if out, _ := c.Exec(t, "slipway", "status"); !strings.Contains(out, "a name without a file") {
		t.Errorf("status does not name the socket:\n%s", out)
	}
}

// TestNoFallback: it can be forbidden.
func TestNoFallback(t *testing.T) {
	build(t)
	c := testkit.Run(t, testkit.RunOptions{Image: image,
		Flags: []string{"--read-only", "-e", "SLIPWAY_CONTROL_FALLBACK=false"}, Args: []string{"run", "--", "sleep", "100000"}})
	testkit.Eventually(t, testkit.Patience, "it says that there is no control socket", func() error {
		if log := c.Logs(t); !strings.Contains(log, "nowhere to listen") {
			return errors.New(log)
		}
		return nil
	})
	if out, status := c.Exec(t, "slipway", "status"); status == 0 {
		t.Errorf("there is a control socket:\n%s", out)
	}
	if out := c.MustExec(t, "cat", "/proc/net/unix"); strings.Contains(out, "@slipway-0-") {
		t.Errorf("there is an abstract socket:\n%s", out)
	}
}
