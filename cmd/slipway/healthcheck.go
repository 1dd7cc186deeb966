package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"slipway/internal/exit"
	"slipway/internal/watcher"
	"slipway/supervise/control"
	"slipway/supervise/control/client"
)

type healthcheckOptions struct {
	controlOptions
	output string
}

// healthView is what is not well, as JSON.
type healthView struct {
	Well   bool         `json:"well"`   // whether the exit status is 0
	Unwell []unwellView `json:"unwell"` // what is not well; empty if all is
}

type unwellView struct {
	Name string `json:"name"` // the program, or the source that is followed
	Why  string `json:"why"`  // its state and what else is known
}

func newHealthcheck(a *app) *cobra.Command {
	var o healthcheckOptions
	c := &cobra.Command{
		Use: "healthcheck [PROGRAM | GROUP:*]...", Short: "Say by the exit status whether all is well", GroupID: groupControl,
		Long: `Say by the exit status whether all is well, for Docker's HEALTHCHECK and exec probes.

All is well when the supervisor answers and every program (or every named one) is
running, ready and not unhealthy, was not started, was stopped on request, or has ended
with status 0. One that waits for another is not well. A source that is followed has to be in
contact if its on_stale says so. What is not well is named on standard output.`,
		Example: "  HEALTHCHECK CMD [\"slipway\", \"healthcheck\"]",
		RunE:    func(c *cobra.Command, args []string) error { return runHealthcheck(c.Context(), a, o, args) },
	}
	o.flags(c)
	outputFlag(c, &o.output, "text", "json")
	c.ValidArgsFunction = o.completeNames(a)
	return c
}

func runHealthcheck(ctx context.Context, a *app, o healthcheckOptions, names []string) error {
	var all []control.ProcessInfo
	var followed []watcher.Source
	err := o.with(ctx, a, func(c client.Caller) error {
		mood, err := client.State(ctx, c)
		if err == nil && mood != control.MoodRunning {
			return &coded{1, fmt.Errorf("the supervisor is in state %s", mood), ""}
		}
		if err == nil {
			all, err = client.Processes(ctx, c)
		}
		if err == nil && len(names) == 0 {
			followed, _ = followedSources(bootOf(ctx, c)) // who cannot read it is no judge of it
		}
		return err
	})
	if err != nil {
		return failed("ask", "the supervisor", err)
	}
	shown, err := selectProcesses(all, names)
	if err != nil {
		return err
	}
	found := []unwellView{}
	for _, p := range shown {
		if why := unwell(p); why != "" {
			found = append(found, unwellView{p.FullName(), why})
		}
	}
	for _, s := range followed {
		if why := s.Unwell(time.Now()); why != "" {
			found = append(found, unwellView{s.Source, oneLine(why)})
		}
	}
	return writeHealth(a, o.output, found)
}

// writeHealth prints what is not well; its status says whether there is any.
func writeHealth(a *app, output string, found []unwellView) error {
	if output == "json" {
		if err := writeJSON(a.stdout, healthView{len(found) == 0, found}); err != nil {
			return err
		}
	} else {
		for _, u := range found {
			fmt.Fprintf(a.stdout, "%s: %s\n", u.Name, u.Why)
		}
	}
	if len(found) > 0 {
		return &silent{exit.Failed}
	}
	return nil
}

// unwell says why a process is not well, or "".
func unwell(p control.ProcessInfo) string {
	switch {
	case p.Health == "unhealthy":
		return "unhealthy"
	case p.Waiting != "", p.Paused, p.State == control.Running && !p.Ready:
		// Well in a moment, or never.
	case p.State == control.Running, p.State == control.Stopped, p.Demand != "":
		return ""
	case p.Task == "running" && p.Health == "", p.Task == "completed":
		return ""
	case p.State == control.Exited && p.ExitStatus == 0 && p.Signal == 0:
		return ""
	}
	if d := detail(p, debts{}); d != "" {
		return p.State.String() + ", " + d
	}
	return p.State.String()
}
