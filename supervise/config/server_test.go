package config

import "testing"

// A port that others reach needs a password, whichever way it is written that others do.
func TestIsOpenToAll(t *testing.T) {
	for _, row := range []struct {
		srv  Server
		want bool
	}{
		{Server{Host: "", Port: 9001}, true},
		{Server{Host: "*", Port: 9001}, true},
		{Server{Host: "0.0.0.0", Port: 9001}, true},
		{Server{Host: "::", Port: 9001}, true},
		{Server{Host: "10.0.0.1", Port: 9001}, true},
		{Server{Host: "12.7.0.1", Port: 9001}, true},
		{Server{Host: "", Port: 9001, HasAuth: true}, true}, // an empty name: none is asked for
		{Server{Host: "", Port: 9001, HasAuth: true, Username: "u"}, false},
		{Server{Host: "localhost", Port: 9001}, false},
		{Server{Host: "127.0.0.1", Port: 9001}, false},
		{Server{Host: "127.1.2.3", Port: 9001}, false},
		{Server{Host: "::1", Port: 9001}, false},
		{Server{Unix: true, File: "/run/s.sock"}, false},
	} {
		if got := row.srv.IsOpenToAll(); got != row.want {
			t.Errorf("IsOpenToAll(%+v) = %v, want %v", row.srv, got, row.want)
		}
	}
}
