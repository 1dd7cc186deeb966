package order

// Board knows which processes are there and which of them are ready, and answers who
// waits for whom. The zero Board is empty.
type Board struct {
	names map[string]*tally
}

// tally counts what a name means.
type tally struct {
	name    string
	members int // processes that it means
	ready   int // of them
	needers int // entries of depends_on that it stands in
}

// Place is a process on a Board.
type Place struct {
	Member
	own   []*tally // of the names that mean it
	needs []*tally // of the names that it depends on, in order
	ready bool
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
		t.needers++
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
	for _, t := range p.own {
		t.members--
		b.forget(t)
	}
	for _, t := range p.needs {
		t.needers--
		b.forget(t)
	}
	p.own, p.needs = nil, nil
}

func (b *Board) forget(t *tally) {
	if t.members == 0 && t.needers == 0 {
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
