package decode

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"slipway/supervise/config"
	"slipway/supervise/config/changes"
	"slipway/supervise/dialect"
	"slipway/supervise/sockets"
)

// What is wrong with a socket, and with a program that names some, is said with its place.
func TestSocketProblems(t *testing.T) {
	const web = "[socket:web]\nlisten = tcp://127.0.0.1:80\n"
	for _, tt := range []struct{ name, text, want, hint string }{
		{"no address", "[socket:web]\n[program:x]\ncommand=a\nsockets=web", "f:2:1: [socket:web]: expected a listen setting", ""},
		{"no address at all", "[socket:web]\nlisten=8080\n[program:x]\ncommand=a\nsockets=web", `f:3:8: listen: expected ` + sockets.Expected + `, got "8080"`, "write for instance: listen = tcp://127.0.0.1:8080"},
		{"a name of a machine", "[socket:web]\nlisten=tcp://example.com:80\n[program:x]\ncommand=a\nsockets=web", `f:3:8: listen: expected a numeric address, such as 127.0.0.1, [::1] or *, got "tcp://example.com:80"`, "write for instance: listen = tcp://127.0.0.1:8080"},
		{"mode of a port", web + "mode=0600\n[program:x]\ncommand=a\nsockets=web", "f:4:6: mode: mode is for unix sockets with a file, and this one is tcp://127.0.0.1:80", ""},
		{"an option", web + "options=nodelay, reuse\n[program:x]\ncommand=a\nsockets=web", `f:4:9: options: expected reuseport, nodelay, keepalive, freebind, ipv6only or passcred, got "reuse"`, ""},
		{"an option that does not fit", web + "options=passcred\n[program:x]\ncommand=a\nsockets=web", "f:4:9: options: passcred does not fit tcp://127.0.0.1:80", ""},
		{"no queue", web + "backlog=0\n[program:x]\ncommand=a\nsockets=web", `f:4:9: backlog: expected at least 1, got "0"`, ""},
		{"the same address", web + "[socket:too]\nlisten=tcp://localhost:80\n[program:x]\ncommand=a\nsockets=web too", "f:4:1: listen: expected an address of its own, got tcp://127.0.0.1:80, which is that of [socket:web] (f:2:1)", ""},
		{"an unknown name", web + "[program:x]\ncommand=a\nsockets=wep", `f:6:9: sockets: expected names of [socket:NAME] sections, got "wep", for which there is none`, `did you mean "web"?`},
		{"twice", web + "[program:x]\ncommand=a\nsockets=web web", `f:6:9: sockets: expected each name once, got "web" twice`, ""},
		{"a bad name", "[socket:a:b]\nlisten = tcp://127.0.0.1:80\n[program:x]\ncommand=a", `f:2:1: [socket:a:b]: expected a name without blanks, colons, percent signs and parentheses, got "a:b"`, ""},
		{"in the way of ready", web + "[program:x]\ncommand=a\nsockets=web\nready=fd:3", `f:7:7: ready: expected a descriptor above those of sockets, got "fd:3"`, "write fd:4"},
		{"a number of none", web + "[program:x]\ncommand=a %(fd_wep)s\nsockets=web", "f:5:11: command: %(fd_wep)s is not known here", "did you mean %(fd_web)s?"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := decode("[supervisord]\n"+tt.text, nil)
			ps := new(dialect.Problems)
			if !errors.As(err, &ps) {
				t.Fatalf("%v, want a problem", err)
			}
			if got := strings.TrimPrefix(ps.List[0].Error(), "cannot parse "); got != tt.want || ps.List[0].Hint != tt.hint {
				t.Errorf("problem %s\nhint %s\nwant %s\nhint %s", got, ps.List[0].Hint, tt.want, tt.hint)
			}
		})
	}
}

// A program has the sockets that it names, in its order, and their numbers.
func TestSocketsOfPrograms(t *testing.T) {
	cfg, err := decode(`[supervisord]
[socket:admin]
listen = unix:///run/admin.sock
mode = 0600
[socket:web]
listen = tcp://[::1]:80
backlog = 7
options = nodelay, ipv6only
[socket:idle]
listen = tcp://127.0.0.1:81
[program:x]
command = a -l fd://%(fd_web)s -a %(fd_admin)02d
environment = NGINX="%(fd_web)s;"
sockets = admin, web
`, nil)
	if err != nil {
		t.Fatal(err)
	}
	p := cfg.Groups[0].Processes[0]
	if want := []string{"a", "-l", "fd://4", "-a", "03"}; !slices.Equal(p.Argv, want) {
		t.Errorf("command %q, want %q", p.Argv, want)
	}
	if want := []dialect.Var{{Name: "NGINX", Value: "4;"}}; !slices.Equal(p.Environment, want) {
		t.Errorf("environment %q, want %q", p.Environment, want)
	}
	if len(p.Listen) != 2 {
		t.Fatalf("%d sockets, want 2", len(p.Listen))
	}
	admin, web := *p.Listen[0], *p.Listen[1]
	if admin.Name != "admin" || admin.Path != "/run/admin.sock" || admin.Mode != 0o600 || admin.Backlog != 4096 || admin.UID != -1 {
		t.Errorf("the first: %+v", admin)
	}
	if web.Name != "web" || web.String() != "tcp://[::1]:80" || web.Backlog != 7 || web.Options != sockets.NoDelay|sockets.OnlyIPv6 {
		t.Errorf("the second: %+v", web)
	}
	if len(cfg.Notes) != 1 || cfg.Notes[0].Text != "[socket:idle] has no effect: no program has it in sockets" {
		t.Errorf("notes: %v", cfg.Notes)
	}
}

// A group is another one when a socket of its programs has another address.
func TestDiffOfSockets(t *testing.T) {
	read := func(socket string) *config.Config {
		cfg, err := decode("[supervisord]\n[socket:web]\n"+socket+"\n[program:x]\ncommand=a\nsockets=web\n[program:y]\ncommand=a\n", nil)
		if err != nil {
			t.Fatal(err)
		}
		return cfg
	}
	for _, tt := range []struct {
		to   string
		want []string
	}{
		{"listen = tcp://127.0.0.1:80", nil},
		{"listen = tcp://127.0.0.1:80\nbacklog = 5", nil},
		{"listen = tcp://127.0.0.1:81", []string{"x"}},
	} {
		if _, changed, _ := changes.Between(read("listen = tcp://127.0.0.1:80"), read(tt.to)); !slices.Equal(changed, tt.want) {
			t.Errorf("%s: changed %q, want %q", tt.to, changed, tt.want)
		}
	}
}
