package ctl

import (
	"slices"
	"sort"
	"strings"

	"slipway/internal/supervisor/rpc"
	"slipway/internal/supervisor/serve/xmlrpc"
	"slipway/supervise/control"
)

func (c *controller) avail() error {
	list, err := c.structs("getAllConfigInfo")
	if faultCode(err) == control.ShutdownState {
		c.status = exitGeneric
		c.print("ERROR: supervisor shutting down")
		return nil
	}
	if err != nil {
		return err
	}
	for _, conf := range list {
		inUse, start := "avail", "manual"
		if conf.Bool("inuse") {
			inUse = "in use"
		}
		if conf.Bool("autostart") {
			start = "auto"
		}
		c.print("%-32s %-9s %-9s %d:%d", fullName(conf), inUse, start, conf.Int("group_prio"), conf.Int("process_prio"))
	}
	return nil
}

// rereadResult is what reloadConfig answers.
type rereadResult struct{ added, changed, removed []string }

func (c *controller) callReread() (r rereadResult, err error) {
	v, err := c.call("reloadConfig")
	if err != nil {
		return r, err
	}
	outer, _ := v.([]any)
	if len(outer) == 1 {
		if lists, _ := outer[0].([]any); len(lists) == 3 {
			return rereadResult{names(lists[0]), names(lists[1]), names(lists[2])}, nil
		}
	}
	return r, rpc.ValueError("reloadConfig did not answer with three lists")
}

func names(v any) []string {
	list, _ := v.([]any)
	out := make([]string, len(list))
	for i, item := range list {
		out[i], _ = item.(string)
	}
	return out
}

func (c *controller) reread() error {
	r, err := c.callReread()
	switch faultCode(err) {
	case control.ShutdownState:
		c.status = exitGeneric
		c.print("ERROR: supervisor shutting down")
		return nil
	case control.CantReread:
		c.status = exitGeneric
		c.print("ERROR: %s", faultText(err))
		return nil
	}
	if err != nil {
		return err
	}
	what := map[string]string{}
	for _, part := range []struct {
		names []string
		word  string
	}{{r.added, "available"}, {r.changed, "changed"}, {r.removed, "disappeared"}} {
		for _, name := range part.names {
			what[name] = part.word
		}
	}
	if len(what) == 0 {
		c.print("No config updates to processes")
		return nil
	}
	var sorted []string
	for name := range what {
		sorted = append(sorted, name)
	}
	sort.Strings(sorted)
	for _, name := range sorted {
		c.print("%s: %s", name, what[name])
	}
	return nil
}

func (c *controller) add(arg string) error {
	for _, name := range strings.Fields(arg) {
		_, err := c.call("addProcessGroup", name)
		switch {
		case err == nil:
			c.print("%s: added process group", name)
		case faultCode(err) == control.ShutdownState:
			c.print("ERROR: shutting down")
			c.status = exitGeneric
		case faultCode(err) == control.AlreadyAdded:
			c.print("ERROR: process group already active")
		case faultCode(err) == control.BadName:
			c.print("ERROR: no such process/group: %s", name)
			c.status = exitGeneric
		default:
			return err
		}
	}
	return nil
}

func (c *controller) remove(arg string) error {
	for _, name := range strings.Fields(arg) {
		_, err := c.call("removeProcessGroup", name)
		if err == nil {
			c.print("%s: removed process group", name)
			continue
		}
		c.status = exitGeneric
		switch faultCode(err) {
		case control.StillRunning:
			c.print("ERROR: process/group still running: %s", name)
		case control.BadName:
			c.print("ERROR: no such process/group: %s", name)
		default:
			return err
		}
	}
	return nil
}

func (c *controller) update(arg string) error {
	r, err := c.callReread()
	if faultCode(err) == control.ShutdownState {
		c.status = exitGeneric
		c.print("ERROR: already shutting down")
		return nil
	}
	if err != nil {
		return err
	}
	wanted, err := c.groupsToUpdate(strings.Fields(arg), r)
	if err != nil {
		return err
	}
	for _, group := range r.removed {
		if !wanted(group) {
			continue
		}
		results, err := c.structs("stopProcessGroup", group)
		if err != nil {
			return err
		}
		c.print("%s: stopped", group)
		if slices.ContainsFunc(results, func(s xmlrpc.Struct) bool { return control.Code(s.Int("status")) == control.Failed }) {
			c.print("%s: has problems; not removing", group)
			c.status = exitGeneric
			continue
		}
		if _, err := c.call("removeProcessGroup", group); err != nil {
			return err
		}
		c.print("%s: removed process group", group)
	}
	for _, group := range r.changed {
		if !wanted(group) {
			continue
		}
		if _, err := c.structs("stopProcessGroup", group); err != nil {
			return err
		}
		c.print("%s: stopped", group)
		for _, method := range []string{"removeProcessGroup", "addProcessGroup"} {
			if _, err := c.call(method, group); err != nil {
				return err
			}
		}
		c.print("%s: updated process group", group)
	}
	for _, group := range r.added {
		if !wanted(group) {
			continue
		}
		if _, err := c.call("addProcessGroup", group); err != nil {
			return err
		}
		c.print("%s: added process group", group)
	}
	return nil
}

// groupsToUpdate returns the filter that the named groups make, complaining about
// unknown ones; no names, or "all", let everything through.
func (c *controller) groupsToUpdate(given []string, r rereadResult) (func(string) bool, error) {
	if len(given) == 0 || slices.Contains(given, "all") {
		return func(string) bool { return true }, nil
	}
	infos, err := c.structs("getAllProcessInfo")
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, info := range infos {
		known[info.String("group")] = true
	}
	for _, name := range r.added {
		known[name] = true
	}
	wanted := map[string]bool{}
	for _, name := range given {
		if !known[name] && !wanted[name] {
			c.print("ERROR: no such group: %s", name)
			c.status = exitGeneric
		}
		wanted[name] = true
	}
	return func(name string) bool { return wanted[name] }, nil
}
