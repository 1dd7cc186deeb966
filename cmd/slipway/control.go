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
	"slipway/internal/launch"
	"slipway/supervise/control"
	"slipway/supervise/control/client"
	"slipway/supervise/signals"
)

// controlOptions are the options of every command that talks to the supervisor.
type controlOptions struct{ socket string }

// sockets are where the supervisor of a container listens; see [control.Places]. Root
// looks where the user of PID 1 may have had to make a place, too.
func (a *app) sockets() []string {
	if path := a.getenv("SLIPWAY_CONTROL"); path != "" {
		return []string{path}
	}
	ns, runtime := client.PIDNamespace(), a.getenv("SLIPWAY_RUNTIME")
	places := control.Places(runtime, os.Getuid(), ns)
	if uid, ok := client.FirstProcessUser(); ok && os.Getuid() == 0 && uid != 0 {
		places = append(places, control.Places(runtime, uid, ns)[1:]...)
	}
	return places
}

// dial connects to the supervisor of this container. none says that nobody listens
// anywhere, which is no error to those who can do without.
func (a *app) dial(ctx context.Context) (c *client.Client, none bool, err error) {
	c, none, err = dialFirst(ctx, a.sockets())
	if !none || a.getenv("SLIPWAY_CONTROL") != "" || a.getenv("SLIPWAY_RUNTIME") != "" {
		return c, none, err
	}
	// Its folder may be named in the configuration. One that cannot be read names none.
	if dir := launch.RuntimeFolder(imageOptions{}.options(a)); dir != "" {
		if c, none, err := dialFirst(ctx, []string{dir + "/control.sock"}); !none {
			return c, none, err
		}
	}
	return c, none, err
}

func (o *controlOptions) flags(c *cobra.Command) {
	c.Flags().StringVar(&o.socket, "socket", "", "control socket (default $SLIPWAY_CONTROL, else where the supervisor of this container listens)")
	exits(c, exit.OK, exit.Failed, exit.Usage, exit.Unavailable)
}

// with calls do with a connection to the supervisor.
func (o controlOptions) with(ctx context.Context, a *app, do func(client.Caller) error) error {
	var c *client.Client
	var err error
	if o.socket != "" {
		c, _, err = dialFirst(ctx, []string{o.socket})
	} else {
		c, _, err = a.dial(ctx)
	}
	if err != nil {
		return err
	}
	if o.socket == "" && a.getenv("SLIPWAY_CONTROL") == "" {
		a.sayWhose(c)
	}
	err = do(c)
	_ = c.Close() // the supervisor may have closed it first
	if cause := context.Cause(ctx); cause != nil && errors.Is(err, context.Canceled) {
		return cause // the signal says more than "canceled"
	}
	return err
}

// fallback says where the supervisor listens, if that is not its runtime folder; else "".
func (a *app) fallback(c client.Caller) string {
	conn, ok := c.(*client.Client)
	switch {
	case !ok:
	case strings.HasPrefix(conn.Path(), "@"):
		return "The control socket is " + conn.Path() + ", a name without a file: neither the runtime folder nor /tmp can be written.\n" +
			"Processes of this PID namespace reach it, of our user and root. [slipway] control_fallback = false forbids it."
	case strings.HasPrefix(conn.Path(), "/tmp/slipway-"):
		return "The control socket is " + conn.Path() + ": the runtime folder cannot be written, or is another supervisor's."
	}
	return ""
}

// sayWhose says whose supervisor answers if it is none of this container: nobody has asked for
// it by its name.
func (a *app) sayWhose(c *client.Client) {
	if l, err := c.Listener(); err == nil && l.PID == 0 {
		fmt.Fprintf(a.stderr, "slipway: note: the supervisor at %s is of another container: its process is none of this PID namespace\n", c.Path())
	}
}

// dialFirst connects to the first socket that answers. The error is about the first one
// at which somebody listens whom we cannot reach, else about the first; then none is true.
func dialFirst(ctx context.Context, paths []string) (c *client.Client, none bool, err error) {
	none = true
	for _, path := range paths {
		c, dialErr := client.Dial(ctx, path)
		if dialErr == nil {
			return c, false, nil
		}
		absent := nobody(dialErr)
		if err == nil || none && !absent {
			err = unreachable(path, dialErr)
		}
		none = none && absent
	}
	return nil, none, err
}

// nobody reports whether a socket is not there, or nobody listens at it.
func nobody(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED)
}

func unreachable(path string, err error) error {
	hint := "is this the container, and the user, that slipway runs in? --socket names another socket"
	switch {
	case nobody(err):
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
	return &coded{exit.Failed, fmt.Errorf("cannot %s %s: %s", verb, name, text), remedy(f, name)}
}

// remedy is what to do about a fault, or "".
func remedy(f *control.Fault, name string) string {
	switch f.Code {
	case control.BadName:
		return "slipway status lists the programs"
	case control.AbnormalTermination, control.SpawnError:
		return "slipway tail " + name + " shows what it printed last"
	case control.CantReread:
		return "slipway check finds every problem of the configuration"
	case control.BadSignal:
		if near := signals.Near(f.Detail); near != "" {
			return near
		}
		return "a signal is a name such as HUP, or a number"
	case control.StillRunning:
		return "slipway stop " + name + ":* ends them; slipway update takes away what the files do not have any more"
	case control.AlreadyAdded:
		return "slipway update takes over what the files have changed of it"
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
			errs = append(errs, &coded{exit.Failed, fmt.Errorf("cannot find %s: there is no such program or group", w), noSuch(strings.TrimSuffix(w, ":*"), all)})
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
