package config

import (
	"slices"
	"strings"
)

// references checks the names of programs in depends_on, restart_with and
// notify, and that no program waits for itself.
func (d *decoder) references() {
	known := []string{MainProgram}
	for i := range d.cfg.Groups {
		g := &d.cfg.Groups[i]
		known = append(known, g.Name)
		for j := range g.Processes {
			known = append(known, g.Processes[j].Program, g.Name+":"+g.Processes[j].Name)
		}
	}
	slices.Sort(known)
	known = slices.Compact(known)
	for _, kind := range []string{"program:", "eventlistener:", "fcgi-program:"} {
		for _, s := range d.sections(kind) {
			d.namesIn(s, known, "depends_on", "restart_with")
		}
	}
	for _, s := range d.sections("template:") {
		d.namesIn(s, known, "notify")
	}
	d.cycles()
}

func (d *decoder) namesIn(s *Section, known []string, keys ...string) {
	for _, key := range keys {
		k := d.doc.lookup(s, key)
		if k == nil || strings.Contains(k.Value, "%") {
			continue // expanded names are checked when they are used
		}
		for _, name := range parseWords(k.Value) {
			if _, ok := slices.BinarySearch(known, name); ok {
				continue
			}
			d.bad.add(&Problem{Pos: k.At(strings.Index(k.Value, name)), Section: s.Name, Key: key, Kind: KindUnknownProgram,
				Text: "expected names of programs or groups, got " + quote(name) + ", which there is not", Hint: didYouMean(name, known)})
		}
	}
}

// cycles reports every program that waits for itself, once per circle.
func (d *decoder) cycles() {
	needs := map[string][]string{} // program or group → what it waits for
	for i := range d.cfg.Groups {
		g := &d.cfg.Groups[i]
		for j := range g.Processes {
			p := &g.Processes[j]
			needs[p.Program] = p.DependsOn
			if g.Name != p.Program { // to wait for a group is to wait for all of it
				needs[g.Name] = append(needs[g.Name], p.Program)
				needs[g.Name+":"+p.Name] = []string{p.Program}
			}
		}
	}
	done := map[string]bool{}
	var path []string
	var visit func(name string)
	visit = func(name string) {
		if i := slices.Index(path, name); i >= 0 {
			d.circle(append(slices.Clone(path[i:]), name))
			return
		}
		if done[name] {
			return
		}
		path = append(path, name)
		for _, n := range needs[name] {
			visit(n)
		}
		path = path[:len(path)-1]
		done[name] = true
	}
	for i := range d.cfg.Groups {
		for j := range d.cfg.Groups[i].Processes {
			visit(d.cfg.Groups[i].Processes[j].Program)
		}
	}
}

// circle reports names that wait for each other, at the first that says so.
func (d *decoder) circle(names []string) {
	for _, name := range names {
		for _, kind := range []string{"program:", "eventlistener:", "fcgi-program:"} {
			k := d.doc.Section(kind + name).Key("depends_on")
			if k != nil {
				d.bad.add(&Problem{Pos: k.ValuePos, Section: kind + name, Key: k.Name, Kind: KindOther,
					Text: "expected programs that do not wait for this one, got the circle " + strings.Join(names, " → ")})
				return
			}
		}
	}
}
