package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slipway/supervise/control"
	"slipway/supervise/control/client"
)

// The root of run --root is that of the container: what is rendered beside the supervisor goes
// below it, and its programs are told. Another root is a rehearsal.
func TestRenderBesideARoot(t *testing.T) {
	c := newContainer(t, `
quiet = 50ms
[template:DIR/out.conf]
source = DIR/out.tmpl
notify = web
[program:web]
command = /bin/sh -c "exec sleep 1000"
startsecs = 0
reload = command /bin/sh -c "test ! -e DIR/deaf && echo told >>DIR/told"
`)
	c.write("out.tmpl", "{{ .Env.CANARY }} red\n")
	c.start("slipway", "run", "-c", "app.conf", "--root", "tried")
	c.healthy()
	tried := filepath.Join("tried", c.dir, "out.conf")
	other := filepath.Join("other", c.dir, "out.conf")
	for _, step := range []struct {
		name   string
		colour string // of the template; "" leaves it
		args   []string
		status int
		want   string            // in what is printed
		files  map[string]string // afterwards
		told   int               // how often web was, afterwards
	}{
		{"nothing to do", "", []string{"render"}, 0, "nothing to change", map[string]string{tried: "red"}, 0},
		{"only looking", "green", []string{"render", "--diff"}, 0, "-hunter2 red", map[string]string{tried: "red"}, 0},
		{"only asking", "", []string{"render", "--check"}, 1, "", map[string]string{tried: "red"}, 0},
		{"a change", "", []string{"render"}, 0, "taken its files over", map[string]string{tried: "green"}, 1},
		{"its root by name", "blue", []string{"render", "--root", filepath.Join(c.dir, "tried") + "/"}, 0, "taken its files over", map[string]string{tried: "blue"}, 2},
		{"another root", "white", []string{"render", "--root", filepath.Join(c.dir, "other")}, 0, "create", map[string]string{tried: "blue", other: "white"}, 2},
		{"nothing is kept", "", []string{"render", "--rollback"}, 1, "--root keeps none", map[string]string{tried: "blue"}, 2},
	} {
		t.Run(step.name, func(t *testing.T) {
			if step.colour != "" {
				c.write("out.tmpl", "{{ .Env.CANARY }} "+step.colour+"\n")
			}
			status, out := c.ask(step.args...)
			if status != step.status || !strings.Contains(out, step.want) {
				t.Errorf("slipway %s = %d, %q, want %d and %q in it", strings.Join(step.args, " "), status, out, step.status, step.want)
			}
			for file, want := range step.files {
				if got := c.read(file); got != "hunter2 "+want+"\n" {
					t.Errorf("%s = %q, want %s", file, got, want)
				}
			}
			if got := c.times("told", "told"); got != step.told {
				t.Errorf("web was told %d times, want %d", got, step.told)
			}
			if _, err := os.Lstat(filepath.Join(c.dir, "out.conf")); err == nil {
				t.Error("the file itself was written, not the one below the root")
			}
			if got, err := os.ReadDir(filepath.Join(c.dir, "run")); err != nil || len(got) > 1 {
				t.Errorf("the runtime folder has %v, %v, want the control socket alone", got, err)
			}
		})
	}

	c.write("deaf", "")
	c.write("out.tmpl", "black\n")
	if status, out := c.ask("render"); status != 1 || !strings.Contains(out, "run --root keeps nothing") {
		t.Errorf("render = %d, %q, want that it is not tried again", status, out)
	}
	if _, out := c.ask("status"); strings.Contains(out, "has not taken over") {
		t.Errorf("status = %q, want nothing owed", out)
	}

	// Nothing starts the watcher, but whoever has the control socket can. It has the same root.
	ctl, err := client.Dial(t.Context(), filepath.Join(c.dir, "run/control.sock"))
	if err != nil {
		t.Fatal(err)
	}
	defer ctl.Close()
	if _, err := ctl.Call(t.Context(), control.OpWatch); err != nil {
		t.Fatal(err)
	}
	c.write("out.tmpl", "grey\n")
	c.has(tried, "grey")
	if _, err := os.Lstat(filepath.Join(c.dir, "out.conf")); err == nil {
		t.Error("the watcher has written the file itself, not the one below the root")
	}
}
