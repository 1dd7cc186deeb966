package server

import (
	"testing"

	"slipway/supervise/control"
	"slipway/supervise/kernel"
	"slipway/supervise/loop"
)

// deaf is a Kernel whose peers never read.
type deaf struct{ Kernel }

func (deaf) Send(int, []byte, int) (int, error) { return 0, nil }

// idle is where the loop waits.
type idle struct{ loop.Poller }

func (idle) Watch(int, kernel.Mode) error { return nil }

// F70: a follower that never reads is given up when too much waits for it, and with it what
// was kept for it. It can ask as often as it likes.
func TestF70FollowerThatNeverReads(t *testing.T) {
	following := 0
	var calls []*Call
	var s *Server
	s = New(Options{
		Kernel: deaf{}, Loop: loop.New(idle{}, nil),
		Serve: func(c *Call) {
			calls = append(calls, c)
			following++
			c.Chunk(control.String("first"))
			s.Stream(c, func() { following-- })
		},
	})
	p := &Peer{fd: 3, s: s}
	p.conn = control.Conn{Call: func(r control.Request) { s.opts.Serve(&Call{Request: r, peer: p}) }}
	for id := range uint64(3) {
		ask := control.Frame{Kind: control.FrameRequest, ID: id + 1, Method: control.OpEventStream, Args: []control.Value{control.Strings(nil)}}
		if err := p.conn.Feed(control.AppendFrame(nil, ask)); err != nil {
			t.Fatal(err)
		}
		for range 2 * control.MaxStream / 1000 {
			for _, c := range calls {
				c.Chunk(control.String(string(make([]byte, 1000))))
			}
		}
		if following != 0 || len(s.streams) != 0 {
			t.Errorf("%d are followed for a peer that does not read, and %d streams kept, want none", following, len(s.streams))
		}
		if p.conn.Pending() > control.MaxStream+64<<10 {
			t.Errorf("%d bytes wait for it, want %d at most", p.conn.Pending(), control.MaxStream)
		}
	}
}
