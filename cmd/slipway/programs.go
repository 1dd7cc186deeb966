package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"slipway/supervise/control"
	"slipway/supervise/control/client"
)

// verb is an operation on programs; start, stop, restart, reload and signal are
// the same command with another row.
type verb struct {
	word  string // start
	done  string // started
	short string
	long  string
	one   string // the operation on one process
	group string // on the processes of a group; "": one after the other
	all   string // on all processes; "": one after the other
	// already is the fault that means that nothing had to be done.
	already control.Code
	text    string // what is said then
}

func verbs() []verb {
	return []verb{
		{
			word: "start", done: "started", short: "Start programs", one: control.OpProcessStart, group: control.OpGroupStart, all: control.OpAllStart,
			already: control.AlreadyStarted, text: "running already",
			long: "Start programs and wait until they are up: RUNNING for startsecs.",
		},
		{
			word: "stop", done: "stopped", short: "Stop programs", one: control.OpProcessStop, group: control.OpGroupStop, all: control.OpAllStop,
			already: control.NotRunning, text: "not running",
			long: "Stop programs and wait until they have ended. They stay stopped until they are started.",
		},
		{
			word: "restart", done: "restarted", short: "Stop and start programs", one: control.OpProcessRestart,
			long: "Stop programs, if they run, and start them again.",
		},
		{
			word: "reload", done: "reloaded", short: "Let programs read their configuration again", one: control.OpProcessReload,
			long: "Reload programs the way that their reload key says (a signal, a command), or restart them.",
		},
	}
}

type programsOptions struct {
	controlOptions
	noWait bool
}

func newPrograms(a *app, v verb) *cobra.Command {
	var o programsOptions
	c := &cobra.Command{
		Use: v.word + " PROGRAM | GROUP:* | all ...", Short: v.short, Long: v.long, GroupID: groupControl, Args: needNames(v.word),
		RunE: func(c *cobra.Command, args []string) error { return runPrograms(c.Context(), a, o, v, args) },
	}
	o.flags(c)
	c.Flags().BoolVar(&o.noWait, "no-wait", false, "return at once")
	c.ValidArgsFunction = o.completeNames(a)
	return c
}

// runPrograms carries out a verb on every name, goes on after a failure, and says
// for every program what became of it.
func runPrograms(ctx context.Context, a *app, o programsOptions, v verb, names []string) error {
	return o.with(ctx, a, func(c client.Caller) error {
		var errs []error
		for _, name := range names {
			t := targetOf(name)
			var results []control.Status
			var err error
			switch {
			case t.all && v.all != "":
				results, err = client.Statuses(ctx, c, v.all, control.Bool(!o.noWait))
			case t.group != "" && v.group != "":
				results, err = client.Statuses(ctx, c, v.group, control.String(t.group), control.Bool(!o.noWait))
			default:
				results, err = oneByOne(ctx, c, t, func(name string) error {
					_, err := c.Call(ctx, v.one, control.String(name), control.Bool(!o.noWait))
					return err
				})
			}
			errs = append(errs, a.outcome(v, name, results, err))
		}
		return errors.Join(errs...)
	})
}

// oneByOne calls do for every process that a target means, and makes statuses of
// what comes back. The error is one of the connection, or of the target itself.
func oneByOne(ctx context.Context, c client.Caller, t target, do func(name string) error) ([]control.Status, error) {
	var names []string
	if !t.all && t.group == "" {
		names = []string{t.text}
	} else {
		all, err := client.Processes(ctx, c)
		if err != nil {
			return nil, err
		}
		chosen, err := selectProcesses(all, []string{t.text})
		if err != nil {
			return nil, err
		}
		for _, p := range chosen {
			names = append(names, p.FullName())
		}
	}
	var out []control.Status
	for _, name := range names {
		err := do(name)
		var f *control.Fault
		if err != nil && !errors.As(err, &f) {
			return out, err
		}
		group, process := control.SplitName(name)
		s := control.NewStatus(group, process, f)
		if f != nil {
			s.Description = f.Detail
		}
		out = append(out, s)
	}
	return out, nil
}

// outcome prints what became of each process and returns the failures.
func (a *app) outcome(v verb, name string, results []control.Status, err error) error {
	errs := []error{failed(v.word, name, err)}
	for _, r := range results {
		full := control.FullName(r.Group, r.Name)
		switch {
		case r.Code == control.Success:
			fmt.Fprintf(a.stdout, "%s: %s\n", full, v.done)
		case v.already != 0 && r.Code == v.already:
			fmt.Fprintf(a.stdout, "%s: %s\n", full, v.text)
		default:
			detail := strings.TrimPrefix(strings.TrimPrefix(r.Description, r.Code.Name()), ": ")
			errs = append(errs, failed(v.word, full, control.NewFault(r.Code, detail)))
		}
	}
	return errors.Join(errs...)
}
