package decode

import (
	"slipway/supervise/config"
	"slipway/supervise/dialect"
)

// slipway reads [slipway], and what follows from all sections together.
func (d *decoder) slipway() {
	r := d.slipwaySection()
	d.decodeOthers()
	d.references()
	d.targets(r)
	d.inherit()
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
func (d *decoder) required(r *reader, o *config.Option) {
	if d.doc.Lookup(r.sec, o.Name) == nil {
		d.bad.Add(&dialect.Problem{Pos: r.sec.Pos, Section: r.sec.Name, Kind: dialect.KindOther, Text: "expected a " + o.Name + " setting"})
	}
}

func (d *decoder) slipwaySection() *reader {
	s := d.doc.Section("slipway")
	if s == nil {
		s = &dialect.Section{Name: "slipway"}
	}
	r := d.reader(s, config.SlipwayRows, dialect.HasHere|dialect.HasHost)
	config.SlipwayRows.Each(&d.cfg.Slipway, config.InOrder, r.fill)
	return r
}
