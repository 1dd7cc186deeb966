package sockets

import (
	"strings"
	"testing"

	"slipway/internal/test/testkit"
)

// What is an address is written so that it is read again.
func FuzzAddress(f *testing.F) {
	for _, s := range []string{"tcp://127.0.0.1:80", "udp://[::1]:53", "unix:///run/x.sock", "unix-datagram:///x", "tcp://*:1", "tcp://[fe80::1%eth0]:1", "tcp://1.2.3:4"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		defer testkit.Timed(t, len(text))()
		ParseOptions(strings.Fields(text))
		a, wrong := ParseAddress(text)
		if wrong != "" {
			return
		}
		again, wrong := ParseAddress(a.String())
		if wrong != "" || again != a {
			t.Fatalf("%q is %s, which is %v: %s", text, a.String(), again, wrong)
		}
	})
}
