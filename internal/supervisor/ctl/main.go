package ctl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"slipway/internal/supervisor/rpc"
	"slipway/supervise/config"
	"slipway/supervise/decode"
	"slipway/supervise/dialect"
	"slipway/supervise/system"
)

// Main runs supervisorctl. argv holds the name it was called by; the result is the
// exit status.
func Main(argv []string, stdin io.Reader, stdout, stderr io.Writer) int {
	fail := func(err error) int {
		fmt.Fprintf(stderr, "Error: %v\nFor help, use %s -h\n", err, argv[0])
		return exitUsage
	}
	o, err := parseOptions(argv[1:])
	if err != nil {
		return fail(err)
	}
	if o.help {
		fmt.Fprintf(stdout, usage, argv[0])
		return exitOK
	}
	conf, err := settings(o, argv[0])
	if err != nil {
		return fail(err)
	}
	in := newInput(stdin, stdout, conf.HistoryFile)
	defer in.Close()
	c := &controller{
		ctx: context.Background(), srv: rpc.New(conf.ServerURL, conf.Username, conf.Password),
		out: stdout, errOut: stderr, in: in, interactive: o.interactive || len(o.words) == 0,
		attend: func() (context.Context, context.CancelFunc) {
			in.Suspend()
			return signal.NotifyContext(context.Background(), os.Interrupt)
		},
	}
	if len(o.words) > 0 {
		c.exec(strings.Join(o.words, " "))
		return c.status
	}
	in.complete = c.complete
	c.shell(conf.Prompt + "> ")
	return exitOK // the shell's status is always 0
}

// settings merges the command line over the file, and the file over the defaults.
func settings(o *options, argv0 string) (config.Supervisorctl, error) {
	conf := config.Supervisorctl{ServerURL: "http://localhost:9001", Prompt: "supervisor"}
	path := o.config
	if path == "" {
		path = dialect.Find(argv0, "", exists)
		if isOurs(path) && !hasCtl(path) {
			path = "" // a file of slipway's need not speak of supervisorctl
		}
	}
	if path != "" {
		read, err := readConfig(path)
		if err != nil {
			return conf, err
		}
		conf = *read
	}
	for _, over := range []struct {
		given *string
		field *string
	}{{o.server, &conf.ServerURL}, {o.username, &conf.Username}, {o.password, &conf.Password}, {o.history, &conf.HistoryFile}} {
		if over.given != nil {
			*over.field = *over.given
		}
	}
	return conf, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// isOurs reports whether a file is slipway's own, which exists beside Supervisor's
// in the same image.
func isOurs(path string) bool { return filepath.Base(path) == "slipway.conf" }

func hasCtl(path string) bool {
	conf, err := readConfig(path)
	return err == nil && conf != nil
}

var errNoSection = errors.New(".ini file does not include supervisorctl section")

// readConfig reads the [supervisorctl] section of a file, and not what the file
// includes: the original does not see that either.
func readConfig(path string) (*config.Supervisorctl, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("could not find config file %s", path)
	}
	sys := system.Unix("")
	sys.ReadDir = func(string) []string { return nil }
	sys.Exists = func(string) bool { return false }
	in := decode.Input{Environ: os.Environ(), System: sys}
	doc, err := dialect.Load(path, in.Environ, in.System)
	if errors.Is(err, fs.ErrPermission) {
		return nil, fmt.Errorf("could not read config file %s", path)
	}
	if err != nil {
		return nil, err
	}
	conf, err := decode.DecodeCtl(doc, in)
	if err == nil && conf == nil {
		err = errNoSection
	}
	return conf, err
}
