package ctl

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"slipway/internal/supervisor/serve/xmlrpc"
)

// options is what the command line says; nil means not said.
type options struct {
	config      string
	interactive bool
	help        bool
	server      *string
	username    *string
	password    *string
	history     *string
	words       []string
}

// option is one row of the option table, in getopt's terms.
type option struct {
	short  byte
	long   string
	hasArg bool
	set    func(o *options, arg string) error
}

var errConflict = errors.New("conflict")

// once sets a string option that may be given one time.
func once(field func(o *options) **string) func(*options, string) error {
	return func(o *options, arg string) error {
		p := field(o)
		if *p != nil {
			return errConflict
		}
		*p = &arg
		return nil
	}
}

func optionTable() []option {
	help := func(o *options, _ string) error { o.help = true; return nil }
	return []option{
		{'c', "configuration", true, func(o *options, arg string) error {
			if o.config != "" {
				return errConflict
			}
			o.config = arg
			return nil
		}},
		{'h', "help", false, help},
		{'?', "", false, help},
		{'i', "interactive", false, func(o *options, _ string) error {
			if o.interactive {
				return errConflict
			}
			o.interactive = true
			return nil
		}},
		{'s', "serverurl", true, func(o *options, arg string) error {
			if !isURL(arg) {
				return fmt.Errorf("value %s is not a URL", xmlrpc.Repr(arg))
			}
			return once(func(o *options) **string { return &o.server })(o, arg)
		}},
		{'u', "username", true, once(func(o *options) **string { return &o.username })},
		{'p', "password", true, once(func(o *options) **string { return &o.password })},
		{'r', "history_file", true, once(func(o *options) **string { return &o.history })},
	}
}

// isURL is Supervisor's test: a scheme, and a host or a path.
func isURL(s string) bool {
	u, err := url.Parse(strings.TrimSpace(s))
	return err == nil && u.Scheme != "" && (u.Host != "" || u.Path != "")
}

// parseOptions reads arguments as Python's getopt does: options end at the first
// word, long ones may be cut short while they stay unique.
func parseOptions(args []string) (*options, error) {
	o := &options{}
	for len(args) > 0 {
		arg := args[0]
		switch {
		case arg == "--":
			o.words = args[1:]
			return o, nil
		case strings.HasPrefix(arg, "--"):
			rest, err := o.long(arg[2:], args[1:])
			if err != nil {
				return nil, err
			}
			args = rest
		case strings.HasPrefix(arg, "-") && arg != "-":
			rest, err := o.shorts(arg[1:], args[1:])
			if err != nil {
				return nil, err
			}
			args = rest
		default:
			o.words = args
			return o, nil
		}
	}
	return o, nil
}

func (o *options) long(arg string, rest []string) ([]string, error) {
	name, value, hasValue := strings.Cut(arg, "=")
	var found []option
	for _, opt := range optionTable() {
		if opt.long == name && name != "" {
			found = []option{opt}
			break
		}
		if opt.long != "" && strings.HasPrefix(opt.long, name) {
			found = append(found, opt)
		}
	}
	switch {
	case len(found) == 0:
		return nil, fmt.Errorf("option --%s not recognized", name)
	case len(found) > 1:
		return nil, fmt.Errorf("option --%s not a unique prefix", name)
	}
	opt := found[0]
	switch {
	case opt.hasArg && !hasValue:
		if len(rest) == 0 {
			return nil, fmt.Errorf("option --%s requires argument", opt.long)
		}
		value, rest = rest[0], rest[1:]
	case !opt.hasArg && hasValue:
		return nil, fmt.Errorf("option --%s must not have an argument", opt.long)
	}
	return rest, o.apply(opt, "--"+opt.long, value)
}

func (o *options) shorts(letters string, rest []string) ([]string, error) {
	for letters != "" {
		c := letters[0]
		letters = letters[1:]
		var opt *option
		for _, row := range optionTable() {
			if row.short == c {
				opt = &row
				break
			}
		}
		if opt == nil {
			return nil, fmt.Errorf("option -%c not recognized", c)
		}
		value := ""
		if opt.hasArg {
			if value = letters; value == "" {
				if len(rest) == 0 {
					return nil, fmt.Errorf("option -%c requires argument", c)
				}
				value, rest = rest[0], rest[1:]
			}
			letters = ""
		}
		if err := o.apply(*opt, "-"+string(c), value); err != nil {
			return nil, err
		}
	}
	return rest, nil
}

func (o *options) apply(opt option, written, value string) error {
	err := opt.set(o, value)
	if errors.Is(err, errConflict) {
		return fmt.Errorf("conflicting command line option %s", xmlrpc.Repr(written))
	}
	if err != nil {
		return fmt.Errorf("invalid value for %s %s: %w", written, xmlrpc.Repr(value), err)
	}
	return nil
}

// usage is what -h prints.
const usage = `supervisorctl: control the programs of a supervisor.

Usage: %s [options] [command [arguments]]

Options:
-c/--configuration FILE   read [supervisorctl] from FILE (default: search)
-h/--help                 print this and exit
-i/--interactive          start a shell
-s/--serverurl URL        the supervisor's address, http:// or unix://
                          (default "http://localhost:9001")
-u/--username NAME        user name for the server
-p/--password PASSWORD    password for the server
-r/--history_file FILE    keep the shell's history in FILE

Without a command a shell is started. The command "help" lists the commands.

EXIT STATUS
0  done, also if what was to start ran already or what was to stop did not
1  an error
2  wrong usage, a bad configuration, or start of a group that does not exist
3  status: a process is not running
4  the server refused the connection, or status: it cannot be reached
5  the server speaks another version of the interface
7  the server's socket does not exist, or a process is not running
`
