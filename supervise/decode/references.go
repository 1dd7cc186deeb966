package decode

import (
	"slices"
	"strconv"
	"strings"

	"slipway/supervise/config"
	"slipway/supervise/dialect"
)

// kindsOfPrograms are the beginnings of the names of sections that give processes.
var kindsOfPrograms = [...]string{"program:", "eventlistener:", "fcgi-program:"}

// references checks the names of programs in depends_on and restart_with, and that no
// program waits for itself.
func (d *decoder) references() {
	for _, kind := range kindsOfPrograms {
		for _, s := range d.sections(kind) {
			d.namesIn(s, &d.known, "depends_on")
			d.namesIn(s, &d.known, "restart_with")
		}
	}
	d.cycles()
}

// nameable are the names that depends_on may have, sorted.
func (d *decoder) nameable() []string {
	known := []string{config.MainProgram}
	for i := range d.cfg.Groups {
		g := &d.cfg.Groups[i]
		known = append(known, g.Name)
		for j := range g.Processes {
			known = append(known, g.Processes[j].Program, g.Name+":"+g.Processes[j].Name)
		}
	}
	slices.Sort(known)
	return slices.Compact(known)
}

// mostUnknown bounds the problems that one list of names can have.
const mostUnknown = 100

func (d *decoder) namesIn(s *dialect.Section, known *[]string, key string) {
	k := d.doc.Lookup(s, key)
	if k == nil || strings.Contains(k.Value, "%") {
		return // expanded names are checked when they are used
	}
	if *known == nil {
		*known = d.nameable()
	}
	unknown, from := 0, 0
	for _, name := range config.ParseWords(k.Value) {
		at := from + strings.Index(k.Value[from:], name)
		from = at + len(name)
		if _, ok := slices.BinarySearch(*known, name); ok {
			continue
		}
		if unknown++; unknown > mostUnknown {
			continue
		}
		d.bad.Add(&dialect.Problem{Pos: k.At(at), Section: s.Name, Key: key, Kind: dialect.KindUnknownProgram,
			Text: "expected names of programs or groups, got " + dialect.Quote(name) + ", which there is not", Hint: d.guess(name, *known)})
	}
	if more := unknown - mostUnknown; more > 0 {
		d.bad.Add(&dialect.Problem{Pos: k.ValuePos, Section: s.Name, Key: key, Kind: dialect.KindUnknownProgram,
			Text: "expected names of programs or groups, got " + strconv.Itoa(more) + " more that there are not"})
	}
}

// cycles reports the programs that wait for themselves.
func (d *decoder) cycles() {
	w := waits{needs: map[string][]string{}}
	waiting := false
	for i := range d.cfg.Groups {
		g := &d.cfg.Groups[i]
		for j := range g.Processes {
			p := &g.Processes[j]
			waiting = waiting || len(p.DependsOn) > 0
			w.needs[p.Program] = p.DependsOn
			if g.Name != p.Program { // to wait for a group is to wait for all of it
				w.needs[g.Name] = append(w.needs[g.Name], p.Program)
				w.needs[g.Name+":"+p.Name] = []string{p.Program}
			}
		}
	}
	if !waiting {
		return
	}
	w.seen = make(map[string]int, len(w.needs))
	for i := range d.cfg.Groups {
		for j := range d.cfg.Groups[i].Processes {
			w.walk(d.cfg.Groups[i].Processes[j].Program, d.circle)
		}
	}
}

// waits walks along what programs wait for.
type waits struct {
	needs   map[string][]string // program or group → what it waits for
	seen    map[string]int      // depth of those on the path from 1 on; -1: done
	circles int
}

// mostCircles bounds the circles that are reported: each can be as long as the file.
const mostCircles = 20

// walk calls found for the circles that can be reached from a name, and were not before.
// The path is kept by hand, as a file may have a chain that is too long for a stack.
func (w *waits) walk(name string, found func(circle []string)) {
	if w.seen[name] != 0 {
		return
	}
	path, next := []string{name}, []int{0} // next: of the needs of each
	w.seen[name] = 1
	for len(path) > 0 {
		top := len(path) - 1
		needs := w.needs[path[top]]
		if next[top] == len(needs) {
			w.seen[path[top]] = -1
			path, next = path[:top], next[:top]
			continue
		}
		need := needs[next[top]]
		next[top]++
		switch at := w.seen[need]; {
		case at > 0 && w.circles < mostCircles:
			w.circles++
			found(append(slices.Clone(path[at-1:]), need))
		case at == 0:
			path, next = append(path, need), append(next, 0)
			w.seen[need] = len(path)
		}
	}
}

// circle reports names that wait for each other, at the first that says so.
func (d *decoder) circle(names []string) {
	for _, name := range names {
		for _, kind := range kindsOfPrograms {
			k := d.doc.Section(kind + name).Key("depends_on")
			if k != nil {
				d.bad.Add(&dialect.Problem{Pos: k.ValuePos, Section: kind + name, Key: k.Name, Kind: dialect.KindOther,
					Text: "expected programs that do not wait for this one, got the circle " + arrows(names)})
				return
			}
		}
	}
}

// arrows writes a circle; of a long one its beginning and its end.
func arrows(names []string) string {
	const shown = 10
	if len(names) > 2*shown {
		names = slices.Concat(names[:shown], []string{"…"}, names[len(names)-shown:])
	}
	return strings.Join(names, " → ")
}
