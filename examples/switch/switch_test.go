// Package switch_test runs a container of daemons that depend on one another, as it was
// written for supervisord, and in slipway's words.
package switch_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"slipway/internal/test/testkit"
)

const image = "slipway-example/switch"

// build makes an image with a shell, slipway under all of its names, and both configurations.
func build(t *testing.T) {
	t.Helper()
	testkit.Need(t, testkit.Docker)
	bins := testkit.Binaries(t)
	files := testkit.Context{
		"root/bin/busybox":                     {From: testkit.Busybox(t), Mode: 0o755},
		"root/usr/local/bin/slipway":           {From: bins.Slipway},
		"root/usr/local/bin/slipway-init":      {From: bins.Init},
		"root/etc/supervisor/supervisord.conf": {From: "supervisor/supervisord.conf"},
		"root/etc/slipway/switch.conf":         {From: "slipway/switch.conf"},
		"root/etc/slipway/templates/.keep":     {},
		"Dockerfile": {Text: "FROM scratch\nCOPY root/ /\n" +
			`RUN ["/bin/busybox", "sh", "-c", "/bin/busybox --install -s /bin && mkdir -p /run /tmp && cd /usr/local/bin && ln -s slipway supervisord && ln -s slipway supervisorctl"]` +
			"\nENV PATH=/usr/local/bin:/bin\n"},
	}
	for path, f := range testkit.Tree(t, "bin") {
		f.Mode = 0o755
		files["root/usr/local/bin/"+path] = f
	}
	testkit.Build(t, image, files)
}

var spawned = regexp.MustCompile(`spawned: '(\w+)' with pid`)

// started are the programs in the order in which they were started. What they print goes
// through pipes of their own, and says nothing about that.
func started(log string) []string {
	var names []string
	for _, m := range spawned.FindAllStringSubmatch(log, -1) {
		names = append(names, m[1])
	}
	return names
}

func TestSwitch(t *testing.T) {
	build(t)
	for _, tt := range []struct {
		name   string
		args   []string
		signal []string // ends routed by a signal that it cannot catch
		status int
	}{
		{"with listeners", []string{"supervisord", "-c", "/etc/supervisor/supervisord.conf"}, []string{"supervisorctl", "signal", "KILL", "routed"}, 0},
		{"in slipway's words", []string{"slipway", "run", "-c", "/etc/slipway/switch.conf"}, []string{"slipway", "signal", "KILL", "routed"}, 137},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := testkit.Run(t, testkit.RunOptions{Image: image, Args: tt.args})
			testkit.Eventually(t, testkit.Patience, "the start of all daemons", func() error {
				if got, want := started(c.Logs(t)), []string{"logd", "start", "portd", "routed"}; !slices.Equal(got, want) {
					return fmt.Errorf("started are %q", got)
				}
				for _, name := range []string{"logd", "portd", "routed"} {
					if !strings.Contains(c.Logs(t), "begin "+name+"\n") {
						return fmt.Errorf("%s has not spoken", name)
					}
				}
				return nil
			})
			c.MustExec(t, tt.signal...)
			if status := c.ExitStatus(t, testkit.Patience); status != tt.status {
				t.Errorf("status %d, want %d", status, tt.status)
			}
			logs := c.Logs(t)
			for _, want := range []string{"end logd\n", "end portd\n"} {
				if !strings.Contains(logs, want) {
					t.Errorf("the log has no %q: it was not told to end", want)
				}
			}
		})
	}
}

// The page shows what the example has.
func TestPageOfSwitch(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("slipway", "switch.conf"))
	if err != nil {
		t.Fatal(err)
	}
	if block := testkit.OneBlock(t, "examples/switch/README.md", t.Name()); !strings.Contains(string(text), block) {
		t.Errorf("switch.conf has no such lines:\n%s", block)
	}
}
