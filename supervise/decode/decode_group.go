package decode

import (
	"slices"
	"sort"
	"strconv"
	"strings"

	"slipway/supervise/config"
	"slipway/supervise/config/text"
	"slipway/supervise/decode/value"
	"slipway/supervise/dialect"
	"slipway/supervise/events"
)

// groups reads all programs in Supervisor's order: [group:x] first, then the
// programs that no group has taken, event listeners, and FastCGI programs.
func (d *decoder) groups() {
	taken := map[string]bool{}
	d.groupAt = make(map[string]dialect.Pos)
	for _, s := range d.sections("group:") {
		d.group(s, taken)
	}
	for _, s := range d.sections("program:") {
		if !taken[s.Name] {
			d.homogeneous(s, config.KindGroup)
		}
	}
	for _, s := range d.sections("eventlistener:") {
		d.listener(s)
	}
	for _, s := range d.sections("fcgi-program:") {
		if !taken[s.Name] {
			d.fcgi(s)
		}
	}
	d.startup()
	groups := d.cfg.Groups // sort, not slices, whose code is written anew for each struct
	sort.SliceStable(groups, func(i, j int) bool {
		a, b := &groups[i], &groups[j]
		return a.Priority < b.Priority || a.Priority == b.Priority && a.Name < b.Name
	})
}

// after gives the part of a section's name behind the colon.
func after(name string) string {
	_, rest, _ := strings.Cut(name, ":")
	return rest
}

// name checks the name of a program or group.
func (d *decoder) name(s *dialect.Section, name string) string {
	name, bad := text.Name(name)
	if bad != 0 {
		d.Bad.Add(&dialect.Problem{Pos: s.Pos, Section: s.Name, Kind: dialect.KindBadName,
			Text: "expected a name without blanks, colons and slashes, got " + dialect.Quote(name)})
	}
	return name
}

// group reads a [group:x]: its processes keep the order of programs=.
func (d *decoder) group(s *dialect.Section, taken map[string]bool) {
	g := config.Group{Kind: config.KindGroup, Name: d.name(s, after(s.Name)), Pos: s.Pos}
	r := d.reader(s, config.GroupRows, dialect.HasHere)
	_, key := r.Raw(r.Row("programs"))
	programs := r.List(r.Row("programs"))
	config.GroupRows.Each(&g, config.InOrder, r.Fill)
	named := map[string]bool{}
	for _, program := range programs {
		member := d.Doc.Section("program:" + program)
		fcgi := d.Doc.Section("fcgi-program:" + program)
		switch {
		case member == nil && fcgi == nil:
			r.Wrong(key, dialect.KindUnknownProgram, "expected names of programs, got "+dialect.Quote(program)+", for which there is no section",
				d.guess(program, d.programNames()))
			continue
		case member != nil && fcgi != nil:
			r.Wrong(key, dialect.KindAmbiguous, dialect.Quote(program)+" is both a [program:…] and a [fcgi-program:…]", "give one of them another name")
			continue
		case member == nil:
			member = fcgi
		}
		taken[member.Name] = true
		if named[member.Name] { // its processes are those that are there
			for i := range g.Processes {
				if p := &g.Processes[i]; p.Program == program {
					d.sameName(&g, p)
				}
			}
			continue
		}
		named[member.Name] = true
		members := d.processes(member, g.Name)
		if g.OnExit != config.OnExitNone && !d.reader(member, d.program, dialect.HasHere).IsSet("on_exit") {
			for i := range members {
				members[i].OnExit = g.OnExit
			}
		}
		for i := range members {
			if p := &members[i]; p.OnFatal == config.OnFatalUnset {
				p.OnFatal = g.OnFatal
			}
		}
		g.Processes = append(g.Processes, members...)
	}
	d.add(g)
}

func (d *decoder) programNames() []string {
	if d.names == nil {
		d.names = []string{}
		for _, s := range d.Doc.Sections {
			if strings.HasPrefix(s.Name, "program:") || strings.HasPrefix(s.Name, "fcgi-program:") {
				d.names = append(d.names, after(s.Name))
			}
		}
	}
	return d.names
}

// mostGuesses bounds how often a hint is looked for, since each compares all names.
const mostGuesses = 100

// guess is didYouMean for words of which a file may have very many.
func (d *decoder) guess(name string, known []string) string {
	if d.guesses++; d.guesses > mostGuesses {
		return ""
	}
	return dialect.DidYouMean(name, known)
}

// homogeneous reads a program that is a group of its own.
func (d *decoder) homogeneous(s *dialect.Section, kind config.GroupKind) {
	g := config.Group{Kind: kind, Name: d.name(s, after(s.Name)), Pos: s.Pos}
	r := d.reader(s, d.program, dialect.HasHere)
	g.Priority = r.Int(r.Row("priority"))
	g.Processes = d.processes(s, g.Name)
	d.add(g)
}

// add takes a group in. Of processes with the same name the last one counts;
// of groups with the same name Supervisor starts the first.
func (d *decoder) add(g config.Group) {
	g.Processes = d.unique(g)
	if other, double := d.groupAt[g.Name]; double {
		d.note(g.Pos, "group "+dialect.Quote(g.Name)+" exists already ("+other.String()+")", "give one of them another name")
	}
	d.groupAt[g.Name] = g.Pos
	d.cfg.Groups = append(d.cfg.Groups, g)
}

func (d *decoder) unique(g config.Group) []config.Process {
	if len(g.Processes) < 2 {
		return g.Processes
	}
	seen := make(map[string]int, len(g.Processes))
	out := g.Processes[:0]
	for _, p := range g.Processes {
		i, double := seen[p.Name]
		if !double {
			seen[p.Name] = len(out)
			out = append(out, p)
			continue
		}
		d.sameName(&g, &p)
		out[i] = p
	}
	return out
}

func (d *decoder) sameName(g *config.Group, p *config.Process) {
	d.note(p.Pos, "group "+dialect.Quote(g.Name)+" has several processes named "+dialect.Quote(p.Name)+": only the last one counts",
		"use %(process_num)s, or another name, in process_name")
}

// listener reads an [eventlistener:x].
func (d *decoder) listener(s *dialect.Section) {
	g := config.Group{Kind: config.KindListener, Name: after(s.Name), Pos: s.Pos}
	r := d.reader(s, config.ListenerRows, dialect.HasHere)
	config.ListenerRows.Each(&g, config.InOrder, r.Fill)
	if _, k := r.Raw(r.Row("buffer_size")); k != nil && g.BufferSize < 1 {
		r.Wrong(k, dialect.KindBadBufferSize, "expected at least 1, got "+strconv.Itoa(g.BufferSize), "")
	}
	g.ResultHandler = d.plugin(r, r.Row("result_handler"), config.DefaultHandler+" or "+config.StdoutHandler)
	list, key := r.Raw(r.Row("events"))
	for _, e := range text.List(strings.ToUpper(list)) {
		if !slices.Contains(events.Names[:], e) {
			r.Wrong(key, dialect.KindUnknownEvent, "expected types of events, got "+dialect.Quote(e), dialect.DidYouMean(e, events.Names[:]))
		}
		if !slices.Contains(g.Events, e) {
			g.Events = append(g.Events, e)
		}
	}
	slices.Sort(g.Events)
	if list == "" {
		d.Bad.Add(&dialect.Problem{Pos: s.Pos, Section: s.Name, Kind: dialect.KindNoEvents, Text: "expected an events setting",
			Hint: "write for instance: events = PROCESS_STATE"})
	}
	p := d.reader(s, d.program, dialect.HasHere)
	if redirect := p.Row("redirect_stderr"); p.Bool(redirect) {
		_, k := p.Raw(redirect)
		p.Wrong(k, dialect.KindListenerStderr, "expected false: what a listener writes to standard error would break its protocol", "")
	}
	g.Processes = d.processes(s, g.Name)
	d.add(g)
}

// fcgi reads an [fcgi-program:x].
func (d *decoder) fcgi(s *dialect.Section) {
	g := config.Group{Kind: config.KindFCGI, Name: d.name(s, after(s.Name)), Pos: s.Pos}
	r := d.reader(s, config.FCGIRows, dialect.HasHere)
	config.FCGIRows.Each(&g, config.InOrder, r.Fill)
	user := r.User(r.Row("user"))
	sock := &config.FCGISocket{Mode: -1}
	backlog := r.Row("socket_backlog")
	if _, k := r.Raw(backlog); k != nil {
		if sock.Backlog = r.Int(backlog); sock.Backlog < 1 || sock.Backlog > 65535 {
			r.Wrong(k, dialect.KindBadSocket, "expected 1 to 65535, got "+dialect.Quote(k.Value), "")
		}
	}
	var owned bool
	sock.OwnerUID, sock.OwnerGID, owned = r.Owner(r.Row("socket_owner"))
	mode := r.Row("socket_mode")
	_, _, moded := r.Given(mode)
	if moded {
		sock.Mode = r.Octal(mode)
	}
	r.Names.Has |= dialect.HasProgram
	r.Names.Program = g.Name
	d.fcgiSocket(r, sock, user, owned, moded)
	g.Socket = sock
	g.Processes = d.processes(s, g.Name)
	d.add(g)
}

func (d *decoder) fcgiSocket(r *value.Reader, sock *config.FCGISocket, user *config.User, owned, moded bool) {
	o := r.Row("socket")
	s, k := r.Raw(o)
	if s == "" {
		d.Bad.Add(&dialect.Problem{Pos: r.Section.Pos, Section: r.Section.Name, Kind: dialect.KindBadSocket, Text: "expected a socket setting",
			Hint: "write for instance: socket = unix:///run/%(program_name)s.sock"})
		return
	}
	if file, ok := strings.CutPrefix(s, "unix://"); ok {
		if !strings.HasPrefix(file, "/") {
			r.Expected(o, k, s, "the path must be absolute: unix:///…")
			return
		}
		sock.Path = dialect.Normalize(file)
		sock.URL = "unix://" + sock.Path
		if !owned && user != nil && user.UID != d.Sys.Getuid() {
			sock.OwnerUID, sock.OwnerGID = user.UID, user.GID
		}
		if !moded {
			n, _ := dialect.ParseInt(r.Row("socket_mode").Default, 8)
			sock.Mode = int(n)
		}
		return
	}
	if owned || moded {
		r.Wrong(k, dialect.KindBadSocket, "socket_owner and socket_mode are for unix sockets, got "+dialect.Quote(s), "")
		return
	}
	host, port, ok := strings.Cut(strings.TrimPrefix(s, "tcp://"), ":")
	n, numeric := dialect.ParseInt(port, 10)
	if !strings.HasPrefix(s, "tcp://") || !ok || host == "" || strings.ContainsFunc(host, dialect.IsSpace) || !numeric || strings.Trim(port, "0123456789") != "" {
		r.Expected(o, k, s, "")
		return
	}
	if n < 1 || n > 65535 {
		r.Wrong(k, dialect.KindBadPort, "expected a port from 1 to 65535, got "+dialect.Quote(port), "")
		return
	}
	sock.Host, sock.Port = strings.ToLower(host), int(n)
	sock.URL = "tcp://" + sock.Host + ":" + strconv.Itoa(sock.Port)
}
