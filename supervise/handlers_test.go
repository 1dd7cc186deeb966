package supervise

import (
	"testing"

	"slipway/supervise/control"
)

// Every row of the control table has one handler, and every handler a row.
func TestHandlersAreTheMethods(t *testing.T) {
	found := map[string]int{}
	for _, h := range handlers {
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
	rows := append(handlers[:len(handlers):len(handlers)], handler{"made.up", func(_ *Supervisor, c *call) {
		c.reply(control.String("you said " + c.Str(0)))
	}})
	p := &peer{fd: -1}
	p.conn = control.Conn{Methods: table, Call: func(r control.Request) { p.s.dispatch(rows, &call{peer: p, Request: r}) }}
	feed := func(id uint64, method string, args ...control.Value) {
		t.Helper()
		if err := p.conn.Feed(control.AppendFrame(nil, control.Frame{Kind: control.FrameRequest, ID: id, Method: method, Args: args})); err != nil {
			t.Fatal(err)
		}
	}
	feed(1, "made.up", control.String("hi"))
	feed(2, "made.up", control.Int(1)) // refused by the row, before the handler sees it
	var answers []control.Frame
	in := control.Decoder{Max: control.MaxAnswer}
	err := p.conn.Flush(func(b []byte, _ int) (int, error) {
		return len(b), in.Feed(b, func(f control.Frame) { answers = append(answers, f) })
	})
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
