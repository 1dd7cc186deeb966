package decode

import (
	"slices"

	"slipway/supervise/config"
	"slipway/supervise/decode/value"
	"slipway/supervise/dialect"
	"slipway/supervise/signals"
)

// targets checks the names of programs that signals are passed on to. A signal that asks
// for the end reaches no program, but that of a command line.
func (d *decoder) targets(r *value.Reader) {
	c := &d.cfg.Slipway
	if len(c.Signals) == 0 {
		return
	}
	known := d.cfg.Names()
	_, k := r.Raw(r.Row("signals"))
	for _, to := range c.Signals {
		if _, ok := slices.BinarySearch(known, to.To); !ok {
			r.Wrong(k, dialect.KindUnknownProgram, "expected names of programs or groups, got "+dialect.Quote(to.To)+", which there is not", d.guess(to.To, known))
		}
		if to.To != config.MainProgram && slices.Contains(c.StopSignals, to.Signal) {
			d.note(k.ValuePos, "[slipway]: signals: "+signals.Name(to.Signal)+" is not passed on to "+to.To+": it is one of stop_signals",
				"take it out of stop_signals, or use another signal")
		}
	}
}
