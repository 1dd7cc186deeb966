package dialect

import (
	"testing"

	"slipway/supervise/system"
)

func TestParseInt(t *testing.T) {
	for _, tt := range []struct {
		in   string
		base int
		want int64
		ok   bool
	}{
		{"0", 10, 0, true}, {" 12\n", 10, 12, true}, {"-3", 10, -3, true}, {"+3", 10, 3, true}, {"007", 10, 7, true},
		{"1_000", 10, 1000, true}, {"_1", 10, 0, false}, {"1_", 10, 0, false}, {"1__0", 10, 0, false},
		{"", 10, 0, false}, {"-", 10, 0, false}, {"1.0", 10, 0, false}, {"0x10", 10, 0, false}, {"1e3", 10, 0, false},
		{"9223372036854775808", 10, 0, false},
		{"022", 8, 18, true}, {"22", 8, 18, true}, {"0o22", 8, 18, true}, {"0O_22", 8, 18, true}, {"8", 8, 0, false}, {"0o", 8, 0, false},
	} {
		got, ok := ParseInt(tt.in, tt.base)
		if got != tt.want || ok != tt.ok {
			t.Errorf("parseInt(%q, %d) = %d, %v, want %d, %v", tt.in, tt.base, got, ok, tt.want, tt.ok)
		}
	}
}

func TestGlobMatch(t *testing.T) {
	for _, tt := range []struct {
		pattern, name string
		want          bool
	}{
		{"*.conf", "a.conf", true}, {"*.conf", "a.conf~", false}, {"*", "", true}, {"a*b*c", "axxbyyc", true}, {"a*b*c", "axxbyy", false},
		{"?.ini", "é.ini", true}, {"?.ini", "ab.ini", false}, {"[abc]", "b", true}, {"[!abc]", "b", false}, {"[!abc]", "d", true},
		{"[a-c]x", "bx", true}, {"[a-c]x", "dx", false}, {"[]]", "]", true}, {"[!]]", "]", false}, {"[a", "[a", true}, {"[a-]", "-", true},
		{"a\\*", "a\\b", true}, {"{a,b}", "{a,b}", true}, {"**", "abc", true},
	} {
		if got := match(tt.pattern, tt.name); got != tt.want {
			t.Errorf("match(%q, %q) = %v, want %v", tt.pattern, tt.name, got, tt.want)
		}
	}
}

func TestPaths(t *testing.T) {
	p := Paths{Dir: "/w", Home: "/home/me/", Sys: system.System{UserByName: func(name string) (system.Account, bool) { return system.Account{Home: "/srv"}, name == "app" }}}
	for in, want := range map[string]string{
		"a": "/w/a", "./a/../b": "/w/b", "/a//b/": "/a/b", "//a": "//a", "///a": "/a", "~": "/home/me", "~/x": "/home/me/x",
		"~app/x": "/srv/x", "~nobody/x": "/w/~nobody/x", "": "/w",
	} {
		if got := p.Abs(in); got != want {
			t.Errorf("abs(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"/a/b": "/a", "/a": "/", "a": "", "a/b/": "a/b", "//a": "//", "a//b": "a"} {
		if got := Dirname(in); got != want {
			t.Errorf("dirname(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestClosest(t *testing.T) {
	known := []string{"autostart", "autorestart", "command", "user"}
	for in, want := range map[string]string{"autostrat": "autostart", "comand": "command", "autorestat": "autorestart", "usr": "user", "xyz": "", "u": ""} {
		if got := Closest(in, known); got != want {
			t.Errorf("closest(%q) = %q, want %q", in, got, want)
		}
	}
}
