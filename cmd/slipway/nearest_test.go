package main

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"slipway/internal/exit"
)

// A word that is none of those that there are gets the one that is like it: of commands,
// options, programs, groups, templates, sections, variables and errors.
func TestDidYouMean(t *testing.T) {
	conf, socket := filepath.Join(jsonImage(t), "good.conf"), jsonSupervisor(t)
	for _, row := range []struct {
		args   string
		status int
		hint   string
	}{
		{"statsu", 127, "did you mean status?"},
		{"zzzz", 127, "slipway --help lists the commands"},
		{"help rendr", 2, "did you mean render?"},
		{"help variable-no-set", 2, "did you mean variable-not-set?"},
		{"render --dif", 2, "did you mean --diff?"},
		{"render --zzzzzz", 2, "slipway render --help lists the options"},
		{"run -z", 2, "slipway run --help lists the options"},
		{"templates logbak.xml", 2, "did you mean logback.xml?"},
		{"layers -c " + conf + " program:wbe", 78, "did you mean program:web?"},
		{"mask -c " + conf + " wbe", 78, "did you mean web?"},
		{"env -c " + conf + " --explain PROT", 65, "did you mean PORT?"},
		{"restart wbe", 1, "did you mean web?"},
		{"restart zzzz", 1, "slipway status lists the programs"},
		{"signal HUP wbe", 1, "did you mean web?"},
		{"stop wbe:*", 1, "did you mean web?"},
		{"status ilde", 1, "did you mean idle?"},
		{"healthcheck ilde", 1, "did you mean idle?"},
		{"follow ilde", 1, "did you mean idle?"},
		{"tail ilde", 1, "did you mean idle?"},
		{"tail -f ilde", 1, "did you mean idle?"},
		{"add nwe", 1, "did you mean new?"},
		{"remove wbe", 1, "did you mean web?"},
		{"update wbe", 1, "did you mean web?"},
		{"signal KIL web", 1, `did you mean "KILL"?`},
		{"events TIK_5", 1, "did you mean TICK_5?"},
	} {
		t.Run(row.args, func(t *testing.T) {
			a := testApp()
			args := append([]string{"slipway"}, strings.Fields(row.args)...)
			if c, _, err := newRoot(a).Find(args[1:2]); err == nil && c.Flags().Lookup("socket") != nil {
				args = append(args, "--socket", socket)
			}
			a.env = []string{"SLIPWAY_RUNTIME=" + t.TempDir(), "PATH=/bin:/usr/bin"}
			if got := a.main(t.Context(), args); got != row.status {
				t.Errorf("status %d, want %d", got, row.status)
			}
			if got := a.stderr.(*bytes.Buffer).String(); !strings.Contains(got, "slipway: hint: "+row.hint+"\n") {
				t.Errorf("says\n%swant the hint %s", got, row.hint)
			}
		})
	}
}

// Too few words, too many, and options that there are not are mistakes of the command line
// for every command, each with a hint.
func TestWrongCommandLines(t *testing.T) {
	for _, e := range registry() {
		c := newRoot(testApp(), e.word).Commands()[0]
		check := func(what string, err error) {
			t.Helper()
			var said *coded
			if err != nil && (!errors.As(err, &said) || said.status != exit.Usage || said.hint == "") {
				t.Errorf("%s with %s: %v, want a mistake of the command line and a hint", e.word, what, err)
			}
		}
		if c.Args != nil {
			for n := range 10 {
				check("some words", c.Args(c, make([]string, n)))
			}
		}
		err := c.ParseFlags([]string{"--no-such-option"})
		if err == nil && !c.DisableFlagParsing {
			t.Errorf("%s takes --no-such-option", e.word)
		}
		check("an option that there is not", c.FlagErrorFunc()(c, err))
	}
}

// What an option takes is said in words of people, not of Go.
func TestWrongValuesOfOptions(t *testing.T) {
	for _, row := range []struct{ args, want string }{
		{"wait -t 5 file:x", `invalid argument "5" for "-t, --timeout" flag: expected a time with its unit, such as 30s or 2m`},
		{"wait --timeout=-1s file:x", "expected a time with its unit"},
		{"tail -n many web", `invalid argument "many" for "-n, --lines" flag: expected a whole number`},
		{"tail -n -1 web", "expected a whole number"},
		{"status --output jsn", "expected table, json"},
		{"mask", "slipway mask takes the names of programs"},
		{"unmask", "slipway unmask takes the names of programs"},
	} {
		a := testApp()
		if got := a.main(t.Context(), append([]string{"slipway"}, strings.Fields(row.args)...)); got != exit.Usage {
			t.Errorf("slipway %s = %d, want %d", row.args, got, exit.Usage)
		}
		if got := a.stderr.(*bytes.Buffer).String(); !strings.Contains(got, row.want) {
			t.Errorf("slipway %s says\n%swant %s", row.args, got, row.want)
		}
	}
}
