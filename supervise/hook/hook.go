// Package hook are the commands that a program may have around its life: before and after its
// start, before its stop signal and after its end. It reads them as an option has them. When
// they are run is decided by package machine, and by life for the one that nobody waits for.
//
// It is pure. Most programs have none, so a List is empty.
package hook

import (
	"slices"
	"time"

	"slipway/supervise/dialect"
	"slipway/supervise/machine"
)

// PostStart is the option of the one that nobody waits for.
const PostStart = "post_start"

// Kind is one kind of hook.
type Kind struct{ Name, Doc string }

// asItself says how all of them run.
const asItself = " It is run as the program is, without a shell: by its user, in its directory and environment, with SLIPWAY_HOOK"

// Kinds are all kinds, in the order in which they are run.
var Kinds = [...]Kind{
	{machine.PreStart.String(), "A command that is run before each start." + asItself +
		" as the name of this option. The program starts when it has ended with status 0; anything else is a failed start. For example: `pre_start = /usr/local/bin/prepare --check`."},
	{PostStart, "A command that is run when the program is ready, or RUNNING without a ready probe." + asItself +
		" and SLIPWAY_MAIN_PID. Nobody waits for it; that it fails is a warning. For example: `post_start = /usr/local/bin/warm-up`."},
	{machine.PreStop.String(), "A command that is run before the stop signal, also of a restart." + asItself +
		" and SLIPWAY_MAIN_PID. The signal follows when it has ended, whatever its status, and stopwaitsecs begins then; in a stop of all it has half of what the program has of stop_budget. For example: `pre_stop = sleep 5`."},
	{machine.PostStop.String(), "A command that is run after each end of the program." + asItself +
		", and SLIPWAY_EXIT_STATUS as a shell gives it: 128 and the number of a signal. SLIPWAY_EXIT_SIGNAL is the name of the signal that has ended it, or empty. Until it has ended the program is not started again, and keeps the state that it had. For example: `post_stop = rm -f /run/app.lock`."},
}

// List are the hooks that a program has.
type List []command

type command struct {
	name, text string
	argv       []string
}

// Set reads the hook of an option. The mistake is why the text is no command; "" if it is.
func (l *List) Set(name, text string) (mistake string) {
	argv, err := dialect.SplitCommand(text)
	switch {
	case err != nil:
		return err.Error()
	case len(argv) == 0:
		return "it is empty"
	}
	*l = append(slices.Clip(*l), command{name, text, argv}) // processes of one section share the rest
	return ""
}

// Get gives the text of a hook, "" if there is none.
func (l List) Get(name string) string {
	for i := range l {
		if l[i].name == name {
			return l[i].text
		}
	}
	return ""
}

// Argv gives the words of a hook, nil if there is none.
func (l List) Argv(name string) []string {
	for i := range l {
		if l[i].name == name {
			return l[i].argv
		}
	}
	return nil
}

// OfStop is how long the hooks of a stop may take that have this limit each.
func (l List) OfStop(limit time.Duration) (sum time.Duration) {
	for _, hook := range [...]machine.Hook{machine.PreStop, machine.PostStop} {
		if l.Argv(hook.String()) != nil {
			sum += limit
		}
	}
	return sum
}

// Wait says which of them the state machine waits for.
func (l List) Wait(h *machine.Hooks) {
	has := func(hook machine.Hook) bool { return l.Argv(hook.String()) != nil }
	h.PreStart, h.PreStop, h.PostStop = has(machine.PreStart), has(machine.PreStop), has(machine.PostStop)
}
