package decode

import (
	"slices"

	"slipway/supervise/config"
	"slipway/supervise/decode/value"
	"slipway/supervise/dialect"
	"slipway/supervise/selection"
)

// slipway reads [slipway], and what follows from all sections together.
func (d *decoder) slipway() {
	r := d.slipwaySection()
	d.leaveOut(r)
	d.sockets()
	d.decodeOthers()
	d.references()
	d.targets(r)
	d.inherit()
}

// leaveOut takes out what is not to run. A name that there is not is a mistake where nothing
// would be left by it; to do without something that is not there is none.
func (d *decoder) leaveOut(r *value.Reader) {
	var unknown []string
	d.out, unknown = selection.Apply(d.cfg)
	for _, name := range unknown {
		if _, k := r.Raw(r.Row("only")); k != nil && slices.Contains(d.cfg.Slipway.Only, name) {
			r.Wrong(k, dialect.KindUnknownProgram, "expected names of programs or groups, got "+dialect.Quote(name)+", which there is not", d.guess(name, d.programNames()))
			continue
		}
		_, k := r.Raw(r.Row("disable"))
		d.note(k.ValuePos, "[slipway]: disable: there is no program or group "+dialect.Quote(name), d.guess(name, d.programNames()))
	}
}

// inherit gives the programs what [slipway] says for those that do not say.
func (d *decoder) inherit() {
	for i := range d.cfg.Groups {
		for j := range d.cfg.Groups[i].Processes {
			d.cfg.Slipway.Inherit(&d.cfg.Groups[i].Processes[j])
		}
	}
}

// required reports a setting that is not there.
func (d *decoder) required(r *value.Reader, o *config.Option) {
	if d.Doc.Lookup(r.Section, o.Name) == nil {
		d.Bad.Add(&dialect.Problem{Pos: r.Section.Pos, Section: r.Section.Name, Kind: dialect.KindOther, Text: "expected a " + o.Name + " setting"})
	}
}

func (d *decoder) slipwaySection() *value.Reader {
	s := d.Doc.Section("slipway")
	if s == nil {
		s = &dialect.Section{Name: "slipway"}
	}
	r := d.reader(s, config.SlipwayRows, dialect.HasHere|dialect.HasHost)
	config.SlipwayRows.Each(&d.cfg.Slipway, config.InOrder, r.Fill)
	for _, m := range d.cfg.Slipway.OldLogs.Mistakes() {
		_, k := r.Raw(r.Row(m.Option))
		r.Wrong(k, dialect.KindOther, m.Text, m.Hint)
	}
	return r
}
