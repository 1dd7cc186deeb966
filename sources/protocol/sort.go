package protocol

import (
	"slices"
	"strings"

	"slipway/sources"
	"slipway/sources/kv"
)

func sortUpdate(u *Update) {
	slices.SortFunc(u.Vars, func(a, b sources.Var) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(u.Keys, func(a, b kv.Pair) int { return strings.Compare(a.Key, b.Key) })
}

// SameContent reports whether two snapshots, sorted by [State.Snapshot], have the same
// variables and keys, whatever their revisions.
func SameContent(a, b Update) bool {
	same := func(x, y sources.Value) bool { return x.Text == y.Text && x.Secret == y.Secret }
	return slices.EqualFunc(a.Vars, b.Vars, func(x, y sources.Var) bool { return x.Name == y.Name && same(x.Value, y.Value) }) &&
		slices.EqualFunc(a.Keys, b.Keys, func(x, y kv.Pair) bool { return x.Key == y.Key && same(x.Value, y.Value) })
}
