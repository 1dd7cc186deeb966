// Package pid1 is slipway-init: its command line, how it finds and loads its configuration,
// what it makes of its own process, and what it says when it does not start. The rest is
// package supervise.
package pid1

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"slipway/supervise"
	"slipway/supervise/boot"
	"slipway/supervise/config"
	"slipway/supervise/decode"
	"slipway/supervise/dialect"
	"slipway/supervise/kernel"
	"slipway/supervise/logs"
	"slipway/supervise/pages"
	"slipway/supervise/panics"
	"slipway/supervise/system"
)

// Exit statuses that do not come from a program (sysexits).
const (
	exitUsage    = 2
	exitInternal = 70
	exitConfig   = 78
)

// Main is slipway-init: it runs the supervisor and returns its exit status.
//
//	slipway-init run         [-c FILE] [option…] [--watch] [-- CMD ARGS…]
//	slipway-init supervisord [-c FILE] [option…] [--watch]
//
// args includes the name it was called by. The options are those of supervisord
// that set a key of [supervisord], long (--key=value) or as a letter; they win over
// the file. With --watch the watcher is started, too. Main must be the first thing that the
// process does: signals are caught from its first statement on. The caller is locked to the
// main thread, which never ends.
func Main(args, environ []string) (status int) {
	defer func() {
		if v := recover(); v != nil {
			status = panicked(v)
		}
	}()
	k, err := kernel.Open()
	if err != nil {
		complain("slipway-init: error: " + err.Error())
		return exitInternal
	}
	kernel.KeepThreads()
	kernel.EnsureStdio()
	kernel.CloseOnExec()
	if text := told(args); text != "" {
		syscall.Write(1, []byte(text))
		return 0
	}
	cmd, err := parseCommand(args)
	if err != nil {
		complain("slipway-init: error: "+err.Error(), "slipway-init: hint: usage: slipway-init run|supervisord [-c FILE] [option…] [-- CMD ARGS…]")
		return exitUsage
	}
	there := func(path string) bool {
		_, err := k.Stat(path)
		return err == nil
	}
	passed := boot.Take(environ)
	if cmd.called = passed.Called; cmd.called == "" {
		cmd.called = filepath.Base(cmd.argv0)
	}
	opts := supervise.Options{
		Mode: cmd.mode, Kernel: k, PID: os.Getpid(), UID: os.Geteuid(), Main: cmd.main, ConfigFile: cmd.file, Watch: cmd.watch,
		BootFD: passed.BootFD, ReadyFD: passed.ReadyFD, Environ: passed.Environ, Secrets: passed.Secrets, Version: passed.Version,
	}
	if cmd.file == "" {
		cwd, _ := os.Getwd()
		opts.ConfigFile = dialect.Find(cmd.argv0, cwd, there)
	}
	opts.Load = cmd.loader(there, opts.Environ, opts.Secrets, readKept(k, passed.KeptFD))
	if err := kernel.BecomeSubreaper(); err != nil && opts.PID != 1 {
		complain(cmd.called + ": warning: cannot adopt orphans: " + err.Error())
	}
	opts.Prepare = func(c *config.Supervisord, log *logs.Activity) (int, error) {
		for _, what := range k.Lacks() {
			log.Warn(what)
		}
		return become(k, cmd.mode, opts.UID, c, log)
	}
	k.Survive()
	s := supervise.New(opts)
	if err := s.Begin(); err != nil {
		return refuse(cmd, err)
	}
	pages.GiveBack()
	return s.Run()
}

// command is a command line.
type command struct {
	argv0     string
	called    string // what a person has typed for it
	mode      supervise.Mode
	file      string // "": search
	overrides []dialect.Var
	main      []string
	watch     bool // --watch
}

func parseCommand(args []string) (command, error) {
	c := command{argv0: args[0]}
	args = args[1:]
	if len(args) == 0 {
		return c, errors.New("expected run or supervisord")
	}
	switch args[0] {
	case boot.Run:
	case boot.Supervisord:
		c.mode = supervise.Daemon
	default:
		return c, errors.New("expected run or supervisord, got " + strconv.Quote(args[0]))
	}
	for args = args[1:]; len(args) > 0; args = args[1:] {
		word := args[0]
		if word == boot.CommandFollows {
			c.main = args[1:]
			if len(c.main) == 0 {
				return c, errors.New("expected a command after --")
			}
			return c, nil
		}
		if word == boot.WatchOption {
			c.watch = true
			continue
		}
		key, value, hasValue := optionOf(word)
		if key == "" {
			return c, errors.New("unknown option " + strconv.Quote(word))
		}
		flag := key == "nodaemon" || key == "silent" || key == "nocleanup" || key == "strip_ansi"
		switch {
		case hasValue:
		case flag:
			value = "true"
		case len(args) < 2:
			return c, errors.New("option " + word + " needs a value")
		default:
			args = args[1:]
			value = args[0]
		}
		if key == "configuration" {
			c.file = value
			continue
		}
		c.overrides = append(c.overrides, dialect.Var{Name: key, Value: value})
	}
	return c, nil
}

// options are supervisord's: its letter and the key of [supervisord] that it sets.
var options = [...]struct{ letter, key string }{
	{"-c", "configuration"}, {"-n", "nodaemon"}, {"-s", "silent"}, {"-u", "user"}, {"-m", "umask"},
	{"-d", "directory"}, {"-l", "logfile"}, {"-y", "logfile_maxbytes"}, {"-z", "logfile_backups"},
	{"-e", "loglevel"}, {"-j", "pidfile"}, {"-i", "identifier"}, {"-q", "childlogdir"},
	{"-k", "nocleanup"}, {"-a", "minfds"}, {"-t", "strip_ansi"}, {"", "minprocs"},
}

// optionOf returns the key that an option sets; "" for none.
func optionOf(word string) (key, value string, hasValue bool) {
	long, isLong := strings.CutPrefix(word, "--")
	if isLong {
		long, value, hasValue = strings.Cut(long, "=")
	}
	for _, o := range options {
		if isLong && long == o.key || !isLong && word == o.letter {
			return o.key, value, hasValue
		}
	}
	return "", "", false
}

// loader returns what reads the configuration: the file named, the one that is found,
// or the built-in one. Kept are files that can be read only once and were read before.
func (c command) loader(exists func(path string) bool, environ, secrets []string, kept system.Kept) func() (*config.Config, error) {
	in := decode.Input{Environ: environ, Secrets: secrets, AsSupervisord: c.mode == supervise.Daemon}
	return func() (*config.Config, error) {
		in.System = system.Unix("").Keeping(kept)
		before := kept.Names()
		file := c.file
		if file == "" {
			cwd, _ := os.Getwd()
			file = dialect.Find(c.argv0, cwd, exists)
		}
		var doc *dialect.Document
		var err error
		if file == "" {
			doc, err = dialect.Default(in.Environ, in.System)
		} else {
			doc, err = dialect.Load(file, in.Environ, in.System)
		}
		if err != nil {
			return nil, err
		}
		for _, o := range c.overrides {
			doc.Set("supervisord", o.Name, o.Value, dialect.Pos{File: "the command line"})
		}
		cfg, err := decode.Decode(doc, in)
		if err != nil {
			return nil, err
		}
		cfg.Frozen = before
		return cfg, nil
	}
}

// readKept reads what the stage before could read only once; fd is -1 for nothing.
func readKept(k *kernel.Linux, fd int) system.Kept {
	if fd < 0 {
		return system.Kept{}
	}
	var text []byte
	buf := make([]byte, 16<<10)
	for {
		n, err := k.ReadAt(fd, buf, int64(len(text)))
		if n <= 0 || err != nil {
			break
		}
		text = append(text, buf[:n]...)
	}
	k.Close(fd)
	return system.DecodeKept(text)
}

// hinted is an error that knows what to do about it.
type hinted interface {
	error
	Hint() string
}

// refuse says why the supervisor does not start, in the name of the command that a person
// has typed.
func refuse(c command, err error) int {
	if c.mode == supervise.Daemon {
		complain("Error: "+err.Error(), "For help, use "+c.called+" -h")
		return exitUsage
	}
	list := []error{err}
	var all *dialect.Problems
	if errors.As(err, &all) {
		list = all.Unwrap()
	}
	for _, e := range list {
		complain(c.called + ": error: " + e.Error())
		var p *dialect.Problem
		var h hinted
		hint := ""
		switch {
		case errors.As(e, &p):
			hint = p.Hint
		case errors.As(e, &h):
			hint = h.Hint()
		}
		if hint != "" {
			complain(c.called + ": hint: " + hint)
		}
	}
	return exitConfig
}

func complain(lines ...string) {
	// Not by package os: it ends the process by SIGPIPE where nobody reads.
	syscall.Write(2, []byte(strings.Join(lines, "\n")+"\n"))
}

// panicked says where the process has panicked, outside of the loop, which survives that.
// Programs that were started already end with PID 1.
func panicked(v any) int {
	complain("slipway: error: panic: "+panics.Text(v), "slipway: hint: this is a defect of slipway, please report it with what follows", panics.Stack())
	return exitInternal
}
