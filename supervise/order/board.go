package order

// Board knows which processes are there, what is the case with each of them and what never
// will be by itself, and answers who waits for whom, and who waits in vain. The zero Board
// is empty.
type Board struct {
	names map[string]*tally
}

// tally counts what a name means.
type tally struct {
	name    string
	members int             // processes that it means
	hold    [conditions]int // of them, for which a condition holds
	over    [conditions]int // of them, for which it will not
	needers map[*Place]int  // processes whose depends_on has it, and how often
}

// want is a need on the board.
type want struct {
	*tally
	Need
}

// holds reports whether the condition holds for all that the name means.
func (w *want) holds() bool {
	return w.any(func(u Until) bool { return w.hold[u] == w.members })
}

// isVain reports whether it does not hold for one of them, and will not.
func (w *want) isVain() bool {
	return !w.any(func(u Until) bool { return w.over[u] == 0 })
}

// any reports whether something is true of the condition, or of one of the states.
func (w *want) any(is func(Until) bool) bool {
	if !w.IsSoft() {
		return is(w.Until)
	}
	for u := reached; u < Until(conditions); u++ {
		if w.Any.Has(u) && is(u) {
			return true
		}
	}
	return false
}

// Place is a process on a Board.
type Place struct {
	Member
	Asked bool     // somebody asks for its start: needs that are soft are none
	own   []*tally // of the names that mean it
	wants []want   // what it depends on, in order
	facts Facts
	past  Facts // that stay: states that it has reached
	lacks Facts // the conditions that do not hold for it and will not
	rests bool  // nothing but a request, or what it waits for, brings it up
	waits bool  // it is to start as soon as it waits for nobody
}

// Add puts a process on the board of which nothing is the case.
func (b *Board) Add(m Member) *Place {
	names := m.Names()
	p := &Place{Member: m, own: make([]*tally, 0, len(names))}
	for _, name := range names {
		t := b.tally(name)
		t.members++
		p.own = append(p.own, t)
	}
	for _, need := range m.Needs {
		t := b.tally(need.Name)
		if t.needers == nil {
			t.needers = map[*Place]int{}
		}
		t.needers[p]++
		p.wants = append(p.wants, want{t, need})
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
	p.past = 0
	b.Set(p, 0)
	b.Judge(p, false, false)
	for _, t := range p.own {
		t.members--
		b.forget(t)
	}
	for _, w := range p.wants {
		if w.needers[p]--; w.needers[p] == 0 {
			delete(w.needers, p)
		}
		b.forget(w.tally)
	}
	p.own, p.wants = nil, nil
}

func (b *Board) forget(t *tally) {
	if t.members == 0 && len(t.needers) == 0 {
		delete(b.names, t.name)
	}
}

// Set notes what is the case with a process.
func (b *Board) Set(p *Place, facts Facts) {
	facts |= p.past
	changed := p.facts ^ facts
	if changed == 0 {
		return
	}
	p.facts = facts
	for u := range Until(conditions) {
		if !changed.Has(u) {
			continue
		}
		for _, t := range p.own {
			if facts.Has(u) {
				t.hold[u]++
			} else {
				t.hold[u]--
			}
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
		lacks := Facts(0)
		if p.rests && (!p.waits || !p.InVain().IsZero()) {
			lacks = allFacts &^ p.facts
		}
		changed := p.lacks ^ lacks
		if changed == 0 {
			continue
		}
		p.lacks = lacks
		for _, t := range p.own {
			if !t.recount(changed, lacks) {
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

// recount counts a member anew that lacks something, and reports whether that makes a
// difference for those who need the name.
func (t *tally) recount(changed, lacks Facts) (differs bool) {
	for u := range Until(conditions) {
		if !changed.Has(u) {
			continue
		}
		was := t.over[u] > 0
		if lacks.Has(u) {
			t.over[u]++
		} else {
			t.over[u]--
		}
		differs = differs || was != (t.over[u] > 0)
	}
	return differs
}

// InVain returns the first need of the process that means one for which it does not hold and
// will not; the zero Need if there is none.
func (p *Place) InVain() Need {
	for i := range p.wants {
		if w := &p.wants[i]; w.isVain() && !p.skips(w.Need) {
			return w.Need
		}
	}
	return Need{}
}

// skips reports whether the process does without a need.
func (p *Place) skips(n Need) bool { return p.Asked && n.IsSoft() }

// Lacks reports whether the condition of a need does not hold for the process, and nothing but
// a request will change that.
func (p *Place) Lacks(n Need) bool {
	if n.IsSoft() {
		return p.lacks&n.Any == n.Any
	}
	return p.lacks.Has(n.Until)
}

// Reach notes that the process has entered a state, for the next Set.
func (p *Place) Reach(state string) { p.past |= Reached(state) }

// Unknown returns the first name in the process's depends_on that means no process; "" if
// there is none.
func (p *Place) Unknown() string {
	for _, w := range p.wants {
		if w.members == 0 {
			return w.name
		}
	}
	return ""
}

// WaitsFor returns the first need of the process that means one for which it does not hold;
// the zero Need if there is none.
func (p *Place) WaitsFor() Need {
	for i := range p.wants {
		if w := &p.wants[i]; !w.holds() && !p.skips(w.Need) {
			return w.Need
		}
	}
	return Need{}
}
