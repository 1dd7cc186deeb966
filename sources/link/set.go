package link

import (
	"fmt"
	"slices"
	"strings"

	"slipway/sources"
)

// Set is what Parse found: the peers, and what every variable is.
type Set struct {
	families map[string]*family // those with a peer or a proven name
	aliases  []string           // their aliases, sorted
	classes  []classified       // by name; the readings of one name by length of the alias
}

// classified is a variable with its place in a family.
type classified struct {
	name string
	member
}

// Parse reads the link and service variables among vars. A name that occurs
// twice counts with its last value.
func Parse(vars []sources.Var, own Own) *Set {
	all := map[string]*family{}
	get := func(alias string) *family {
		f := all[alias]
		if f == nil {
			f = &family{alias: alias}
			all[alias] = f
		}
		return f
	}
	s := &Set{families: all, classes: make([]classified, 0, len(vars)/2)}
	var buf []reading
	take := func(v *sources.Var) {
		for _, r := range buf {
			get(r.alias).add(r, &v.Value.Origin)
			s.classes = append(s.classes, classified{v.Name, r.member})
		}
	}
	vars = lastOfEach(vars)
	for i := range vars {
		v := &vars[i]
		buf = readings(buf[:0], v.Name, v.Value.Text)
		take(v)
	}
	hasService := func(a string) bool { f := all[a]; return f != nil && f.service() }
	hasEnv := func(a string) bool { f := all[a]; return f != nil && f.linked() }
	for i := range vars {
		v := &vars[i]
		buf = lateReadings(buf[:0], v.Name, v.Value.Text, hasService, hasEnv)
		take(v)
	}
	for alias, f := range all {
		if f.settle(own); len(f.peers) == 0 && f.given == "" {
			delete(all, alias)
			continue
		}
		s.aliases = append(s.aliases, alias)
	}
	slices.Sort(s.aliases)
	s.classify()
	return s
}

// lastOfEach leaves out the values that a later one of the same name replaces.
func lastOfEach(vars []sources.Var) []sources.Var {
	byName := func(a, b sources.Var) int { return strings.Compare(a.Name, b.Name) }
	if !slices.IsSortedFunc(vars, byName) {
		vars = slices.Clone(vars)
		slices.SortStableFunc(vars, byName)
	}
	repeats := func(i int) bool { return i+1 < len(vars) && vars[i+1].Name == vars[i].Name }
	first := 0
	for first < len(vars) && !repeats(first) {
		first++
	}
	if first == len(vars) {
		return vars
	}
	out := slices.Clone(vars[:first])
	for i := first; i < len(vars); i++ {
		if !repeats(i) {
			out = append(out, vars[i])
		}
	}
	return out
}

// classify keeps the readings that the families bear out, and sorts them.
func (s *Set) classify() {
	s.classes = slices.DeleteFunc(s.classes, func(c classified) bool {
		f := s.families[c.alias]
		return f == nil || !f.bears(c.member)
	})
	slices.SortStableFunc(s.classes, func(a, b classified) int {
		if a.name != b.name {
			return strings.Compare(a.name, b.name)
		}
		return len(a.alias) - len(b.alias)
	})
}

// of returns the readings of a name.
func (s *Set) of(name string) []classified {
	i, _ := slices.BinarySearchFunc(s.classes, name, func(c classified, n string) int { return strings.Compare(c.name, n) })
	j := i
	for j < len(s.classes) && s.classes[j].name == name {
		j++
	}
	return s.classes[i:j]
}

// bears reports whether a reading still holds now that the family is known.
func (f *family) bears(r member) bool {
	switch r.role {
	case roleHost, roleService:
		return f.service()
	case roleServiceFor:
		return f.has(r.port, "")
	case roleName, roleFirst, roleEnv:
		return true
	default:
		return f.has(r.port, r.proto)
	}
}

func (f *family) class(r member) Class {
	c := Class{Kind: f.kind(), Alias: f.alias, Port: r.port, Proto: r.proto}
	of := "link"
	if c.Kind == Service {
		of = "service"
	}
	name := f.given
	if name == "" {
		name = strings.ToLower(f.alias)
	}
	what := ""
	switch port := fmt.Sprintf("port %d/%s", r.port, r.proto); r.role {
	case roleURL:
		what = port
	case roleAddr:
		what = "address of " + port
	case rolePort:
		what = "number of " + port
	case roleProto:
		what = "protocol of " + port
	case roleStart, rolePortStart:
		what = "first of the ports from " + port + " on"
	case roleEnd, rolePortEnd:
		what = "last of the ports from " + port + " on"
	case roleFirst:
		what = "first port"
	case roleName:
		what = "name"
	case roleHost:
		what = "address"
	case roleService:
		what = "first declared port"
	case roleServiceFor:
		what = "port named " + strings.ToLower(r.label)
	case roleEnv:
		c.Kind = Environment
		what = "variable " + r.label + " of the container"
	}
	c.Text = fmt.Sprintf("%s of %s %q", what, of, name)
	return c
}

// Class returns what a variable is. A name that belongs to nobody is a User
// variable, whatever it looks like.
func (s *Set) Class(name string) Class {
	if cs := s.of(name); len(cs) > 0 {
		return s.families[cs[0].alias].class(cs[0].member)
	}
	return Class{}
}

// Classes returns every reading of a variable that holds, the shortest alias
// first: two services of Kubernetes can define one name.
func (s *Set) Classes(name string) []Class {
	var out []Class
	for _, c := range s.of(name) {
		out = append(out, s.families[c.alias].class(c.member))
	}
	return out
}

// Secrets returns the names of the variables that carry the environment of
// another container, sorted: there are passwords among them.
func (s *Set) Secrets() []string {
	return s.filter(func(c classified) bool { return c.role == roleEnv })
}

// Injected returns the names of the variables that Docker or Kubernetes made,
// sorted: what a program can do without (clean_links). A family that a person
// wrote in imitation, a lone PAYMENT_SERVICE_HOST and _PORT, is not among them.
func (s *Set) Injected() []string {
	return s.filter(func(c classified) bool { return s.families[c.alias].produced })
}

func (s *Set) filter(keep func(classified) bool) []string {
	var out []string
	for _, c := range s.classes {
		if keep(c) && (len(out) == 0 || out[len(out)-1] != c.name) {
			out = append(out, c.name)
		}
	}
	return out
}

// All returns every peer, ordered by alias, protocol and port.
func (s *Set) All() []Peer {
	var out []Peer
	for _, a := range s.aliases {
		out = append(out, s.families[a].peers...)
	}
	return out
}

// Exposing returns the peers that expose a port, other than the own container:
// "the first that exposes 9200" must not find itself. proto "" means any.
func (s *Set) Exposing(port int, proto string) []Peer {
	var out []Peer
	for _, p := range s.All() {
		if p.Exposed == port && (proto == "" || p.Proto == proto) && !p.Self {
			out = append(out, p)
		}
	}
	return out
}
