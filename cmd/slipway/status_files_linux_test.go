package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"slipway/internal/test/etcdtest"
	"slipway/internal/test/testkit"
	"slipway/render"
)

// origins are where the values of the only file are from.
func (c *container) origins() (status int, revision int64, values []render.Origin) {
	c.t.Helper()
	var files []fileView
	status, out := c.ask("status", "--files", "--output", "json")
	if err := json.Unmarshal([]byte(out), &files); err != nil || len(files) != 1 || files[0].File != c.dir+"/out.conf" {
		c.t.Fatalf("status = %d, %v: %s", status, err, out)
	}
	return status, files[0].Revision, files[0].Values
}

// The values of each file are known with their origin: those in force, not those that were
// refused, by a check before the file was replaced or by the program after it.
func TestStatusOfFiles(t *testing.T) {
	eachEtcd(t, func(t *testing.T, version string) {
		s := etcdtest.Start(t, etcdtest.Options{Version: version})
		for _, line := range []string{"/app/log/level before", "/app/secret/db hunter2", "/app/list/a 1", "/app/list/b 2"} {
			etcdctl(t, s, append([]string{"put"}, strings.Fields(line)...)...)
		}
		for n := range 21 {
			etcdctl(t, s, "put", fmt.Sprint("/app/many/", n), "x")
		}
		c := newContainer(t, `
secret_dirs =
quiet = 50ms
[supervisord]
logfile = DIR/activity.log
[etcd]
endpoints = `+s.Endpoint+`
prefix = /app/
secret_prefix = /app/secret/
[template:DIR/out.conf]
source = DIR/out.tmpl
check = sh -c "! grep -q wrong {file}"
notify = web
[program:web]
command = /bin/sh -c "exec sleep 1000"
startsecs = 0
health = exec:! grep -q ill DIR/out.conf
health_interval = 50ms
health_action = none
reload = command /bin/true
`)
		c.write("env.d/shop.env", "COLOUR=green\nDB_PORT_5432_TCP=tcp://10.0.0.7:5432\n")
		c.write("out.tmpl", `level {{ kvOr "log/level" "none" }} {{ kvOr "twin" "none" }} {{ env "COLOUR" }} {{ env "SIZE" "9" }}
{{ kv "secret/db" }} {{ range kvTree "list" }}{{ .Value }}{{ end }} {{ range kvTree "none" }}x{{ end }}{{ range kvTree "many" }}{{ .Value }}{{ end }} {{ linkAddr "db" 5432 }}
`)
		c.up()
		c.prints("in contact", "status", "--sources")
		first := func() int64 {
			t.Helper()
			status, rev, values := c.origins()
			var got []string
			for _, v := range values {
				v.From = strings.ReplaceAll(v.From, fmt.Sprint("at revision ", rev), "at revision R")
				got = append(got, fmt.Sprintf("%s %s|%s|%d|%t", v.Kind, v.Name, v.From, v.Count, v.Secret))
			}
			want := []string{
				"key log/level|etcd /app/log/level at revision R|0|false",
				"key secret/db|etcd /app/secret/db at revision R|0|true",
				"key twin||0|false",
				"key list/a|etcd /app/list/a at revision R|0|false",
				"key list/b|etcd /app/list/b at revision R|0|false",
				"keys many|the newest: etcd /app/many/9 at revision R|21|false",
				"keys none||0|false",
				"peer db:5432|",
				"variable COLOUR|" + c.dir + "/env.d/shop.env:1:1|0|false",
				"variable SIZE||0|false",
			}
			if status != 0 || len(got) != len(want) {
				t.Fatalf("status %d, the values are\n%s\nwant\n%s", status, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			for i := range want {
				if !strings.HasPrefix(got[i], want[i]) {
					t.Errorf("value %d is %s, want %s", i, got[i], want[i])
				}
			}
			return rev
		}
		before := first()
		level := func() render.Origin {
			t.Helper()
			_, _, values := c.origins()
			for _, v := range values {
				if v.Name == "log/level" {
					return v
				}
			}
			t.Fatalf("the values are %v", values)
			return render.Origin{}
		}
		etcdctl(t, s, "put", "/app/log/level", "after")
		c.has("out.conf", "level after")
		newest := func(more int64) {
			t.Helper()
			testkit.Eventually(t, testkit.Patience, fmt.Sprint("the level is of revision ", before+more), func() error {
				if v := level(); v.Revision != before+more {
					return fmt.Errorf("it is %+v", v)
				}
				return nil
			})
		}
		newest(1)
		if _, rev, _ := c.origins(); rev != before+1 {
			t.Errorf("the file is of revision %d, want %d", rev, before+1)
		}
		etcdctl(t, s, "put", "/app/log/level", "wrong")
		c.prints("check for ", "status", "--sources")
		if status, out := c.ask("status", "--files"); status != 1 || !strings.Contains(out, "files have not been rendered again since") ||
			!strings.Contains(out, fmt.Sprint("etcd /app/log/level at revision ", before+1)) || !strings.Contains(out, ", a secret") || strings.Contains(out, "hunter2") {
			t.Errorf("status = %d\n%s", status, out)
		}
		etcdctl(t, s, "put", "/app/log/level", "ill")
		testkit.Eventually(t, testkit.Patience, "the change is taken back", func() error {
			if status, out := c.ask("status", "--files"); status != 1 || !strings.Contains(out, "the last change was refused at") {
				return errors.New(out)
			}
			return nil
		})
		newest(1)
		etcdctl(t, s, "put", "/app/log/level", "well")
		c.has("out.conf", "level well")
		newest(4)
		testkit.Eventually(t, testkit.Patience, "nothing is owed", func() error {
			if status, out := c.ask("status", "--files"); status != 0 {
				return errors.New(out)
			}
			return nil
		})
		c.down()
	})
}
