package main

import (
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
)

// What the second stage says is in the name of the command that a person has typed, and
// names the thing: the section with its place, the address, and who has it.
func TestSecondStageNamesTheCommand(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).Port
	server := fmt.Sprintf("[inet_http_server]\nport = 127.0.0.1:%d\n[program:x]\ncommand = /bin/true\n", port)
	who := fmt.Sprintf("(pid %d) listens there", os.Getpid())
	for _, tt := range []struct {
		name, argv0, args, conf string
		status                  int
		says                    []string
	}{
		{"slipway, port in use", "slipway", "run -c app.conf", server, 78, []string{
			fmt.Sprintf("slipway: error: cannot listen at 127.0.0.1:%d ([inet_http_server], app.conf:5:1): ", port), who, "slipway: hint: stop that program"}},
		{"supervisord, port in use", "/usr/bin/supervisord", "-n -c app.conf", server, 2, []string{
			"Error: Another program is already listening on a port that one of our HTTP servers is configured to use.  Shut this program down first before starting supervisord.",
			fmt.Sprintf("([inet_http_server] 127.0.0.1:%d, app.conf:5:1: ", port), who, "\nFor help, use /usr/bin/supervisord -h\n"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newContainer(t, tt.conf)
			c.start(tt.argv0, strings.Fields(tt.args)...)
			status, out := c.wait()
			if status != tt.status {
				t.Errorf("status %d, want %d", status, tt.status)
			}
			for _, want := range tt.says {
				if !strings.Contains(out, want) {
					t.Errorf("it does not say %q", want)
				}
			}
			if strings.Contains(out, "slipway-init:") || strings.Contains(out, "slipway-init -h") {
				t.Error("it names a command that nobody has typed")
			}
			if t.Failed() {
				t.Log(out)
			}
		})
	}
}
