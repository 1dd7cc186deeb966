package decode

import (
	"fmt"
	"testing"
)

// One program has the terminal, and only one that can have it.
func TestTerminal(t *testing.T) {
	const two = "[supervisord]\n[program:a]\ncommand=a\ntty=true\n[program:b]\ncommand=b\n"
	for _, tt := range []struct{ name, text, want string }{
		{"one", two, ""},
		{"the other says no", two + "tty=false\n", ""},
		{"the other is left out", two + "tty=true\nenabled=false\n", ""},
		{"two", two + "tty=true\n", "cannot parse f:7:5: tty: expected one program that has the terminal, got another one at f:4:5"},
		{"three", two + "tty=yes\n[program:c]\ncommand=c\ntty=on\n", "cannot parse f:7:5: tty: expected one program that has the terminal, got another one at f:4:5\n" +
			"cannot parse f:10:5: tty: expected one program that has the terminal, got another one at f:4:5"},
		{"in a group", two + "tty=true\n[group:g]\nprograms=b\n", "cannot parse f:7:5: tty: expected one program that has the terminal, got another one at f:4:5"},
		{"of several processes", x + "tty=true\nnumprocs=2\nprocess_name=%(process_num)s", "cannot parse f:4:5: tty: expected a program with one process, got numprocs = 2"},
		{"two at a time", x + "tty=true\nrestart_mode=overlap", "cannot parse f:4:5: tty: expected a program that is stopped before it is started again, got restart_mode = overlap"},
		{"a listener", "[supervisord]\n[eventlistener:l]\ncommand=l\nevents=TICK_5\ntty=true\n", "cannot parse f:5:5: tty: expected false: it speaks with the supervisor, or with its clients, by its standard input"},
		{"an fcgi-program", "[supervisord]\n[fcgi-program:l]\ncommand=l\nsocket=unix:///run/x\ntty=true\n", "cannot parse f:5:5: tty: expected false: it speaks with the supervisor, or with its clients, by its standard input"},
		{"no boolean", x + "tty=/dev/tty1", `cannot parse f:4:5: tty: expected true or false, got "/dev/tty1"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := decode(tt.text, nil)
			if got := fmt.Sprint(err); got != tt.want && (err != nil || tt.want != "") {
				t.Errorf("%s\nwant %s", got, tt.want)
			}
		})
	}
}
