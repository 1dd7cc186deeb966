package decode_test

import (
	"slices"
	"strings"
	"testing"

	"slipway/supervise/config"
	"slipway/supervise/decode"
	"slipway/supervise/dialect"
	"slipway/supervise/signals"
)

// read decodes a file that has a program web, a group back with the process db, and what
// is given.
func readSignals(text string, environ ...string) (*config.Config, error) {
	in := decode.TestInput("[program:web]\ncommand=a\n[program:db]\ncommand=a\n[group:back]\nprograms=db\n" + text)
	in.AsSupervisord = false
	in.Environ = append(in.Environ, environ...)
	doc, err := dialect.Load("f", in.Environ, in.System)
	if err != nil {
		return nil, err
	}
	return decode.Decode(doc, in)
}

func TestSignals(t *testing.T) {
	for _, row := range []struct {
		name, text string
		environ    []string
		stop       []int
		routes     []signals.Route
	}{
		{"defaults", "", nil, []int{15, 2, 3}, nil},
		{"names and numbers", "[slipway]\nstop_signals = sigwinch, RTMIN+3 SIGRTMAX-1,10 35\n", nil, []int{28, 37, 63, 10, 35}, nil},
		{"by environment", "[slipway]\nstop_signals = WINCH\n", []string{"SLIPWAY_STOP_SIGNALS=USR1"}, []int{10}, nil},
		{"passed on", "[slipway]\nsignals = HUP:web, SIGUSR2:back=RTMIN+1 12:back:db=9,USR1:main\n", nil, []int{15, 2, 3},
			[]signals.Route{{Signal: 1, To: "web", As: 1}, {Signal: 12, To: "back", As: 35}, {Signal: 12, To: "back:db", As: 9}, {Signal: 10, To: "main", As: 10}}},
		{"passed on by environment", "", []string{"SLIPWAY_SIGNALS=HUP:db"}, []int{15, 2, 3}, []signals.Route{{Signal: 1, To: "db", As: 1}}},
	} {
		t.Run(row.name, func(t *testing.T) {
			cfg, err := readSignals(row.text, row.environ...)
			if err != nil {
				t.Fatal(err)
			}
			if got := cfg.Slipway.StopSignals; !slices.Equal(got, row.stop) {
				t.Errorf("stop_signals = %v, want %v", got, row.stop)
			}
			if got := cfg.Slipway.Signals; !slices.Equal(got, row.routes) {
				t.Errorf("signals = %v, want %v", got, row.routes)
			}
			if len(cfg.Notes) > 0 {
				t.Errorf("notes = %v", cfg.Notes)
			}
		})
	}
}

func TestBadSignals(t *testing.T) {
	const stops, routes = "expected signals such as TERM, QUIT or RTMIN+3, separated by commas, got ",
		"expected SIGNAL:PROGRAM or SIGNAL:PROGRAM=SIGNAL, such as HUP:webapp, USR2:nginx=HUP, got "
	for _, row := range []struct {
		line string
		want string
		hint string
	}{
		{"stop_signals = TERM, TRM", `f:8:22: stop_signals: ` + stops + `"TRM"`, `did you mean "TERM"?`},
		{"stop_signals = TERM, KILL", `f:8:22: stop_signals: ` + stops + `"KILL": no process can catch KILL`, ""},
		{"stop_signals = 17", `f:8:16: stop_signals: ` + stops + `"17": CHLD is how the supervisor learns of the end of its processes`, ""},
		{"stop_signals = 65", `f:8:16: stop_signals: ` + stops + `"65"`, ""},
		{"stop_signals = RTMIN+31", `f:8:16: stop_signals: ` + stops + `"RTMIN+31"`, ""},
		{"stop_signals = RTMAX-", `f:8:16: stop_signals: ` + stops + `"RTMAX-"`, `did you mean "RTMAX"?`},
		{"stop_signals =", `stop_signals: ` + stops + `""`, ""},
		{"signals = HUP", `f:8:11: signals: ` + routes + `"HUP"`, ""},
		{"signals = HUP:", `f:8:11: signals: ` + routes + `"HUP:"`, ""},
		{"signals = HUP:web, HPU:web", `f:8:20: signals: ` + routes + `"HPU:web"`, `did you mean "HUP"?`},
		{"signals = HUP:web=UST1", `f:8:11: signals: ` + routes + `"HUP:web=UST1"`, `did you mean "USR1"?`},
		{"signals = STOP:web", `f:8:11: signals: ` + routes + `"STOP:web": no process can catch STOP`, ""},
		{"signals = HUP:wbe", `f:8:11: signals: expected names of programs or groups, got "wbe", which there is not`, `did you mean "web"?`},
	} {
		t.Run(row.line, func(t *testing.T) {
			_, err := readSignals("[slipway]\n" + row.line + "\n")
			if err == nil || !strings.Contains(err.Error(), row.want) {
				t.Fatalf("got %v, want %s", err, row.want)
			}
			if ps, ok := err.(*dialect.Problems); !ok || len(ps.List) != 1 || ps.First.Hint != row.hint {
				t.Errorf("hint of %v, want %q", err, row.hint)
			}
		})
	}
	t.Run("in the environment", func(t *testing.T) {
		_, err := readSignals("", "SLIPWAY_SIGNALS=HUP:nobody")
		if want := "environment variable SLIPWAY_SIGNALS: signals: expected names of programs"; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	})
}

func TestSignalThatStopsIsNotPassedOn(t *testing.T) {
	cfg, err := readSignals("[slipway]\nsignals = TERM:web, QUIT:main\n")
	if err != nil {
		t.Fatal(err)
	}
	if len(cfg.Notes) != 1 || !strings.Contains(cfg.Notes[0].Text, "TERM is not passed on to web: it is one of stop_signals") {
		t.Errorf("notes = %v, want one of TERM", cfg.Notes)
	}
}
