package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"slipway/internal/test/testkit"
)

// What is entered is what the program has: its environment, byte for byte, its user
// and groups, its folder, umask and limits, as the kernel tells them.
func TestEnterIsAsTheProgramIs(t *testing.T) {
	c := newContainer(t, `clean_links = true
[supervisord]
minfds = 1500
environment = SHARED="of all",WORD="less"
[env:CANARY]
secret = true
[env:TOKEN]
secret = true
default = hunter3
[program:web]
command = /bin/sleep 1000
startsecs = 0
directory = DIR/home
umask = 027
environment = WORD="more",QUOTED="a b'c",PATH="/usr/bin:/bin"
secrets = CANARY
`+asNobody()+`
[program:plain]
command = /bin/sleep 1000
startsecs = 0
`)
	for _, dir := range []string{c.dir, filepath.Dir(c.dir)} { // for nobody to pass
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	c.write("home/file", "found\n")
	c.start("slipway", "run", "-c", "app.conf")
	c.healthy()
	for _, name := range []string{"web", "plain"} {
		t.Run(name, func(t *testing.T) {
			pid := pidOf(t, c, name)
			status, got := c.ask("enter", name, "--", "cat", "/proc/self/environ")
			if want := procFile(t, pid, "environ"); status != 0 || !slices.Equal(sorted(got), sorted(want)) {
				t.Errorf("environment = %d, %q, want %q", status, sorted(got), sorted(want))
			}
			if has := strings.Contains(got, "hunter3"); has != (name == "plain") {
				t.Errorf("a secret that is not listed is there: %v", has)
			}
			const look = `grep -E '^(Uid|Gid|Groups|Umask|CapEff|CapPrm|CapAmb):' /proc/$1/status; grep -E 'open files|processes' /proc/$1/limits; readlink /proc/$1/cwd`
			_, got = c.ask("enter", name, "--", "sh", "-c", strings.ReplaceAll(look, "$1", "self"))
			if _, want := c.ask("enter", "plain", "--", "sh", "-c", look, "sh", pid); got != want {
				t.Errorf("identity =\n%swant\n%s", got, want)
			}
		})
	}
	for _, row := range []struct {
		name   string
		args   []string
		status int
		want   string
	}{
		{"its folder", []string{"web", "--", "cat", "file"}, 0, "found\n"},
		{"its status", []string{"web", "--", "sh", "-c", "exit 7"}, 7, ""},
		{"its signal", []string{"web", "--", "sh", "-c", "kill -TERM $$"}, -1, ""},
		{"arguments that look like ours", []string{"web", "--", "echo", "--socket", "--", "-h"}, 0, "--socket -- -h\n"},
		{"a near name", []string{"wbe", "--", "true"}, 1, "cannot enter wbe: there is no such program\nslipway: hint: did you mean web?"},
		{"all", []string{"all"}, 1, "cannot enter all: there is no such program"},
		{"not a command", []string{"web", "--", "nosuch"}, 127, "cannot execute nosuch: not found in PATH"},
		{"not executable", []string{"web", "--", "./file"}, 126, "cannot execute ./file: its mode is 0644"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if status, out := c.ask(append([]string{"enter"}, row.args...)...); status != row.status || !strings.Contains(out, row.want) {
				t.Errorf("slipway enter %q = %d, %q, want %d, %q", row.args, status, out, row.status, row.want)
			}
		})
	}
	c.write("app.conf", "[slipway]\nruntime = "+c.dir+"/run\n[program:other]\ncommand = true\n")
	if status, out := c.ask("enter", "web"); status != 78 || !strings.Contains(out, "does not describe it any more") {
		t.Errorf("enter a program that is not in the file = %d, %q, want 78", status, out)
	}
}

// The program of the command line is in no file. One of a group needs both names.
func TestEnterTheCommandAndGroups(t *testing.T) {
	c := newContainer(t, `
[program:job]
command = /bin/sleep 1000
numprocs = 2
process_name = %(program_name)s_%(process_num)d
autostart = false
environment = NUMBER="%(process_num)d"
`)
	c.start("slipway", "-c", "app.conf", "--", "sleep", "1000")
	c.healthy()
	if status, out := c.ask("enter", "main", "--", "cat", "/proc/self/environ"); status != 0 || !slices.Equal(sorted(out), sorted(procFile(t, pidOf(t, c, "main"), "environ"))) {
		t.Errorf("environment of main = %d, %q", status, sorted(out))
	}
	if status, out := c.ask("enter", "job:job_1", "--", "sh", "-c", "echo $NUMBER; pwd"); status != 0 || out != "1\n"+c.dir+"\n" {
		t.Errorf("enter job:job_1 = %d, %q, want its own environment, although it does not run", status, out)
	}
	if status, out := c.ask("enter", "job"); status != 2 || !strings.Contains(out, "it is a group\nslipway: hint: name one of job:job_0, job:job_1") {
		t.Errorf("enter a group = %d, %q, want 2 and its members", status, out)
	}
}

// asNobody is the key that makes a program another user's, where that can be.
func asNobody() string {
	if os.Geteuid() == 0 {
		return "user = nobody"
	}
	return ""
}

func pidOf(t *testing.T, c *container, name string) string {
	t.Helper()
	var pid string
	testkit.Eventually(t, testkit.Patience, name+" runs", func() error {
		_, out := c.ask("status", name, "--output", "json")
		_, after, ok := strings.Cut(out, `"pid": `)
		pid, _, _ = strings.Cut(after, ",")
		if n, err := strconv.Atoi(strings.TrimSpace(pid)); !ok || err != nil || n == 0 {
			return fmt.Errorf("status: %s", out)
		}
		return nil
	})
	return pid
}

func procFile(t *testing.T, pid, name string) string {
	t.Helper()
	text, err := os.ReadFile("/proc/" + pid + "/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// sorted are the variables of an environ file.
func sorted(environ string) []string {
	list := strings.Split(strings.TrimRight(environ, "\x00"), "\x00")
	slices.Sort(list)
	return list
}
