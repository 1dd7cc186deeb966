package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"slipway/internal/exit"
	"slipway/supervise/control"
	"slipway/supervise/control/client"
)

// controlOptions are the options of every command that talks to the supervisor.
type controlOptions struct{ socket string }

// sockets are where the supervisor of a container listens; see [control.Places].
func (a *app) sockets() []string {
	if path := a.getenv("SLIPWAY_CONTROL"); path != "" {
		return []string{path}
	}
	return control.Places(a.getenv("SLIPWAY_RUNTIME"), os.Getuid(), client.PIDNamespace())
}

func (o *controlOptions) flags(c *cobra.Command) {
	c.Flags().StringVar(&o.socket, "socket", "", "control socket (default $SLIPWAY_CONTROL, else where the supervisor of this container listens)")
	exits(c, exit.OK, exit.Failed, exit.Usage, exit.Unavailable)
}

// with calls do with a connection to the supervisor.
func (o controlOptions) with(ctx context.Context, a *app, do func(client.Caller) error) error {
	paths := []string{o.socket}
	if o.socket == "" {
		paths = a.sockets()
	}
	c, err := dialFirst(ctx, paths)
	if err != nil {
		return err
	}
	err = do(c)
	_ = c.Close() // the supervisor may have closed it first
	if cause := context.Cause(ctx); cause != nil && errors.Is(err, context.Canceled) {
		return cause // the signal says more than "canceled"
	}
	return err
}

// dialFirst connects to the first socket that answers; the error is about the first.
func dialFirst(ctx context.Context, paths []string) (*client.Client, error) {
	var first error
	for _, path := range paths {
		c, err := client.Dial(ctx, path)
		if err == nil {
			return c, nil
		}
		if first == nil {
			first = unreachable(path, err)
		}
	}
	return nil, first
}

func unreachable(path string, err error) error {
	hint := "is this the container, and the user, that slipway runs in? --socket names another socket"
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return &coded{exit.Unavailable, fmt.Errorf("cannot reach the supervisor: nothing listens on %s", path), hint}
	case errors.Is(err, fs.ErrPermission):
		return &coded{exit.Unavailable, fmt.Errorf("cannot reach the supervisor: %s is not yours", path), "run as the user that slipway runs as, or as root"}
	}
	return &coded{exit.Unavailable, err, hint}
}

// failed makes a fault readable: what could not be done to which program, and why.
func failed(verb, name string, err error) error {
	if err == nil {
		return nil
	}
	var f *control.Fault
	if !errors.As(err, &f) {
		return err
	}
	text := f.Code.Text()
	if f.Detail != "" && f.Detail != name {
		text += ": " + f.Detail
	}
	return &coded{exit.Failed, fmt.Errorf("cannot %s %s: %s", verb, name, text), remedy(f.Code, name)}
}

// remedy is what to do about a fault, or "".
func remedy(c control.Code, name string) string {
	switch c {
	case control.BadName:
		return "slipway status lists the programs"
	case control.AbnormalTermination, control.SpawnError:
		return "slipway tail " + name + " shows what it printed last"
	case control.CantReread:
		return "slipway check finds every problem of the configuration"
	case control.BadSignal:
		return "a signal is a name such as HUP, or a number"
	case control.Gone:
		return "the supervisor has ended or restarted meanwhile"
	}
	return ""
}

// completeNames offers the names of programs.
func (o *controlOptions) completeNames(a *app) cobra.CompletionFunc {
	return func(c *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		var names []string
		err := o.with(c.Context(), a, func(conn client.Caller) error {
			ps, err := client.Processes(c.Context(), conn)
			for _, p := range ps {
				names = append(names, p.FullName())
			}
			return err
		})
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}

// target is what a name of the command line means: a process, a group, or all.
type target struct {
	text  string
	group string
	all   bool
}

// targetOf reads x, g:x, g:*, g: and all.
func targetOf(word string) target {
	if word == "all" {
		return target{text: word, all: true}
	}
	if group, name := control.SplitName(word); name == "" {
		return target{text: word, group: group}
	}
	return target{text: word}
}

// matches reports whether a process is meant.
func (t target) matches(p control.ProcessInfo) bool {
	switch {
	case t.all:
		return true
	case t.group != "":
		return p.Group == t.group
	}
	group, name := control.SplitName(t.text)
	return p.Group == group && p.Name == name
}

// selectProcesses returns the processes that words mean, in the order of the
// words; no word means all. A word that means none is an error.
func selectProcesses(all []control.ProcessInfo, words []string) ([]control.ProcessInfo, error) {
	if len(words) == 0 {
		return all, nil
	}
	var out []control.ProcessInfo
	var errs []error
	for _, w := range words {
		t, found := targetOf(w), false
		for _, p := range all {
			if t.matches(p) {
				out, found = append(out, p), true
			}
		}
		if !found && !t.all {
			errs = append(errs, &coded{exit.Failed, fmt.Errorf("cannot find %s: there is no such program or group", w), "slipway status lists the programs"})
		}
	}
	return out, errors.Join(errs...)
}

// needNames demands at least one name.
func needNames(verb string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return usage("a name is PROGRAM, GROUP:PROGRAM, GROUP:* or all", "%s takes the names of programs", c.CommandPath())
		}
		return nil
	}
}

// plural is "1 program", "2 programs".
func plural(n int, word string) string {
	switch {
	case n == 1:
		return "1 " + word
	case strings.HasSuffix(word, "s"):
		return fmt.Sprintf("%d %ses", n, word)
	}
	return fmt.Sprintf("%d %ss", n, word)
}
