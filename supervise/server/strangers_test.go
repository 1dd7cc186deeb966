package server

import (
	"strings"
	"testing"
	"testing/synctest"

	"slipway/supervise/kernel/kerneltest"
	"slipway/supervise/loop"
)

// A name without a file admits nobody of another PID namespace, whatever user that is; a
// file, which may be on a volume, does.
func TestForeignPeers(t *testing.T) {
	for _, row := range []struct {
		place string
		in    bool
	}{{"/run/control.sock", true}, {"@slipway-0-1", false}} {
		t.Run(row.place, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := kerneltest.New(t)
				x := &stage{t: t, m: m, l: loop.New(m, m)}
				x.s = New(Options{Kernel: m, Loop: x.l, Log: &x.log, Serve: x.serve})
				m.Mkdir("/run")
				if !x.s.Listen([]string{row.place}, 0) {
					t.Fatal("there is no control socket")
				}
				for _, foreign := range []bool{true, true, false} {
					m.PeersAreForeign(foreign)
					c, err := m.Dial(row.place, 0)
					if err != nil {
						t.Fatal(err)
					}
					x.run()
					if in := len(x.s.peers) == 1; in != (row.in || !foreign) {
						t.Errorf("foreign %v: let in %v", foreign, in)
					}
					c.Close()
					x.run()
				}
				if n := len(x.log.warnings); !row.in && n != 1 || row.in && n != 0 {
					t.Errorf("said %q", x.log.warnings)
				}
				x.s.Close()
			})
		})
	}
}

// A folder in /tmp that is somebody else's is not used, and where somebody listens, it is said
// who.
func TestPlacesOfOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := kerneltest.New(t)
		x := &stage{t: t, m: m, l: loop.New(m, m)}
		x.s = New(Options{Kernel: m, Loop: x.l, Log: &x.log, Serve: x.serve})
		m.Mkdir("/run")
		other, err := m.ListenUnix("/run/control.sock", 0o600, -1, -1)
		if err != nil {
			t.Fatal(err)
		}
		m.Mkdir("/tmp/slipway-0")
		m.Chown("/tmp/slipway-0", 1000)
		if !x.s.Listen([]string{"/run/control.sock", "/tmp/slipway-0/control.sock", "@last"}, 0) {
			t.Fatal("there is no control socket")
		}
		if x.s.at.Path != "@last" {
			t.Errorf("it listens at %s, want @last", x.s.at.Path)
		}
		if said := strings.Join(x.log.warnings, "\n"); strings.Count(said, "\n") != 0 || !strings.Contains(said, "/run/control.sock is the control socket of") {
			t.Errorf("said %q", said)
		}
		x.s.Close()
		m.Close(other)
	})
}
