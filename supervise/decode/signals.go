package decode

import (
	"slices"
	"strings"

	"slipway/supervise/config"
	"slipway/supervise/config/text"
	"slipway/supervise/dialect"
	"slipway/supervise/signals"
)

// words reads a list; parse says what is wrong with it.
func (r *reader) words(o *config.Option, parse func(words []string) *signals.Mistake) {
	s, k := r.raw(o)
	m := parse(text.Words(s))
	if m == nil || k == nil {
		return
	}
	at := *k
	if s == k.Value {
		at.ValuePos = k.At(strings.Index(s, m.Word))
	}
	r.wrong(&at, o.Type.Kind(), "expected "+o.Type.Expected()+", got "+dialect.Quote(m.Word)+m.Why, m.Hint)
	parse(text.Words(r.d.def(o)))
}

// targets checks the names of programs that signals are passed on to. A signal that asks
// for the end reaches no program, but that of a command line.
func (d *decoder) targets(r *reader) {
	c := &d.cfg.Slipway
	if len(c.Signals) == 0 {
		return
	}
	known := d.cfg.Names()
	_, k := r.raw(r.row("signals"))
	for _, to := range c.Signals {
		if _, ok := slices.BinarySearch(known, to.To); !ok {
			r.wrong(k, dialect.KindUnknownProgram, "expected names of programs or groups, got "+dialect.Quote(to.To)+", which there is not", d.guess(to.To, known))
		}
		if to.To != config.MainProgram && slices.Contains(c.StopSignals, to.Signal) {
			d.note(k.ValuePos, "[slipway]: signals: "+signals.Name(to.Signal)+" is not passed on to "+to.To+": it is one of stop_signals",
				"take it out of stop_signals, or use another signal")
		}
	}
}
