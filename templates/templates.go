// Package templates holds the templates that ship with slipway, embedded.
//
// A [template:DEST] section uses one by source = builtin:NAME. Each file begins
// with a template comment whose first paragraph is its documentation; the table
// in this file adds what the text cannot say. To add one: a file in files/, a row
// in All, and a test in render that feeds its output to the program that reads it.
package templates

import (
	"embed"
	"strings"
)

//go:embed files
var files embed.FS

// Template is one that ships.
type Template struct {
	Name string
	// Doc is the text of the comment at its head.
	Doc  string
	Text string
	// Dest is where its output usually goes, Write how ("" replaces the whole file).
	Dest  string
	Write string
	// Example is a section that uses it.
	Example string
}

type row struct{ name, dest, write, settings string }

func rows() []row {
	return []row{
		{name: "default-tomcat", dest: "/etc/default/tomcat10", write: "block", settings: "check = sh -n {file}\nnotify = webapp\n"},
		{name: "log4j.properties", dest: "/etc/tomcat10/log4j.properties", settings: "notify = webapp\n"},
		{name: "log4j2.properties", dest: "/etc/app/log4j2.properties", settings: "notify = app\n"},
		{name: "logback.xml", dest: "/etc/app/logback.xml", settings: "check = xmllint --noout {file}\nnotify = app\n"},
		{name: "application.properties", dest: "/etc/app/application.properties", settings: "notify = app\n"},
		{name: "nginx-upstreams", dest: "/etc/nginx/conf.d/upstreams.conf", settings: "notify = nginx\n"},
		{name: "haproxy-backends", dest: "/etc/haproxy/backends.cfg", settings: "notify = haproxy\n"},
		{name: "redis.conf", dest: "/etc/redis/redis.conf", settings: "owner = root:redis\nmode = 0640\nnotify = redis\n"},
		{name: "php-fpm-pool", dest: "/etc/php/8.2/fpm/pool.d/www.conf", settings: "notify = php\n"},
		{name: "env-sh", dest: "/etc/profile.d/container.sh", settings: "check = sh -n {file}\n"},
		{name: "env-systemd", dest: "/etc/app/environment", settings: ""},
		{name: "env-docker", dest: "/etc/app/docker.env", settings: ""},
		{name: "env-compose", dest: "/etc/app/.env", settings: ""},
		{name: "hosts", dest: "/etc/hosts", write: "block", settings: ""},
	}
}

// All returns every template that ships, in the order of the documentation.
func All() []Template {
	var out []Template
	for _, r := range rows() {
		out = append(out, load(r))
	}
	return out
}

// Names returns the names of all templates that ship.
func Names() []string {
	var out []string
	for _, r := range rows() {
		out = append(out, r.name)
	}
	return out
}

// Get returns the template of that name.
func Get(name string) (Template, bool) {
	for _, r := range rows() {
		if r.name == name {
			return load(r), true
		}
	}
	return Template{}, false
}

func load(r row) Template {
	text, err := files.ReadFile("files/" + r.name + ".tmpl")
	if err != nil {
		panic("templates: the embedded file of " + r.name + " is missing") // a mistake of the build, seen by every test
	}
	t := Template{
		Name: r.name, Text: string(text), Dest: r.dest, Write: r.write,
		Example: "[template:" + r.dest + "]\nsource = builtin:" + r.name + "\n" + r.settings,
	}
	if rest, ok := strings.CutPrefix(t.Text, "{{/*"); ok {
		doc, _, _ := strings.Cut(rest, "*/")
		t.Doc = strings.TrimSpace(doc)
	}
	return t
}
