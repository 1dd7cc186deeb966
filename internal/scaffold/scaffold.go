// Package scaffold makes the first files of an image that uses slipway: the program, a
// template, and a Dockerfile, with comments that say what each line is for. It decides
// by what it is told; others look and write.
package scaffold

import (
	"path"
	"slices"
	"strings"
)

// Seen is what there is to go by.
type Seen struct {
	Files []string               // names in the folder of the image
	Look  func(name string) bool // whether an executable is on PATH
}

// File is one file to write, by its path in the folder.
type File struct {
	Path string
	Text string
}

// Kind is a program that the first files can be made for.
type Kind struct {
	Name string // of the program's section
	Why  string // what was seen of it
	// Command, Reload and More are lines of the section.
	command, reload, more string
	packages              string // of Debian
	port                  string // that it listens on unless told otherwise
	dest, text            string // the template
	app                   bool   // the folder itself is the program, and goes to /app
}

// service is a program that Debian has a package for.
type service struct {
	executable, file string // either shows it
	kind             Kind
}

func services() []service {
	return []service{
		{"nginx", "nginx.conf", Kind{
			Name: "nginx", command: `nginx -g "daemon off;"`, reload: "signal HUP", packages: "nginx-light", port: "8080",
			dest: "/etc/nginx/conf.d/app.conf",
			text: "server {\n    listen {{ .Env.PORT }};\n    root {{ .Env.WEB_ROOT | default \"/var/www/html\" }};\n    index index.html index.nginx-debian.html;\n}\n",
		}},
		{"redis-server", "redis.conf", Kind{
			Name: "redis", command: "redis-server /etc/redis/app.conf", packages: "redis-server", port: "6379",
			dest: "/etc/redis/app.conf",
			text: "port {{ .Env.PORT }}\nmaxmemory {{ .Env.REDIS_MAXMEMORY | default \"100mb\" }}\nlogfile \"\"\n",
		}},
	}
}

// settings is the template of a program that reads a file of its own kind.
const settings = "port = {{ .Env.PORT }}\nlog_level = {{ .Env.LOG_LEVEL | default \"info\" }}\n"

func application(command, packages string) Kind {
	return Kind{
		Name: "app", command: command, more: "directory = /app\n", packages: packages, port: "8080",
		dest: "/etc/app.conf", text: settings, app: true,
	}
}

// Find is what was seen, the likeliest first. It is never empty: the last one is a
// program that is to be replaced.
func Find(s Seen) []Kind {
	var kinds []Kind
	add := func(k Kind, why string) {
		k.Why = why
		kinds = append(kinds, k)
	}
	for _, name := range s.Files {
		switch {
		case name == "package.json":
			add(application("node .", "nodejs"), "there is "+name)
		case name == "app.py" || name == "main.py":
			add(application("python3 "+name, "python3"), "there is "+name)
		case path.Ext(name) == ".jar":
			add(application("java -jar "+name, "default-jre-headless"), "there is "+name)
		}
	}
	for _, v := range services() {
		switch {
		case slices.Contains(s.Files, v.file):
			add(v.kind, "there is "+v.file)
		case s.Look(v.executable):
			add(v.kind, v.executable+" is installed")
		}
	}
	if len(kinds) == 0 {
		add(Kind{
			Name: "app", command: "sleep infinity", port: "8080", dest: "/etc/app.conf", text: settings,
		}, "nothing that is known was found; replace the command")
	}
	return kinds
}

// Files are the files of an image with this program. inside says that the folder is the
// root of an image already: then it needs no Dockerfile.
func (k Kind) Files(inside bool) []File {
	files := []File{
		{"etc/slipway/conf.d/" + k.Name + ".conf", k.section()},
		{"etc/slipway/templates" + k.dest + ".tmpl", "# Made by slipway from /etc/slipway/templates" + k.dest + ".tmpl\n" + k.text},
	}
	if !inside {
		files = append(files, File{Dockerfile, k.dockerfile()})
	}
	return files
}

// Dockerfile is the path of the one file that an image may have already.
const Dockerfile = "Dockerfile"

func (k Kind) section() string {
	var b strings.Builder
	line := func(lines ...string) { b.WriteString(strings.Join(lines, "\n") + "\n") }
	line("; What this image runs, and what it makes from its environment. Each key is described in",
		"; slipway.conf(5) and docs/reference/configuration.md; slipway check finds mistakes.",
		"",
		"[program:"+k.Name+"]",
		"; Started without a shell, and in the foreground: the supervisor watches this process.",
		"command = "+k.command)
	b.WriteString(k.more)
	line("; When it ends, the container ends with its status. Without this line it is started again.",
		"on_exit = shutdown")
	if k.reload != "" {
		line("; How it takes over a file that has changed. Without this line it is restarted.",
			"reload = "+k.reload)
	}
	line("; It is ready when it answers; what depends on it waits for that.",
		"; ready = tcp://127.0.0.1:"+k.port,
		"",
		"; A variable that this image understands. It is checked before anything is written.",
		"[env:PORT]",
		"type = port",
		"default = "+k.port,
		"description = Port that "+k.Name+" listens on.",
		"",
		"; The file that is made, from the template of the same path in /etc/slipway/templates.",
		"[template:"+k.dest+"]",
		"; The program that is told when it changes.",
		"notify = "+k.Name)
	return b.String()
}

func (k Kind) dockerfile() string {
	var b strings.Builder
	b.WriteString("FROM debian:12\n")
	if k.packages != "" {
		b.WriteString("RUN apt-get update && apt-get install -y --no-install-recommends " + k.packages + " && rm -rf /var/lib/apt/lists/*\n")
	}
	b.WriteString("# The image that docker build -t slipway . makes from slipway's source.\nCOPY --from=slipway / /\n")
	if k.app {
		b.WriteString("COPY . /app/\n")
	}
	b.WriteString("COPY etc/ /etc/\n# Finds every mistake now, and not when the container starts.\nRUN slipway check\nENTRYPOINT [\"slipway\"]\n")
	return b.String()
}

// Lines are what a Dockerfile that is there already needs.
func Lines() []string {
	return []string{"COPY --from=slipway / /", "COPY etc/ /etc/", "RUN slipway check", `ENTRYPOINT ["slipway"]`}
}
