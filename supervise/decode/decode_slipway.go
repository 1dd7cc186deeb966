package decode

import (
	"slices"

	"slipway/supervise/config"
	"slipway/supervise/dialect"
)

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
		r := d.reader(s, config.CheckRows, dialect.HasHere|dialect.HasHost)
		c := config.Check{Name: after(s.Name), Pos: s.Pos}
		config.CheckRows.Each(&c, config.InOrder, r.fill)
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

func (d *decoder) slipwaySection() {
	s := d.doc.Section("slipway")
	if s == nil {
		s = &dialect.Section{Name: "slipway"}
	}
	config.SlipwayRows.Each(&d.cfg.Slipway, config.InOrder, d.reader(s, config.SlipwayRows, dialect.HasHere|dialect.HasHost).fill)
}

func (d *decoder) template(s *dialect.Section) {
	r := d.reader(s, config.TemplateRows, dialect.HasHere|dialect.HasHost)
	t := config.Template{Dest: after(s.Name), Pos: s.Pos}
	if t.Dest == "" || t.Dest[0] != '/' {
		d.bad.Add(&dialect.Problem{Pos: s.Pos, Section: s.Name, Kind: dialect.KindBadName, Text: "expected the absolute path of a file, got " + dialect.Quote(t.Dest),
			Hint: "write [template:/etc/app.conf]"})
	}
	config.TemplateRows.Each(&t, config.InOrder, r.fill)
	t.Keys = r.keys()
	d.cfg.Templates = append(d.cfg.Templates, t)
}

func (d *decoder) envRule(s *dialect.Section) {
	r := d.reader(s, config.EnvRows, dialect.HasHere|dialect.HasHost)
	e := config.EnvRule{Name: after(s.Name), Pos: s.Pos}
	config.EnvRows.Each(&e, config.InOrder, r.fill)
	_, _, e.HasDefault = r.given(r.row("default"))
	if e.Type == "enum" && len(e.Values) == 0 {
		d.bad.Add(&dialect.Problem{Pos: s.Pos, Section: s.Name, Kind: dialect.KindOther, Text: "expected a values setting because the type is enum",
			Hint: "write for instance: values = debug, info, warn"})
	}
	e.Keys = r.keys()
	d.cfg.Envs = append(d.cfg.Envs, e)
}

func (d *decoder) linkRule(s *dialect.Section) {
	r := d.reader(s, config.LinkRows, dialect.HasHere|dialect.HasHost)
	l := config.LinkRule{Name: after(s.Name), Pos: s.Pos}
	config.LinkRows.Each(&l, config.InOrder, r.fill)
	l.Keys = r.keys()
	d.cfg.Links = append(d.cfg.Links, l)
}

// sourceProgram reads a [source:NAME].
func (d *decoder) sourceProgram(s *dialect.Section) {
	r := d.reader(s, config.SourceRows, dialect.HasHere|dialect.HasHost)
	o := config.Source{Name: after(s.Name), Pos: s.Pos}
	config.SourceRows.Each(&o, config.InOrder, r.fill)
	if o.Name == "etcd" {
		d.bad.Add(&dialect.Problem{Pos: s.Pos, Section: s.Name, Kind: dialect.KindOther, Text: "expected the settings of etcd in [etcd]", Hint: "write [etcd]"})
	}
	secrets := r.list(r.row("secret"))
	for i := range s.Keys {
		k := &s.Keys[i]
		if config.SourceRows.Option(k.Name) != nil {
			continue
		}
		text := d.doc.Text(k)
		if !k.Literal {
			var err *dialect.FormatError
			if text, err = r.n.Expand(text, false); err != nil {
				d.bad.Add(r.n.Problem(s.Name, k, err))
			}
		}
		o.Settings = append(o.Settings, config.Setting{Name: k.Name, Value: text, Secret: slices.Contains(secrets, k.Name)})
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
		for i := range config.EtcdRows {
			if _, ok := d.environ[config.EtcdRows[i].Env]; ok {
				s = &dialect.Section{Name: "etcd"}
			}
		}
	}
	if s == nil {
		return
	}
	r := d.reader(s, config.EtcdRows, dialect.HasHere|dialect.HasHost)
	d.cfg.Etcd = &config.Etcd{Pos: s.Pos}
	config.EtcdRows.Each(d.cfg.Etcd, config.InOrder, r.fill)
	if len(d.cfg.Etcd.Endpoints) == 0 && d.cfg.Etcd.SRV == "" {
		d.bad.Add(&dialect.Problem{Pos: s.Pos, Section: "etcd", Kind: dialect.KindOther, Text: "expected endpoints or srv",
			Hint: "write endpoints = http://etcd:2379, or set " + r.row("endpoints").Env})
	}
}
