package decode

import (
	"strconv"
	"strings"

	"slipway/supervise/config"
	"slipway/supervise/config/text"
	"slipway/supervise/decode/value"
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
	d.cfg.ServerURL = d.serverURL()
}

// serverURL is that of the first unix server, else that of the last inet server: the original
// goes on looking there. One that is not served is nobody's.
func (d *decoder) serverURL() (url string) {
	for i := range d.cfg.Servers {
		s := &d.cfg.Servers[i]
		switch {
		case s.Unix:
			return "unix://" + s.File
		case !d.AsSupervisord && s.IsOpenToAll():
			continue
		}
		host := s.Host
		if host == "" {
			host = "localhost"
		}
		url = "http://" + host + ":" + strconv.Itoa(s.Port)
	}
	return url
}

func (d *decoder) inetServer(s *dialect.Section) {
	r := d.reader(s, config.InetServerRows, 0)
	srv := config.Server{Section: s.Name, ChownUID: -1, ChownGID: -1, Pos: s.Pos}
	d.auth(r, &srv)
	port := r.Row("port")
	address, k := r.Raw(port)
	if k == nil {
		d.noAddress(s, port, "port = 127.0.0.1:9001")
		return
	}
	var wrong string
	if srv.Host, srv.Port, wrong = text.Inet(address); wrong != "" {
		r.Wrong(k, port.Type.Kind(), wrong+", got "+dialect.Quote(address), "")
	}
	d.cfg.Servers = append(d.cfg.Servers, srv)
}

func (d *decoder) unixServer(s *dialect.Section) {
	r := d.reader(s, config.UnixServerRows, dialect.HasHere)
	srv := config.Server{Section: s.Name, Unix: true, Pos: s.Pos}
	option := r.Row("file")
	file, k := r.Raw(option)
	if k == nil {
		d.noAddress(s, option, "file = /run/supervisor.sock")
		return
	}
	srv.File = d.Paths.Abs(dialect.Trim(file))
	r.Names.Has = 0
	d.auth(r, &srv)
	srv.ChownUID, srv.ChownGID, _ = r.Owner(r.Row("chown"))
	config.UnixServerRows.Each(&srv, config.InOrder, r.Fill)
	d.cfg.Servers = append(d.cfg.Servers, srv)
}

// noAddress reports a server without an address, unless that was reported as
// one that cannot be expanded.
func (d *decoder) noAddress(s *dialect.Section, o *config.Option, example string) {
	if d.Doc.Lookup(s, o.Name) == nil {
		d.Bad.Add(&dialect.Problem{Pos: s.Pos, Section: s.Name, Kind: dialect.KindNoAddress,
			Text: "expected a " + o.Name + " setting", Hint: "write " + example})
	}
}

func (d *decoder) auth(r *value.Reader, s *config.Server) {
	name, nameKey := r.Raw(r.Row("username"))
	word, wordKey := r.Raw(r.Row("password"))
	if (nameKey == nil) != (wordKey == nil) {
		d.Bad.Add(&dialect.Problem{Pos: r.Section.Pos, Section: r.Section.Name, Kind: dialect.KindHalfAuth,
			Text: "expected both username and password, or neither"})
	}
	s.HasAuth = nameKey != nil && wordKey != nil
	s.Username, s.Password = name, word
}

// supervisorctl reads what supervisorctl takes from the main file; it does not
// see included files, nor their values of its section.
func (d *decoder) supervisorctl() {
	s := onlyFrom(d.Doc.Section("supervisorctl"), d.main)
	if s == nil {
		return
	}
	ctl := &decoder{Context: d.Context, in: d.in, env: d.Environ, cfg: d.cfg}
	ctl.Doc = &dialect.Document{Here: d.Doc.Here, Defaults: onlyFrom(d.Doc.Defaults, d.main)}
	ctl.Bad = dialect.Report{}
	r := ctl.reader(s, config.CtlRows, dialect.HasHere)
	c := new(config.Supervisorctl)
	r.Fill(config.CtlRows.One(c, "serverurl"))
	if file, ok := strings.CutPrefix(c.ServerURL, "unix://"); ok {
		c.ServerURL = "unix://" + d.Paths.Abs(file)
	}
	r.Fill(config.CtlRows.One(c, "history_file"))
	if c.HistoryFile != "" {
		c.HistoryFile = d.Paths.Abs(c.HistoryFile)
	}
	r.Names.Has = 0
	config.CtlRows.Each(c, config.InOrder, r.Fill)
	if len(ctl.Bad.List) > 0 {
		// supervisord does not read the section; only supervisorctl minds.
		d.cfg.CtlProblem = ctl.Bad.List[0]
		for _, p := range ctl.Bad.List {
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
