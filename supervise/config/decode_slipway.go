package config

import "slices"

// slipway reads our own sections.
func (d *decoder) slipway() {
	d.slipwaySection()
	for _, s := range d.sections("template:") {
		d.template(s)
	}
	for _, s := range d.sections("env:") {
		d.envRule(s)
	}
	for _, s := range d.sections("link:") {
		d.linkRule(s)
	}
	d.etcd()
	for _, s := range d.sections("source:") {
		d.sourceProgram(s)
	}
	for _, s := range d.sections("check:") {
		r := d.reader(s, checkRows, hasHere|hasHost)
		c := Check{Name: after(s.Name), Pos: s.Pos}
		checkRows.Each(&c, InOrder, r.fill)
		d.required(r, r.row("command"))
		d.cfg.Checks = append(d.cfg.Checks, c)
	}
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

func (d *decoder) template(s *Section) {
	r := d.reader(s, templateRows, hasHere|hasHost)
	t := Template{Dest: after(s.Name), Pos: s.Pos}
	if t.Dest == "" || t.Dest[0] != '/' {
		d.bad.add(&Problem{Pos: s.Pos, Section: s.Name, Kind: KindBadName, Text: "expected the absolute path of a file, got " + quote(t.Dest),
			Hint: "write [template:/etc/app.conf]"})
	}
	templateRows.Each(&t, InOrder, r.fill)
	t.Keys = r.keys()
	d.cfg.Templates = append(d.cfg.Templates, t)
}

func (d *decoder) envRule(s *Section) {
	r := d.reader(s, envRows, hasHere|hasHost)
	e := EnvRule{Name: after(s.Name), Pos: s.Pos}
	envRows.Each(&e, InOrder, r.fill)
	_, _, e.HasDefault = r.given(r.row("default"))
	if e.Type == "enum" && len(e.Values) == 0 {
		d.bad.add(&Problem{Pos: s.Pos, Section: s.Name, Kind: KindOther, Text: "expected a values setting because the type is enum",
			Hint: "write for instance: values = debug, info, warn"})
	}
	e.Keys = r.keys()
	d.cfg.Envs = append(d.cfg.Envs, e)
}

func (d *decoder) linkRule(s *Section) {
	r := d.reader(s, linkRows, hasHere|hasHost)
	l := LinkRule{Name: after(s.Name), Pos: s.Pos}
	linkRows.Each(&l, InOrder, r.fill)
	l.Keys = r.keys()
	d.cfg.Links = append(d.cfg.Links, l)
}

// sourceProgram reads a [source:NAME].
func (d *decoder) sourceProgram(s *Section) {
	r := d.reader(s, sourceRows, hasHere|hasHost)
	o := Source{Name: after(s.Name), Pos: s.Pos}
	sourceRows.Each(&o, InOrder, r.fill)
	if o.Name == "etcd" {
		d.bad.add(&Problem{Pos: s.Pos, Section: s.Name, Kind: KindOther, Text: "expected the settings of etcd in [etcd]", Hint: "write [etcd]"})
	}
	secrets := r.list(r.row("secret"))
	for i := range s.Keys {
		k := &s.Keys[i]
		if sourceRows.option(k.Name) != nil {
			continue
		}
		text := d.doc.text(k)
		if !k.Literal {
			var err *formatError
			if text, err = r.n.expand(text, false); err != nil {
				d.bad.add(r.n.problem(s.Name, k, err))
			}
		}
		o.Settings = append(o.Settings, Setting{k.Name, text, slices.Contains(secrets, k.Name)})
	}
	if !slices.Contains(d.cfg.Slipway.Sources, o.Name) {
		d.note(s.Pos, "["+s.Name+"] has no effect: sources of [slipway] does not name "+o.Name, "")
	}
	d.cfg.Sources = append(d.cfg.Sources, o)
}

// etcd reads [etcd], which also exists when a variable of it is set.
func (d *decoder) etcd() {
	s := d.doc.Section("etcd")
	if s == nil {
		for i := range etcdRows {
			if _, ok := d.environ[etcdRows[i].Env]; ok {
				s = &Section{Name: "etcd"}
			}
		}
	}
	if s == nil {
		return
	}
	r := d.reader(s, etcdRows, hasHere|hasHost)
	d.cfg.Etcd = &Etcd{Pos: s.Pos}
	etcdRows.Each(d.cfg.Etcd, InOrder, r.fill)
	if len(d.cfg.Etcd.Endpoints) == 0 && d.cfg.Etcd.SRV == "" {
		d.bad.add(&Problem{Pos: s.Pos, Section: "etcd", Kind: KindOther, Text: "expected endpoints or srv",
			Hint: "write endpoints = http://etcd:2379, or set " + r.row("endpoints").Env})
	}
}
