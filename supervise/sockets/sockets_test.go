package sockets

import (
	"slices"
	"strings"
	"testing"
)

// An address is what it says, or it is said what is wrong with it.
func TestParseAddress(t *testing.T) {
	for _, tt := range []struct{ text, want, wrong string }{
		{"tcp://127.0.0.1:80", "tcp://127.0.0.1:80", ""},
		{"tcp://localhost:80", "tcp://127.0.0.1:80", ""},
		{"tcp://:80", "tcp://0.0.0.0:80", ""},
		{"tcp://*:80", "tcp://0.0.0.0:80", ""},
		{"udp://10.1.2.3:514", "udp://10.1.2.3:514", ""},
		{"tcp://[::]:80", "tcp://[::]:80", ""},
		{"tcp://[::1]:80", "tcp://[::1]:80", ""},
		{"tcp://[FE80::1:2]:80", "tcp://[fe80:0:0:0:0:0:1:2]:80", ""},
		{"tcp://[1:2:3:4:5:6:7:8]:80", "tcp://[1:2:3:4:5:6:7:8]:80", ""},
		{"tcp://[::ffff:1.2.3.4]:80", "tcp://[0:0:0:0:0:ffff:102:304]:80", ""},
		{"unix:///run/web.sock", "unix:///run/web.sock", ""},
		{"unix://@web", "unix://@web", ""},
		{"unix-datagram:///run/log", "unix-datagram:///run/log", ""},
		{"", "", "expected tcp://"},
		{"8080", "", "expected tcp://"},
		{"http://x", "", "expected tcp://"},
		{"tcp://127.0.0.1", "", "expected tcp://"},
		{"tcp://127.0.0.1:0", "", "a port"},
		{"tcp://127.0.0.1:65536", "", "a port"},
		{"tcp://127.0.0.1:http", "", "a port"},
		{"tcp://example.com:80", "", "numeric"},
		{"tcp://1.2.3:80", "", "numeric"},
		{"tcp://1.2.3.256:80", "", "numeric"},
		{"tcp://1.2.3.04:80", "", "numeric"},
		{"tcp://[1::2::3]:80", "", "numeric"},
		{"tcp://[1:2:3:4:5:6:7]:80", "", "numeric"},
		{"tcp://[1:2:3:4:5:6:7:8::]:80", "", "numeric"},
		{"tcp://[12345::]:80", "", "numeric"},
		{"tcp://[fe80::1%eth0]:80", "", "numeric"},
		{"unix://run/web.sock", "", "absolute path"},
		{"unix://", "", "absolute path"},
		{"unix:///" + strings.Repeat("x", 107), "", "at most 107"},
	} {
		a, wrong := ParseAddress(tt.text)
		switch {
		case tt.wrong != "" && !strings.Contains(wrong, tt.wrong), tt.wrong == "" && wrong != "":
			t.Errorf("ParseAddress(%q) is wrong: %q, want %q", tt.text, wrong, tt.wrong)
		case tt.wrong == "" && a.String() != tt.want:
			t.Errorf("ParseAddress(%q) = %s, want %s", tt.text, a.String(), tt.want)
		}
		if tt.wrong == "" {
			if again, _ := ParseAddress(a.String()); again != a {
				t.Errorf("%s is read as another address than it is", a.String())
			}
		}
	}
}

// What a program gets is what it is told, whatever was in the environment before.
func TestEnviron(t *testing.T) {
	was := []string{"A=1", "LISTEN_FDS=7", "LISTEN_PID=1", "LISTEN_FDNAMES=x", "LISTEN_FDS_NOT=1"}
	got := Environ(was, []*Socket{{Name: "web"}, {Name: "admin"}})
	want := []string{"A=1", "LISTEN_FDS_NOT=1", "LISTEN_PID=0000000000", "LISTEN_FDS=2", "LISTEN_FDNAMES=web:admin"}
	if !slices.Equal(got, want) {
		t.Errorf("environment %q, want %q", got, want)
	}
	if was[1] != "LISTEN_FDS=7" {
		t.Error("the environment that was given has changed")
	}
}

func TestParseOptions(t *testing.T) {
	o, wrong := ParseOptions([]string{"reuseport", "NoDelay"})
	if o != ReusePort|NoDelay || wrong != "" {
		t.Errorf("options %b, wrong %q", o, wrong)
	}
	if _, wrong := ParseOptions([]string{"nodelay", "fast"}); wrong != "fast" {
		t.Errorf("the word that is wrong = %q, want fast", wrong)
	}
}
