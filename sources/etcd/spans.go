package etcd

import (
	"context"
	"errors"
	"strings"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"

	"slipway/sources/kv"
	"slipway/sources/protocol"
)

// span is one range of keys.
type span struct {
	from, to string // to "" means the key from alone
	optional bool   // being denied it is no error: it was asked for out of caution
	rare     bool   // it has a key or two, if any
	of       string // what it is of: a prefix, or a key
}

// has reports whether a key is in the range.
func (s span) has(key string) bool {
	return key == s.from || s.to != "" && key >= s.from && (key < s.to || s.to == everything)
}

// everything is the end of all keys, and the first of them.
const everything = "\x00"

// spans are the ranges that hold all prefixes, each key in one of them.
// What slipway keeps for fleets below a prefix is in none: all members of one write there, and
// each would hear of all.
func (c *Config) spans() []span {
	var out []span
	all := append(append([]string{}, c.Prefixes...), c.SecretPrefixes...)
	for i, p := range all {
		n := kv.Normal(p)
		covered := false
		for j, q := range all {
			m := kv.Normal(q)
			if n == m && j < i || n != m && kv.Below(n, m) {
				covered = true
			}
		}
		switch {
		case covered:
		case n == "":
			return around(span{from: everything, to: everything}, "")
		default:
			if !strings.HasSuffix(p, "/") {
				out = append(out, span{from: n, optional: true, rare: true, of: n})
			}
			out = append(out, around(span{from: n + "/", to: n + "0"}, n)...) // 0 follows / in ASCII
		}
	}
	return out
}

// around are the parts of a range without what is below PREFIX/.slipway: what comes before it,
// and after it, which is nearly all.
func around(s span, prefix string) []span {
	mine := prefix + "/" + own
	return []span{{from: s.from, to: mine + "/", rare: true, of: prefix + "/"}, {from: mine + "0", to: s.to, of: prefix + "/"}}
}

// rareKeys are those of a snapshot that are in ranges which have a key or two.
func (c *Config) rareKeys(u protocol.Update) map[string]bool {
	found := map[string]bool{}
	for _, s := range c.spans() {
		for _, p := range u.Keys {
			if s.rare && s.has(p.Key) {
				found[p.Key] = true
			}
		}
	}
	return found
}

// complete adds to the changes of the one large range, up to a revision, what the rare ones have
// at it: the events of one transaction come on several watches, and nothing says that all have
// come. Reading everything would be as right, and costs as much as there are keys.
func (f *follower) complete(ctx context.Context, c *clientv3.Client, u *protocol.Update) error {
	there := map[string]bool{}
	for _, s := range f.r.spans() {
		if !s.rare {
			continue
		}
		resp, err := f.r.page(ctx, c, s.from, s.to, u.Revision, pageSize)
		switch {
		case s.optional && errors.Is(err, rpctypes.ErrPermissionDenied):
			continue
		case errors.Is(err, rpctypes.ErrCompacted), err == nil && (resp.More || f.strange(resp.Header)):
			return errRelist
		case err != nil:
			return err
		}
		for _, p := range resp.Kvs {
			key := string(p.Key)
			if ours(key) {
				continue
			}
			there[key] = true
			if p.ModRevision > f.state.Revision || !f.rare[key] {
				u.Keys = append(u.Keys, f.r.pair(key, string(p.Value), p.ModRevision))
			}
		}
	}
	for key := range f.rare {
		if !there[key] {
			u.Deleted = append(u.Deleted, key)
		}
	}
	f.rare = there
	return nil
}
