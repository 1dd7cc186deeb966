package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"slipway/internal/exit"
	"slipway/internal/launch"
	"slipway/internal/supervisor/supervisord"
	"slipway/internal/version"
	"slipway/supervise/boot"
	"slipway/supervise/dialect"
	"slipway/supervise/system"
)

// supervisord is slipway called by the name of Supervisor's daemon: its command
// line, its messages and its exit status for mistakes, and the same launch stage.
func (a *app) supervisord(ctx context.Context, args []string) int {
	o, err := supervisord.Parse(args)
	switch {
	case err != nil:
		return a.supervisordUsage(err.Error())
	case o.Help:
		fmt.Fprint(a.stdout, supervisord.Usage(a.argv0))
		return exit.OK
	case o.Version:
		fmt.Fprintln(a.stdout, version.Supervisor)
		return exit.OK
	}
	err = a.runSupervisord(ctx, o)
	var wrong *dialect.Problems
	var usageError *supervisord.UsageError
	switch {
	case errors.As(err, &wrong):
		lines := make([]string, len(wrong.List))
		for i, p := range wrong.List {
			if lines[i] = p.Error(); p.Hint != "" {
				lines[i] += " (" + p.Hint + ")"
			}
		}
		return a.supervisordUsage(strings.Join(lines, "\n"))
	case errors.As(err, &usageError):
		return a.supervisordUsage(usageError.Text)
	}
	return a.report(err)
}

// supervisordUsage ends like the original does for everything that is wrong with
// its command line or its configuration.
func (a *app) supervisordUsage(text string) int {
	fmt.Fprintf(a.stderr, "Error: %s\nFor help, use %s -h\n", text, a.argv0)
	return exit.Usage
}

func (a *app) runSupervisord(ctx context.Context, o supervisord.Options) error {
	kept := system.Kept{}
	system := system.Unix("").Keeping(kept)
	file := o.Config
	if file == "" {
		file = dialect.Find(a.argv0, system.Getwd(), system.Exists)
	}
	switch {
	case file == "":
		return &supervisord.UsageError{Text: "No config file found at default paths (" + strings.Join(dialect.SearchPath(a.argv0), ", ") +
			"); use the -c option to specify a config file at a different path"}
	case !system.Exists(file):
		return &supervisord.UsageError{Text: "could not find config file " + file}
	}
	if _, err := system.ReadFile(file); err != nil {
		return &supervisord.UsageError{Text: "could not read config file " + file}
	}
	im, err := launch.Load(ctx, launch.Options{
		Config: file, Kept: kept, Environ: a.env, Argv0: a.argv0, AsSupervisord: true,
		Overrides: func(d *dialect.Document) {
			for _, v := range o.Overrides {
				d.Set("supervisord", v.Key, v.Value, dialect.Pos{File: "the command line"})
			}
		},
	})
	if err != nil {
		return starting(ctx, err)
	}
	where := launch.ApplyOptions{NothingRuns: true}
	plan, err := im.Plan(ctx, where)
	if err != nil {
		return starting(ctx, err)
	}
	if _, err := a.apply(ctx, im, plan, where); err != nil {
		return starting(ctx, err)
	}
	a.notes(im.Notes)
	var args []string
	if im.CanChange(plan) {
		args = append(args, boot.WatchOption)
	}
	for _, v := range o.Overrides {
		args = append(args, "--"+v.Key+"="+v.Value)
	}
	h, err := im.Handoff(boot.Supervisord, args)
	if err != nil {
		return err
	}
	h.Env = append(h.Env, boot.EnvCalled+"="+a.argv0)
	if im.Config.Supervisord.Nodaemon || os.Getpid() == 1 { // a container's main process cannot leave
		return a.execute(ctx, h)
	}
	if err := context.Cause(ctx); err != nil {
		return starting(ctx, err)
	}
	h.Dir, h.Umask = im.Config.Supervisord.Directory, im.Config.Supervisord.Umask
	a.cores.Allow()
	defer a.cores.Forbid()
	return h.Detach()
}
