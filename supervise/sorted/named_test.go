package sorted

import "testing"

// Elements are found by a name that several may have, the first of them first.
func TestNamed(t *testing.T) {
	var n Named[*item]
	late, early, other := &item{2, 1}, &item{1, 2}, &item{0, 3}
	n.Put("a", late, before)
	n.Put("a", early, before)
	n.Put("b", other, before)
	if len(n.List) != 3 || n.List[0] != other || len(n.All("a")) != 2 || n.All("a")[0] != early {
		t.Errorf("all %v, of a %v", n.List, n.All("a"))
	}
	if !n.Take("a", early, before) || n.Take("a", early, before) || n.All("a")[0] != late {
		t.Error("what was taken out is there, or was not there before")
	}
	if n.Take("a", late, before); len(n.All("a")) != 0 || len(n.List) != 1 {
		t.Errorf("left: %v", n.List)
	}
}
