package config

import (
	"slices"
	"strings"
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
		r := d.reader(s, checkOptions[:], hasHere|hasHost)
		c := Check{Name: after(s.Name), Command: r.string(hCommand), Timeout: r.duration(hTimeout), Pos: s.Pos}
		d.required(r, hCommand)
		d.cfg.Checks = append(d.cfg.Checks, c)
	}
	d.references()
	d.inherit()
}

// inherit gives the programs what [slipway] says for those that do not say.
func (d *decoder) inherit() {
	c := &d.cfg.Slipway
	for i := range d.cfg.Groups {
		for j := range d.cfg.Groups[i].Processes {
			p := &d.cfg.Groups[i].Processes[j]
			if p.OnFatal == "" {
				p.OnFatal = c.OnFatal
			}
			if p.Strays == "" {
				p.Strays = c.Strays
			}
			if p.MinInterval < 0 {
				p.MinInterval = c.MinInterval
			}
		}
	}
}

// required reports a setting that is not there.
func (d *decoder) required(r *reader, id int) {
	name := r.rows[id].Name
	if d.doc.lookup(r.sec, name) == nil {
		d.bad.add(&Problem{Pos: r.sec.Pos, Section: r.sec.Name, Kind: KindOther, Text: "expected a " + name + " setting"})
	}
}

func (d *decoder) slipwaySection() {
	s := d.doc.Section("slipway")
	if s == nil {
		s = &Section{Name: "slipway"}
	}
	r := d.reader(s, slipwayOptions[:], hasHere|hasHost)
	c := &d.cfg.Slipway
	c.Templates = r.words(sTemplates)
	c.EnvDir = r.string(sEnvDir)
	c.SecretDirs = r.words(sSecretDirs)
	c.Data = r.words(sData)
	c.Sources = r.words(sSources)
	c.OnFatal = r.enum(sOnFatal)
	c.Strays = r.enum(sStrays)
	c.StopBudget = r.duration(sStopBudget)
	c.Runtime = r.string(sRuntime)
	c.CleanLinks = r.bool(sCleanLinks)
	c.KeepGens = r.int(sKeep)
	c.AllowSet = r.words(sAllowSet)
	c.Quiet = r.duration(sQuiet)
	c.MinInterval = r.duration(sMinInterval)
	c.Syslog = r.syslog(sSyslog)
}

// syslog reads where lines for syslog go.
func (r *reader) syslog(id int) Syslog {
	s, k := r.raw(id)
	if rest, ok := strings.CutPrefix(s, "udp://"); ok {
		host, port, wrong := parseInet(rest)
		addr, numeric := parseIPv4(host)
		if wrong == "" && numeric {
			return Syslog{Addr: addr, Port: port}
		}
	} else if strings.HasPrefix(s, "/") {
		return Syslog{Path: s}
	}
	r.wrong(id, k, KindOther, "expected a path or udp://ADDRESS:PORT with a numeric IPv4 address, got "+quote(s), "")
	return Syslog{Path: s}
}

// parseIPv4 reads four numbers between dots.
func parseIPv4(s string) (addr [4]byte, ok bool) {
	parts := strings.Split(s, ".")
	if len(parts) != len(addr) {
		return addr, false
	}
	for i, p := range parts {
		n, ok := parseInt(p, 10)
		if !ok || n < 0 || n > 255 {
			return addr, false
		}
		addr[i] = byte(n)
	}
	return addr, true
}

func (d *decoder) template(s *Section) {
	r := d.reader(s, templateOptions[:], hasHere|hasHost)
	t := Template{Dest: after(s.Name), Pos: s.Pos}
	if t.Dest == "" || t.Dest[0] != '/' {
		d.bad.add(&Problem{Pos: s.Pos, Section: s.Name, Kind: KindBadName, Text: "expected the absolute path of a file, got " + quote(t.Dest),
			Hint: "write [template:/etc/app.conf]"})
	}
	t.Source = r.string(tSource)
	t.Owner = r.string(tOwner)
	t.Mode = r.octal(tMode, KindBadOctal)
	t.Check = r.string(tCheck)
	t.Notify = r.words(tNotify)
	t.Write = r.enum(tWrite)
	t.Position = r.enum(tPosition)
	t.Comment = r.string(tComment)
	t.SkipIf = r.string(tSkipIf)
	t.For = r.string(tFor)
	t.Parents = r.bool(tParents)
	t.MinInterval = r.duration(tMinInterval)
	t.Left, t.Right = r.string(tLeft), r.string(tRight)
	t.Keys = r.keys()
	d.cfg.Templates = append(d.cfg.Templates, t)
}

func (d *decoder) envRule(s *Section) {
	r := d.reader(s, envOptions[:], hasHere|hasHost)
	e := EnvRule{Name: after(s.Name), Pos: s.Pos}
	e.Required = r.bool(eRequired)
	e.Type = r.enum(eType)
	_, _, e.HasDefault = r.given(eDefault)
	e.Default = r.string(eDefault)
	e.Description = r.string(eDescription)
	e.Secret = r.bool(eSecret)
	e.Min, e.Max = r.string(eMin), r.string(eMax)
	e.Values = parseList(r.string(eValues))
	e.Pattern = r.string(ePattern)
	if e.Type == "enum" && len(e.Values) == 0 {
		d.bad.add(&Problem{Pos: s.Pos, Section: s.Name, Kind: KindOther, Text: "expected a values setting because the type is enum",
			Hint: "write for instance: values = debug, info, warn"})
	}
	e.Keys = r.keys()
	d.cfg.Envs = append(d.cfg.Envs, e)
}

func (d *decoder) linkRule(s *Section) {
	r := d.reader(s, linkOptions[:], hasHere|hasHost)
	l := LinkRule{Name: after(s.Name), Pos: s.Pos}
	if text, k := r.raw(kPort); k != nil {
		n, ok := parseInt(text, 10)
		if l.Port = int(n); !ok || n < 1 || n > 65535 {
			r.expected(kPort, k, KindBadPort, text, "")
		}
	}
	l.Protocol = r.enum(kProtocol)
	l.Required = r.bool(kRequired)
	l.Wait = r.duration(kWait)
	l.Export = r.bool(kExport)
	l.Host = r.string(kHost)
	l.Service = r.string(kService)
	l.Description = r.string(kDescription)
	l.Keys = r.keys()
	d.cfg.Links = append(d.cfg.Links, l)
}

// sourceProgram reads a [source:NAME].
func (d *decoder) sourceProgram(s *Section) {
	r := d.reader(s, sourceOptions[:], hasHere|hasHost)
	o := Source{Name: after(s.Name), Prefix: r.words(oPrefix), Export: r.words(oExport), Start: r.enum(oStart), Timeout: r.duration(oTimeout), Pos: s.Pos}
	if o.Name == "etcd" {
		d.bad.add(&Problem{Pos: s.Pos, Section: s.Name, Kind: KindOther, Text: "expected the settings of etcd in [etcd]", Hint: "write [etcd]"})
	}
	secrets := r.words(oSecret)
	for i := range s.Keys {
		k := &s.Keys[i]
		if option(sourceOptions[:], k.Name) != nil {
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
		for i := range etcdOptions {
			if _, ok := d.environ[etcdOptions[i].Env]; ok {
				s = &Section{Name: "etcd"}
			}
		}
	}
	if s == nil {
		return
	}
	r := d.reader(s, etcdOptions[:], hasHere|hasHost)
	d.cfg.Etcd = &Etcd{
		Endpoints:    r.words(xEndpoints),
		SRV:          r.string(xSRV),
		Prefix:       r.words(xPrefix),
		SecretPrefix: r.words(xSecretPrefix),
		Export:       r.words(xExport),
		Start:        r.enum(xStart),
		StartTimeout: r.duration(xStartTimeout),
		Timeout:      r.duration(xTimeout),
		User:         r.string(xUser),
		Password:     r.string(xPassword),
		PasswordFile: r.string(xPasswordFile),
		UserFile:     r.string(xUserFile),
		CAFile:       r.string(xCAFile),
		CertFile:     r.string(xCertFile),
		KeyFile:      r.string(xKeyFile),
		ServerName:   r.string(xServerName),
		Pos:          s.Pos,
	}
	if len(d.cfg.Etcd.Endpoints) == 0 && d.cfg.Etcd.SRV == "" {
		d.bad.add(&Problem{Pos: s.Pos, Section: "etcd", Kind: KindOther, Text: "expected endpoints or srv",
			Hint: "write endpoints = http://etcd:2379, or set " + etcdOptions[xEndpoints].Env})
	}
}
