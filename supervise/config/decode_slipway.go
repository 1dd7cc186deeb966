package config

// slipway reads [slipway], and what follows from all sections together.
func (d *decoder) slipway() {
	d.slipwaySection()
	d.decodeOthers()
	d.references()
	d.inherit()
}

// inherit gives the programs what [slipway] says for those that do not say.
func (d *decoder) inherit() {
	for i := range d.cfg.Groups {
		for j := range d.cfg.Groups[i].Processes {
			d.cfg.Slipway.inherit(&d.cfg.Groups[i].Processes[j])
		}
	}
}

// required reports a setting that is not there.
func (d *decoder) required(r *reader, o *Option) {
	if d.doc.lookup(r.sec, o.Name) == nil {
		d.bad.add(&Problem{Pos: r.sec.Pos, Section: r.sec.Name, Kind: KindOther, Text: "expected a " + o.Name + " setting"})
	}
}

func (d *decoder) slipwaySection() {
	s := d.doc.Section("slipway")
	if s == nil {
		s = &Section{Name: "slipway"}
	}
	slipwayRows.Each(&d.cfg.Slipway, InOrder, d.reader(s, slipwayRows, hasHere|hasHost).fill)
}
