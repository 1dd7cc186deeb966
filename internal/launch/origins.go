package launch

import (
	"fmt"

	"slipway/render"
	"slipway/sources/kv"
)

// mostKeys is how many keys below a prefix are named one by one.
const mostKeys = 20

// originate says of the values that went into the files of a plan where they are from.
func (im *Image) originate(plan *render.Plan) {
	for i := range plan.Targets {
		t := &plan.Targets[i]
		var out []render.Origin
		named := map[render.Origin]bool{}
		for _, o := range t.Origins {
			for _, o := range im.origin(o) {
				if !named[o] {
					named[o] = true
					out = append(out, o)
				}
			}
		}
		t.Origins = out
	}
}

// origin fills in where a value is from; a few keys below a prefix are named one by one.
func (im *Image) origin(o render.Origin) []render.Origin {
	switch o.Kind {
	case render.Variable:
		if e, ok := im.Values.Lookup(o.Name); ok {
			o.From, o.Revision, o.Secret = e.Value.Origin.String(), e.Value.Origin.Revision, e.Value.Secret
		}
	case render.Variables:
		o.Count = len(im.Values.Names())
	case render.Key:
		return []render.Origin{keyOrigin(im.from.store, o.Name)}
	case render.Keys:
		keys := im.from.store.Keys(o.Name)
		var all []render.Origin
		for _, k := range keys {
			all = append(all, keyOrigin(im.from.store, k))
		}
		if n := len(all); n > 0 && n <= mostKeys {
			return all
		}
		o.Count = len(all)
		for _, k := range all {
			if k.Revision >= o.Revision {
				o.Revision, o.From = k.Revision, fmt.Sprintf("the newest: %s", k.From)
			}
			o.Secret = o.Secret || k.Secret
		}
	}
	return []render.Origin{o}
}

func keyOrigin(store *kv.Store, key string) render.Origin {
	o := render.Origin{Kind: render.Key, Name: key}
	if v, ok := store.Lookup(key); ok {
		o.From, o.Revision, o.Secret = v.Origin.String(), v.Origin.Revision, v.Secret
	}
	return o
}
