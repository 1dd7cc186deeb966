package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"slipway/supervise/control"
	"slipway/supervise/control/client"
	"slipway/supervise/events"
)

type eventsOptions struct {
	controlOptions
	output string
}

func newEvents(a *app) *cobra.Command {
	var o eventsOptions
	c := &cobra.Command{
		Use: "events [TYPE]...", Short: "Print what happens, as it happens", GroupID: groupControl,
		Long: `Print the events of the supervisor as they happen, until it ends or Ctrl-C. TYPE is one
of Supervisor's, such as PROCESS_STATE or PROCESS_STATE_FATAL; none means all.`,
		RunE: func(c *cobra.Command, args []string) error { return runEvents(c.Context(), a, o, args) },
	}
	o.flags(c)
	outputFlag(c, &o.output, "text", "json")
	c.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return events.Names[:], cobra.ShellCompDirectiveNoFileComp
	}
	return c
}

// eventView is an event as JSON, one on each line.
type eventView struct {
	Serial  int64     `json:"serial"`  // a number that grows
	When    time.Time `json:"when"`    // when it happened
	Name    string    `json:"name"`    // Supervisor's name of the event
	Payload string    `json:"payload"` // what it says, as listeners get it
}

func runEvents(ctx context.Context, a *app, o eventsOptions, types []string) error {
	return o.with(ctx, a, func(c client.Caller) error {
		err := c.Stream(ctx, func(v control.Value) error {
			e := control.Read[control.Event](v)
			when := time.UnixMilli(e.When).UTC()
			if o.output == "json" {
				return writeJSONLine(a.stdout, eventView{e.Serial, when, e.Name, e.Payload})
			}
			_, err := fmt.Fprintf(a.stdout, "%s %s %s\n", when.Format("2006-01-02T15:04:05.000Z"), e.Name, oneLine(strings.TrimRight(e.Payload, "\n")))
			return err
		}, control.OpEventStream, control.Strings(types))
		var said *coded
		if err = failed("follow", "the events", err); errors.As(err, &said) {
			for _, name := range types {
				if _, ok := events.ParseType(name); !ok {
					said.hint = didYouMean(name, "the types are "+strings.Join(events.Names[:], ", "), events.Names[:])
				}
			}
		}
		return err
	})
}
