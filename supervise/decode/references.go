package decode

import (
	"slices"
	"strconv"
	"strings"

	"slipway/supervise/config"
	"slipway/supervise/dialect"
	"slipway/supervise/order"
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

// mostUnknown bounds the problems that one list of names can have.
const mostUnknown = 100

func (d *decoder) namesIn(s *dialect.Section, known *[]string, key string) {
	k := d.doc.Lookup(s, key)
	if k == nil || strings.Contains(k.Value, "%") {
		return // expanded names are checked when they are used
	}
	if *known == nil {
		*known = d.cfg.Names()
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
	w := order.Waits{Needs: map[string][]string{}}
	waiting := false
	for i := range d.cfg.Groups {
		g := &d.cfg.Groups[i]
		for j := range g.Processes {
			p := &g.Processes[j]
			waiting = waiting || len(p.DependsOn) > 0
			w.Needs[p.Program] = p.DependsOn
			if g.Name != p.Program { // to wait for a group is to wait for all of it
				w.Needs[g.Name] = append(w.Needs[g.Name], p.Program)
				w.Needs[g.Name+":"+p.Name] = []string{p.Program}
			}
		}
	}
	if !waiting {
		return
	}
	for i := range d.cfg.Groups {
		for j := range d.cfg.Groups[i].Processes {
			w.Walk(d.cfg.Groups[i].Processes[j].Program, d.circle)
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
