package scaffold

import (
	"strings"
	"testing"
)

func TestFind(t *testing.T) {
	none := func(string) bool { return false }
	for _, tt := range []struct {
		name string
		seen Seen
		want string // names and commands, the first first
	}{
		{"nothing", Seen{Look: none}, "app: sleep infinity"},
		{"node", Seen{Files: []string{"README.md", "package.json"}, Look: none}, "app: node ."},
		{"python", Seen{Files: []string{"main.py"}, Look: none}, "app: python3 main.py"},
		{"java", Seen{Files: []string{"shop-1.0.jar"}, Look: none}, "app: java -jar shop-1.0.jar"},
		{"nginx by its file", Seen{Files: []string{"nginx.conf"}, Look: none}, `nginx: nginx -g "daemon off;"`},
		{"redis, installed", Seen{Look: func(n string) bool { return n == "redis-server" }}, "redis: redis-server /etc/redis/app.conf"},
		{"the folder before the machine", Seen{Files: []string{"app.py"}, Look: func(n string) bool { return n == "nginx" }}, `app: python3 app.py, nginx: nginx -g "daemon off;"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, k := range Find(tt.seen) {
				got = append(got, k.Name+": "+k.command)
				if k.Why == "" {
					t.Errorf("%s does not say why", k.Name)
				}
			}
			if s := strings.Join(got, ", "); s != tt.want {
				t.Errorf("Find = %s, want %s", s, tt.want)
			}
		})
	}
}

func TestFiles(t *testing.T) {
	k := Find(Seen{Files: []string{"package.json"}, Look: func(string) bool { return false }})[0]
	names := func(files []File) (s string) {
		for _, f := range files {
			s += f.Path + " "
		}
		return s
	}
	const both = "etc/slipway/conf.d/app.conf etc/slipway/templates/etc/app.conf.tmpl "
	if got := names(k.Files(true)); got != both {
		t.Errorf("inside of an image: %s, want %s", got, both)
	}
	files := k.Files(false)
	if got := names(files); got != both+"Dockerfile " {
		t.Errorf("for an image: %s, want a Dockerfile as well", got)
	}
	for _, line := range append(Lines(), "COPY . /app/") {
		if !strings.Contains(files[2].Text, "\n"+line+"\n") {
			t.Errorf("no line %q in\n%s", line, files[2].Text)
		}
	}
}
