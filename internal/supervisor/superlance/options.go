package superlance

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// option is one of a command line. Its long names can be shortened while they are clear.
type option struct {
	short byte     // 0: it has none
	long  []string // all mean the same
	flag  bool     // it takes no value
	set   func(value string) error
}

// text is an option whose value is taken as it is.
func text(short byte, to *string, long ...string) option {
	return option{short: short, long: long, set: func(v string) error { *to = v; return nil }}
}

// flag is an option without a value.
func flag(short byte, to *bool, value bool, long ...string) option {
	return option{short: short, long: long, flag: true, set: func(string) error { *to = value; return nil }}
}

// errHelp is the wish to see the usage.
var errHelp = errors.New("help")

// parse reads the arguments behind the name, and returns those that are no options. As with
// getopt, what follows the first of these is none, unless mixed is set, as with optparse.
func parse(args []string, options []option, mixed bool) (rest []string, err error) {
	options = append(slices.Clip(options), option{short: 'h', long: []string{"help"}, flag: true, set: func(string) error { return errHelp }})
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		switch {
		case arg == "--":
			return append(rest, args...), nil
		case strings.HasPrefix(arg, "--"):
			args, err = long(arg[2:], args, options)
		case len(arg) > 1 && arg[0] == '-':
			args, err = short(arg[1:], args, options)
		case mixed:
			rest = append(rest, arg)
		default:
			return append([]string{arg}, args...), nil
		}
		if err != nil {
			return nil, err
		}
	}
	return rest, nil
}

// long sets the option of --arg, whose value may be the next argument; it returns those
// that are left.
func long(arg string, args []string, options []option) ([]string, error) {
	name, value, given := strings.Cut(arg, "=")
	var found []option
	for _, o := range options {
		if slices.Contains(o.long, name) {
			found = []option{o}
			break
		}
		if slices.ContainsFunc(o.long, func(l string) bool { return strings.HasPrefix(l, name) }) {
			found = append(found, o)
		}
	}
	switch {
	case len(found) == 0:
		return nil, fmt.Errorf("option --%s not recognized", name)
	case len(found) > 1:
		return nil, fmt.Errorf("option --%s is not a unique prefix", name)
	case found[0].flag && given:
		return nil, fmt.Errorf("option --%s takes no value", name)
	case !found[0].flag && !given:
		if len(args) == 0 {
			return nil, fmt.Errorf("option --%s needs a value", name)
		}
		value, args = args[0], args[1:]
	}
	return args, found[0].set(value)
}

// short sets the options of -letters, of which the last may have a value, in the same
// argument or the next.
func short(letters string, args []string, options []option) ([]string, error) {
	for letters != "" {
		i := slices.IndexFunc(options, func(o option) bool { return o.short == letters[0] })
		if i < 0 {
			return nil, fmt.Errorf("option -%c not recognized", letters[0])
		}
		value := letters[1:]
		if letters = value; !options[i].flag {
			letters = ""
			if value == "" {
				if len(args) == 0 {
					return nil, fmt.Errorf("option -%c needs a value", options[i].short)
				}
				value, args = args[0], args[1:]
			}
		}
		if err := options[i].set(value); err != nil {
			return nil, err
		}
	}
	return args, nil
}

// refuse prints how a command is used, and what was wrong; status is the one of that.
func refuse(name, usage string, err error, status int, out, errs io.Writer) int {
	if errors.Is(err, errHelp) {
		fmt.Fprintf(out, "usage: %s %s", name, usage)
		return 0
	}
	fmt.Fprintf(errs, "%s: %v\nusage: %s %s", name, err, name, usage)
	return status
}
