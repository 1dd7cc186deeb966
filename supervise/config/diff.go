package config

import "slices"

// Diff compares the groups of two configurations by name, as Supervisor's
// reloadConfig does. A group is changed when it or a process of it differs in
// anything but its place in the files; a log that is AUTO on either side does
// not count. added and changed are in new's order, removed in old's.
func Diff(old, new *Config) (added, changed, removed []string) {
	was := byName(old)
	for i := range new.Groups {
		g := &new.Groups[i]
		before := was[g.Name]
		switch {
		case slices.Contains(added, g.Name) || slices.Contains(changed, g.Name):
		case before == nil:
			added = append(added, g.Name)
		case !equalGroups(before, g):
			changed = append(changed, g.Name)
		}
	}
	is := byName(new)
	for i := range old.Groups {
		name := old.Groups[i].Name
		if is[name] == nil && !slices.Contains(removed, name) {
			removed = append(removed, name)
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

func equalGroups(a, b *Group) bool {
	if a.Kind != b.Kind || a.Priority != b.Priority || a.BufferSize != b.BufferSize ||
		a.ResultHandler != b.ResultHandler || !slices.Equal(a.Events, b.Events) {
		return false
	}
	if a.Socket != nil && b.Socket != nil && a.Socket.URL != b.Socket.URL {
		return false
	}
	return slices.EqualFunc(a.Processes, b.Processes, func(p, q Process) bool { return equalProcesses(&p, &q) })
}

func equalProcesses(a, b *Process) bool {
	return a.Name == b.Name && a.Command == b.Command && a.Priority == b.Priority &&
		a.Directory == b.Directory && a.Umask == b.Umask && equalUsers(a.User, b.User) &&
		sameVars(a.Environment, b.Environment) && a.ServerURL == b.ServerURL &&
		a.Autostart == b.Autostart && a.Autorestart == b.Autorestart &&
		a.StartSecs == b.StartSecs && a.StartRetries == b.StartRetries &&
		slices.Equal(a.ExitCodes, b.ExitCodes) &&
		a.StopSignal == b.StopSignal && a.StopWait == b.StopWait &&
		a.StopAsGroup == b.StopAsGroup && a.KillAsGroup == b.KillAsGroup &&
		a.RedirectStderr == b.RedirectStderr &&
		equalOutputs(a.Stdout, b.Stdout) && equalOutputs(a.Stderr, b.Stderr) &&
		equalOwn(a, b)
}

// equalOwn compares slipway's options.
func equalOwn(a, b *Process) bool {
	return a.OnExit == b.OnExit && a.OnFatal == b.OnFatal && a.Strays == b.Strays &&
		slices.Equal(a.DependsOn, b.DependsOn) && slices.Equal(a.RestartWith, b.RestartWith) &&
		a.Ready == b.Ready && a.ReadyInterval == b.ReadyInterval && a.ReadyTimeout == b.ReadyTimeout &&
		a.Health == b.Health && a.Reload == b.Reload && a.MinInterval == b.MinInterval &&
		(a.Secrets == nil) == (b.Secrets == nil) && slices.Equal(a.Secrets, b.Secrets)
}

func equalUsers(a, b *User) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.UID == b.UID && a.GID == b.GID && slices.Equal(a.Groups, b.Groups)
}

func equalOutputs(a, b Output) bool {
	if a.Logfile == AutoLog || b.Logfile == AutoLog {
		a.Logfile, b.Logfile = "", ""
	}
	a.set, b.set = false, false
	return a == b
}

// sameVars compares without regard to the order.
func sameVars(a, b []Var) bool {
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
