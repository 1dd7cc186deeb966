package main

import (
	"path/filepath"
	"strings"
	"testing"

	"slipway/internal/test/etcdtest"
)

// kvHere is a folder with the configuration of docs/etcd.md, a server, and the keys of
// the page.
func kvHere(t *testing.T, version string) (*container, *etcdtest.Server) {
	t.Helper()
	s := etcdtest.Start(t, etcdtest.Options{Version: version})
	c := newContainer(t, "[etcd]\nendpoints = "+s.Endpoint+"\nprefix = /shop/\nsecret_prefix = /shop/secret/\nexport = /shop/env/\n[env:COLOUR]\ntype = enum\nvalues = red, green\n[env:POOL]\ntype = int\nmin = 1\n[env:TOKEN]\nsecret = true\n")
	return c, s
}

// kv runs slipway kv.
func (c *container) kv(line, stdin string) (status int, out string) {
	c.t.Helper()
	c.out.Reset()
	c.prepare("slipway", append([]string{"kv", "-c", "app.conf"}, strings.Fields(line)...)...)
	c.cmd.Stdin = strings.NewReader(stdin)
	c.launch()
	return c.wait()
}

// Keys as JSON are what put reads, and changes have the shape that the reference says.
func TestKVAsJSON(t *testing.T) {
	c, _ := kvHere(t, etcdtest.Versions()[0])
	json := func(line, stdin string, status int, s shape, want ...string) string {
		t.Helper()
		got, out := c.kv("--output json "+line, stdin)
		if got != status {
			t.Errorf("kv %s = %d, want %d\n%s", line, got, status, out)
		}
		for _, text := range append(want, "{\n") {
			if !strings.Contains(out, text) {
				t.Errorf("kv %s prints\n%swant %q", line, out, text)
			}
		}
		if strings.Contains(out, "hunter") {
			t.Errorf("kv %s shows a secret\n%s", line, out)
		}
		out = out[strings.Index(out, "{\n") : strings.LastIndex(out, "\n}")+3] // without the messages
		decodeAs(t, out, s)
		return out
	}
	rows := shapes()["kv"]
	get, files, change := rows[0], rows[1], rows[2]
	const keys = "log:\n  level: info\nsecret:\n  db: hunter3\n"
	json("diff -", keys, 0, change, `"written": false`, `"key": "/shop/log/level",`+"\n      "+`"action": "add"`, `"value": "info"`, `"value": "«redacted»"`)
	json("put -", keys, 0, change, `"written": true`, `"transactions": 1`, `"revision": 2`)
	json("put -", keys, 0, change, `"written": false`, `"changes": []`)
	json("put --delete -", json("get", "", 0, get, `"/shop/log/level": "info"`, `"/shop/secret/db": "«redacted»"`), 0, change, `"changes": []`)
	json("diff -", "log: {level: debug}\n", 0, change, `"action": "change"`, `"was": "info"`)
	json("diff -", "env: {colour: pink}\n", 65, change, "cannot accept COLOUR")
	json("get --to out", "", 0, files, `"out/log/level"`, `"/shop/secret/db"`)
}

// Keys are written from a repository, shown, compared and refused, by the real commands.
func TestKV(t *testing.T) {
	for _, version := range etcdtest.Versions() {
		t.Run("etcd "+version, func(t *testing.T) {
			c, s := kvHere(t, version)
			want := func(line, stdin string, status int, texts ...string) {
				t.Helper()
				got, out := c.kv(line, stdin)
				if got != status {
					t.Errorf("kv %s = %d, want %d\n%s", line, got, status, out)
				}
				for _, text := range texts {
					if !strings.Contains(out, text) {
						t.Errorf("kv %s prints\n%swant %q", line, out, text)
					}
				}
				if strings.Contains(out, "hunter") {
					t.Errorf("kv %s shows a secret\n%s", line, out)
				}
			}
			const keys = "log:\n  level: info\nenv:\n  colour: red\n  token: hunter2\nsecret:\n  db: hunter3\n"
			want("get", "", 0, "slipway: note: no key lies below /shop/")
			want("diff -", keys, 0, "+ /shop/env/colour = \"red\"\n+ /shop/env/token = «redacted»\n+ /shop/log/level = \"info\"\n+ /shop/secret/db = «redacted»\n")
			want("put --dry-run -", keys, 0, "+ /shop/log/level")
			want("get", "", 0, "no key lies below")
			want("put -", keys, 0, "+ /shop/log/level = \"info\"", "written at revision 2: 4 keys, 0 deleted\n")
			want("put -", keys, 0, "nothing differs at revision 2\n")
			want("get", "", 0, "env:\n  colour: red\n  token: «redacted»\nlog:\n  level: info\nsecret:\n  db: «redacted»\n")
			want("get log", "", 0, "log:\n  level: info\n")
			_, shown := c.kv("get", "")
			want("put --delete -", shown, 0, "nothing differs")
			if got := etcdctl(t, s, "get", "/shop/secret/db", "--print-value-only"); got != "hunter3\n" {
				t.Errorf("the secret is %q after a round trip, want hunter3", got)
			}
			want("put -", "log: {level: debug}\n", 0, "~ /shop/log/level = \"debug\", was \"info\"\n", "1 key, 0 deleted")
			want("put -", "env: {colour: pink}\n", 65, "cannot accept COLOUR from stdin:1:15", `expected one of red, green, got "pink"`)
			want("diff -", "env: {colour: pink}\n", 65, "~ /shop/env/colour", "cannot accept COLOUR")
			want("put -", "env: {pool: 0}\n/other/x: 1\n", 65, "cannot take key /other/x of stdin:2:11: it is outside of the prefix /shop/")
			want("put -", "env: [1]\n", 65, "a store has no lists")
			c.write("tree/log/level", "warn\n")
			c.write("tree/env/colour", "green\n")
			want("put --delete tree", "", 0, "- /shop/env/token = «redacted»", "- /shop/secret/db", "2 keys, 2 deleted")
			want("put nosuch.yaml", "", 65, "cannot read nosuch.yaml: no such file or directory")
			want("put --prefix /shop/log/ --delete -", "other: 1\n", 0, "- /shop/log/level", "+ /shop/log/other", "1 key, 1 deleted")
			etcdctl(t, s, "put", "/shop/secret/db", "hunter4")
			etcdctl(t, s, "put", "/shop/a/b", "")
			etcdctl(t, s, "put", "/shop/a", "above")
			etcdctl(t, s, "put", "/shop/x/../../../escape", "no")
			want("get --to out", "", 0, "out/a/b\n", "left out", "/shop/a, /shop/secret/db, /shop/x/../../../escape\n")
			if got := mustRead(t, filepath.Join(c.dir, "out/log/other")); got != "1\n" {
				t.Errorf("the file is %q, want 1", got)
			}
			want("put out", "", 0, "nothing differs")
			want("frob -", "", 2, "get, diff or put")

			var many strings.Builder
			for i := range 130 {
				many.WriteString("k" + strings.Repeat("x", i) + ": 1\n")
			}
			want("put -", many.String(), 65, "more keys than the server takes in one transaction", "--split writes several")
			want("put --split -", many.String(), 0, "130 keys, 0 deleted, 2 transactions")
			c.write("app.conf", mustRead(t, filepath.Join(c.dir, "app.conf"))+"[etcd]\nendpoints = http://127.0.0.1:9\n")
			want("get", "", 69, "127.0.0.1:9")
		})
	}
}

// A contract that another image was inspected for is what values are checked against.
func TestKVContract(t *testing.T) {
	c, _ := kvHere(t, "debian")
	c.write("image/app.conf", "[slipway]\ntemplates = \n[env:POOL]\ntype = int\nmin = 1\nmax = 9\n[env:SIZE]\ntype = size\npattern = .*MB\n[env:LOGIN]\nsecret = true\npattern = [a-z]+\n[template:/tmp/x]\nsource = "+c.dir+"/image/x.tmpl\n")
	c.write("image/x.tmpl", "{{ kv \"log/level\" }}\n")
	status, contract := c.local("inspect --output json -c image/app.conf")
	if status != 0 {
		t.Fatalf("inspect = %d\n%s", status, contract)
	}
	c.write("inspect.json", contract)
	for _, row := range []struct {
		keys   string
		status int
		want   string
	}{
		{"env: {pool: 12}\nlog: {level: x}\n", 65, "cannot accept POOL from stdin:1:13, which inspect.json declares: expected at most 9"},
		{"env: {size: 1GB}\nlog: {level: x}\n", 65, "expected a match of .*MB"},
		{"env: {login: HUNTER2}\nlog: {level: x}\n", 65, "got «redacted»"},
		{"env: {pool: 5}\n", 65, `cannot go on without key "log/level"`},
		{"env: {pool: 5, size: 1MB, login: abc}\nlog: {level: x}\n", 0, "+ /shop/env/login = «redacted»"},
	} {
		if got, out := c.kv("put --contract inspect.json -", row.keys); got != row.status || !strings.Contains(out, row.want) || strings.Contains(out, "HUNTER2") {
			t.Errorf("kv put of\n%s= %d, want %d and %q\n%s", row.keys, got, row.status, row.want, out)
		}
	}
}

// The page's example of a repository of keys.
func TestKVDocumented(t *testing.T) {
	s := etcdtest.Start(t, etcdtest.Options{Version: "debian"})
	c := newContainer(t, strings.NewReplacer("http://127.0.0.1:2379", s.Endpoint, "/etc/slipway/templates", "DIR/templates").Replace(fenced(t, "etcd.md", "ini test=TestEtcdTutorial")))
	c.write("templates/etc/shop.conf.tmpl", fenced(t, "etcd.md", "text test=TestEtcdTutorial"))
	c.write("keys.yaml", fenced(t, "etcd.md", "yaml test=TestKVDocumented"))
	lines := strings.Split(strings.TrimSpace(fenced(t, "etcd.md", "sh test=TestKVDocumented")), "\n")
	for _, line := range lines {
		line, _, _ = strings.Cut(line, "#")
		rest, ok := strings.CutPrefix(strings.TrimSpace(line), "slipway ")
		if !ok {
			t.Fatalf("the page has the line %q, want one that begins with slipway", line)
		}
		command, to, _ := strings.Cut(rest, " > ")
		status, out := c.local(command + " -c app.conf")
		if status != 0 {
			t.Errorf("slipway %s = %d\n%s", command, status, out)
		}
		if to != "" {
			c.write(to, out)
		}
	}
	if got := etcdctl(t, s, "get", "/shop/log/level", "--print-value-only"); got != "info\n" {
		t.Errorf("the level is %q, want info", got)
	}
}
