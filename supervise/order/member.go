package order

import "time"

// Member is a process, as far as its place in the order goes.
type Member struct {
	Program  string        // the name of its section
	Group    string        // the name of its group
	Name     string        // its own within the group
	Needs    []Need        // depends_on
	Priority int           // of its group
	Wait     time.Duration // how long its stop may take: stopwaitsecs
}

// FullName returns what supervisorctl calls the process.
func (m *Member) FullName() string {
	if m.Group == m.Name {
		return m.Name
	}
	return m.Group + ":" + m.Name
}

// Is reports whether a name means the process: its program, its group, or itself.
func (m *Member) Is(name string) bool {
	if name == m.Program || name == m.Group || m.Group == m.Name {
		return name == m.Program || name == m.Group
	}
	group := len(m.Group)
	return len(name) == group+1+len(m.Name) && name[:group] == m.Group && name[group] == ':' && name[group+1:] == m.Name
}

// IsIn reports whether a list has a name that means the process.
func (m *Member) IsIn(list []string) bool {
	for _, name := range list {
		if m.Is(name) {
			return true
		}
	}
	return false
}

// IsCulprit reports whether a process is one of those for which another waits in vain.
func (p *Place) IsCulprit(n Need) bool { return p.Lacks(n) && p.Is(n.Name) }

// Names returns the different names that mean the process. The full name of one that is
// called as its group is that of the group.
func (m *Member) Names() []string {
	list := append(make([]string, 0, 3), m.Group)
	if m.Program != m.Group {
		list = append(list, m.Program)
	}
	if full := m.FullName(); full != m.Group && full != m.Program {
		list = append(list, full)
	}
	return list
}
