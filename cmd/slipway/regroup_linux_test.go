package main

import "testing"

// A rendered file of the configuration takes effect by itself, for the groups alone that differ.
func TestRenderedConfigurationTakesEffect(t *testing.T) {
	c := newContainer(t, `
quiet = 50ms
secret_dirs =
[supervisord]
logfile = DIR/activity.log
[include]
files = DIR/conf.d/*.conf
[template:DIR/conf.d/workers.conf]
source = DIR/out.tmpl
[program:web]
command = /bin/sh -c "echo started >>DIR/web; exec sleep 100000"
startsecs = 0
`)
	c.write("conf.d/.keep", "")
	c.write("out.tmpl", "{{ range splitList \" \" .Env.WORKERS }}[program:{{ . }}]\ncommand = /bin/sleep 100{{ $.Env.LONG }}\nstartsecs = 0\n{{ end }}"+`
[program:beside]
command = /bin/sh -c "echo up {{ .Env.LONG }} >>`+c.dir+`/beside; trap 'echo down {{ .Env.LONG }} >>`+c.dir+`/beside; exit 0' TERM; sleep 100 & wait"
restart_mode = overlap
startsecs = 1
`)
	c.write("env.d/a.env", "WORKERS=one\nLONG=1\n")
	c.start("slipway", "run", "-c", "app.conf")
	c.healthy()
	c.statusSays("one ", true)
	c.write("env.d/a.env", "WORKERS=\"one two\"\nLONG=1\n")
	c.statusSays("two ", true)
	c.write("env.d/a.env", "WORKERS=two\nLONG=2\n")
	c.statusSays("one ", false)
	c.has("beside", "up 1\nup 2\ndown 1\n")
	c.has("activity.log", "group follows the rendered configuration group=one now=removed")
	c.has("activity.log", "group follows the rendered configuration group=two now=changed")
	c.down()
	if n := c.times("web", "started"); n != 1 {
		t.Errorf("a program that has no part in it was started %d times", n)
	}
}
