package main

import (
	"strings"
	"testing"

	"slipway/internal/test/etcdtest"
)

// The tutorial of docs/etcd.md, in a folder of its own and with a server of its own.
func TestEtcdTutorial(t *testing.T) {
	s := etcdtest.Start(t, etcdtest.Options{Version: "debian"})
	etcdctl(t, s, "put", "/shop/log/level", "info")
	etcdctl(t, s, "put", "/shop/env/colour", "green")
	conf := strings.NewReplacer(
		"http://127.0.0.1:2379", s.Endpoint, "/etc/slipway/templates", "DIR/templates", "/etc/shop.conf", "DIR/shop.conf", "/usr/local/bin/shop", "/bin/sh DIR/shop",
	).Replace(fenced(t, "etcd.md", "ini test=TestEtcdTutorial"))
	c := newContainer(t, "secret_dirs =\nquiet = 50ms\n[supervisord]\nlogfile = DIR/activity.log\n"+conf)
	c.write("templates"+c.dir+"/shop.conf.tmpl", fenced(t, "etcd.md", "text test=TestEtcdTutorial"))
	c.write("shop", "trap 'echo told >>"+c.dir+"/told' HUP\necho $COLOUR >>"+c.dir+"/started\nwhile :; do sleep 0.02; done\n")
	c.up()
	c.has("shop.conf", "level info\n")
	etcdctl(t, s, "put", "/shop/log/level", "debug")
	c.has("shop.conf", "level debug\n")
	c.has("told", "told\n")
	etcdctl(t, s, "put", "/shop/log/level", "loud")
	c.prints("is refused: ", "status")
	etcdctl(t, s, "put", "/shop/log/level", "warn")
	c.has("shop.conf", "level warn\n")
	etcdctl(t, s, "put", "/shop/env/colour", "red")
	c.has("started", "green\nred\n")
	etcdctl(t, s, "put", "/shop/env/colour", "pink")
	c.prints("is refused: ", "status")
	c.prints("COLOUR = red\n  from etcd /shop/env/colour at revision ", "env", "--explain", "COLOUR")
	c.down()
}

// The settings for a cluster with users and TLS are such.
func TestEtcdUsersDocumented(t *testing.T) {
	c := newContainer(t, fenced(t, "etcd.md", "ini test=TestEtcdUsersDocumented"))
	if status, out := c.local("check -c app.conf"); status != 0 {
		t.Errorf("check = %d, %s", status, out)
	}
}
