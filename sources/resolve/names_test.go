package resolve

import (
	"context"
	"errors"
	"net"
	"slices"
	"testing"
)

// A name that is resolved stands for each of its addresses, a service for each of its records,
// the best first; a plain name for itself.
func TestAllThatANameStandsFor(t *testing.T) {
	r := Resolver{
		LookupHost: func(context.Context, string) ([]string, error) { return []string{"10.0.0.1", "10.0.0.2"}, nil },
		LookupSRV: func(context.Context, string, string, string) (string, []*net.SRV, error) {
			return "", []*net.SRV{{Target: "b.", Port: 2, Priority: 1}, {Target: "c.", Port: 3, Priority: 1, Weight: 9}, {Target: "a.", Port: 1}}, nil
		},
	}
	for _, row := range []struct {
		rule  Rule
		first string
		all   []string
	}{
		{Rule{Name: "db", Port: 5}, "db:5", []string{"db:5"}},
		{Rule{Name: "db", Port: 5, Resolve: true}, "10.0.0.1:5", []string{"10.0.0.1:5", "10.0.0.2:5"}},
		{Rule{Name: "db", Service: "_x._tcp.y"}, "a:1", []string{"a:1", "c:3", "b:2"}},
	} {
		ps, err := r.All(context.Background(), []Rule{row.rule})
		if err != nil {
			t.Fatal(err)
		}
		p, err := ps.Link("db", 0, "")
		if err != nil || p.Addr() != row.first || p.Name != "db" || p.Proto != "tcp" {
			t.Errorf("%+v: the first is %+v, %v, want %s", row.rule, p, err, row.first)
		}
		var all []string
		for _, p := range ps.Links("db", 0, "") {
			if all = append(all, p.Addr()); p.Name != "db" || p.Proto != "tcp" || p.Exposed == 0 {
				t.Errorf("%+v: one of all is %+v", row.rule, p)
			}
		}
		if !slices.Equal(all, row.all) {
			t.Errorf("%+v: all are %v, want %v", row.rule, all, row.all)
		}
	}
	// With a wait, the first that answers is taken, whichever address that is.
	r.Dial = func(_ context.Context, _, addr string) error {
		if addr == "10.0.0.2:5" {
			return nil
		}
		return errors.New("refused")
	}
	p, ok, err := r.Resolve(context.Background(), Rule{Name: "db", Port: 5, Resolve: true, Wait: 1 << 40})
	if err != nil || !ok || p.Addr() != "10.0.0.2:5" || len(p.All) != 2 {
		t.Errorf("the one that answers is %+v, %v, %v", p, ok, err)
	}
}
