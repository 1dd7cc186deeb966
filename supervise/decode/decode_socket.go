package decode

import (
	"slices"
	"strconv"
	"strings"

	"slipway/supervise/config"
	"slipway/supervise/dialect"
	"slipway/supervise/sockets"
	"slipway/supervise/words"
)

// sockets reads the [socket:NAME] sections, and gives the programs those that they name. A
// section that no program names has no effect.
func (d *decoder) sockets() {
	all, named := map[string]*sockets.Socket{}, map[string]bool{}
	at := map[sockets.Address]*sockets.Socket{}
	var names []string
	for _, s := range d.sections("socket:") {
		is := d.socket(s)
		if other := at[is.Address]; other != nil && is.Address != (sockets.Address{}) {
			d.Bad.Add(&dialect.Problem{Pos: s.Pos, Section: s.Name, Key: "listen", Kind: dialect.KindBadSocket,
				Text: "expected an address of its own, got " + is.String() + ", which is that of [socket:" + other.Name + "] (" + other.Pos.String() + ")"})
		}
		at[is.Address], all[is.Name] = is, is
		names = append(names, is.Name)
	}
	for _, p := range d.cfg.Processes() {
		for _, name := range p.Sockets {
			named[name] = true
			if is := all[name]; is != nil {
				p.Listen = append(p.Listen, is)
			}
		}
	}
	d.demanded()
	for _, kind := range kindsOfPrograms {
		for _, s := range d.sections(kind) {
			for _, name := range d.socketsOf(s, names) {
				named[name] = true
			}
		}
	}
	for _, name := range names {
		if !named[name] {
			d.note(all[name].Pos, "[socket:"+name+"] has no effect: no program has it in sockets", "write sockets = "+name+" in the section of a program")
		}
	}
}

// demanded checks what programs with start = on-demand need to have for themselves.
func (d *decoder) demanded() {
	users := map[*sockets.Socket][]*config.Process{}
	for _, p := range d.cfg.Processes() {
		for _, is := range p.Listen {
			users[is] = append(users[is], p)
		}
	}
	said := map[string]bool{}
	for g, p := range d.cfg.Processes() {
		s := d.Doc.Section(kindsOfPrograms[g.Kind] + p.Program)
		if !p.OnDemand() || s == nil || said[s.Name] {
			continue
		}
		said[s.Name] = true
		r := d.reader(s, d.program, dialect.HasHere|dialect.HasHost)
		_, start := r.Raw(r.Row("start"))
		if g.Kind == config.KindListener {
			r.Wrong(start, dialect.KindOther, "expected a program, and this is an eventlistener, which waits for events", "take start out")
		}
		for _, is := range p.Listen {
			for _, other := range users[is] {
				if other != p && start != nil {
					r.Wrong(start, dialect.KindOther, "expected sockets that no other process has, and "+is.Name+" is that of "+other.FullName()+" as well: either may take a connection that starts the other", "")
					break
				}
			}
			if _, idle := r.Raw(r.Row("idle_stop")); idle != nil && p.IdleStop > 0 && !is.IsStream() {
				r.Wrong(idle, dialect.KindOther, "expected sockets that take connections, and "+is.Name+" is "+is.String()+": nobody can see who sends to it", "take idle_stop out")
			}
		}
	}
}

// socketsOf looks through the sockets of a program.
func (d *decoder) socketsOf(s *dialect.Section, known []string) []string {
	r := d.reader(s, d.program, dialect.HasHere|dialect.HasHost)
	o := r.Row("sockets")
	if o == nil {
		return nil
	}
	k := d.Doc.Lookup(s, o.Name)
	if k == nil {
		return nil
	}
	list := r.List(o)
	for i, name := range list {
		switch {
		case !slices.Contains(known, name):
			r.Wrong(k, dialect.KindBadSocket, "expected names of [socket:NAME] sections, got "+dialect.Quote(name)+", for which there is none", d.guess(name, known))
		case slices.Contains(list[:i], name):
			r.Wrong(k, dialect.KindBadSocket, "expected each name once, got "+dialect.Quote(name)+" twice", "")
		}
	}
	ready, key := r.Raw(r.Row("ready"))
	if fd, ok := strings.CutPrefix(ready, "fd:"); ok && key != nil {
		if n, err := strconv.Atoi(fd); err == nil && n < sockets.First+len(list) {
			r.Wrong(key, dialect.KindOther, "expected a descriptor above those of sockets, got "+dialect.Quote(ready), "write fd:"+strconv.Itoa(sockets.First+len(list)))
		}
	}
	return list
}

// socket reads a [socket:NAME].
func (d *decoder) socket(s *dialect.Section) *sockets.Socket {
	r := d.reader(s, config.SocketRows, dialect.HasHere|dialect.HasHost)
	is := &sockets.Socket{Name: after(s.Name), Pos: s.Pos}
	if !sockets.IsName(is.Name) {
		d.Bad.Add(&dialect.Problem{Pos: s.Pos, Section: s.Name, Kind: dialect.KindBadName,
			Text: "expected a name without blanks, colons, percent signs and parentheses, got " + dialect.Quote(is.Name)})
	}
	config.SocketRows.Each(is, config.InOrder, r.Fill)
	if _, k := r.Raw(r.Row("backlog")); k != nil && is.Backlog < 1 {
		r.Wrong(k, dialect.KindBadNumber, "expected at least 1, got "+dialect.Quote(k.Value), "")
	}
	d.required(r, r.Row("listen"))
	text, k := r.Raw(r.Row("listen"))
	if k != nil {
		var wrong string
		if is.Address, wrong = sockets.ParseAddress(dialect.Trim(text)); wrong != "" {
			r.Wrong(k, dialect.KindBadSocket, wrong+", got "+dialect.Quote(text), "write for instance: listen = tcp://127.0.0.1:8080")
			is.Address = sockets.Address{}
		}
	}
	is.UID, is.GID, _ = r.Owner(r.Row("owner"))
	is.Mode = r.Octal(r.Row("mode"))
	for _, name := range [...]string{"owner", "mode"} {
		if _, k := r.Raw(r.Row(name)); k != nil && !is.IsFile() && is.Address != (sockets.Address{}) {
			r.Wrong(k, dialect.KindBadSocket, name+" is for unix sockets with a file, and this one is "+is.String(), "")
		}
	}
	var wrong string
	if is.Options, wrong = sockets.ParseOptions(r.List(r.Row("options"))); wrong != "" {
		_, k := r.Raw(r.Row("options"))
		r.Wrong(k, dialect.KindOther, "expected "+words.Or(sockets.OptionWords())+", got "+dialect.Quote(wrong), dialect.DidYouMean(strings.ToLower(wrong), sockets.OptionWords()))
	}
	if word := is.Misfit(); word != "" {
		_, k := r.Raw(r.Row("options"))
		r.Wrong(k, dialect.KindOther, word+" does not fit "+is.String(), "")
	}
	return is
}
