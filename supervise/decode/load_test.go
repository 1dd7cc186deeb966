package decode

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"slipway/internal/test/testkit"
	"slipway/supervise/dialect"
	"slipway/supervise/system"
)

// onlyFiles is a machine with nothing but files.
func onlyFiles(list map[string]string) system.System {
	return system.System{
		ReadFile: func(name string) ([]byte, error) {
			if text, ok := list[inC(name)]; ok {
				return []byte(text), nil
			}
			return nil, &os.PathError{Op: "open", Path: name, Err: os.ErrNotExist}
		},
		ReadDir: func(dir string) (names []string) {
			for f := range list {
				if rest, ok := strings.CutPrefix(f, inC(dir)+"/"); ok && !strings.Contains(rest, "/") {
					names = append(names, rest)
				}
			}
			return names
		},
		Exists: func(name string) bool { return list[inC(name)] != "" },
		IsDir:  func(string) bool { return true },
		Getwd:  func() string { return "/c" },
	}
}

func inC(name string) string {
	if path.IsAbs(name) {
		return name
	}
	return path.Join("/c", name)
}

// input is a machine with one file, f, read as supervisord does.
func input(text string) Input {
	return Input{System: onlyFiles(map[string]string{"/c/f": text}), AsSupervisord: true}
}

func TestDefault(t *testing.T) {
	sys := onlyFiles(map[string]string{
		"/etc/slipway/conf.d/1.conf":    "[program:a]\ncommand=new",
		"/etc/supervisor/conf.d/0.conf": "[program:b]\ncommand=x",
	})
	doc, err := dialect.Default(nil, sys)
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := Decode(doc, Input{System: sys})
	if err != nil {
		t.Fatal(err)
	}
	if len(cfg.Groups) != 2 || cfg.Groups[0].Name != "a" || cfg.Groups[1].Name != "b" {
		t.Errorf("groups = %+v, want a and b", cfg.Groups)
	}
	if p := cfg.Groups[0].Processes[0]; p.Stdout.Logfile != "/dev/stdout" || p.Stderr.Logfile != "/dev/stderr" {
		t.Errorf("logs = %q, %q, want the container's own", p.Stdout.Logfile, p.Stderr.Logfile)
	}
	if got := cfg.Supervisord.Pidfile; got != "" {
		t.Errorf("pidfile = %q, want none", got)
	}
}

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
	sys := system.Unix(root)
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
	doc, err := dialect.Load("/main.conf", in.Environ, in.System)
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := Decode(doc, in)
	if err != nil {
		t.Fatal(err)
	}
	u := cfg.Groups[0].Processes[0].User
	if u == nil || u.UID != 1000 || u.GID != 1001 || u.Home != "/srv/app" || u.Shell != "/bin/sh" || !slices.Equal(u.Groups, []int{1001, 50, 29}) {
		t.Errorf("user = %+v", u)
	}
	if cfg.Supervisord.Childlogdir != "/tmp" {
		t.Errorf("childlogdir = %q", cfg.Supervisord.Childlogdir)
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		"[supervisord]\n[program:x]\ncommand=a\n", "[DEFAULT]\ncommand:1\n[program:b]", "[program:x]\nenvironment+=A=1\nenvironment+=B=2",
		"[group:g]\nprograms=x,x\n[program:x]\ncommand=a\nnumprocs=2\ndepends_on=x", "[env:A]\ntype=enum\n[etcd]\n[template:x]\n[source:etcd]\n[link:a]\nport=0\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		defer testkit.Timed(t, len(text))()
		for _, in := range []Input{input(text), {System: input(text).System}} {
			if doc, err := dialect.Load("f", nil, in.System); err == nil {
				_, _ = Decode(doc, in)
			}
		}
	})
}
