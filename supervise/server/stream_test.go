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

// A call whose answer must wait, and of which the question panics then, is answered with a
// fault, once; the others wait on.
func TestPanicInAWait(t *testing.T) {
	l := loop.New(idle{}, nil)
	told := 0
	l.OnPanic(func(loop.Panic) { told++ })
	s := New(Options{Kernel: deaf{}, Loop: l})
	p := &Peer{fd: 3, s: s}
	asked := 0
	p.conn = control.Conn{Call: func(r control.Request) {
		s.Defer(&Call{Request: r, peer: p}, func() (control.Value, *control.Fault, bool) {
			if asked++; asked == 3 {
				panic("no such luck")
			}
			return control.Bool(true), nil, false
		})
	}}
	for id := range uint64(2) {
		if err := p.conn.Feed(control.AppendFrame(nil, control.Frame{Kind: control.FrameRequest, ID: id + 1, Method: control.OpWaitIdle})); err != nil {
			t.Fatal(err)
		}
	}
	s.Settle()
	if p.conn.Open() != 1 || len(s.waits) != 1 || told != 1 {
		t.Errorf("%d calls are open, %d wait, %d panics were told; want 1 each", p.conn.Open(), len(s.waits), told)
	}
}
