package order

// Board knows which processes are there, which of them are ready and which never will be by
// themselves, and answers who waits for whom, and who waits in vain. The zero Board is
// empty.
type Board struct {
	names map[string]*tally
}

// tally counts what a name means.
type tally struct {
	name    string
	members int            // processes that it means
	ready   int            // of them
	over    int            // of them, that will not become ready
	needers map[*Place]int // processes whose depends_on has it, and how often
}

// Place is a process on a Board.
type Place struct {
	Member
	own   []*tally // of the names that mean it
	needs []*tally // of the names that it depends on, in order
	ready bool
	rests bool // nothing but a request, or what it waits for, brings it up
	waits bool // it is to start as soon as it waits for nobody
	over  bool // it counts among those that will not become ready
}

// Add puts a process that is not ready on the board.
func (b *Board) Add(m Member) *Place {
	names := m.names()
	p := &Place{Member: m, own: make([]*tally, 0, len(names))}
	for _, name := range names {
		t := b.tally(name)
		t.members++
		p.own = append(p.own, t)
	}
	for _, name := range m.Needs {
		t := b.tally(name)
		if t.needers == nil {
			t.needers = map[*Place]int{}
		}
		t.needers[p]++
		p.needs = append(p.needs, t)
	}
	return p
}

func (b *Board) tally(name string) *tally {
	t := b.names[name]
	if t == nil {
		t = &tally{name: name}
		if b.names == nil {
			b.names = map[string]*tally{}
		}
		b.names[name] = t
	}
	return t
}

// Remove takes a process off the board. From then on nobody waits for it.
func (b *Board) Remove(p *Place) {
	b.Set(p, false)
	b.Judge(p, false, false)
	for _, t := range p.own {
		t.members--
		b.forget(t)
	}
	for _, t := range p.needs {
		if t.needers[p]--; t.needers[p] == 0 {
			delete(t.needers, p)
		}
		b.forget(t)
	}
	p.own, p.needs = nil, nil
}

func (b *Board) forget(t *tally) {
	if t.members == 0 && len(t.needers) == 0 {
		delete(b.names, t.name)
	}
}

// Set notes whether a process is ready.
func (b *Board) Set(p *Place, ready bool) {
	if p.ready == ready {
		return
	}
	p.ready = ready
	for _, t := range p.own {
		if ready {
			t.ready++
		} else {
			t.ready--
		}
	}
	b.settle(p)
}

// Judge notes whether a process is at rest, so that nothing but a request brings it up, and
// whether it is to start as soon as it waits for nobody.
func (b *Board) Judge(p *Place, rests, waits bool) {
	if p.rests != rests || p.waits != waits {
		p.rests, p.waits = rests, waits
		b.settle(p)
	}
}

// settle counts a process anew, and those whose wait has become vain by that, or is no
// longer. Each look at a name's needers is for a change of that name.
func (b *Board) settle(p *Place) {
	list := []*Place{p}
	for len(list) > 0 {
		p, list = list[len(list)-1], list[:len(list)-1]
		over := !p.ready && p.rests && (!p.waits || p.InVain() != "")
		if over == p.over {
			continue
		}
		p.over = over
		for _, t := range p.own {
			was := t.over > 0
			if over {
				t.over++
			} else {
				t.over--
			}
			if was == (t.over > 0) {
				continue
			}
			for needer := range t.needers {
				if needer.waits {
					list = append(list, needer)
				}
			}
		}
	}
}

// InVain returns the first name in the process's depends_on that means a process which is
// not ready and will not be; "" if there is none.
func (p *Place) InVain() string {
	for _, t := range p.needs {
		if t.over > 0 {
			return t.name
		}
	}
	return ""
}

// IsOver reports whether the process is not ready, and nothing but a request will change
// that.
func (p *Place) IsOver() bool { return p.over }

// Unknown returns the first name in the process's depends_on that means no process; "" if
// there is none.
func (p *Place) Unknown() string {
	for _, t := range p.needs {
		if t.members == 0 {
			return t.name
		}
	}
	return ""
}

// WaitsFor returns the first name in the process's depends_on that means a process which
// is not ready; "" if there is none.
func (p *Place) WaitsFor() string {
	for _, t := range p.needs {
		if t.ready < t.members {
			return t.name
		}
	}
	return ""
}
