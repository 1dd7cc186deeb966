package main

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"slipway/internal/supervisor/serve"
	"slipway/internal/supervisor/serve/xmlrpc"
	"slipway/supervise/control"
	"slipway/supervise/control/client"
	"slipway/supervise/control/controltest"
	"slipway/supervise/control/surface"
)

// madeUp is an operation that slipway does not have: its two rows, and its answer.
func madeUp() (surface.Operation, controltest.Handler) {
	op := surface.Operation{
		Name: "made.up", Doc: "Say how two words are kept", Result: control.KindStruct, Of: &control.Event{},
		Method: control.Method{Name: "made.up", Args: []control.Param{{Name: "text", Kind: control.KindString}, {Name: control.ArgWait, Kind: control.KindBool}}},
		RPC:    []surface.RPC{{Name: "supervisor.makeUp", Help: "Make something up."}},
		Verb:   &surface.Verb{Word: "make-up", Done: "made up", Short: "Make something up", Hint: "slipway make-up hello", What: "the words"},
	}
	return op, func(c *controltest.Call) (control.Value, *os.File, error) {
		if c.Str(0) == "nothing" {
			return control.Value{}, nil, control.NewFault(control.NoFile, c.Str(0))
		}
		e := control.Event{Serial: 7, Name: c.Str(0), Payload: "<waited>"}
		if !c.Bool(1) {
			e.Payload = "<at once>"
		}
		return control.Encode(&e), nil, nil
	}
}

// serveSocket answers at a control socket until the test ends, and returns its path.
func serveSocket(t *testing.T, table []control.Method, handlers map[string]controltest.Handler) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "control.sock")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	var served sync.WaitGroup
	served.Go(func() { // ended by the cleanup, which waits
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			served.Go(func() { // ends with its client
				if err := controltest.ServeTable(conn.(*net.UnixConn), false, table, handlers); err != nil {
					t.Error(err)
				}
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		served.Wait()
	})
	return path
}

// TestMadeUpOperation adds an operation to copies of the tables, and calls it in each way.
func TestMadeUpOperation(t *testing.T) {
	op, handle := madeUp()
	table := append(slices.Clone(control.Table()), op.Method)
	rows := append(surface.Table(), op)
	path := serveSocket(t, table, map[string]controltest.Handler{op.Name: handle})
	ctx := t.Context()

	t.Run("control socket", func(t *testing.T) {
		c, err := client.Dial(ctx, path)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		v, err := c.Call(ctx, op.Name, control.String("a"), control.Bool(true))
		if e := control.Read[control.Event](v); err != nil || e.Name != "a" || e.Payload != "<waited>" {
			t.Errorf("answer %+v, %v", e, err)
		}
		if _, err := c.Call(ctx, op.Name, control.Int(1), control.Bool(true)); !errors.Is(err, &control.Fault{Code: control.IncorrectParameters}) {
			t.Errorf("a wrong argument: %v, want the fault of the row", err)
		}
	})
	t.Run("XML-RPC", func(t *testing.T) {
		for call, want := range map[string]string{
			string(xmlrpc.Call("supervisor.makeUp", "a", false)):               "<name>payload</name><value><string>&lt;at once&gt;</string>",
			string(xmlrpc.Call("supervisor.makeUp", "nothing")):                "<string>NO_FILE: nothing</string>",
			string(xmlrpc.Call("system.methodHelp", "supervisor.makeUp")):      "<string>Make something up.</string>",
			string(xmlrpc.Call("system.methodSignature", "supervisor.makeUp")): "<value><string>struct</string></value>\n<value><string>string</string></value>\n<value><string>boolean</string></value>",
		} {
			if got := postRPC(t, path, rows, call); !strings.Contains(strings.ReplaceAll(got, "\n", ""), strings.ReplaceAll(want, "\n", "")) {
				t.Errorf("%s\nanswers %s\nwant %s", call, got, want)
			}
		}
	})
	command := func(args ...string) (stdout string, err error) {
		a := testApp()
		c := newOperation(a, op)
		c.SetArgs(append(args, "--socket", path))
		c.SilenceErrors, c.SilenceUsage = true, true
		err = c.ExecuteContext(ctx)
		return a.stdout.(*bytes.Buffer).String(), err
	}
	t.Run("command line", func(t *testing.T) {
		out, err := command("a", "--no-wait")
		if want := "serial:   7\nwhen:     0\nname:     a\npayload:  <at once>\n"; err != nil || out != want {
			t.Errorf("printed %q, %v, want %q", out, err, want)
		}
		if _, err := command("nothing"); err == nil || !strings.HasPrefix(err.Error(), "cannot make-up the words: ") {
			t.Errorf("a fault is said as %v", err)
		}
		if _, err := command(); err == nil || err.Error() != "make-up takes a text" {
			t.Errorf("a missing word is said as %v", err)
		}
	})
	t.Run("JSON", func(t *testing.T) {
		out, err := command("a", "--output", "json")
		if want := "{\n  \"serial\": 7,\n  \"when\": 0,\n  \"name\": \"a\",\n  \"payload\": \"<waited>\"\n}\n"; err != nil || out != want {
			t.Errorf("printed %s, %v, want %s", out, err, want)
		}
	})
	t.Run("reference page", func(t *testing.T) {
		want := "\n## made.up\n\nSay how two words are kept.\n\n- argument `text`: string\n- argument `wait`: boolean\n- answer: Event\n" +
			"- XML-RPC: `supervisor.makeUp`\n- command: `slipway make-up`\n"
		if page := controlPage(rows); !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	})
}

// TestVerbWithoutNames calls an operation that takes nothing and answers true.
func TestVerbWithoutNames(t *testing.T) {
	path := serveSocket(t, control.Table(), map[string]controltest.Handler{
		control.OpLogReopen: func(*controltest.Call) (control.Value, *os.File, error) { return control.Bool(true), nil, nil },
	})
	for _, row := range []struct{ args, stdout, err string }{
		{"reopen", "reopened\n", ""},
		{"reopen webapp", "", `slipway reopen takes no arguments, got "webapp"`},
	} {
		t.Run(row.args, func(t *testing.T) {
			a := testApp()
			root := newRoot(a)
			root.SetArgs(append(strings.Fields(row.args), "--socket", path))
			err := root.ExecuteContext(t.Context())
			if got := a.stdout.(*bytes.Buffer).String(); got != row.stdout {
				t.Errorf("printed %q, want %q", got, row.stdout)
			}
			if (err != nil) != (row.err != "") || err != nil && err.Error() != row.err {
				t.Errorf("error %v, want %q", err, row.err)
			}
		})
	}
}

// postRPC makes an XML-RPC call to a front of the supervisor at a control socket.
func postRPC(t *testing.T, socket string, operations []surface.Operation, call string) string {
	t.Helper()
	c, err := client.Dial(t.Context(), socket)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	front := serve.New(serve.Config{Control: c, Operations: operations, Servers: []control.ServerInfo{{Section: "inet_http_server"}}, Listeners: []net.Listener{l}})
	ended := make(chan error, 1)
	go func() { ended <- front.Run(ctx) }() // ended and waited for below
	defer func() {
		cancel()
		if err := errors.Join(<-ended, c.Close()); err != nil {
			t.Error(err)
		}
	}()
	resp, err := http.Post("http://"+l.Addr().String()+"/RPC2", "text/xml", strings.NewReader(call))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(resp.Body); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
