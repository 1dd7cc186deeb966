package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/internal/test/etcdtest"
	"slipway/internal/test/testkit"
)

// etcdContainer is a container whose [etcd] section has these lines.
func etcdContainer(t *testing.T, s *etcdtest.Server, endpoint, lines string) *container {
	t.Helper()
	c := newContainer(t, "secret_dirs =\n[etcd]\nendpoints = "+endpoint+"\nprefix = /app/\n"+lines+`
[template:DIR/out/app.conf]
source = DIR/app.tmpl
parents = true
`)
	c.write("app.tmpl", "{{ kvOr \"log/level\" \"none\" }}\n")
	return c
}

// local runs a command that needs no supervisor.
func (c *container) local(line string) (status int, out string) {
	c.t.Helper()
	c.out.Reset()
	c.start("slipway", strings.Fields(line)...)
	return c.wait()
}

func (c *container) rendered(name string) string {
	c.t.Helper()
	text, err := os.ReadFile(filepath.Join(c.dir, "out", name))
	if err != nil {
		c.t.Fatal(err)
	}
	return string(text)
}

// A cluster with TLS and users, through the product: keys in templates and in
// variables, where a value came from, and what its errors say.
func TestEtcd(t *testing.T) {
	s := etcdtest.Start(t, etcdtest.Options{Version: "3.7", TLS: true})
	for _, put := range []string{
		"/app/log/level debug", "/app/backends/2 10.0.0.2", "/app/backends/10 10.0.0.10", "/app/secret/db hunter2",
		"/app/env/pool_size 12", "/app2/log/level wrong", "/log/colour blue",
	} {
		etcdctl(t, s, append([]string{"put"}, strings.Fields(put)...)...)
	}
	for _, line := range []string{
		"role add reader", "role grant-permission reader read --prefix=true /", "user add app:hunter3", "user grant-role app reader",
		"role add narrow", "role grant-permission narrow read --prefix=true /app/", "user add narrow:hunter3", "user grant-role narrow narrow",
		"user add root:hunter4", "user grant-role root root", "auth enable",
	} {
		etcdctl(t, s, strings.Fields(line)...)
	}
	c := etcdContainer(t, s, s.Endpoint, `
secret_prefix = /app/secret/
export = /app/env/
user_file = DIR/user
password_file = DIR/password
ca_file = `+s.Files.CA+`
[template:DIR/out/secret.conf]
[template:DIR/out/tree.conf]
source = DIR/tree.tmpl
[env:POOL_SIZE]
type = int
`)
	c.write("templates"+c.dir+"/out/secret.conf.tmpl", "{{ .KV.secret.db }}\n")
	c.write("tree.tmpl", "{{ range kvTree \"secret\" }}{{ .Key }}={{ .Value }}{{ end }}\n")
	c.write("user", "app\n")
	c.write("password", "hunter3\n")
	c.write("app.tmpl", `level {{ kv "log/level" }} {{ .KV.log.level }} {{ kv "/app/log/level" }} {{ kvOr "log/colour" "none" }}
pool {{ envInt "POOL_SIZE" }}
names {{ kvList "backends" | join "," }}
{{ range kvTree "backends" }}{{ .Key }}={{ .Value }};{{ end }}
`)
	want := "level debug debug debug none\npool 12\nnames 10,2\n10=10.0.0.10;2=10.0.0.2;\n"
	if status, out := c.local("render -c app.conf"); status != 0 || c.rendered("app.conf") != want {
		t.Fatalf("render = %d\n%s\nthe file is\n%swant\n%s", status, out, c.rendered("app.conf"), want)
	}
	for name, mode := range map[string]os.FileMode{"app.conf": 0o644, "secret.conf": 0o600, "tree.conf": 0o600} {
		if info, err := os.Stat(filepath.Join(c.dir, "out", name)); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: mode = %v, %v, want %v", name, info.Mode(), err, mode)
		}
	}
	if got := c.rendered("secret.conf") + c.rendered("tree.conf"); got != "hunter2\ndb=hunter2\n" {
		t.Errorf("secret files are %q", got)
	}
	t.Run("explain names key and revision", func(t *testing.T) {
		status, out := c.local("env -c app.conf --explain POOL_SIZE")
		if status != 0 || !strings.Contains(out, "POOL_SIZE = 12\n  from etcd /app/env/pool_size at revision ") {
			t.Errorf("env --explain = %d, %s", status, out)
		}
	})
	t.Run("a program gets it", func(t *testing.T) {
		if status, out := c.local("exec -c app.conf -- printenv POOL_SIZE"); status != 0 || !strings.Contains(out, "12\n") {
			t.Errorf("exec = %d, %s", status, out)
		}
	})
	missing := func(t *testing.T, template, want string) {
		t.Helper()
		c.write("app.tmpl", template)
		if status, out := c.local("render -c app.conf"); status != 65 || !strings.Contains(out, want) {
			t.Errorf("render = %d, want 65 and %q\n%s", status, want, out)
		}
	}
	t.Run("a near key", func(t *testing.T) {
		missing(t, `{{ kv "log/levle" }}`, `app.tmpl:1:4: there is no key "log/levle"`)
		missing(t, `{{ kv "log/levle" }}`, `slipway: hint: did you mean "log/level"?`)
	})
	t.Run("outside the prefix", func(t *testing.T) {
		missing(t, `{{ kv "log/colour" }}`, "slipway: hint: /log/colour exists in etcd but outside the prefix /app/: add it to prefix of [etcd]")
		missing(t, `{{ kv "/app2/log/level" }}`, "slipway: hint: /app2/log/level exists in etcd but outside the prefix /app/")
		missing(t, `{{ kv "/app2/log/colour" }}`, "slipway: hint: /app2/log/colour lies outside of the prefix /app, which is all that is read")
	})
	t.Run("outside of what the user may read", func(t *testing.T) {
		c.write("user", "narrow\n")
		defer c.write("user", "app\n")
		missing(t, `{{ kv "log/colour" }}`, `there is no key "log/colour"`)
	})
	t.Run("keys that make one variable", func(t *testing.T) {
		etcdctl(t, s, "--user", "root:hunter4", "put", "/app/env/pool-size", "13")
		defer etcdctl(t, s, "--user", "root:hunter4", "del", "/app/env/pool-size")
		if status, out := c.local("render -c app.conf"); status != 65 || !strings.Contains(out, `cannot make variable POOL_SIZE of key "/app/env/pool_size": key "/app/env/pool-size" is that already`) {
			t.Errorf("render = %d, %s", status, out)
		}
	})
	t.Run("a wrong password", func(t *testing.T) {
		c.write("password", "hunter5\n")
		c.write("app.conf", mustRead(t, filepath.Join(c.dir, "app.conf"))+"[etcd]\nstart_timeout = 300ms\n")
		status, out := c.local("render -c app.conf")
		if status != 69 || !strings.Contains(out, s.Endpoint) || !strings.Contains(out, `the user "app" or the password is wrong`) || strings.Contains(out, "hunter") {
			t.Errorf("render = %d, %s", status, out)
		}
	})
	t.Run("a server of another authority", func(t *testing.T) {
		other := etcdtest.Certificates(t, t.TempDir())
		c.write("app.conf", mustRead(t, filepath.Join(c.dir, "app.conf"))+"ca_file = "+other.CA+"\n")
		status, out := c.local("render -c app.conf")
		if status != 69 || !strings.Contains(out, s.Endpoint) || !strings.Contains(out, "certificate signed by unknown authority") || strings.Contains(out, `{"level"`) {
			t.Errorf("render = %d, %s", status, out)
		}
	})
}

func mustRead(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// What happens when no server answers, with a user and without: the same.
func TestEtcdAway(t *testing.T) {
	endpoint := fmt.Sprintf("http://127.0.0.1:%d", testkit.FreePort(t))
	for _, user := range []string{"", "user = app\npassword = hunter2\n"} {
		name := "without a user"
		if user != "" {
			name = "with a user"
		}
		t.Run(name+"/optional", func(t *testing.T) {
			c := etcdContainer(t, nil, endpoint, user+"start = optional\n")
			status, out := c.local("render -c app.conf")
			if status != 0 || c.rendered("app.conf") != "none\n" || !strings.Contains(out, "slipway: note: ") || !strings.Contains(out, "connection refused") ||
				!strings.Contains(out, "slipway: hint: it is optional, so its values are not there") {
				t.Errorf("render = %d, %s", status, out)
			}
			c.write("app.tmpl", `{{ kv "log/level" }}`)
			if status, out := c.local("render -c app.conf"); status != 65 || !strings.Contains(out, `there is no key "log/level"`) {
				t.Errorf("render of a key without a default = %d, %s", status, out)
			}
		})
		t.Run(name+"/require until a deadline", func(t *testing.T) {
			c := etcdContainer(t, nil, endpoint, user+"start_timeout = 300ms\n")
			status, out := c.local("render -c app.conf")
			if status != 69 || !strings.Contains(out, "slipway: error: cannot read source etcd: ") || !strings.Contains(out, endpoint) ||
				!strings.Contains(out, "connection refused (tried for 300ms)") || strings.Contains(out, `{"level"`) {
				t.Errorf("render = %d, want 69\n%s", status, out)
			}
		})
		t.Run(name+"/a signal ends the wait at once", func(t *testing.T) {
			c := etcdContainer(t, nil, endpoint, user)
			c.startWaiting("connection refused; trying until ", "run", "-c", "app.conf")
			began := time.Now()
			if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			if status, _ := c.wait(); status != 143 || time.Since(began) > 40*time.Second {
				t.Errorf("status = %d after %v, want 143 before the wait is over", status, time.Since(began))
			}
		})
	}
}

// A server that is there and says nothing is another matter than none: the time is over.
func TestEtcdSilent(t *testing.T) {
	s := etcdtest.Start(t, etcdtest.Options{Version: "3.7"})
	c := etcdContainer(t, s, s.Endpoint, "start_timeout = 500ms\ntimeout = 300ms\n")
	resume := s.Pause()
	defer resume()
	if status, out := c.local("render -c app.conf"); status != 75 || !strings.Contains(out, s.Endpoint) {
		t.Errorf("render = %d, want 75 and the endpoint\n%s", status, out)
	}
}

// A server that comes late is waited for.
func TestEtcdComesLate(t *testing.T) {
	s := etcdtest.Start(t, etcdtest.Options{Version: "3.7"})
	etcdctl(t, s, "put", "/app/log/level", "debug")
	s.Stop()
	c := etcdContainer(t, s, s.Endpoint, "start_timeout = 60s\n")
	c.start("slipway", "render", "-c", "app.conf")
	s.Run()
	if status, out := c.wait(); status != 0 || c.rendered("app.conf") != "debug\n" {
		t.Errorf("render = %d, %s", status, out)
	}
}
