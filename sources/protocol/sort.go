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
