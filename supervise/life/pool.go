package life

import (
	"slipway/supervise/bus"
	"slipway/supervise/machine"
)

// join makes a process a member of a pool.
func (p *Process) join(pool *bus.Pool) {
	p.member = &bus.Member{
		Name:    p.Name(),
		CanTake: func() bool { return p.Life.State == machine.Running && p.Hears() },
		Write:   p.Type,
	}
	pool.Members = append(pool.Members, p.member)
}

// EachPool calls do for the pools of the active groups, in their order.
func (t *Table) EachPool(do func(*bus.Pool)) {
	for _, g := range t.pools {
		do(g.pool)
	}
}

// emitState is the event of a change of state.
func (t *Table) emitState(p *Process, a machine.Action) {
	t.bus.State(p.Config, &p.Life, a, t.opts.Explain)
}
