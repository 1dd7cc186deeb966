package supervise

import (
	"slices"
	"testing"

	"slipway/supervise/control"
	"slipway/supervise/kernel"
	"slipway/supervise/loop"
	"slipway/supervise/server"
)

// Every row of the control table has one handler, and every handler a row.
func TestHandlersAreTheMethods(t *testing.T) {
	found := map[string]int{}
	for _, h := range slices.Concat(handlers...) {
		found[h.method]++
		if _, ok := control.Lookup(h.method); !ok || h.handle == nil {
			t.Errorf("the handler of %q has no row, or does nothing", h.method)
		}
	}
	for _, m := range control.Table() {
		if n := found[m.Name]; n != 1 {
			t.Errorf("%s has %d handlers, want one", m.Name, n)
		}
	}
}

// A row and its handler are all that an operation needs in PID 1.
func TestMadeUpOperation(t *testing.T) {
	table := append(control.Table()[:len(control.Table()):len(control.Table())],
		control.Method{Name: "made.up", Args: []control.Param{{Name: "text", Kind: control.KindString}}})
	rows := append(handlers[:len(handlers):len(handlers)], []handler{{"made.up", func(_ *Supervisor, c *call) {
		c.reply(control.String("you said " + c.Str(0)))
	}}})
	var requests, answered []byte
	feed := func(id uint64, method string, args ...control.Value) {
		requests = control.AppendFrame(requests, control.Frame{Kind: control.FrameRequest, ID: id, Method: method, Args: args})
	}
	feed(1, "made.up", control.String("hi"))
	feed(2, "made.up", control.Int(1)) // refused by the row, before the handler sees it
	conn := &connection{in: requests, out: &answered}
	s := &Supervisor{}
	srv := server.New(server.Options{
		Kernel: conn, Loop: loop.New(conn, nil), Methods: table,
		Serve: func(c *server.Call) { s.dispatch(rows, &call{Call: c, s: s}) },
	})
	srv.Connect(7, nil, nil).OnReadable(7, kernel.Readable)
	var answers []control.Frame
	in := control.Decoder{Max: control.MaxAnswer}
	err := in.Feed(answered, func(f control.Frame) { answers = append(answers, f) })
	if err != nil || len(answers) != 2 {
		t.Fatalf("%d answers, %v, want two", len(answers), err)
	}
	if got := answers[0].Value.Str(); got != "you said hi" {
		t.Errorf("answer %q, want the handler's", got)
	}
	if f := answers[1].Fault; f == nil || f.Code != control.IncorrectParameters {
		t.Errorf("answer to a wrong argument: %v, want INCORRECT_PARAMETERS", f)
	}
}

// connection is a kernel with one connection, over which somebody has sent something.
type connection struct {
	loop.Poller
	server.Kernel
	in  []byte
	out *[]byte
}

func (*connection) Watch(int, kernel.Mode) error { return nil }

func (c *connection) Read(_ int, p []byte) (int, error) {
	n := copy(p, c.in)
	c.in = c.in[n:]
	return n, nil
}

func (c *connection) Send(_ int, p []byte, _ int) (int, error) {
	*c.out = append(*c.out, p...)
	return len(p), nil
}
