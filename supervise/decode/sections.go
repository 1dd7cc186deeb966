package decode

import (
	"slices"

	"slipway/supervise/config"
	"slipway/supervise/decode/value"
	"slipway/supervise/dialect"
)

// The sections of the launch half ([template:…], [env:…], [link:…], [etcd], [source:…],
// [check:…]) are of this dialect, and the supervisor does not know what they mean: it knows
// their names, so that it does not take them for mistakes. Who owns them gives them their
// meaning here, in the same pass, so that one report has what is wrong with all sections.

// Others are sections that another part of slipway owns.
type Others struct {
	// Tables say which options they have. Unknown keys are noted by them.
	Tables []config.Table
	// Decode gives them their meaning.
	Decode func(*Sections)
}

// Sections reads the sections of others.
type Sections struct{ d *decoder }

// Slipway is what [slipway] says.
func (s *Sections) Slipway() *config.Slipway { return &s.d.cfg.Slipway }

// Named gives the sections whose names begin with kind, in the order of the document.
func (s *Sections) Named(kind string) []*dialect.Section { return s.d.sections(kind) }

// Section gives the section of that name, or nil.
func (s *Sections) Section(name string) *dialect.Section { return s.d.Doc.Section(name) }

// Variable is a variable of the environment, by which an option may be set.
func (s *Sections) Variable(name string) (text string, ok bool) {
	text, ok = s.d.Environ[name]
	return text, ok
}

// Wrong takes in a problem.
func (s *Sections) Wrong(p *dialect.Problem) { s.d.Bad.Add(p) }

// Note takes in a warning.
func (s *Sections) Note(at dialect.Pos, text, hint string) { s.d.note(at, text, hint) }

// Programs reports the names in a setting that are of no program and no group.
func (s *Sections) Programs(sec *dialect.Section, key string) { s.d.namesIn(sec, &s.d.known, key) }

// Read reads a section into t by its rows.
func Read[T any](s *Sections, sec *dialect.Section, rows config.Rows[T], t *T) *Values {
	r := s.d.reader(sec, rows, dialect.HasHere|dialect.HasHost)
	rows.Each(t, config.InOrder, r.Fill)
	for o := range rows.All {
		if o.Required {
			s.d.required(r, o)
		}
	}
	return &Values{r}
}

// Values are the values of one section.
type Values struct{ r *value.Reader }

// IsSet tells whether the option has a value in a file.
func (v *Values) IsSet(name string) bool {
	_, _, ok := v.r.Given(v.r.Row(name))
	return ok
}

// List reads a list that has no field.
func (v *Values) List(name string) []string { return v.r.List(v.r.Row(name)) }

// Rest gives the keys that are none of the options, expanded.
func (v *Values) Rest() []dialect.Var { return v.r.Rest() }

// others lets the owners read their sections. Their notes are kept apart, for it is not the
// supervisor that says them.
func (d *decoder) others(do func()) {
	c := d.cfg
	c.Notes, c.OtherNotes = c.OtherNotes, c.Notes
	do()
	c.Notes, c.OtherNotes = c.OtherNotes, c.Notes
}

func (d *decoder) decodeOthers() {
	if d.in.Others.Decode != nil {
		d.others(func() { d.in.Others.Decode(&Sections{d}) })
	}
}

// surveyOthers notes what has no effect in the sections of others.
func (d *decoder) surveyOthers() {
	d.others(func() {
		for _, s := range d.Doc.Sections {
			i := slices.IndexFunc(d.in.Others.Tables, func(t config.Table) bool { return t.Holds(s.Name) })
			if i >= 0 {
				d.unknownKeys(s, &d.in.Others.Tables[i])
				d.tooEarly(s, &d.in.Others.Tables[i])
			}
		}
		d.sortNotes()
	})
}
