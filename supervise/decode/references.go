package decode

import (
	"slices"
	"strconv"
	"strings"

	"slipway/supervise/config"
	"slipway/supervise/config/text"
	"slipway/supervise/dialect"
	"slipway/supervise/order"
	"slipway/supervise/sequence"
	"slipway/supervise/words"
)

// kindsOfPrograms are the beginnings of the names of sections that give processes.
var kindsOfPrograms = [...]string{"program:", "eventlistener:", "fcgi-program:"}

// references checks the names of programs in depends_on, restart_with and stop_with, and that no
// program waits for itself.
func (d *decoder) references() {
	for _, kind := range kindsOfPrograms {
		for _, s := range d.sections(kind) {
			if d.out[after(s.Name)] != "" {
				continue
			}
			d.namesIn(s, &d.known, "depends_on")
			d.namesIn(s, &d.known, "restart_with")
			d.namesIn(s, &d.known, "stop_with")
		}
	}
	d.startupLeftOut()
	d.oneTerminal()
	if d.meanings != nil {
		d.meanings.Settle(d.cfg)
	}
	d.cycles()
}

// oneTerminal reports programs that cannot have the container's terminal: of several, all but
// the first of the files, and those that speak by their input.
func (d *decoder) oneTerminal() {
	wants := map[string]*config.Group{}
	for g, p := range d.cfg.Processes() {
		if p.TTY {
			wants[p.Program] = g
		}
	}
	if len(wants) == 0 {
		return
	}
	var first *dialect.Key
	for _, s := range d.Doc.Sections {
		k, g := d.Doc.Lookup(s, "tty"), wants[after(s.Name)]
		if kind := strings.TrimSuffix(s.Name, after(s.Name)); k == nil || g == nil || !slices.Contains(kindsOfPrograms[:], kind) {
			continue
		}
		p := &dialect.Problem{Pos: k.ValuePos, Section: s.Name, Key: k.Name, Kind: dialect.KindOther}
		switch {
		case g.Kind != config.KindGroup:
			p.Text, p.Hint = "expected false: it speaks with the supervisor, or with its clients, by its standard input", "take tty out"
		case first != nil:
			p.Text, p.Hint = "expected one program that has the terminal, got another one at "+first.ValuePos.String(), "write tty = false for one of the two, or leave it out"
		default:
			first = k
			continue
		}
		d.Bad.Add(p)
	}
}

// mostUnknown bounds the problems that one list of names can have.
const mostUnknown = 100

func (d *decoder) namesIn(s *dialect.Section, known *[]string, key string) {
	k := d.Doc.Lookup(s, key)
	if k == nil || strings.Contains(k.Value, "%") {
		return // expanded names are checked when they are used
	}
	if *known == nil {
		*known = d.cfg.Names()
	}
	unknown, from := 0, 0
	for _, name := range text.Words(k.Value) {
		at := from + strings.Index(k.Value[from:], name)
		from = at + len(name)
		if key == "depends_on" && d.isNeed(s, k, at, name) {
			continue
		}
		if _, ok := slices.BinarySearch(*known, name); ok {
			continue
		}
		if unknown++; unknown > mostUnknown {
			continue
		}
		d.Bad.Add(&dialect.Problem{Pos: k.At(at), Section: s.Name, Key: key, Kind: dialect.KindUnknownProgram,
			Text: "expected names of programs or groups, got " + dialect.Quote(name) + ", which there is not", Hint: d.guess(name, *known)})
	}
	if more := unknown - mostUnknown; more > 0 {
		d.Bad.Add(&dialect.Problem{Pos: k.ValuePos, Section: s.Name, Key: key, Kind: dialect.KindUnknownProgram,
			Text: "expected names of programs or groups, got " + strconv.Itoa(more) + " more that there are not"})
	}
}

// isNeed tells whether a word of depends_on is a name with a condition, and reports what is
// wrong with that.
func (d *decoder) isNeed(s *dialect.Section, k *dialect.Key, at int, word string) bool {
	if d.meanings == nil {
		d.meanings = sequence.NamesOf(d.cfg)
	}
	need := order.ParseNeed(word)
	var m sequence.Mistake
	switch colon := strings.LastIndexByte(word, ':'); {
	case d.meanings.Has(word):
		need = order.Need{Name: word}
		m = d.meanings.Wrong(need)
	case d.out[need.Name] != "" && !d.meanings.Has(need.Name):
		m = sequence.Mistake{Text: "expected programs that are to run, got " + dialect.Quote(word) + ", which is left out: " + d.out[need.Name],
			Hint: "leave " + after(s.Name) + " out as well"}
	case need.Name != word:
		m = d.meanings.Wrong(need)
	case colon > 0:
		need.Name = word[:colon]
		m = sequence.Mistake{Text: "expected " + words.Or(order.UntilWords()) + " behind " + dialect.Quote(word[:colon+1]) + ", got " + dialect.Quote(word[colon+1:]),
			Hint: d.guess(word[colon+1:], order.UntilWords())}
	}
	if !d.meanings.Has(need.Name) && d.out[need.Name] == "" { // main comes with a command line
		return need.Name == config.MainProgram && m.Text == ""
	}
	if m.Text != "" {
		d.Bad.Add(&dialect.Problem{Pos: k.At(at), Section: s.Name, Key: k.Name, Kind: dialect.KindOther, Text: m.Text, Hint: m.Hint})
	}
	return true
}

// cycles reports the programs that wait for themselves.
func (d *decoder) cycles() {
	w := order.Waits{Needs: map[string][]string{}}
	waiting := false
	for g, p := range d.cfg.Processes() {
		waiting = waiting || len(p.DependsOn) > 0
		needs := make([]string, 0, len(p.DependsOn))
		for _, need := range order.ParseNeeds(p.DependsOn) {
			needs = append(needs, need.Name)
		}
		w.Needs[p.Program] = needs
		if g.Name != p.Program { // to wait for a group is to wait for all of it
			w.Needs[g.Name] = append(w.Needs[g.Name], p.Program)
			w.Needs[g.Name+":"+p.Name] = []string{p.Program}
		}
	}
	if !waiting {
		return
	}
	for _, p := range d.cfg.Processes() {
		w.Walk(p.Program, d.circle)
	}
}

// circle reports names that wait for each other, at the first that says so.
func (d *decoder) circle(names []string) {
	for _, name := range names {
		for _, kind := range kindsOfPrograms {
			k := d.Doc.Section(kind + name).Key("depends_on")
			if st := d.started.programs[name]; k == nil && st != nil {
				k = st.wait
			}
			if k != nil {
				d.Bad.Add(&dialect.Problem{Pos: k.ValuePos, Section: kind + name, Key: k.Name, Kind: dialect.KindOther,
					Text: "expected programs that do not wait for this one, got the circle " + order.Arrows(names)})
				return
			}
		}
	}
}
