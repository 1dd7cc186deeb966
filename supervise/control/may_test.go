package control

import "testing"

// A child of the supervisor calls what it is for, and neither more of the private methods
// nor of those that clients may call.
func TestMay(t *testing.T) {
	for name, want := range map[string]bool{OpState: true, OpServers: true, OpBoot: false, OpWatch: false, OpProcessList: false} {
		called := false
		c := Conn{Private: true, May: []string{OpState, OpServers}, Call: func(Request) { called = true }}
		if err := c.Feed(request(1, name)); err != nil {
			t.Fatal(err)
		}
		s := sink{room: 1 << 20}
		_ = c.Flush(s.write)
		fs := frames(t, s.p)
		refused := len(fs) == 1 && fs[0].Fault != nil && fs[0].Fault.Code == Forbidden
		if called != want || refused == want {
			t.Errorf("%s: called %v, refused %v; want it called: %v", name, called, refused, want)
		}
	}
}
