package launch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"slipway/internal/launch/sections"
	"slipway/render"
	"slipway/sources/kv"
	"slipway/sources/protocol"
)

// lookTime bounds the look for a key that is missing. What it finds is a hint, and the
// error that it is for is waiting.
const lookTime = 2 * time.Second

// hintKeys says about keys that a render did not find whether etcd has them outside of
// what was read: only the prefixes of [etcd] are. err is returned as it came, with hints.
func (o *outside) hintKeys(ctx context.Context, missing map[string]error, err error) error {
	var problems render.Problems
	if o.store == nil || !errors.As(err, &problems) {
		return err
	}
	if why := missing[sections.Etcd]; why != nil {
		for _, p := range problems {
			if p.Key != "" {
				p.Hint = "none of the keys of etcd is there, because it was not read: " + why.Error()
			}
		}
		return err
	}
	prefixes := o.etcd.Prefixes
	var keys []string
	for _, p := range problems {
		if key := whole(p.Key, prefixes); key != "" && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return err
	}
	there := o.exist(ctx, keys)
	for _, p := range problems {
		if key := whole(p.Key, prefixes); slices.Contains(there, key) {
			p.Hint = fmt.Sprintf("%s exists in etcd but outside the prefix %s: add it to prefix of [etcd]", key, strings.Join(prefixes, ", "))
		}
	}
	return err
}

// whole is the whole key that may be meant by one that is missing, "" for none. Where all
// prefixes begin with a slash all keys do, and a user is not allowed to read others.
func whole(key string, prefixes []string) string {
	switch {
	case key == "" || strings.ContainsAny(key, ", "): // these separate prefixes
		return ""
	case strings.HasPrefix(key, "/") || slices.ContainsFunc(prefixes, func(p string) bool { return !strings.HasPrefix(p, "/") }):
		return key
	}
	return "/" + key
}

// exist returns which of these keys the store has. That it cannot be asked, or is not
// allowed to answer, is no matter.
func (o *outside) exist(ctx context.Context, keys []string) []string {
	p := *o.store
	p.Timeout, p.Note, p.Settings = lookTime, nil, nil
	for _, s := range o.store.Settings {
		switch s.Name {
		case "prefix", "secret_prefix", "start", "start_timeout":
		default:
			p.Settings = append(p.Settings, s)
		}
	}
	p.Settings = append(p.Settings, protocol.Setting{Name: "start", Text: "optional"})
	for _, k := range keys {
		p.Settings = append(p.Settings, protocol.Setting{Name: "prefix", Text: k})
	}
	u, err := p.Get(ctx)
	if err != nil {
		return nil
	}
	var out []string
	for _, k := range keys {
		if slices.ContainsFunc(u.Keys, func(p kv.Pair) bool { return p.Key == k }) {
			out = append(out, k)
		}
	}
	return out
}
