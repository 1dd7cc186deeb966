package life

import (
	"slices"
	"sort"
	"strings"
)

// index is the groups of a table. What is asked for in every event, or for every group, does
// not look at all of them: there can be thousands.
type index struct {
	groups    []*Group            // in start order
	pools     []*Group            // those of them that are event listeners
	byName    map[string][]*Group // of one name there may be several: a [group:x] and a [program:x]
	processes int
}

// before orders groups by priority, then by name.
func before(a, b *Group) int {
	if a.Config.Priority != b.Config.Priority {
		return a.Config.Priority - b.Config.Priority
	}
	return strings.Compare(a.Config.Name, b.Config.Name)
}

// insert puts a group into its place, behind its equals.
func insert(list []*Group, g *Group) []*Group {
	at := sort.Search(len(list), func(i int) bool { return before(list[i], g) > 0 })
	return slices.Insert(list, at, g)
}

// drop takes a group out; ok says that it was there.
func drop(list []*Group, g *Group) (rest []*Group, ok bool) {
	at, _ := slices.BinarySearchFunc(list, g, before)
	for ; at < len(list) && before(list[at], g) == 0; at++ {
		if list[at] == g {
			return slices.Delete(list, at, at+1), true
		}
	}
	return list, false
}

func (x *index) add(g *Group) {
	if x.byName == nil {
		x.byName = map[string][]*Group{}
	}
	name := g.Config.Name
	x.groups, x.byName[name] = insert(x.groups, g), insert(x.byName[name], g)
	if g.pool != nil {
		x.pools = insert(x.pools, g)
	}
	x.processes += len(g.Processes)
}

// remove takes a group out, and reports whether it was there.
func (x *index) remove(g *Group) (ok bool) {
	if x.groups, ok = drop(x.groups, g); !ok {
		return false
	}
	x.pools, _ = drop(x.pools, g)
	x.processes -= len(g.Processes)
	name := g.Config.Name
	if x.byName[name], _ = drop(x.byName[name], g); len(x.byName[name]) == 0 {
		delete(x.byName, name)
	}
	return true
}

// Groups are the active groups, in start order. The slice is valid until one is added or
// removed.
func (x *index) Groups() []*Group { return x.groups }

// FindGroup returns the first group of that name, or nil.
func (x *index) FindGroup(name string) *Group {
	if list := x.byName[name]; len(list) > 0 {
		return list[0]
	}
	return nil
}

// Find returns the process that a name such as "x" or "g:x" means, or nil.
func (x *index) Find(group, name string) *Process {
	for _, g := range x.byName[group] {
		for _, p := range g.Processes {
			if p.Config.Name == name {
				return p
			}
		}
	}
	return nil
}
