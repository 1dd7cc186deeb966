package decode

import (
	"strconv"
	"strings"

	"slipway/supervise/config"
	"slipway/supervise/config/text"
	"slipway/supervise/dialect"
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

func serverURL(servers []config.Server) string {
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

func (d *decoder) inetServer(s *dialect.Section) {
	r := d.reader(s, config.InetServerRows, 0)
	srv := config.Server{Section: s.Name, ChownUID: -1, ChownGID: -1, Pos: s.Pos}
	d.auth(r, &srv)
	port := r.row("port")
	address, k := r.raw(port)
	if k == nil {
		d.noAddress(s, port, "port = 127.0.0.1:9001")
		return
	}
	var wrong string
	if srv.Host, srv.Port, wrong = text.Inet(address); wrong != "" {
		r.wrong(k, port.Type.Kind(), wrong+", got "+dialect.Quote(address), "")
	}
	d.cfg.Servers = append(d.cfg.Servers, srv)
}

func (d *decoder) unixServer(s *dialect.Section) {
	r := d.reader(s, config.UnixServerRows, dialect.HasHere)
	srv := config.Server{Section: s.Name, Unix: true, Pos: s.Pos}
	option := r.row("file")
	file, k := r.raw(option)
	if k == nil {
		d.noAddress(s, option, "file = /run/supervisor.sock")
		return
	}
	srv.File = d.paths.Abs(dialect.Trim(file))
	r.n.Has = 0
	d.auth(r, &srv)
	srv.ChownUID, srv.ChownGID, _ = r.owner(r.row("chown"))
	config.UnixServerRows.Each(&srv, config.InOrder, r.fill)
	d.cfg.Servers = append(d.cfg.Servers, srv)
}

// noAddress reports a server without an address, unless that was reported as
// one that cannot be expanded.
func (d *decoder) noAddress(s *dialect.Section, o *config.Option, example string) {
	if d.doc.Lookup(s, o.Name) == nil {
		d.bad.Add(&dialect.Problem{Pos: s.Pos, Section: s.Name, Kind: dialect.KindNoAddress,
			Text: "expected a " + o.Name + " setting", Hint: "write " + example})
	}
}

func (d *decoder) auth(r *reader, s *config.Server) {
	name, nameKey := r.raw(r.row("username"))
	word, wordKey := r.raw(r.row("password"))
	if (nameKey == nil) != (wordKey == nil) {
		d.bad.Add(&dialect.Problem{Pos: r.sec.Pos, Section: r.sec.Name, Kind: dialect.KindHalfAuth,
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
	ctl := &decoder{doc: &dialect.Document{Here: d.doc.Here, Defaults: onlyFrom(d.doc.Defaults, d.main)},
		in: d.in, sys: d.sys, paths: d.paths, environ: d.environ, env: d.environ, cfg: d.cfg}
	r := ctl.reader(s, config.CtlRows, dialect.HasHere)
	c := new(config.Supervisorctl)
	r.fill(config.CtlRows.One(c, "serverurl"))
	if file, ok := strings.CutPrefix(c.ServerURL, "unix://"); ok {
		c.ServerURL = "unix://" + d.paths.Abs(file)
	}
	r.fill(config.CtlRows.One(c, "history_file"))
	if c.HistoryFile != "" {
		c.HistoryFile = d.paths.Abs(c.HistoryFile)
	}
	r.n.Has = 0
	config.CtlRows.Each(c, config.InOrder, r.fill)
	if len(ctl.bad.List) > 0 {
		// supervisord does not read the section; only supervisorctl minds.
		d.cfg.CtlProblem = ctl.bad.List[0]
		for _, p := range ctl.bad.List {
			d.note(p.Pos, p.Error(), p.Hint)
		}
		return
	}
	d.cfg.Ctl = c
}

// onlyFrom gives a section as one file has it, nil when it has none.
func onlyFrom(s *dialect.Section, file string) *dialect.Section {
	if s == nil {
		return nil
	}
	out := &dialect.Section{Name: s.Name}
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
