package sorted

// Named is elements in an order, which are found by a name that several may have.
type Named[T comparable] struct {
	List   []T
	byName map[string][]T
}

// Put puts an element into its place.
func (n *Named[T]) Put(name string, v T, before func(a, b T) int) {
	if n.byName == nil {
		n.byName = map[string][]T{}
	}
	n.List, n.byName[name] = Insert(n.List, v, before), Insert(n.byName[name], v, before)
}

// Take takes an element out, and reports whether it was there.
func (n *Named[T]) Take(name string, v T, before func(a, b T) int) (ok bool) {
	if n.List, ok = Drop(n.List, v, before); !ok {
		return false
	}
	if n.byName[name], _ = Drop(n.byName[name], v, before); len(n.byName[name]) == 0 {
		delete(n.byName, name)
	}
	return true
}

// All are the elements of a name, in their order.
func (n *Named[T]) All(name string) []T { return n.byName[name] }
