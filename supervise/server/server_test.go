package server

import (
	"io"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"slipway/supervise/control"
	"slipway/supervise/kernel/kerneltest"
	"slipway/supervise/loop"
	"slipway/supervise/loop/looptest"
)

// journal keeps warnings.
type journal struct{ warnings []string }

func (j *journal) Debug(...string)      {}
func (j *journal) Warn(parts ...string) { j.warnings = append(j.warnings, strings.Join(parts, "")) }

// stage is a server on a simulated machine, and what its clients may be answered.
type stage struct {
	t    *testing.T
	m    *kerneltest.Machine
	l    *loop.Loop
	s    *Server
	log  journal
	held []*Call // of "hold"
	done bool    // they may be answered
	gone int     // streams that nobody reads any more
}

// onStage runs a test in a bubble. At its end the server is closed, and nothing is open.
func onStage(t *testing.T, test func(x *stage)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		x := &stage{t: t, m: kerneltest.New(t)}
		x.l = loop.New(x.m, x.m)
		x.s = New(Options{
			Kernel: x.m, Loop: x.l, Log: &x.log, Serve: x.serve,
			Methods: []control.Method{{Name: "echo", Args: []control.Param{{Name: "text", Kind: control.KindString}}}, {Name: "hold"}, {Name: "stream"}},
		})
		x.m.Put("/file", "", 0o600)
		x.m.Mkdir("/run")
		if !x.s.Listen([]string{"/file/control.sock", "/run/x/control.sock"}, 1000) {
			t.Fatal("there is no control socket")
		}
		test(x)
		x.s.Close()
		for fd, what := range x.m.Descriptors() {
			if fd > 2 {
				t.Errorf("descriptor %d (%s) is still open", fd, what)
			}
		}
		if _, err := x.m.Dial("/run/x/control.sock", 0); err == nil {
			t.Error("the socket is there after its end")
		}
	})
}

func (x *stage) serve(c *Call) {
	switch c.Method.Name {
	case "echo":
		c.Reply(control.String(c.Str(0)))
	case "hold":
		x.held = append(x.held, c)
		x.s.Defer(c, func() (control.Value, *control.Fault, bool) { return control.Bool(true), nil, x.done })
	case "stream":
		x.held = append(x.held, c)
		x.s.Stream(c, func() { x.gone++ })
	}
}

// run lets everybody do what they have to.
func (x *stage) run() { looptest.Run(x.l, 10*time.Millisecond) }

// dial connects a client of a user.
func (x *stage) dial(uid int) *kerneltest.Conn {
	x.t.Helper()
	conn, err := x.m.Dial("/run/x/control.sock", uid)
	if err != nil {
		x.t.Fatal(err)
	}
	return conn
}

func ask(conn *kerneltest.Conn, id uint64, method string, args ...control.Value) {
	conn.Write(control.AppendFrame(nil, control.Frame{Kind: control.FrameRequest, ID: id, Method: method, Args: args}))
}

// answers returns the frames that have come, and whether the connection is still there.
func (x *stage) answers(conn *kerneltest.Conn) (list []control.Frame, open bool) {
	x.t.Helper()
	d := control.Decoder{Max: control.MaxAnswer}
	buf := make([]byte, 64<<10)
	for {
		n, err := conn.Poll(buf)
		switch err {
		case nil:
			if err := d.Feed(buf[:n], func(f control.Frame) { list = append(list, f) }); err != nil {
				x.t.Fatal(err)
			}
		case syscall.EAGAIN:
			return list, true
		case io.EOF, syscall.ECONNRESET:
			return list, false
		default:
			x.t.Fatal(err)
		}
	}
}

// Its own user and root may call; anybody else is refused, which is said once.
func TestWhoMayCall(t *testing.T) {
	onStage(t, func(x *stage) {
		x.m.Chmod("/run/x/control.sock", 0o777) // by somebody who should not have
		for uid, want := range map[int]bool{0: true, 1000: true, 1001: false} {
			for range 2 {
				conn := x.dial(uid)
				ask(conn, 1, "echo", control.String("hi"))
				x.run()
				list, open := x.answers(conn)
				if got := open && len(list) == 1 && list[0].Value.Str() == "hi"; got != want {
					t.Errorf("user %d is answered: %v (%v, open: %v), want %v", uid, got, list, open, want)
				}
				conn.Close()
			}
		}
		x.run()
		if len(x.log.warnings) != 1 {
			t.Errorf("the log has %q, want one line", x.log.warnings)
		}
	})
}

// A deferred call is answered once, when its time has come, and not after its client has gone.
func TestDeferredCalls(t *testing.T) {
	onStage(t, func(x *stage) {
		stays, goes := x.dial(0), x.dial(0)
		ask(stays, 1, "hold")
		ask(goes, 1, "hold")
		x.run()
		x.s.Settle()
		goes.Close()
		x.run()
		if len(x.s.waits) != 1 {
			t.Errorf("%d calls wait, want that of the client who is there", len(x.s.waits))
		}
		x.done = true
		x.s.Settle()
		x.s.Settle()
		x.run()
		if list, open := x.answers(stays); !open || len(list) != 1 || len(x.s.waits) != 0 {
			t.Errorf("answers %v (open: %v), %d wait; want one answer, none", list, open, len(x.s.waits))
		}
	})
}

// A stream lasts for as long as somebody reads it.
func TestStreamsEndWithTheirReaders(t *testing.T) {
	onStage(t, func(x *stage) {
		conn := x.dial(0)
		ask(conn, 1, "stream")
		x.run()
		x.held[0].Chunk(control.String("item"))
		x.run()
		if list, _ := x.answers(conn); len(list) != 1 || list[0].Value.Str() != "item" {
			t.Errorf("the stream gave %v, want an item", list)
		}
		conn.Close()
		x.run()
		if x.gone != 1 || len(x.s.streams) != 0 {
			t.Errorf("told %d times that nobody reads, %d streams left; want once, none", x.gone, len(x.s.streams))
		}
		x.held[0].Chunk(control.String("dropped"))
	})
}

// There is a bound of connections. Who has waited for nothing the longest makes room.
func TestTheIdlestMakesRoom(t *testing.T) {
	onStage(t, func(x *stage) {
		busy, idle := x.dial(0), x.dial(0)
		ask(busy, 1, "hold")
		x.run()
		for range maxPeers {
			x.dial(0)
			x.run()
		}
		if _, open := x.answers(idle); open {
			t.Error("the idlest connection is still there")
		}
		if _, open := x.answers(busy); !open {
			t.Error("a connection that waits for an answer was ended")
		}
		if len(x.s.peers) != maxPeers {
			t.Errorf("%d connections, want %d", len(x.s.peers), maxPeers)
		}
	})
}

// Who sends without end, or nonsense, or does not read, holds up nobody else.
func TestNobodyHoldsTheOthers(t *testing.T) {
	onStage(t, func(x *stage) {
		nonsense, deaf, polite := x.dial(0), x.dial(0), x.dial(0)
		nonsense.Write([]byte(strings.Repeat("\xff", 100)))
		for id := range uint64(40) { // 2.4 MB of answers, which nobody reads
			ask(deaf, 1+id, "echo", control.String(strings.Repeat("x", 60_000)))
			x.run()
			if id == 2 {
				break // then the socket is full, and the peer is not read any more
			}
		}
		ask(polite, 1, "echo", control.String("hi"))
		x.run()
		if list, _ := x.answers(polite); len(list) != 1 {
			t.Errorf("the polite client has %d answers, want one", len(list))
		}
		if _, open := x.answers(nonsense); open {
			t.Error("nonsense is still listened to")
		}
		if list, open := x.answers(deaf); !open || len(list) == 0 {
			t.Errorf("what waits for a client who reads late is lost: %d answers, open: %v", len(list), open)
		}
	})
}
