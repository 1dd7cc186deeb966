package config

import (
	"strconv"
	"strings"
)

// servers reads the control addresses: inet first, then unix, as Supervisor
// does, and chooses the one that programs are told.
func (d *decoder) servers() {
	for _, s := range d.sections("inet_http_server") {
		d.inetServer(s)
	}
	for _, s := range d.sections("unix_http_server") {
		d.unixServer(s)
	}
	d.cfg.ServerURL = serverURL(d.cfg.Servers)
}

func serverURL(servers []Server) string {
	for _, s := range servers {
		if s.Unix {
			return "unix://" + s.File
		}
	}
	if len(servers) == 0 {
		return ""
	}
	host := servers[0].Host
	if host == "" {
		host = "localhost"
	}
	return "http://" + host + ":" + strconv.Itoa(servers[0].Port)
}

func (d *decoder) inetServer(s *Section) {
	r := d.reader(s, inetServerRows, 0)
	srv := Server{Section: s.Name, ChownUID: -1, ChownGID: -1, Pos: s.Pos}
	d.auth(r, &srv)
	port := r.row("port")
	text, k := r.raw(port)
	if k == nil {
		d.noAddress(s, port, "port = 127.0.0.1:9001")
		return
	}
	var wrong string
	if srv.Host, srv.Port, wrong = parseInet(text); wrong != "" {
		r.wrong(k, port.Type.kind(), wrong+", got "+quote(text), "")
	}
	d.cfg.Servers = append(d.cfg.Servers, srv)
}

func (d *decoder) unixServer(s *Section) {
	r := d.reader(s, unixServerRows, hasHere)
	srv := Server{Section: s.Name, Unix: true, Pos: s.Pos}
	option := r.row("file")
	file, k := r.raw(option)
	if k == nil {
		d.noAddress(s, option, "file = /run/supervisor.sock")
		return
	}
	srv.File = d.paths.abs(trim(file))
	r.n.has = 0
	d.auth(r, &srv)
	srv.ChownUID, srv.ChownGID, _ = r.owner(r.row("chown"))
	unixServerRows.Each(&srv, InOrder, r.fill)
	d.cfg.Servers = append(d.cfg.Servers, srv)
}

// noAddress reports a server without an address, unless that was reported as
// one that cannot be expanded.
func (d *decoder) noAddress(s *Section, o *Option, example string) {
	if d.doc.lookup(s, o.Name) == nil {
		d.bad.add(&Problem{Pos: s.Pos, Section: s.Name, Kind: KindNoAddress,
			Text: "expected a " + o.Name + " setting", Hint: "write " + example})
	}
}

func (d *decoder) auth(r *reader, s *Server) {
	name, nameKey := r.raw(r.row("username"))
	word, wordKey := r.raw(r.row("password"))
	if (nameKey == nil) != (wordKey == nil) {
		d.bad.add(&Problem{Pos: r.sec.Pos, Section: r.sec.Name, Kind: KindHalfAuth,
			Text: "expected both username and password, or neither"})
	}
	s.HasAuth = nameKey != nil && wordKey != nil
	s.Username, s.Password = name, word
}

// supervisorctl reads what supervisorctl takes from the main file; it does not
// see included files, nor their values of its section.
func (d *decoder) supervisorctl() {
	s := onlyFrom(d.doc.Section("supervisorctl"), d.main)
	if s == nil {
		return
	}
	ctl := &decoder{doc: &Document{Here: d.doc.Here, Defaults: onlyFrom(d.doc.Defaults, d.main)},
		in: d.in, sys: d.sys, paths: d.paths, environ: d.environ, env: d.environ, cfg: d.cfg}
	r := ctl.reader(s, ctlRows, hasHere)
	c := new(Supervisorctl)
	r.fill(ctlRows.One(c, "serverurl"))
	if file, ok := strings.CutPrefix(c.ServerURL, "unix://"); ok {
		c.ServerURL = "unix://" + d.paths.abs(file)
	}
	r.fill(ctlRows.One(c, "history_file"))
	if c.HistoryFile != "" {
		c.HistoryFile = d.paths.abs(c.HistoryFile)
	}
	r.n.has = 0
	ctlRows.Each(c, InOrder, r.fill)
	if len(ctl.bad.list) > 0 {
		// supervisord does not read the section; only supervisorctl minds.
		d.cfg.CtlProblem = ctl.bad.list[0]
		for _, p := range ctl.bad.list {
			d.note(p.Pos, p.Error(), p.Hint)
		}
		return
	}
	d.cfg.Ctl = c
}

// onlyFrom gives a section as one file has it, nil when it has none.
func onlyFrom(s *Section, file string) *Section {
	if s == nil {
		return nil
	}
	out := &Section{Name: s.Name}
	for _, p := range s.Places {
		if p.File == file {
			out.Pos, out.Places = p, append(out.Places, p)
		}
	}
	if len(out.Places) == 0 {
		return nil
	}
	for i := range s.Keys {
		k := &s.Keys[i]
		history := append(k.Shadowed[:len(k.Shadowed):len(k.Shadowed)], *k)
		for j := len(history) - 1; j >= 0; j-- {
			if history[j].Pos.File == file {
				out.Keys = append(out.Keys, history[j])
				break
			}
		}
	}
	return out
}
