package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"slipway/internal/test/testkit"
)

// coreLimit is the soft limit of cores in a text of /proc/PID/limits.
func coreLimit(t *testing.T, limits string) string {
	t.Helper()
	_, rest, ok := strings.Cut(limits, "Max core file size")
	if !ok {
		t.Fatalf("no limit of cores in %q", limits)
	}
	return strings.Fields(rest)[0]
}

// below are the processes below one.
func below(t *testing.T, pid int) []string {
	t.Helper()
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid)) // fails only for a bad pattern
	var all []string
	for _, file := range files {
		text, _ := os.ReadFile(file) // it may have ended
		for _, child := range strings.Fields(string(text)) {
			n, err := strconv.Atoi(child)
			if err != nil {
				t.Fatal(err)
			}
			all = append(append(all, child), below(t, n)...)
		}
	}
	return all
}

// What holds secrets leaves no core: the launcher, sources, the front, the watcher. What is
// not ours may leave one as it always could: programs, and the commands that slipway becomes.
func TestNoCoreOfSecrets(t *testing.T) {
	testkit.Need(t, testkit.Linux)
	c := newContainer(t, `
sources = cores, environment
[unix_http_server:web]
file = DIR/web.sock
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[source:cores]
dir = DIR
[template:DIR/out/app.conf]
source = DIR/app.tmpl
parents = true
check = cat /proc/self/limits > DIR/of-check.new && mv DIR/of-check.new DIR/of-check
[template:DIR/out/data.conf]
source = DIR/data.tmpl
parents = true
[program:web]
command = /bin/sh -c "cat /proc/self/limits > DIR/of-program; exec sleep 1000"
startsecs = 0
`)
	c.write("app.tmpl", "{{ .Env.HOME | default \"/\" }}\n")
	c.write("data.tmpl", "{{ .Env.PATH }}\n")
	c.write("bin/slipway-source-cores", `#!/bin/sh
while read -r word rest; do case $word in get|watch) break ;; esac; done
keep() { cat >`+c.dir+`/$1.$$ && mv `+c.dir+`/$1.$$ `+c.dir+`/$1; } # whoever reads it finds all of it
cat /proc/self/limits | keep of-source-$word
cat /proc/$PPID/limits | keep of-launcher
printf 'slipway-source 1\nsnapshot 7\nend 7\n'
[ "$word" = get ] || exec cat
`)
	if err := os.Chmod(filepath.Join(c.dir, "bin/slipway-source-cores"), 0o700); err != nil {
		t.Fatal(err)
	}
	before, err := exec.Command("sh", "-c", "ulimit -Sc 8192; cat /proc/self/limits").Output()
	if err != nil {
		t.Fatal(err)
	}
	allowed := coreLimit(t, string(before))
	limited := func(cmd *exec.Cmd) {
		cmd.Args = append([]string{"sh", "-c", `ulimit -Sc 8192 && exec "$@"`, "sh", c.bins.Slipway}, cmd.Args[1:]...)
		cmd.Path = "/bin/sh"
		cmd.Env = append(cmd.Env, "PATH="+c.dir+"/bin:"+os.Getenv("PATH"), "SLIPWAY_ENV_FILES=-/nosuch")
	}
	c.prepare("slipway", "run", "-c", "app.conf")
	c.cmd.Env = nil
	limited(c.cmd)
	c.launch()
	c.healthy()
	want := func(name, limit string) {
		t.Helper()
		if got := coreLimit(t, mustRead(t, filepath.Join(c.dir, name))); got != limit {
			t.Errorf("%s: the limit of cores is %s, want %s", name, got, limit)
		}
	}
	want("of-launcher", "0")
	want("of-source-get", "0")
	want("of-check", "0")
	testkit.Eventually(t, testkit.Patience, "the program and the source of the watcher", func() error {
		for _, name := range []string{"of-program", "of-source-watch"} {
			if text, err := os.ReadFile(filepath.Join(c.dir, name)); err != nil || !strings.Contains(string(text), "Max realtime timeout") {
				return fmt.Errorf("%s has %q, %v", name, text, err)
			}
		}
		return nil
	})
	want("of-program", allowed)

	want("of-source-watch", "0")

	// Our own processes beside the supervisor. The front begins with its first request.
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", c.dir+"/web.sock")
	}}}
	resp, err := client.Get("http://localhost/")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	for _, word := range []string{"serve", "watch"} {
		testkit.Eventually(t, testkit.Patience, "slipway "+word, func() error {
			for _, pid := range below(t, c.cmd.Process.Pid) {
				args, err := os.ReadFile("/proc/" + pid + "/cmdline")
				limits, err2 := os.ReadFile("/proc/" + pid + "/limits")
				if err == nil && err2 == nil && strings.HasPrefix(string(args), "slipway\x00"+word) && coreLimit(t, string(limits)) == "0" {
					return nil
				}
			}
			return errors.New("none whose limit of cores is 0")
		})
	}

	for _, args := range [][]string{
		{"exec", "-c", "app.conf", "--", "cat", "/proc/self/limits"},
		{"with-env", "--", "/bin/cat", "cat", "/proc/self/limits"},
	} {
		cmd := exec.Command(c.bins.Slipway, args...)
		cmd.Dir = c.dir
		limited(cmd)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v: %s", args[0], err, out)
			continue
		}
		if got := coreLimit(t, string(out)); got != allowed {
			t.Errorf("slipway %s: the command's limit of cores is %s, want %s", args[0], got, allowed)
		}
	}
}
