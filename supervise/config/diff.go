package config

import (
	"slices"
	"time"

	"slipway/supervise/dialect"
	"slipway/supervise/machine"
	"slipway/supervise/signals"
)

// Diff compares the groups of two configurations by name, as Supervisor's
// reloadConfig does. A group is changed when an option of it or of a process of it
// differs; a place in the files does not count. added and changed are in new's order,
// removed in old's.
func Diff(old, new *Config) (added, changed, removed []string) {
	was, is := byName(old), byName(new)
	for i := range new.Groups {
		g := &new.Groups[i]
		before := was[g.Name]
		switch {
		case is[g.Name] != g: // another group of this name is run
		case before == nil:
			added = append(added, g.Name)
		case !new.equalGroups(before, g):
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
func byName(c *Config) map[string]*Group {
	m := make(map[string]*Group, len(c.Groups))
	for i := range c.Groups {
		if m[c.Groups[i].Name] == nil {
			m[c.Groups[i].Name] = &c.Groups[i]
		}
	}
	return m
}

// groupRowsOf are the options of a kind of group.
func groupRowsOf(kind GroupKind) Rows[Group] {
	switch kind {
	case KindListener:
		return ListenerRows
	case KindFCGI:
		return FCGIRows
	}
	return GroupRows
}

// equalGroups compares a group with the one that c has in its place.
func (c *Config) equalGroups(was, is *Group) bool {
	same := equal
	if c.Original {
		same = equalForSupervisor
	}
	return was.Kind == is.Kind && groupRowsOf(is.Kind).equal(was, is, same) &&
		slices.EqualFunc(was.Processes, is.Processes, func(p, q Process) bool { return c.rows().equal(&p, &q, same) })
}

// equalForSupervisor knows that Supervisor compares nothing with AUTO. It sees that a log
// is no longer AUTO, since the running group has the name of a file by then.
func equalForSupervisor(o *Option, was, is any) bool {
	if file, ok := is.(*string); ok && o.Type == TypeLog && *file == AutoLog {
		return true
	}
	return equal(o, was, is)
}

// equal tells whether two fields of one option have the same value.
func equal(_ *Option, a, b any) bool {
	switch a := a.(type) {
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
		return slices.Equal(*a, *b.(*[]int))
	case *[]dialect.Var:
		return sameVars(*a, *b.(*[]dialect.Var))
	case **User:
		return equalUsers(*a, *b.(**User))
	case *machine.Restart:
		return *a == *b.(*machine.Restart)
	case *Loglevel:
		return *a == *b.(*Loglevel)
	case Choice:
		x, _ := a.choice()
		y, _ := b.(Choice).choice()
		return *x == *y
	case *Probe:
		return *a == *b.(*Probe)
	case *Reload:
		return *a == *b.(*Reload)
	case *machine.Pause:
		return *a == *b.(*machine.Pause)
	case *[]signals.Route:
		return slices.Equal(*a, *b.(*[]signals.Route))
	case *Syslog:
		return *a == *b.(*Syslog)
	case **FCGISocket:
		b := *b.(**FCGISocket)
		return *a == nil || b == nil || (*a).URL == b.URL
	}
	panic("config: a field of an option has a type that nothing compares")
}

func equalUsers(a, b *User) bool {
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
