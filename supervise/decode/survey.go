package decode

import (
	"slices"
	"sort"
	"strings"

	"slipway/supervise/config"
	"slipway/supervise/dialect"
)

// survey notes what has no effect: unknown sections and keys, and settings of
// files that are read before the file that they were meant to change.
func (d *decoder) survey() {
	tables := append(config.TablesWith(d.program), config.ForeignTables()...)
	for _, s := range d.Doc.Sections {
		i := slices.IndexFunc(tables, func(t config.Table) bool { return t.Holds(s.Name) })
		if i < 0 {
			d.unknownSection(s, tables)
			continue
		}
		d.unknownKeys(s, &tables[i])
		d.tooEarly(s, &tables[i])
	}
	d.sortNotes()
}

// sortNotes puts the notes in the order of the files.
func (d *decoder) sortNotes() {
	at := dialect.Ranks(d.Doc.Files)
	notes := d.cfg.Notes
	sort.SliceStable(notes, func(i, j int) bool {
		a, b := notes[i].Pos, notes[j].Pos
		return at(a) < at(b) || at(a) == at(b) && a.Line < b.Line
	})
}

func (d *decoder) unknownSection(s *dialect.Section, tables []config.Table) {
	kind, rest, colon := strings.Cut(s.Name, ":")
	var kinds []string
	for i := range tables {
		if strings.Contains(tables[i].Name, ":") == colon {
			kinds = append(kinds, tables[i].Kind())
		}
	}
	hint := ""
	if near := dialect.Closest(dialect.Trim(kind), kinds); near != "" {
		if colon {
			near += ":" + rest
		}
		hint = "did you mean [" + near + "]?"
	} else if slices.Contains(kinds, dialect.Trim(kind)) {
		hint = "write the name of the section without blanks"
	}
	d.note(s.Pos, "section ["+s.Name+"] is not known and has no effect", hint)
}

func (d *decoder) unknownKeys(s *dialect.Section, t *config.Table) {
	if t.Open {
		return
	}
	var known []string
	for i := range s.Keys {
		k := &s.Keys[i]
		if o := t.Option(k.Name); o != nil || isAddition(t, k.Name) || d.isStartupKey(s, k.Name) {
			continue
		}
		if known == nil {
			for o := range t.All() {
				known = append(known, o.Name)
			}
		}
		d.note(k.Pos, "["+s.Name+"]: "+k.Name+" is not known and has no effect", d.guess(k.Name, known))
	}
}

// isAddition tells whether a key is environment+.
func isAddition(t *config.Table, name string) bool {
	base, ok := strings.CutSuffix(name, "+")
	if !ok {
		return false
	}
	o := t.Option(base)
	return o != nil && o.Type == config.TypeEnvironment
}

// tooEarly notes the settings of a file that lacks what makes the section
// whole, and is read before the file that has it and sets them again: the first
// was meant to change the second, and must have a name that sorts after it.
func (d *decoder) tooEarly(s *dialect.Section, t *config.Table) {
	if len(s.Places) < 2 || s.Places[0].File == s.Places[len(s.Places)-1].File {
		return
	}
	whole := t.Required()
	if whole == "" {
		return
	}
	owner := s.Key(whole)
	if owner == nil || len(owner.Shadowed) > 0 || owner.Pos.File == s.Places[0].File {
		return
	}
	for i := range s.Keys {
		k := &s.Keys[i]
		if k.Pos.File != owner.Pos.File {
			continue
		}
		for _, early := range k.Shadowed {
			if early.Pos.File != k.Pos.File && early.Value != k.Value {
				d.note(early.Pos, "["+s.Name+"]: "+k.Name+" = "+dialect.Quote(early.Value)+" has no effect: "+k.Pos.String()+" is read later and sets it again",
					"give the file a name that sorts after "+owner.Pos.File)
			}
		}
	}
}
