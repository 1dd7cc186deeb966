package language

import (
	"cmp"
	"slices"
	"strconv"

	"slipway/render"
)

// uses notes that a value goes into the text.
func (ex *execution) uses(o render.Origin) { ex.used[o] = true }

func (ex *execution) usesPeer(p Peer) {
	name := p.Name
	if p.Port > 0 {
		name += ":" + strconv.Itoa(p.Port)
	}
	ex.uses(render.Origin{Kind: render.Peer, Name: name, From: p.Source})
}

// origins are the values that went into the text, sorted.
func (ex *execution) origins() (out []render.Origin) {
	for o := range ex.used {
		out = append(out, o)
	}
	for name := range ex.reads {
		out = append(out, render.Origin{Kind: render.Variable, Name: name})
	}
	slices.SortFunc(out, func(a, b render.Origin) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name), cmp.Compare(a.From, b.From))
	})
	return out
}
