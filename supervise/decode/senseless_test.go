package decode_test

import (
	"slices"
	"strings"
	"testing"

	"slipway/supervise/config"
	"slipway/supervise/decode"
	"slipway/supervise/dialect"
)

// with decodes a file that has, in a section of the table, the option with this value and
// what else the section needs.
func with(t *testing.T, table config.Table, option, value string, asSupervisord bool) error {
	t.Helper()
	needs := map[string]string{
		"program:NAME": "command=a", "group:NAME": "programs=x", "eventlistener:NAME": "command=a\nevents=TICK",
		"fcgi-program:NAME": "command=a\nsocket=unix:///run/s", "socket:NAME": "listen=unix:///run/t\nuser=root", "unix_http_server": "file=/run/u",
		"inet_http_server": "port=9001",
	}[table.Name]
	if option == "supplementary_groups" {
		needs += "\nuser=5"
	}
	lines := slices.DeleteFunc(strings.Split(needs, "\n"), func(l string) bool { return strings.HasPrefix(l, option+"=") })
	in := decode.TestInput("[program:x]\ncommand=a\n[supervisord]\n[" + strings.Replace(table.Name, "NAME", "y", 1) + "]\n" +
		strings.Join(lines, "\n") + "\n" + option + " = " + value + "\n")
	in.AsSupervisord = asSupervisord
	doc, err := dialect.Load("f", in.Environ, in.System)
	if err != nil {
		t.Fatal(err)
	}
	_, err = decode.Decode(doc, in)
	return err
}

// refused tells whether an option was refused for its value.
func refused(err error, option string) bool {
	return err != nil && strings.Contains(err.Error(), ": "+option+": expected ")
}

// Of all tables each number is refused that is negative where that makes no sense. As
// supervisord they are taken as the original takes them.
func TestNegativeNumbers(t *testing.T) {
	signed := []string{"priority", "nice", "oom_score_adj"}
	original := []string{"buffer_size", "socket_backlog"} // which it refuses as well
	rows := 0
	for _, table := range config.Tables() {
		for o := range table.Options() {
			switch o.Type {
			case config.TypeInt, config.TypeSize, config.TypeOctal, config.TypeDuration, config.TypePort, config.TypePause, config.TypeExitcodes, config.TypeAttribute:
			default:
				continue
			}
			rows++
			if got, want := refused(with(t, table, o.Name, "-1", false), o.Name), !slices.Contains(signed, o.Name); got != want {
				t.Errorf("[%s] %s = -1 is refused: %v, want %v (%v)", table.Name, o.Name, got, want, with(t, table, o.Name, "-1", false))
			}
			isNumber := o.Type == config.TypeInt || o.Type == config.TypeSize || o.Type == config.TypeOctal
			if isNumber && !o.Own && !table.Own {
				if got, want := refused(with(t, table, o.Name, "-1", true), o.Name), slices.Contains(original, o.Name); got != want {
					t.Errorf("as supervisord, [%s] %s = -1 is refused: %v, want %v", table.Name, o.Name, got, want)
				}
			}
		}
	}
	if rows < 50 {
		t.Errorf("only %d rows were looked at", rows)
	}
	for _, words := range []string{"max_restarts = 5 in -1m", "max_restarts = -5 in 1m", "restart_pause = 1s, -1m, 2, 0.1", "schedule = @every -5m", "ready = fd:-1", "exitcodes = 0,-1",
		"limit_nofile = -5", "rolling = -1", "stdout_logfile_maxbytes = -1MB"} {
		option, value, _ := strings.Cut(words, " = ")
		if err := with(t, config.Tables()[1], option, value, false); !refused(err, option) {
			t.Errorf("%s: %v", words, err)
		}
	}
}

// Of all tables each list is refused that is empty, unless that is what it would be without
// the option, or its row says what that means. One with nothing but a comma always is.
func TestEmptyLists(t *testing.T) {
	rows := 0
	for _, table := range config.Tables() {
		for o := range table.Options() {
			switch o.Type {
			case config.TypeList, config.TypeWords, config.TypeExitcodes, config.TypeSignals, config.TypeRoutes, config.TypeGroups:
			default:
				continue
			}
			rows++
			want := o.Empty == "" && (o.Fallback(false) != "" || o.Required)
			// Where an option is required, one without a value is taken for none.
			if err := with(t, table, o.Name, "", false); (err != nil) != want {
				t.Errorf("[%s] %s is empty: %v, want it refused: %v", table.Name, o.Name, err, want)
			}
			if err := with(t, table, o.Name, ",", false); !refused(err, o.Name) {
				t.Errorf("[%s] %s = ,: %v", table.Name, o.Name, err)
			}
		}
	}
	if rows < 20 {
		t.Errorf("only %d rows were looked at", rows)
	}
	if err := with(t, config.Tables()[1], "exitcodes", "", true); err != nil {
		t.Errorf("as supervisord, exitcodes may be empty: %v", err)
	}
}
