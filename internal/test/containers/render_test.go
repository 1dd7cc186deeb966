package containers

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"slipway/internal/test/testkit"
)

// mounted makes a file of the host that is mounted into a container, on its own.
func mounted(t *testing.T, name, text string, perm os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	write(t, path, text)
	if err := os.Chmod(path, perm); err != nil {
		t.Fatal(err)
	}
	return path
}

func inode(t *testing.T, path string) uint64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Sys().(*syscall.Stat_t).Ino
}

// sections are templates that all make the same text.
func sections(dests ...string) string {
	var s strings.Builder
	for _, d := range dests {
		fmt.Fprintf(&s, "[template:%s]\nsource=/t.tmpl\n", d)
	}
	return s.String()
}

// TestDestinations: what only an engine makes real, in few starts. render's own tests
// have every destination.
func TestDestinations(t *testing.T) {
	build(t)
	tmpl := mounted(t, "t.tmpl", "new {{ .Env.WHO }}\n", 0o644)
	start := func(t *testing.T, ini string, flags []string, args ...string) (status int, log string) {
		t.Helper()
		flags = append(flags, "-e", "WHO=me", "-v", tmpl+":/t.tmpl:ro")
		c := testkit.Run(t, testkit.RunOptions{Image: image, Flags: configured(t, ini, flags...), Args: append([]string{"exec", "--"}, args...)})
		return c.ExitStatus(t, testkit.Patience), c.Logs(t)
	}
	want := func(t *testing.T, status int, log string, wantStatus int, texts ...string) {
		t.Helper()
		if status != wantStatus {
			t.Errorf("exit status = %d, want %d", status, wantStatus)
		}
		for _, text := range texts {
			if !strings.Contains(log, text) {
				t.Errorf("it printed %q, want %q in it", log, text)
			}
		}
	}
	const show = `for f in "$@"; do echo "$f: $(stat -c '%u:%g %a %F' $f) $(cat $f)"; done; find / -xdev -name '.*.slipway-*' 2>/dev/null; true`

	t.Run("root", func(t *testing.T) {
		bound := mounted(t, "bound", "old, and longer than the new one\n", 0o604)
		before := inode(t, bound)
		ini := sections("/etc/bound", "/srv/closed/owned", "/srv/closed/link") +
			"[template:/srv/tool]\nsource=/tool.tmpl\nmode=0755\n"
		tool := mounted(t, "tool.tmpl", "#!/bin/sh\necho the tool ran\n"+show+"\n", 0o644)
		status, log := start(t, ini, []string{"-v", bound + ":/etc/bound", "-v", tool + ":/tool.tmpl:ro"},
			"/srv/tool", "/etc/bound", "/srv/closed/owned", "/srv/closed/link", "/data/real")
		want(t, status, log, 0, "the tool ran\n", "/etc/bound: 0:0 604 regular file new me\n", "/srv/closed/owned: 65534:65534 640 regular file new me\n",
			"/srv/closed/link: 0:0 777 symbolic link new me\n", "/data/real: 0:0 644 regular file new me\n")
		if text, err := os.ReadFile(bound); err != nil || string(text) != "new me\n" || inode(t, bound) != before {
			t.Errorf("the mounted file has %q, %v, inode %d, want the new text in inode %d", text, err, inode(t, bound), before)
		}
		if strings.Contains(log, ".slipway-") {
			t.Errorf("temporary files are left:\n%s", log)
		}
	})
	t.Run("one of two is mounted read-only", func(t *testing.T) {
		bound, fixed := mounted(t, "bound", "old\n", 0o644), mounted(t, "fixed", "fixed\n", 0o644)
		status, log := start(t, sections("/etc/bound", "/etc/fixed"), []string{"-v", bound + ":/etc/bound", "-v", fixed + ":/etc/fixed:ro"}, "true")
		want(t, status, log, 73, "cannot write /etc/fixed: it is mounted read-only")
		if text, err := os.ReadFile(bound); err != nil || string(text) != "old\n" {
			t.Errorf("the other file has %q, %v, want the old text", text, err)
		}
	})
	t.Run("random user id", func(t *testing.T) {
		bound := mounted(t, "bound", "old\n", 0o666)
		status, log := start(t, sections("/etc/bound", "/srv/open/new", "/srv/open/owned"), []string{"--user", "1000610000:0", "-v", bound + ":/etc/bound"},
			"sh", "-c", show, "sh", "/etc/bound", "/srv/open/new", "/srv/open/owned")
		want(t, status, log, 0, " 666 regular file new me\n", "/srv/open/new: 1000610000:0 644 regular file new me\n",
			"/srv/open/owned: 1000610000:0 644 regular file new me\n", "note: /srv/open/owned belongs to uid 65534 and cannot be given back: it now belongs to uid 1000610000")
	})
	t.Run("random user id, /run is closed and /tmp is not", func(t *testing.T) {
		env := mounted(t, "a.env", "COLOUR=red\n", 0o644)
		tree := mounted(t, "out.tmpl", "{{ .Env.COLOUR }}\n", 0o644)
		ini := "[slipway]\nquiet=50ms\n[supervisord]\nlogfile=/dev/stdout\nlogfile_maxbytes=0\n[template:/srv/open/out]\nsource=/tree/out.tmpl\nnotify=web\n" +
			program("web", `/bin/sh -c 'trap "echo told" HUP; echo up; while :; do sleep 0.1; done'`, "startsecs=0", "reload=signal HUP")
		c := testkit.Run(t, testkit.RunOptions{Image: image, Flags: configured(t, ini, "--user", "1000610000:0",
			"-v", filepath.Dir(env)+":/etc/slipway/env.d", "-v", filepath.Dir(tree)+":/tree")})
		says(t, c, "up")
		write(t, env, "COLOUR=green\n")
		says(t, c, "told")
		write(t, tree, "not {{ .Env.COLOUR }}\n")
		testkit.Eventually(t, testkit.Patience, "the file is of the new template", func() error {
			if out, _ := c.Exec(t, "cat", "/srv/open/out"); out != "not green\n" {
				return fmt.Errorf("it has %q", out)
			}
			return nil
		})
		if out, status := c.Exec(t, "slipway", "render", "--rollback"); status != 0 || !strings.Contains(out, "/srv/open/out: modify") {
			t.Errorf("render --rollback = %d, %q", status, out)
		}
		if strings.Contains(c.Logs(t), "cannot be written") {
			t.Errorf("it complains:\n%s", c.Logs(t))
		}
	})
	t.Run("a template that is mounted as a file is watched", func(t *testing.T) {
		tree := mounted(t, "out.tmpl", "one\n", 0o644)
		ini := "[slipway]\nquiet=50ms\n[template:/srv/open/out]\nnotify=web\n" +
			program("web", `/bin/sh -c 'trap "echo told: $(cat /srv/open/out)" HUP; echo up; while :; do sleep 0.1; done'`, "startsecs=0", "reload=signal HUP")
		c := testkit.Run(t, testkit.RunOptions{Image: image, Flags: configured(t, ini, "-v", tree+":/etc/slipway/templates/srv/open/out.tmpl")})
		says(t, c, "up")
		write(t, tree, "two\n")
		says(t, c, "told: ")
		if got := c.MustExec(t, "cat", "/srv/open/out"); got != "two\n" {
			t.Errorf("the file has %q, want the new text", got)
		}
	})
	t.Run("a volume and nothing else is writable", func(t *testing.T) {
		envd, data := filepath.Dir(mounted(t, "a.env", "COLOUR=red\n", 0o644)), t.TempDir()
		tmpl := mounted(t, "out.tmpl", "{{ .Env.COLOUR }}\n", 0o644)
		ini := "[slipway]\nquiet=50ms\n[template:/data/out]\nsource=/t.tmpl\nnotify=web\n" +
			program("web", `/bin/sh -c 'trap "echo told: $(cat /data/out)" HUP; echo up; while :; do sleep 0.1; done'`, "startsecs=0", "reload=signal HUP")
		c := testkit.Run(t, testkit.RunOptions{Image: image, Flags: configured(t, ini, "--read-only",
			"-v", envd+":/etc/slipway/env.d", "-v", tmpl+":/t.tmpl:ro", "-v", data+":/data")})
		says(t, c, "up")
		write(t, filepath.Join(envd, "a.env"), "COLOUR=green\n")
		says(t, c, "told: ")
		if log := c.Logs(t); strings.Contains(log, "cannot tell") {
			t.Errorf("it complains:\n%s", log)
		}
		write(t, filepath.Join(envd, "a.env"), "COLOUR=blue\n")
		if out, status := c.Exec(t, "slipway", "render"); status != 0 {
			t.Errorf("slipway render = %d, %q", status, out)
		}
	})
	t.Run("random user id, closed folders", func(t *testing.T) {
		status, log := start(t, sections("/srv/closed/new", "/etc/new"), []string{"--user", "1000610000:0"}, "true")
		want(t, status, log, 73, "cannot write /srv/closed/new: directory /srv/closed is not writable by uid 1000610000",
			"cannot write /etc/new: directory /etc is not writable by uid 1000610000")
	})
	t.Run("read-only root", func(t *testing.T) {
		bound := mounted(t, "bound", "old\n", 0o644)
		flags := []string{"--read-only", "--tmpfs", "/run", "-v", bound + ":/etc/bound"}
		status, log := start(t, sections("/etc/bound"), flags, "sh", "-c", show, "sh", "/etc/bound")
		want(t, status, log, 0, " 644 regular file new me\n")
		status, log = start(t, sections("/etc/bound", "/etc/new"), flags, "true")
		want(t, status, log, 73, "cannot write /etc/new: ", "/etc is on a read-only file system")
	})
}

// TestChangeInContainer: both triggers of a change, in a container that runs: a file
// among the sources, and slipway render by docker exec with an empty environment. A
// bad change is taken back, a reload that fails is owed over a restart of the watcher.
func TestChangeInContainer(t *testing.T) {
	build(t)
	envd, tmpls := t.TempDir(), t.TempDir()
	colour := func(name string) { t.Helper(); write(t, filepath.Join(envd, "a.env"), "COLOUR="+name+"\n") }
	colour("red")
	if err := os.Mkdir(filepath.Join(tmpls, "srv"), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(tmpls, "srv/out.tmpl"), "{{ .Env.COLOUR }} {{ .Env.WHO }}\n")
	ini := "[slipway]\nquiet=50ms\n[supervisord]\nlogfile=/dev/stdout\nlogfile_maxbytes=0\n[template:/srv/out]\nnotify=web\n" +
		program("web", `/bin/sh -c 'trap "echo told: $(cat /srv/out)" HUP; echo up; while :; do sleep 0.1; done'`,
			"startsecs=0", "reload=command /bin/sh -c 'test ! -e /tmp/deaf && echo reloading'",
			"health=exec:! grep -q black /srv/out", "health_interval=100ms", "health_action=none")
	c := testkit.Run(t, testkit.RunOptions{Image: image, Flags: configured(t, ini,
		"-e", "WHO=me", "-v", envd+":/etc/slipway/env.d", "-v", tmpls+":/etc/slipway/templates")})
	has := func(text string) {
		t.Helper()
		testkit.Eventually(t, testkit.Patience, "the file has "+text, func() error {
			if out, _ := c.Exec(t, "cat", "/srv/out"); out != text+" me\n" {
				return fmt.Errorf("it has %q", out)
			}
			return nil
		})
	}
	status := func(text string, there bool) {
		t.Helper()
		testkit.Eventually(t, testkit.Patience, fmt.Sprintf("status has %q: %v", text, there), func() error {
			if out, _ := c.Exec(t, "slipway", "status"); strings.Contains(out, text) != there {
				return errors.New(out)
			}
			return nil
		})
	}
	render := func(want int, texts ...string) {
		t.Helper()
		out, got := c.Exec(t, append([]string{"env", "-i", "/usr/local/bin/slipway", "render"}, strings.Fields(texts[0])...)...)
		if got != want {
			t.Errorf("slipway render %s: exit status = %d, want %d", texts[0], got, want)
		}
		for _, text := range texts[1:] {
			if !strings.Contains(out, text) {
				t.Errorf("slipway render %s prints %q, want %q in it", texts[0], out, text)
			}
		}
	}
	says(t, c, "up")
	has("red")
	status("healthy", true)

	colour("green")
	has("green")
	says(t, c, "watch: program has taken its files over program=web")

	colour("black")
	says(t, c, "watch: change refused, the former files are back")
	has("green")
	status("change refused at ", true)
	render(1, "", "program web did not come back healthy with it", "--force")

	c.MustExec(t, "touch", "/tmp/deaf")
	colour("blue")
	has("blue")
	status("has not taken over /srv/out: cannot reload web", true)
	c.MustExec(t, "sh", "-c", "kill -9 $(pidof slipway)")
	says(t, c, "the watcher has ended (terminated by SIGKILL)")
	status("has not taken over /srv/out: cannot reload web", true)
	c.MustExec(t, "rm", "/tmp/deaf")
	status("has not taken over", false)
	has("blue")

	render(0, "--rollback", "/srv/out: modify", "program has taken its files over program=web")
	has("green")
	render(1, "", "it was taken back by hand at ")
	render(0, "--force", "/srv/out: modify", "program has taken its files over program=web")
	has("blue")

	// A start renders anew and owes nobody anything.
	c.MustExec(t, "touch", "/tmp/deaf")
	colour("white")
	has("white")
	status("has not taken over", true)
	c.Restart(t)
	status("healthy", true)
	status("has not taken over", false)
	has("white")
}
