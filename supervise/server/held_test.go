package server

import (
	"testing"

	"slipway/supervise/control"
	"slipway/supervise/kernel"
	"slipway/supervise/loop"
)

// slow is a Kernel whose peers read only while they may.
type slow struct {
	Kernel
	may  *int // bytes
	sent *int
}

func (k slow) Send(_ int, p []byte, _ int) (int, error) {
	n := min(len(p), *k.may)
	*k.may -= n
	*k.sent += n
	return n, nil
}

// watched is a Poller that notes what it is to look for.
type watched struct {
	loop.Poller
	mode *kernel.Mode
}

func (w watched) Watch(_ int, m kernel.Mode) error {
	*w.mode = m
	return nil
}

// A buffer has room for thousands of requests, and each may have a large answer. Who does not
// read the answers is not asked for more, and is not looked at in every pass either; when it
// reads, everything is answered, in order.
func TestRequestsOfOneBufferAreBounded(t *testing.T) {
	const answer, requests = 100_000, 2000
	may, sent := 0, 0
	mode := kernel.Readable
	served := 0
	s := New(Options{Kernel: slow{may: &may, sent: &sent}, Loop: loop.New(watched{mode: &mode}, nil)})
	p := &Peer{fd: 3, s: s, watched: kernel.Readable}
	p.conn = control.Conn{Call: func(r control.Request) {
		if served++; r.ID != uint64(served) {
			t.Fatalf("request %d is served as number %d", r.ID, served)
		}
		(&Call{Request: r, peer: p}).Reply(control.String(string(make([]byte, answer))))
	}}
	var all []byte
	for id := range uint64(requests) {
		all = control.AppendFrame(all, control.Frame{Kind: control.FrameRequest, ID: id + 1, Method: control.OpState})
	}
	if err := p.conn.Feed(all); err != nil {
		t.Fatal(err)
	}
	p.Flush()
	if most := control.MaxQueue + answer + 100; p.conn.Pending() > most {
		t.Errorf("%d bytes wait for a peer that does not read, want %d at most", p.conn.Pending(), most)
	}
	if mode != kernel.Writable {
		t.Errorf("it is watched for %v, want for writing alone", mode)
	}
	for pass := 0; served < requests || p.conn.Pending() > 0; pass++ {
		if pass > requests {
			t.Fatalf("%d of %d requests are served, %d bytes wait", served, requests, p.conn.Pending())
		}
		may = 1 << 20
		p.Flush()
		if most := control.MaxQueue + answer + 100; p.conn.Pending() > most {
			t.Fatalf("%d bytes wait, want %d at most", p.conn.Pending(), most)
		}
	}
	if sent < requests*answer || mode != kernel.Readable {
		t.Errorf("%d bytes were sent, and it is watched for %v; want %d and for reading", sent, mode, requests*answer)
	}
}
