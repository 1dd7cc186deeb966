package config

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// A root folder is a machine of its own: its accounts, its folders, and its
// links, which do not lead out of it.
func TestRoot(t *testing.T) {
	root := t.TempDir()
	for _, dir := range []string{"etc", "run/app", "var", "tmp", "conf.d"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for file, text := range map[string]string{
		"etc/passwd":   "# comment\nroot:x:0:0:root:/root:/bin/sh\napp:x:1000:1001::/srv/app:/bin/sh\nbroken\nbad:x:a:b:::\n",
		"etc/group":    "root:x:0:\nstaff:x:50:web,app\napp:x:1001:\naudio:x:29:app\n",
		"conf.d/a.ini": "[program:a]\ncommand=a\nuser=app\nstdout_logfile=/var/run/app/a.log\ndirectory=~app\n",
	} {
		if err := os.WriteFile(filepath.Join(root, file), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{"var/run": "/run", "loop": "loop", "up": "../../../../etc"} {
		if err := os.Symlink(target, filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
	sys := Unix(root)
	if !sys.IsDir("/var/run/app") || !sys.IsDir("/up") || sys.IsDir("/loop") || sys.IsDir("/proc") {
		t.Error("folders are not those of the root")
	}
	if !sys.Exists("/loop") || sys.Exists("/nothing") {
		t.Error("files are not those of the root")
	}
	if got, err := sys.ReadFile("/up/group"); err != nil || len(got) == 0 {
		t.Errorf("ReadFile through a link: %q, %v", got, err)
	}

	if err := os.WriteFile(filepath.Join(root, "main.conf"), []byte("[include]\nfiles=conf.d/*.ini\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	in := Input{System: sys}
	doc, err := Load("/main.conf", in)
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := Decode(doc, in)
	if err != nil {
		t.Fatal(err)
	}
	u := cfg.Groups[0].Processes[0].User
	if u == nil || u.UID != 1000 || u.GID != 1001 || u.Home != "/srv/app" || !slices.Equal(u.Groups, []int{1001, 50, 29}) {
		t.Errorf("user = %+v", u)
	}
	if cfg.Supervisord.Childlogdir != "/tmp" {
		t.Errorf("childlogdir = %q", cfg.Supervisord.Childlogdir)
	}
}

func TestStdio(t *testing.T) {
	for path, want := range map[string]bool{"/dev/stdout": true, "/dev/stderr": true, "/dev/fd/1": true, "/proc/self/fd/2": true, "/dev/fd/12": false,
		"/dev/fd/": false, "/dev/fd/1x": false, "/dev/null": false, "/tmp/stdout": false} {
		if got := isStdio(path); got != want {
			t.Errorf("isStdio(%q) = %v, want %v", path, got, want)
		}
	}
}
