package supervisord_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"slipway/internal/supervisor/supervisord"
)

func TestParse(t *testing.T) {
	set := func(kv ...string) (out []supervisord.Override) {
		for i := 0; i < len(kv); i += 2 {
			out = append(out, supervisord.Override{Key: kv[i], Value: kv[i+1]})
		}
		return out
	}
	for _, tt := range []struct {
		name string
		args string
		want supervisord.Options
	}{
		{"nothing", "", supervisord.Options{}},
		{"file", "-c /x", supervisord.Options{Config: "/x"}},
		{"file, joined", "-c/x", supervisord.Options{Config: "/x"}},
		{"file, long", "--configuration /x", supervisord.Options{Config: "/x"}},
		{"file, long with =", "--configuration=/x", supervisord.Options{Config: "/x"}},
		{"file, unique prefix", "--conf=/x", supervisord.Options{Config: "/x"}},
		{"flags in one word", "-nsc /x", supervisord.Options{Config: "/x", Overrides: set("nodaemon", "true", "silent", "true")}},
		{"values", "-e debug -z 3 -y 10MB -m 077 -i web", supervisord.Options{
			Overrides: set("loglevel", "debug", "logfile_backups", "3", "logfile_maxbytes", "10MB", "umask", "077", "identifier", "web"),
		}},
		{"empty value", "--identifier=", supervisord.Options{Overrides: set("identifier", "")}},
		{"help by question mark", "-?", supervisord.Options{Help: true}},
		{"help before a mistake", "-h -n -n", supervisord.Options{Help: true}},
		{"version", "--version", supervisord.Options{Version: true}},
		{"end of options", "-n --", supervisord.Options{Overrides: set("nodaemon", "true")}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := supervisord.Parse(strings.Fields(tt.args))
			if err != nil || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("Parse(%q) = %+v, %v, want %+v", tt.args, got, err, tt.want)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for _, tt := range []struct{ name, args, want string }{
		{"positional", "x", "positional arguments are not supported: ['x']"},
		{"several positional", "-n a b", "positional arguments are not supported: ['a', 'b']"},
		{"twice", "-n -n", "conflicting command line option '-n'"},
		{"twice, in two spellings", "-c x --configuration=y", "conflicting command line option '--configuration'"},
		{"unknown", "--bogus", "option --bogus not recognized"},
		{"unknown letter", "-x", "option -x not recognized"},
		{"ambiguous", "--logfile_=1", "option --logfile_ not a unique prefix"},
		{"exact name of several", "--logfile", "option --logfile requires argument"},
		{"no value", "-c", "option -c requires argument"},
		{"value for a flag", "--nodaemon=yes", "option --nodaemon must not have an argument"},
		{"no integer", "-z x", "invalid value for -z 'x': invalid literal for int() with base 10: 'x'"},
		{"no size", "-y big", "invalid value for -y 'big': invalid literal for int() with base 10: 'big'"},
		{"no octal", "-m 9", "invalid value for -m '9': 9 can not be converted to an octal type"},
		{"no level", "-e loud", "invalid value for -e 'loud': bad logging level name 'loud'"},
		{"no directory", "-d /nonexistent", "invalid value for -d '/nonexistent': /nonexistent is not an existing directory"},
		{"no parent", "-l /nonexistent/x", "invalid value for -l '/nonexistent/x': The directory named as part of the path /nonexistent/x does not exist"},
		{"a quote inside", "it's", `positional arguments are not supported: ["it's"]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := supervisord.Parse(strings.Fields(tt.args))
			var usage *supervisord.UsageError
			if !errors.As(err, &usage) || usage.Text != tt.want {
				t.Errorf("Parse(%q) = %v, want %s", tt.args, err, tt.want)
			}
		})
	}
}

func TestUsageNamesEveryOption(t *testing.T) {
	text := supervisord.Usage("/usr/bin/supervisord")
	for _, r := range supervisord.Table() {
		if !strings.Contains(text, "--"+r.Long) || !strings.Contains(text, r.Doc) {
			t.Errorf("usage does not describe --%s", r.Long)
		}
	}
	if !strings.Contains(text, "EXIT STATUS") {
		t.Error("usage does not end with EXIT STATUS")
	}
}
