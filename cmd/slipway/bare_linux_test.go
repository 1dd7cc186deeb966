package main

import (
	"strings"
	"syscall"
	"testing"

	"slipway/internal/test/testkit"
)

// without has the container run where a folder of the machine is empty.
func (c *container) without(folder string) {
	c.t.Helper()
	testkit.Need(c.t, testkit.Root)
	script := "mount --make-rprivate / && mount -t tmpfs none " + folder + ` && exec "$@"`
	c.cmd.Args = append([]string{"/bin/sh", "-c", script, "sh", c.cmd.Path}, c.cmd.Args[1:]...)
	c.cmd.Path = "/bin/sh"
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
}

// What a container usually has may be missing: it works, and says what is missing.
func TestBareContainer(t *testing.T) {
	for _, tt := range []struct {
		name    string
		without string
		script  string // of the program
		options string // of it
		says    []string
	}{
		{"no /proc", "/proc", "echo works", "", []string{"works\n", "/proc is not mounted; what programs leave behind outside of their process groups is not found"}},
		{"no /dev/null", "/dev", "test -e /dev/null || echo works", "stderr_logfile = /dev/null\nready = exec:true\n",
			[]string{"works\n", "there is no /dev/null"}},
		{"no account files", "/etc", "echo $HOME $USER; id", "user = 12345:678\nhome = true\n", []string{"/ 12345\n", "uid=12345 gid=678 groups=678\n"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newContainer(t, "[program:app]\ncommand = /bin/sh -c \""+tt.script+"; exit 3\"\nstartsecs = 0\non_exit = shutdown\n"+tt.options)
			c.prepare("slipway", "run", "-c", "app.conf")
			c.without(tt.without)
			c.launch()
			status, out := c.wait()
			if status != 3 {
				t.Errorf("exit status %d, want 3", status)
			}
			for _, want := range tt.says {
				if !strings.Contains(out, want) {
					t.Errorf("the output does not say %q", want)
				}
			}
			if t.Failed() {
				t.Logf("%s", out)
			}
		})
	}
}
