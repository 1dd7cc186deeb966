//go:build linux

package main

import (
	"errors"
	"strings"
	"testing"

	"slipway/internal/test/testkit"
)

// A change that is refused says what has become of the program with it, in the log and in
// the status, not only that it is not up.
func TestARefusalSaysWhy(t *testing.T) {
	for _, r := range []struct{ name, program, why string }{
		{"unhealthy, and left alone", `
command = /bin/sh -c "trap : HUP; while :; do sleep 0.02; done"
startsecs = 0
reload = signal HUP
health = exec:! grep bad DIR/out.conf
health_interval = 50ms
health_retries = 2
health_action = none`, "health checks have failed in a row, the last: "},
		{"unhealthy, and restarted", `
command = /bin/sh -c "trap : HUP; while :; do sleep 0.02; done"
startsecs = 0
health = exec:! grep bad DIR/out.conf
health_interval = 50ms
health_retries = 2
health_action = restart`, "2 health checks have failed in a row, the last: "},
		{"never ready", `
command = /bin/sh -c "while :; do sleep 0.02; done"
startsecs = 0
ready = exec:! grep bad DIR/out.conf
ready_interval = 50ms
ready_timeout = 1s`, "not ready"},
		{"ended with a status", `
command = /bin/sh -c "grep -q good DIR/out.conf || exit 3; exec sleep 1000"`, "it has ended with status 3"},
		{"ended by a signal", `
command = /bin/sh -c "grep -q good DIR/out.conf || kill -USR2 $$; exec sleep 1000"`, "it was ended by signal 12 (SIGUSR2)"},
	} {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			c := newContainer(t, "[supervisord]\nlogfile = DIR/activity.log\n[template:DIR/out.conf]\nsource = DIR/out.tmpl\nnotify = web\n[program:web]"+r.program+"\n")
			c.write("out.tmpl", "{{ .Env.COLOUR }}\n")
			c.write("env.d/a.env", "COLOUR=good\n")
			c.start("slipway", "run", "-c", "app.conf")
			c.healthy()
			c.write("env.d/a.env", "COLOUR=bad\n")
			testkit.Eventually(t, testkit.Patience, "the log has the reason", func() error {
				_, line, _ := strings.Cut(c.read("activity.log"), "watch: change refused")
				if line, _, _ = strings.Cut(line, "\n"); !strings.Contains(line, r.why) {
					return errors.New(c.read("activity.log"))
				}
				return nil
			})
			testkit.Eventually(t, testkit.Patience, "the status has the reason", func() error {
				if _, out := c.ask("status"); !strings.Contains(out, r.why) || !strings.Contains(out, "change refused at ") {
					return errors.New(out)
				}
				return nil
			})
		})
	}
}
