// Package supervisord understands the command line of Supervisor's daemon, the
// way Python's getopt reads it, and says what is wrong with one in its words.
//
// It only parses: values are checked as far as their form goes, and come out as
// overrides of keys of the [supervisord] section.
package supervisord

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Options is a command line.
type Options struct {
	Help    bool
	Version bool
	Config  string // "" when there is no -c
	// Overrides win over the [supervisord] section, in the order given.
	Overrides []Override
}

// Override is one option as a key of [supervisord].
type Override struct{ Key, Value string }

// Value returns the value that the command line gives a key.
func (o Options) Value(key string) (string, bool) {
	for _, v := range o.Overrides {
		if v.Key == key {
			return v.Value, true
		}
	}
	return "", false
}

// Row is one option.
type Row struct {
	Short string // one letter, or ""
	Long  string
	Key   string // of [supervisord]; "" for the options that are none
	Arg   string // what its value is called; "" for a flag
	Doc   string
	check func(value string) error
}

// Table returns the options in the order of the help text.
func Table() []Row {
	return []Row{
		{"c", "configuration", "", "FILE", "configuration file", nil},
		{"n", "nodaemon", "nodaemon", "", "run in the foreground", nil},
		{"s", "silent", "silent", "", "do not repeat the log on standard output when in the foreground", nil},
		{"h", "help", "", "", "print this text and exit", nil},
		{"v", "version", "", "", "print the version and exit", nil},
		{"u", "user", "user", "USER", "run as this user (name or number)", nil},
		{"m", "umask", "umask", "MASK", "umask of programs, octal", octal},
		{"d", "directory", "directory", "DIR", "directory to change to when becoming a daemon", directory},
		{"l", "logfile", "logfile", "FILE", "the activity log", parent},
		{"y", "logfile_maxbytes", "logfile_maxbytes", "BYTES", "size at which the activity log is rotated", byteSize},
		{"z", "logfile_backups", "logfile_backups", "NUM", "rotated activity logs to keep", integer},
		{"e", "loglevel", "loglevel", "LEVEL", "critical, error, warn, info, debug, trace or blather", level},
		{"j", "pidfile", "pidfile", "FILE", "where to write the process id", parent},
		{"i", "identifier", "identifier", "NAME", "name of this daemon in events and log files", nil},
		{"q", "childlogdir", "childlogdir", "DIR", "folder for the logs of programs that name none", directory},
		{"k", "nocleanup", "nocleanup", "", "keep the AUTO logs of the last run", nil},
		{"a", "minfds", "minfds", "NUM", "least number of file descriptors", integer},
		{"t", "strip_ansi", "strip_ansi", "", "remove terminal escapes from the logs of programs", nil},
		{"", "minprocs", "minprocs", "NUM", "least number of processes", integer},
		{"", "profile_options", "", "OPTIONS", "of the original's profiler; accepted and without effect", nil},
	}
}

// Usage is the help text.
func Usage(argv0 string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: run a set of programs and keep them running.\n\nUsage: %s [options]\n\nOptions:\n", filepath.Base(argv0), argv0)
	for _, r := range Table() {
		name := "--" + r.Long
		if r.Short != "" {
			name = "-" + r.Short + ", " + name
		}
		if r.Arg != "" {
			name += " " + r.Arg
		}
		fmt.Fprintf(&b, "  %-34s %s\n", name, r.Doc)
	}
	b.WriteString("\nA value given here wins over the configuration file.\n\nEXIT STATUS\n" +
		"  0      stopped in order\n  2      the command line or the configuration is wrong\n")
	return b.String()
}

// UsageError is a mistake in the command line; its text is the original's.
type UsageError struct{ Text string }

func (e *UsageError) Error() string { return e.Text }

func wrong(format string, args ...any) error { return &UsageError{fmt.Sprintf(format, args...)} }

// Parse reads a command line without its first word. Every error is a *UsageError.
func Parse(args []string) (Options, error) {
	given, rest, err := getopt(args)
	if err != nil {
		return Options{}, err
	}
	if len(rest) > 0 {
		return Options{}, wrong("positional arguments are not supported: %s", quoteList(rest))
	}
	var o Options
	seen := map[string]bool{}
	for _, g := range given {
		if g.row.check != nil {
			if err := g.row.check(g.value); err != nil {
				return Options{}, wrong("invalid value for %s %s: %v", g.as, quote(g.value), err)
			}
		}
		switch g.row.Long {
		case "help":
			o.Help = true
			return o, nil // as the original: the first one wins over any later mistake
		case "version":
			o.Version = true
			return o, nil
		}
		if seen[g.row.Long] {
			return Options{}, wrong("conflicting command line option %s", quote(g.as))
		}
		seen[g.row.Long] = true
		switch {
		case g.row.Long == "configuration":
			o.Config = g.value
		case g.row.Key == "":
		case g.row.Arg == "":
			o.Overrides = append(o.Overrides, Override{g.row.Key, "true"})
		default:
			o.Overrides = append(o.Overrides, Override{g.row.Key, g.value})
		}
	}
	return o, nil
}

// given is one option as it was found.
type given struct {
	row   Row
	as    string // -c, --configuration
	value string
}

// getopt splits a command line like Python's getopt.getopt: it stops at the first
// word that is no option, knows -xVALUE, -xyz, --long=VALUE and unique prefixes.
func getopt(args []string) (out []given, rest []string, err error) {
	rows := Table()
	for len(args) > 0 && strings.HasPrefix(args[0], "-") && args[0] != "-" {
		word := args[0]
		args = args[1:]
		if word == "--" {
			break
		}
		if long, ok := strings.CutPrefix(word, "--"); ok {
			var g given
			g, args, err = longOption(rows, long, args)
			if err != nil {
				return nil, nil, err
			}
			out = append(out, g)
			continue
		}
		for word = word[1:]; word != ""; {
			letter := word[:1]
			word = word[1:]
			row, ok := byShort(rows, letter)
			if !ok {
				return nil, nil, wrong("option -%s not recognized", letter)
			}
			g := given{row: row, as: "-" + letter}
			if row.Arg != "" {
				if word == "" {
					if len(args) == 0 {
						return nil, nil, wrong("option -%s requires argument", letter)
					}
					word, args = args[0], args[1:]
				}
				g.value, word = word, ""
			}
			out = append(out, g)
		}
	}
	return out, args, nil
}

func longOption(rows []Row, word string, args []string) (given, []string, error) {
	name, value, hasValue := strings.Cut(word, "=")
	row, err := byPrefix(rows, name)
	if err != nil {
		return given{}, nil, err
	}
	g := given{row: row, as: "--" + row.Long, value: value}
	switch {
	case row.Arg == "" && hasValue:
		return given{}, nil, wrong("option --%s must not have an argument", row.Long)
	case row.Arg != "" && !hasValue:
		if len(args) == 0 {
			return given{}, nil, wrong("option --%s requires argument", row.Long)
		}
		g.value, args = args[0], args[1:]
	}
	return g, args, nil
}

func byShort(rows []Row, letter string) (Row, bool) {
	if letter == "?" {
		letter = "h"
	}
	for _, r := range rows {
		if r.Short == letter {
			return r, true
		}
	}
	return Row{}, false
}

func byPrefix(rows []Row, name string) (Row, error) {
	var found []Row
	for _, r := range rows {
		if r.Long == name {
			return r, nil
		}
		if strings.HasPrefix(r.Long, name) {
			found = append(found, r)
		}
	}
	switch len(found) {
	case 0:
		return Row{}, wrong("option --%s not recognized", name)
	case 1:
		return found[0], nil
	}
	return Row{}, wrong("option --%s not a unique prefix", name)
}

func integer(v string) error {
	if _, err := strconv.Atoi(strings.TrimSpace(v)); err != nil {
		return fmt.Errorf("invalid literal for int() with base 10: %s", quote(v))
	}
	return nil
}

func octal(v string) error {
	if _, err := strconv.ParseUint(strings.TrimPrefix(strings.TrimSpace(v), "0o"), 8, 32); err != nil {
		return fmt.Errorf("%s can not be converted to an octal type", v)
	}
	return nil
}

func byteSize(v string) error {
	digits := strings.ToLower(strings.TrimSpace(v))
	for _, unit := range []string{"kb", "mb", "gb"} {
		digits = strings.TrimSuffix(digits, unit)
	}
	return integer(digits)
}

func level(v string) error {
	switch strings.ToLower(v) {
	case "critical", "crit", "error", "erro", "warn", "info", "debug", "debg", "trace", "trac", "blather", "blat":
		return nil
	}
	return fmt.Errorf("bad logging level name %s", quote(v))
}

func directory(v string) error {
	if info, err := os.Stat(v); err != nil || !info.IsDir() {
		return fmt.Errorf("%s is not an existing directory", v)
	}
	return nil
}

// parent checks that the folder of a file exists, which the file itself need not.
func parent(v string) error {
	dir := filepath.Dir(v)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		//lint:ignore ST1005 Supervisor's words
		return fmt.Errorf("The directory named as part of the path %s does not exist", v)
	}
	return nil
}

// quote writes a string as Python does: single quotes unless they are inside.
func quote(s string) string {
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		return `"` + strings.ReplaceAll(s, `\`, `\\`) + `"`
	}
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`, "\t", `\t`).Replace(s) + "'"
}

func quoteList(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = quote(w)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}
