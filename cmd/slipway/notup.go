package main

import (
	"context"
	"fmt"
	"time"

	"slipway/internal/exit"
	"slipway/supervise/control"
	"slipway/supervise/control/client"
)

// reason gives the failure of a start the reason that the process itself shows. The failure
// stays as it is where nothing more is known.
type reason func(verb, name string, failure error) error

// notUp tells a program that ran and ended at once from one that could not be executed. For
// both Supervisor's protocol has the one fault, SPAWN_ERROR.
func notUp(ctx context.Context, c client.Caller) reason {
	return func(verb, name string, failure error) error {
		p, err := client.Process(ctx, c, name)
		switch {
		case err != nil || p.State != control.Backoff && p.State != control.Fatal:
			return failure // by now it is something else
		case p.Ran == 0 && p.SpawnError != "":
			return &coded{exit.Failed, fmt.Errorf("cannot %s %s: %s", verb, name, p.SpawnError), ""}
		case p.Ran == 0:
			return failure
		}
		text := tooSoon(p)
		if p.Cause == "" {
			text = "it was started, and " + text + startsecsOf(ctx, c, p)
		}
		if p.State == control.Backoff {
			text += "; it is tried again"
		}
		return &coded{exit.Failed, fmt.Errorf("cannot %s %s: %s", verb, name, text), "slipway tail " + name + " shows what it printed last"}
	}
}

// startsecsOf says how long p has to run to be up, "" where that is not what counts.
func startsecsOf(ctx context.Context, c client.Caller, p control.ProcessInfo) string {
	if p.Task != "" {
		return ""
	}
	all, _ := client.Configs(ctx, c) // without them there is one fact less
	for _, conf := range all {
		if conf.Name == p.Name && conf.Group == p.Group {
			return "; it counts as started after " + (time.Duration(conf.StartSecs) * time.Second).String() + " (startsecs)"
		}
	}
	return ""
}

// tooSoon is how the last run of p, which was no success, has ended, and after what time.
func tooSoon(p control.ProcessInfo) string {
	after := " after " + (time.Duration(p.Ran) * time.Millisecond).String()
	switch {
	case p.Cause == "" && p.Signal == 0:
		return fmt.Sprintf("ended with status %d", p.LastStatus) + after
	case p.Cause == "" || p.Cause == "memory":
		return "was " + lastEnd(p) + after
	}
	return lastEnd(p)
}
