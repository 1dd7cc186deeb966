package decode_test

import (
	"testing"

	"slipway/supervise/decode"
	"slipway/supervise/dialect"
)

// Programs are told an address that is served: what the original gives, and in a container none
// of a server that would let everybody in.
func TestServerURL(t *testing.T) {
	const local, other = "[inet_http_server]\nport=127.0.0.1:1\n", "[inet_http_server:b]\nport=localhost:2\n"
	const open, closed = "[inet_http_server:c]\nport=*:3\n", "[inet_http_server:c]\nport=3\nusername=u\npassword=p\n"
	const unix = "[unix_http_server]\nfile=/run/a\n[unix_http_server:b]\nfile=/run/b\n"
	for _, row := range []struct{ name, text, run, supervisord string }{
		{"none", "", "", ""},
		{"one", local, "http://127.0.0.1:1", "http://127.0.0.1:1"},
		{"the last of two", local + other, "http://localhost:2", "http://localhost:2"},
		{"in the order of the file", other + local, "http://127.0.0.1:1", "http://127.0.0.1:1"},
		{"the first unix server", local + unix, "unix:///run/a", "unix:///run/a"},
		{"open to all", local + open, "http://127.0.0.1:1", "http://localhost:3"},
		{"nothing but open to all", open, "", "http://localhost:3"},
		{"with a password", local + closed, "http://localhost:3", "http://localhost:3"},
	} {
		for mode, want := range map[bool]string{false: row.run, true: row.supervisord} {
			in := decode.TestInput("[supervisord]\n[program:x]\ncommand=a\n" + row.text)
			in.AsSupervisord = mode
			doc, err := dialect.Load("f", in.Environ, in.System)
			if err != nil {
				t.Fatal(err)
			}
			if cfg, err := decode.Decode(doc, in); err != nil || cfg.ServerURL != want {
				t.Errorf("%s, as supervisord %v: %q, want %q (%v)", row.name, mode, cfg.ServerURL, want, err)
			}
		}
	}
}
