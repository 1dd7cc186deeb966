package life

import (
	"strings"

	"slipway/supervise/sorted"
)

// index is the groups of a table. What is asked for in every event, or for every group, does
// not look at all of them: there can be thousands.
type index struct {
	groups    sorted.Named[*Group] // in start order; of one name there may be several: a [group:x] and a [program:x]
	pools     []*Group             // those of them that are event listeners
	processes int
}

// before orders groups by priority, then by name.
func before(a, b *Group) int {
	if a.Config.Priority != b.Config.Priority {
		return a.Config.Priority - b.Config.Priority
	}
	return strings.Compare(a.Config.Name, b.Config.Name)
}

func (x *index) add(g *Group) {
	x.groups.Put(g.Config.Name, g, before)
	if g.pool != nil {
		x.pools = sorted.Insert(x.pools, g, before)
	}
	x.processes += len(g.Processes)
}

// remove takes a group out, and reports whether it was there.
func (x *index) remove(g *Group) bool {
	if !x.groups.Take(g.Config.Name, g, before) {
		return false
	}
	x.pools, _ = sorted.Drop(x.pools, g, before)
	x.processes -= len(g.Processes)
	return true
}

// Groups are the active groups, in start order. The slice is valid until one is added or
// removed.
func (x *index) Groups() []*Group { return x.groups.List }

// FindGroup returns the first group of that name, or nil.
func (x *index) FindGroup(name string) *Group {
	if list := x.groups.All(name); len(list) > 0 {
		return list[0]
	}
	return nil
}

// Find returns the process that a name such as "x" or "g:x" means, or nil.
func (x *index) Find(group, name string) *Process {
	for _, g := range x.groups.All(group) {
		for _, p := range g.Processes {
			if p.Config.Name == name {
				return p
			}
		}
	}
	return nil
}
