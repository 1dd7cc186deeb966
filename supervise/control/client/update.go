package client

import (
	"context"
	"strings"

	"slipway/supervise/control"
)

// Failure is a step on one group, or on one of its processes, that could not be done.
type Failure struct {
	Verb string // what was tried: stop, remove, add, change, restart
	Name string // of the group or process
	Err  error
}

// RemoveGroup stops a group and removes it.
func RemoveGroup(ctx context.Context, c Caller, name string) []Failure {
	if failures := stopGroup(ctx, c, name); failures != nil {
		return failures
	}
	return step(ctx, c, "remove", control.OpGroupRemove, name)
}

// AddGroup activates a group of the configuration that was read last.
func AddGroup(ctx context.Context, c Caller, name string) []Failure {
	return step(ctx, c, "add", control.OpGroupAdd, name)
}

// ChangeGroup gives a group the settings that were read last: its processes are restarted beside
// themselves where that can be, else it is stopped and another one comes into its place.
func ChangeGroup(ctx context.Context, c Caller, name string) []Failure {
	v, err := c.Call(ctx, control.OpGroupChange, control.String(name))
	if err != nil {
		return []Failure{{"change", name, err}}
	}
	for _, process := range v.Strings() {
		if failures := step(ctx, c, "restart", control.OpProcessRestart, process, control.Bool(true)); failures != nil {
			return failures
		}
	}
	if len(v.Strings()) > 0 {
		return nil
	}
	if failures := RemoveGroup(ctx, c, name); failures != nil {
		return failures
	}
	return AddGroup(ctx, c, name)
}

// stopGroup stops the processes of a group; one that does not run is stopped.
func stopGroup(ctx context.Context, c Caller, name string) (failures []Failure) {
	results, err := Statuses(ctx, c, control.OpGroupStop, control.String(name), control.Bool(true))
	if err != nil {
		failures = append(failures, Failure{"stop", name, err})
	}
	for _, r := range results {
		if r.Code != control.Success && r.Code != control.NotRunning {
			fault := control.NewFault(r.Code, strings.TrimPrefix(r.Description, r.Code.Name()+": "))
			failures = append(failures, Failure{"stop", control.FullName(r.Group, r.Name), fault})
		}
	}
	return failures
}

func step(ctx context.Context, c Caller, verb, op, name string, args ...control.Value) []Failure {
	if _, err := c.Call(ctx, op, append([]control.Value{control.String(name)}, args...)...); err != nil {
		return []Failure{{verb, name, err}}
	}
	return nil
}
