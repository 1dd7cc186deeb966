package life

// Survey brings what the board knows up to date, and counts the processes that are coming
// up: they take their turn of start_limit until they are ready.
func (t *Table) Survey() (coming int) {
	t.Each(func(p *Process) {
		t.board.Set(p.Place, p.facts())
		t.board.Judge(p.Place, p.rests(), p.Held)
		if isUp(p) && (p.Spec.Oneshot || !p.IsReady()) {
			coming++
		}
	})
	return coming
}

// Awaits is what a process that is held waits for: a need of its depends_on, or its turn.
func (p *Process) Awaits() string {
	if need := p.Place.WaitsFor(); !need.IsZero() {
		return need.String()
	}
	return "its turn (start_limit)"
}

// rests reports whether nothing but a request brings a process up. What is being replaced is
// going to be.
func (p *Process) rests() bool {
	return p.IsOver() && (!p.Group.Removing || p.Group.Successor == nil)
}
