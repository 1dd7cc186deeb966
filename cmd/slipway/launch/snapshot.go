package launch

import (
	"slipway/internal/handoff"
	"slipway/sources"
	"slipway/sources/link"
	"slipway/sources/resolve"
	"slipway/supervise/config"
)

// FromSnapshot is the image as the launch stage of a running container saw it:
// values and peers, without its configuration.
func FromSnapshot(s handoff.Snapshot) *Image {
	im := &Image{File: s.Config, Captured: s.Captured, system: config.Unix("")}
	depth := 0
	for _, v := range s.Values {
		depth = max(depth, len(v.Shadowed))
	}
	// Layer by layer, weakest first, so that the merge gives the same history.
	for i := depth; i >= 0; i-- {
		var l sources.Layer
		for _, v := range s.Values {
			switch {
			case i == 0:
				l.Vars = append(l.Vars, sources.Var{Name: v.Name, Value: value(v)})
			case i <= len(v.Shadowed):
				l.Vars = append(l.Vars, sources.Var{Name: v.Name, Value: value(v.Shadowed[i-1])})
			}
		}
		im.layers = append(im.layers, l)
	}
	im.Values = sources.Merge(im.layers...)
	im.Links = link.Parse(im.Values.Vars(), im.own())
	for _, p := range s.Peers {
		im.Peers = append(im.Peers, resolve.Peer{
			Name: p.Name, Host: p.Host, Port: p.Port, Exposed: p.Exposed, Proto: p.Proto, Source: p.Source, Note: p.Note,
			Self: p.Self, Partial: p.Partial, Origin: value(p.Origin).Origin,
		})
	}
	im.programs = im.Values
	im.Environ = im.Values.Environ()
	return im
}

func value(v handoff.Value) sources.Value {
	return sources.Value{Text: v.Text, Secret: v.Secret, Origin: sources.Origin{
		Source: v.Source, File: v.File, Line: v.Line, Col: v.Col, Revision: v.Revision,
	}}
}
