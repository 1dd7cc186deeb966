package containers

import (
	"fmt"
	"strings"
	"testing"

	"slipway/internal/test/testkit"
)

// TestRuntimeFolderOfRoot: what root has kept in the runtime folder before is nothing that
// stops another user's start. That user has a folder of its own.
func TestRuntimeFolderOfRoot(t *testing.T) {
	build(t)
	const conf = "/etc/slipway/conf.d/test.conf"
	ini := program("web", server) + "[template:/tmp/motd]\nsource=/motd.tmpl\n"
	name := strings.ToLower(strings.ReplaceAll(t.Name(), "/", "-")) + fmt.Sprint(testkit.Seed(t))
	testkit.MustDocker(t, "volume", "create", name)
	t.Cleanup(func() { testkit.MustDocker(t, "volume", "rm", "-f", name) })
	motd := t.TempDir() + "/motd.tmpl"
	write(t, motd, "hello\n")
	first := testkit.Run(t, testkit.RunOptions{Image: image, Flags: configured(t, ini, "-v", name+":/run/slipway", "-v", motd+":/motd.tmpl:ro")})
	says(t, first, "up as 0")
	first.Kill(t, "KILL") // as a node that loses power: everything is left behind
	for _, row := range []struct {
		name, ini string
		args      []string
	}{
		{"run", ini, nil},
		{"run with nothing to render", program("web", server), nil},
		{"supervisord with nothing to render", "[supervisord]\nnodaemon=true\nlogfile=/dev/null\nlogfile_maxbytes=0\npidfile=/tmp/pid\n" + program("web", server), []string{"-c", "ln -s /usr/local/bin/slipway /tmp/supervisord && exec /tmp/supervisord -c " + conf}},
	} {
		t.Run(row.name, func(t *testing.T) {
			entry := "slipway"
			if row.args != nil {
				entry = "/bin/sh"
			}
			c := testkit.Run(t, testkit.RunOptions{Image: image, Args: row.args,
				Flags: configured(t, row.ini, "--entrypoint", entry, "-v", name+":/run/slipway", "-v", motd+":/motd.tmpl:ro", "--user", "1000:1000")})
			says(t, c, "up as 1000")
			if row.args == nil { // Supervisor has no other place
				if out, status := c.Exec(t, "slipway", "status"); status != 0 && status != 1 || !strings.Contains(out, "web") {
					t.Errorf("slipway status = %d: %s", status, out)
				}
			}
		})
	}
}
