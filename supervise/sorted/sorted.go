// Package sorted keeps slices in an order in which several elements may be equal.
package sorted

import (
	"slices"
	"sort"
)

// Insert puts an element into its place, behind its equals.
func Insert[T any](list []T, v T, before func(a, b T) int) []T {
	at := sort.Search(len(list), func(i int) bool { return before(list[i], v) > 0 })
	return slices.Insert(list, at, v)
}

// Drop takes an element out; ok says that it was there.
func Drop[T comparable](list []T, v T, before func(a, b T) int) (rest []T, ok bool) {
	at, _ := slices.BinarySearchFunc(list, v, before)
	for ; at < len(list) && before(list[at], v) == 0; at++ {
		if list[at] == v {
			return slices.Delete(list, at, at+1), true
		}
	}
	return list, false
}
