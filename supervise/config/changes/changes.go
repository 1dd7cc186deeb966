// Package changes compares two configurations: which groups a reload has to add, to change
// and to remove. It is pure.
package changes

import (
	"slices"
	"time"

	"slipway/supervise/attributes"
	"slipway/supervise/config"
	"slipway/supervise/dialect"
	"slipway/supervise/hook"
	"slipway/supervise/machine"
	"slipway/supervise/signals"
	"slipway/supervise/sockets"
)

// Between compares the groups of two configurations by name, as Supervisor's
// reloadConfig does. A group is changed when an option of it or of a process of it
// differs; a place in the files does not count. added and changed are in new's order,
// removed in old's.
func Between(old, new *config.Config) (added, changed, removed []string) {
	was, is := byName(old), byName(new)
	for i := range new.Groups {
		g := &new.Groups[i]
		before := was[g.Name]
		switch {
		case is[g.Name] != g: // another group of this name is run
		case before == nil:
			added = append(added, g.Name)
		case !equalGroups(new, before, g):
			changed = append(changed, g.Name)
		}
	}
	for i := range old.Groups {
		g := &old.Groups[i]
		if is[g.Name] == nil && was[g.Name] == g {
			removed = append(removed, g.Name)
		}
	}
	return added, changed, removed
}

// byName keeps the first of several groups of one name: the one that is run.
func byName(c *config.Config) map[string]*config.Group {
	m := make(map[string]*config.Group, len(c.Groups))
	for i := range c.Groups {
		if m[c.Groups[i].Name] == nil {
			m[c.Groups[i].Name] = &c.Groups[i]
		}
	}
	return m
}

// equalGroups compares a group with the one that c has in its place.
func equalGroups(c *config.Config, was, is *config.Group) bool {
	same := equal
	if c.Original {
		same = equalForSupervisor
	}
	return was.Kind == is.Kind && config.GroupRowsOf(is.Kind).Equal(was, is, same) &&
		slices.EqualFunc(was.Processes, is.Processes, func(p, q config.Process) bool {
			return c.ProgramRows().Equal(&p, &q, same) && sockets.Same(p.Listen, q.Listen)
		})
}

// Beside reports which processes of a changed group differ, by number, and whether its new
// configuration, which c has, can come into force while it stays: each that differs would be
// restarted beside itself. What such a process is in the table must not change with it: its
// name, its place in the order, when it is started, the files whose names are chosen.
func Beside(c *config.Config, was, is *config.Group) (differ []int, ok bool) {
	if was.Kind != config.KindGroup || was.Kind != is.Kind ||
		!config.GroupRowsOf(is.Kind).Equal(was, is, equal) || len(was.Processes) != len(is.Processes) {
		return nil, false
	}
	for i := range was.Processes {
		p, q := &was.Processes[i], &is.Processes[i]
		switch {
		case p.Name != q.Name || p.Program != q.Program:
			return nil, false
		case c.ProgramRows().Equal(p, q, equal) && sockets.Same(p.Listen, q.Listen):
			continue
		case q.RestartMode != config.RestartOverlap, p.Conduct != q.Conduct, p.Priority != q.Priority, p.Schedule != q.Schedule,
			p.OnDemand() || q.OnDemand(), p.RedirectStderr != q.RedirectStderr, !slices.Equal(p.DependsOn, q.DependsOn),
			named(p.Stdout) != named(q.Stdout), named(p.Stderr) != named(q.Stderr):
			return nil, false
		}
		differ = append(differ, i)
	}
	return differ, len(differ) > 0
}

// named reports whether the name of a log is chosen when its process comes into the table.
func named(o config.Output) bool { return o.Logfile == config.AutoLog }

// equalForSupervisor knows that Supervisor compares nothing with AUTO. It sees that a log
// is no longer AUTO, since the running group has the name of a file by then.
func equalForSupervisor(o *config.Option, was, is any) bool {
	if file, ok := is.(*string); ok && o.Type == config.TypeLog && *file == config.AutoLog {
		return true
	}
	return equal(o, was, is)
}

// equal tells whether two fields of one option have the same value.
func equal(o *config.Option, a, b any) bool {
	switch a := a.(type) {
	case *attributes.List:
		return a.Get(o.Name) == b.(*attributes.List).Get(o.Name)
	case *hook.List:
		return a.Get(o.Name) == b.(*hook.List).Get(o.Name)
	case *string:
		return *a == *b.(*string)
	case *bool:
		return *a == *b.(*bool)
	case *int:
		return *a == *b.(*int)
	case *int64:
		return *a == *b.(*int64)
	case *time.Duration:
		return *a == *b.(*time.Duration)
	case *[]string:
		b := *b.(*[]string)
		return (*a == nil) == (b == nil) && slices.Equal(*a, b)
	case *[]int:
		b := *b.(*[]int)
		return (*a == nil) == (b == nil) && slices.Equal(*a, b)
	case *[]dialect.Var:
		return sameVars(*a, *b.(*[]dialect.Var))
	case **config.User:
		return equalUsers(*a, *b.(**config.User))
	case *machine.Restart:
		return *a == *b.(*machine.Restart)
	case *config.Loglevel:
		return *a == *b.(*config.Loglevel)
	case config.Choice:
		return config.SameChoice(a, b.(config.Choice))
	case *config.Probe:
		return *a == *b.(*config.Probe)
	case *config.Reload:
		return *a == *b.(*config.Reload)
	case *machine.Pause:
		return *a == *b.(*machine.Pause)
	case *[]signals.Route:
		return slices.Equal(*a, *b.(*[]signals.Route))
	case *config.Syslog:
		return *a == *b.(*config.Syslog)
	case **config.FCGISocket:
		b := *b.(**config.FCGISocket)
		return *a == nil || b == nil || (*a).URL == b.URL
	}
	panic("changes: a field of an option has a type that nothing compares")
}

func equalUsers(a, b *config.User) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.UID == b.UID && a.GID == b.GID && slices.Equal(a.Groups, b.Groups)
}

// sameVars compares without regard to the order.
func sameVars(a, b []dialect.Var) bool {
	if len(a) != len(b) {
		return false
	}
	if slices.Equal(a, b) {
		return true
	}
	m := make(map[string]string, len(a))
	for _, v := range a {
		m[v.Name] = v.Value
	}
	for _, v := range b {
		if w, ok := m[v.Name]; !ok || w != v.Value {
			return false
		}
	}
	return true
}
