package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// onTerminal runs slipway on a terminal of so many columns and returns what it prints.
func (c *container) onTerminal(columns uint16, args ...string) string {
	c.t.Helper()
	cmd := exec.Command(c.bins.Slipway, args...)
	cmd.Dir = c.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "SLIPWAY_CONTROL=" + c.dir + "/run/control.sock", "NO_COLOR=1",
		"A_VARIABLE_WITH_A_LONG_NAME=" + strings.Repeat("a long value ", 20), "ELASTICSEARCH_PORT_9200_TCP=tcp://elasticsearch.example.org:9200"}
	return onPTY(c.t, columns, cmd, "")
}

// onPTY runs a command on a terminal of so many columns, types a text, and returns what there
// is to read when it has ended.
func onPTY(t *testing.T, columns uint16, cmd *exec.Cmd, typed string) string {
	t.Helper()
	ours, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("needs a pseudo terminal: %v", err)
	}
	defer ours.Close()
	fd := int(ours.Fd())
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: columns})
	}
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = theirs, theirs
	if typed != "" {
		cmd.Stdin, cmd.SysProcAttr = theirs, &syscall.SysProcAttr{Setsid: true, Setctty: true}
	}
	err = cmd.Start()
	theirs.Close()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(ours, typed); err != nil {
		t.Error(err)
	}
	text, _ := io.ReadAll(ours) // ends with an error when nobody has the terminal any more
	_ = cmd.Wait()              // a status says what is printed anyway
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

// Tables, help and what a start would do fit into the terminal, with whatever is in them.
func TestNothingIsWiderThanTheTerminal(t *testing.T) {
	long := strings.Repeat("and-on-", 20)
	c := newContainer(t, `
[template:/`+long+`/app.conf]
source = DIR/app.tmpl
check = test -s {file} && echo `+strings.Repeat("checked by a long command ", 8)+`
parents = true
[env:A_VARIABLE_WITH_A_LONG_NAME]
description = `+strings.Repeat("what it is good for takes many words ", 5)+`
[link:elasticsearch]
port = 9200
[program:a-program-with-a-name-that-is-`+long+`]
command = sh -c "echo `+strings.Repeat("many words ", 30)+` && exec sleep 600"
depends_on = never-ready
[program:never-ready]
command = sleep 600
ready = file:DIR/never
[program:out]
command = sleep 600
profiles = `+long+`
`)
	c.write("app.tmpl", "{{ .Env.A_VARIABLE_WITH_A_LONG_NAME }}\n")
	c.prepare("slipway", "run", "-c", "app.conf", "--root", c.dir+"/out")
	c.cmd.Env = append(c.cmd.Env, "A_VARIABLE_WITH_A_LONG_NAME="+strings.Repeat("long ", 40))
	c.launch()
	c.until("never-ready", "status")
	image := []string{"-c", "app.conf", "--root", c.dir + "/out"}
	for _, tt := range []struct {
		args []string
		has  string
	}{
		{[]string{"status"}, "NAME"},
		{[]string{"reread"}, ""},
		{append([]string{"run", "--explain"}, image...), "starts"},
		{append([]string{"layers"}, image[:2]...), "left out"},
		{append([]string{"env"}, image[:2]...), "A_"},
		{append([]string{"links"}, image[:2]...), "PEER"},
		{append([]string{"inspect"}, image[:2]...), "A_"},
		{[]string{"templates"}, "default-tomcat"},
		{[]string{"help"}, "healthcheck"},
		{[]string{"help", "exit-status"}, "126"},
		{[]string{"help", "errors"}, "no-such-name"},
		{[]string{"help", "65"}, "variable-not-set"},
		{[]string{"run", "--help"}, "--explain"},
	} {
		for _, columns := range []uint16{200, 80, 60, 40} {
			t.Run(fmt.Sprint(strings.Join(tt.args[:min(2, len(tt.args))], " "), " ", columns), func(t *testing.T) {
				out := c.onTerminal(columns, tt.args...)
				if !strings.Contains(out, tt.has) {
					t.Errorf("it prints no %q", tt.has)
				}
				for line := range strings.Lines(out) {
					if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > int(columns) {
						t.Errorf("a line of %d columns on a terminal of %d: %q", n, columns, line)
					}
				}
				if t.Failed() {
					t.Log("\n" + out)
				}
			})
		}
	}
	c.ask("shutdown")
	c.wait()
}
