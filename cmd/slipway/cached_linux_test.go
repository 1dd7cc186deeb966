package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slipway/internal/test/etcdtest"
	"slipway/internal/test/testkit"
)

// A container that starts while etcd is away goes on with the last good values, says so, and
// takes the present ones when etcd is back; the same with users and without.
func TestCachedStart(t *testing.T) {
	users := [][]string{
		{"user", "add", "root:hunter4"}, {"user", "grant-role", "root", "root"}, {"role", "add", "reader"},
		{"role", "grant-permission", "reader", "read", "--prefix=true", "/app/"}, {"user", "add", "app:hunter3"}, {"user", "grant-role", "app", "reader"}, {"auth", "enable"},
	}
	for _, row := range []struct {
		name, lines string
		as          []string
	}{{"without users", "", nil}, {"with users", "user = app\npassword = hunter3\n", []string{"--user", "root:hunter4"}}} {
		t.Run(row.name, func(t *testing.T) {
			s := etcdtest.Start(t, etcdtest.Options{Version: "debian"})
			if row.as != nil {
				for _, line := range users {
					etcdctl(t, s, line...)
				}
			}
			put := func(key, value string) { etcdctl(t, s, append(row.as, "put", key, value)...) }
			put("/app/log/level", "info")
			put("/app/env/colour", "red")
			c := followed(t, s.Endpoint, row.lines+"start = cached\nsecret_prefix = /app/secret/\ntimeout = 1s\ncache = DIR/cache\n")
			file := filepath.Join(c.dir, "cache", "etcd.snapshot")
			c.write("app.conf", strings.ReplaceAll(c.read("app.conf"), "DIR", c.dir))
			c.up()
			c.has("out.conf", "level info")
			put("/app/log/level", "good")
			c.has("out.conf", "level good")
			testkit.Eventually(t, testkit.Patience, "the good values are kept", func() error {
				if text, err := os.ReadFile(file); err != nil || !strings.Contains(string(text), "good") {
					return errors.Join(errors.New("not yet"), err)
				}
				return nil
			})
			put("/app/log/level", "wrong") // is refused, and not kept
			c.has("activity.log", "the files stay as they are")
			c.prints("is refused: ", "status")
			c.down()
			if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("the file of the values is %v, %v, want mode 0600", info, err)
			}

			s.Stop()
			if err := os.Remove(filepath.Join(c.dir, "out.conf")); err != nil {
				t.Fatal(err)
			}
			c.out.Reset()
			c.up()
			c.has("out.conf", "level good")
			c.prints("the values are those that were kept at ", "status")
			c.prints("COLOUR = red\n", "env", "--explain", "COLOUR")
			c.prints(`"values_kept_at"`, "status", "--sources", "--output", "json")
			s.Run()
			put("/app/log/level", "present")
			c.has("out.conf", "level present")
			c.prints("in contact", "status")
			c.down()
			if out := c.out.String(); !strings.Contains(out, "slipway: note: ") || !strings.Contains(out, "; the values are those of revision ") {
				t.Errorf("the start does not say that it goes on with kept values:\n%s", out)
			}

			s.Stop()
			for _, damage := range []struct{ text, want string }{
				{c.read("cache/etcd.snapshot")[1:], "it is damaged"}, {"", "none was kept yet"},
			} {
				c.write("app.conf", c.read("app.conf")+"[etcd]\nstart_timeout = 300ms\n")
				if c.write("cache/etcd.snapshot", damage.text); damage.text == "" {
					os.Remove(file)
				}
				status, out := c.local("render -c app.conf")
				if status != 69 || !strings.Contains(out, "cannot read source etcd: ") || !strings.Contains(out, "cannot use a former snapshot of etcd instead: ") || !strings.Contains(out, damage.want) {
					t.Errorf("render without values to go on with = %d, want 69 and %q\n%s", status, damage.want, out)
				}
			}
		})
	}
}
