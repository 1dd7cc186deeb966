package serve

import (
	"testing"

	"slipway/supervise/control/surface"
)

// Every method of a row is answered: by the row, or by code of its own.
func TestMethodsFollowFromTheRows(t *testing.T) {
	methods, own := methodTable(surface.Table()), ownMethods()
	if len(methods) != 41 {
		t.Errorf("%d methods, want Supervisor's 41", len(methods))
	}
	for i, m := range methods {
		if m.do == nil {
			t.Errorf("%s has no code of its own, although its row says so", m.name)
		}
		if i > 0 && methods[i-1].name == m.name {
			t.Errorf("%s is there twice", m.name)
		}
	}
	for _, o := range surface.Table() {
		for _, r := range o.RPC {
			if r.Own != (own[r.Name] != nil) {
				t.Errorf("%s: Own is %t, but there is code %t", r.Name, r.Own, own[r.Name] != nil)
			}
			delete(own, r.Name)
		}
	}
	for name := range own {
		t.Errorf("%s is in no row", name)
	}
}
