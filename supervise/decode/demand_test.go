package decode

import (
	"errors"
	"strings"
	"testing"
	"time"

	"slipway/supervise/dialect"
)

// What makes no sense with start = on-demand is said with its place and what to do.
func TestDemandProblems(t *testing.T) {
	const web = "[socket:web]\nlisten = tcp://127.0.0.1:80\n[program:x]\ncommand=a\n"
	for _, tt := range []struct{ name, text, want, hint string }{
		{"no sockets", "[program:x]\ncommand=a\nstart=on-demand", "f:4:7: start: expected a sockets option beside on-demand", "write [socket:NAME] with a listen option, and sockets = NAME in the section of the program"},
		{"another word", web + "sockets=web\nstart=demand", `f:7:7: start: expected on-demand, got "demand"`, ""},
		{"a oneshot", web + "sockets=web\nstart=on-demand\ntype=oneshot", "f:7:7: start: expected a program that runs until it is stopped, got type = oneshot", "take type out: what ends by itself is started by the next connection"},
		{"a schedule", web + "sockets=web\nstart=on-demand\nschedule=@daily", "f:7:7: start: expected no schedule beside on-demand", "take one of the two out"},
		{"several processes", web + "sockets=web\nstart=on-demand\nnumprocs=2\nprocess_name=%(process_num)d", "f:7:7: start: expected sockets that no other process has, and web is that of x:1 as well: either may take a connection that starts the other", ""},
		{"a socket of another", web + "sockets=web\nstart=on-demand\n[program:y]\ncommand=a\nsockets=web", "f:7:7: start: expected sockets that no other process has, and web is that of y as well: either may take a connection that starts the other", ""},
		{"a listener", "[socket:web]\nlisten = tcp://127.0.0.1:80\n[eventlistener:x]\ncommand=a\nevents=EVENT\nsockets=web\nstart=on-demand", "f:8:7: start: expected a program, and this is an eventlistener, which waits for events", "take start out"},
		{"datagrams are not seen", "[socket:log]\nlisten=udp://127.0.0.1:514\n[program:x]\ncommand=a\nsockets=log\nstart=on-demand\nidle_stop=5m", "f:8:11: idle_stop: expected sockets that take connections, and log is udp://127.0.0.1:514: nobody can see who sends to it", "take idle_stop out"},
		{"idle_stop alone", web + "sockets=web\nidle_stop=5m", "f:7:11: idle_stop: expected start = on-demand beside it", "what is started with the supervisor is not stopped when it is idle"},
		{"waited for", web + "sockets=web\nstart=on-demand\n[program:y]\ncommand=a\ndepends_on=x", `f:10:12: depends_on: expected programs that are started with the supervisor, got "x", and x waits for somebody to connect (start = on-demand)`, "take it out: whoever connects to its sockets starts it, and is answered"},
		{"waited for, with a condition", web + "sockets=web\nstart=on-demand\n[program:y]\ncommand=a\ndepends_on=x:started", `f:10:12: depends_on: expected programs that are started with the supervisor, got "x:started", and x waits for somebody to connect (start = on-demand)`, "take it out: whoever connects to its sockets starts it, and is answered"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := decode("[supervisord]\n"+tt.text, nil)
			ps := new(dialect.Problems)
			if !errors.As(err, &ps) {
				t.Fatalf("%v, want a problem", err)
			}
			if got := strings.TrimPrefix(ps.List[0].Error(), "cannot parse "); got != tt.want || ps.List[0].Hint != tt.hint || len(ps.List) > 1 {
				t.Errorf("%d problems: %s\nhint %s\nwant %s\nhint %s", len(ps.List), got, ps.List[0].Hint, tt.want, tt.hint)
			}
		})
	}
}

// A program that is started on demand is not started by itself unless its section says so. A
// file that has the key start for reasons of its own is what it was.
func TestDemandOption(t *testing.T) {
	const web = "[supervisord]\n[socket:web]\nlisten = tcp://127.0.0.1:80\n[program:x]\ncommand=a\n"
	for _, tt := range []struct {
		name, text        string
		demand, autostart bool
		idle              time.Duration
	}{
		{"on demand", web + "sockets=web\nstart=on-demand\nidle_stop=5m", true, false, 5 * time.Minute},
		{"at the start as well", web + "sockets=web\nstart=on-demand\nautostart=true", true, true, 0},
		{"never by itself", web + "sockets=web\nstart=on-demand\nautostart=false", true, false, 0},
		{"somebody's own", "[supervisord]\n[program:x]\ncommand=a\nstart=true", false, true, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg, err := decode(tt.text, nil)
			if err != nil {
				t.Fatal(err)
			}
			p := &cfg.Groups[0].Processes[0]
			if p.OnDemand() != tt.demand || p.Autostart != tt.autostart || p.IdleStop != tt.idle {
				t.Errorf("on demand %t, autostart %t, idle_stop %s, want %t, %t, %s", p.OnDemand(), p.Autostart, p.IdleStop, tt.demand, tt.autostart, tt.idle)
			}
		})
	}
}
