package main

import (
	"fmt"
	"strings"
	"testing"

	"slipway/internal/test/testkit"
)

// Programs with a user of their own open their first three descriptors by name, as php-fpm
// and nginx do: several of them, and one that is alone.
func TestProgramsOpenTheirDescriptorsByName(t *testing.T) {
	testkit.Need(t, testkit.Root, testkit.Accounts)
	const program = `
[program:NAME]
command = /bin/sh -c "echo NAME out > /dev/stdout && echo NAME err > /proc/self/fd/2 && : < /dev/stdin && echo NAME done"
user = nobody
startsecs = 0
autorestart = false
`
	for _, names := range [][]string{{"alone"}, {"one", "two"}} {
		t.Run(fmt.Sprint(len(names), " programs"), func(t *testing.T) {
			conf := ""
			for _, n := range names {
				conf += strings.ReplaceAll(program, "NAME", n)
			}
			c := newContainer(t, conf)
			c.start("slipway", "run", "-c", "app.conf")
			status, out := c.wait()
			for _, n := range names {
				for _, what := range []string{"out", "err", "done"} {
					if want := n + " " + what + "\n"; status != 0 || !strings.Contains(out, want) {
						t.Errorf("status %d, the output lacks %q:\n%s", status, want, out)
					}
				}
			}
		})
	}
}
