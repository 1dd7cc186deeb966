package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"slipway/internal/confine"
	"slipway/internal/exit"
	"slipway/internal/launch"
	"slipway/internal/supervisor/ctl"
	"slipway/sources"
)

// app is what a command has of the world. Tests make their own.
type app struct {
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	env    []string // captured once, before anything changes it
	argv0  string
	// execves has what the main thread is to execute; nil: any thread may, as in tests.
	execves chan execve
	cores   confine.Cores // the limit that is put back for what is not ours

	saying sync.Mutex      // peers are waited for side by side
	said   map[string]bool // by notes
	begun  time.Time       // the zero time in tests
	known  launch.Known    // of the values, as far as they are read
}

func newApp() *app {
	return &app{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, env: os.Environ(), begun: time.Now()}
}

// getenv is os.Getenv for the captured environment.
func (a *app) getenv(name string) string {
	for _, e := range a.env { // the first one holds, as for getenv(3)
		if v, ok := strings.CutPrefix(e, name+"="); ok {
			return v
		}
	}
	return ""
}

// redact takes the secrets of the image out of a text for people. It is the last of
// several nets: who makes a text knows better what is secret in it.
func (a *app) redact(text string) string {
	return sources.HidePasswords(a.known.Redactor().Redact(text))
}

// note tells the operator something that is no error.
func (a *app) note(format string, args ...any) {
	fmt.Fprintf(a.stderr, "slipway: note: %s\n", a.redact(fmt.Sprintf(format, args...)))
}

// main runs one command line and returns the exit status.
func (a *app) main(ctx context.Context, argv []string) int {
	name := "slipway"
	if len(argv) > 0 {
		a.argv0 = argv[0]
		name = filepath.Base(a.argv0)
		argv = argv[1:]
	}
	switch name {
	case "supervisord":
		return a.supervisord(ctx, argv)
	case "supervisorctl":
		return ctl.Main(append([]string{a.argv0}, argv...), a.stdin, a.stdout, a.stderr)
	}
	words := argv
	args, err := a.command(argv)
	if err == nil {
		var root *cobra.Command
		switch args[0] {
		case "run", "exec": // the start of a container waits for nothing else
			root = newRoot(a, args[0])
		default:
			root = newRoot(a)
		}
		if args[0] != "watch" && args[0] != "serve" {
			// What ends in a moment need not tidy up: reading 10,000 keys of etcd and
			// rendering them took a quarter of its time for that, on two CPUs.
			debug.SetGCPercent(400)
		}
		root.SetArgs(args)
		err = root.ExecuteContext(ctx)
	}
	return a.report(commandFirst(words, err))
}

// commandFirst is the hint for a command line that is wrong because its command does not come
// first, as in slipway --socket FILE status: what is before it was taken for options of run.
func commandFirst(args []string, err error) error {
	var wrong *coded
	if len(args) == 0 || !errors.As(err, &wrong) || wrong.status != exit.Usage {
		return err
	}
	if first := args[0]; first != "run" && !strings.HasPrefix(first, "-") {
		return err
	}
	for i, word := range args[1:] {
		if word == "--" {
			break
		}
		if known(word) {
			line := append([]string{"slipway", word}, args[i+2:]...)
			if args[0] != "run" {
				line = append(line, args[:i+1]...)
			}
			wrong.hint = "a command comes first: " + strings.Join(line, " ")
			break
		}
	}
	return err
}

// command turns a command line into one that begins with a command of ours: with
// no word it is run, and a word that is an executable and no command is exec'ed,
// so that `docker run IMAGE bash` works.
func (a *app) command(args []string) ([]string, error) {
	if len(args) == 0 {
		return []string{"run"}, nil
	}
	first := args[0]
	switch {
	case first == "-h" || first == "--help" || known(first):
		return args, nil
	case first == "--version":
		return append([]string{"version"}, args[1:]...), nil
	case strings.HasPrefix(first, "-"):
		return append([]string{"run"}, args...), nil
	}
	if _, err := exec.LookPath(first); err != nil {
		return nil, &coded{
			exit.NotFound, fmt.Errorf("cannot run %q: it is neither a command of slipway nor an executable on PATH", first),
			didYouMean(first, "slipway --help lists the commands", commandWords()),
		}
	}
	return append([]string{"exec", "--"}, args...), nil
}
