package serve

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"slipway/internal/supervisor/serve/xmlrpc"
	"slipway/supervise/control"
)

// rpc answers an XML-RPC call. The answer of a deferred one waits as long as the
// program does, which costs a goroutine and a connection.
func (s *site) rpc(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method != http.MethodPost:
		errorPage(w, http.StatusBadRequest)
		return
	case r.Header.Get("Content-Length") == "" || r.ContentLength < 0:
		errorPage(w, http.StatusLengthRequired)
		return
	case r.ContentLength > maxBody:
		errorPage(w, http.StatusRequestEntityTooLarge)
		return
	}
	body, err := s.readBody(w, r)
	if err != nil {
		w.Header().Set("Connection", "close")
		errorPage(w, http.StatusRequestTimeout)
		return
	}
	name, args, err := xmlrpc.ParseCall(bytes.NewReader(body))
	if err != nil {
		s.logLine("error", "XML-RPC request from "+r.RemoteAddr+" is invalid: "+err.Error())
		errorPage(w, http.StatusBadRequest)
		return
	}
	left := s.budget()
	defer left.done()
	v, err := s.call(r.Context(), left, name, args)
	answer := v
	if err != nil {
		if r.Context().Err() != nil {
			return // nobody is there to read it
		}
		f := control.FaultOf(err)
		answer = xmlrpc.Fault{Code: int64(f.Code), Text: f.Error()}
	}
	h := w.Header()
	h.Set("Content-Type", "text/xml")
	h.Set("Content-Length", strconv.FormatInt(xmlrpc.ResponseSize(answer), 10))
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writeTimeout))
	_ = xmlrpc.WriteResponse(w, answer) // the client is gone; there is nobody to tell
}

// readBody reads a body of known length, within BodyTimeout. Afterwards the
// connection has no deadline: what follows is the wait for the answer.
func (s *Server) readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	rc := http.NewResponseController(w)
	_ = rc.SetReadDeadline(time.Now().Add(s.conf.BodyTimeout))
	body := make([]byte, r.ContentLength)
	if _, err := io.ReadFull(r.Body, body); err != nil {
		return nil, err // the deadline stays: net/http would wait for the rest
	}
	_ = rc.SetReadDeadline(time.Time{})
	return body, nil
}

// call runs a method. Its error is a *control.Fault, or ctx's.
func (s *site) call(ctx context.Context, left *budget, name string, args []any) (any, error) {
	m := s.method(name)
	if m == nil || s.info.NoRPC && m.isSupervisor() {
		return nil, control.NewFault(control.UnknownMethod, "")
	}
	if len(args) < m.required() || len(args) > len(m.params()) {
		return nil, control.NewFault(control.IncorrectParameters, "")
	}
	c := &call{site: s, ctx: ctx, budget: left, args: args}
	if m.asksState {
		if err := c.requireRunning(); err != nil {
			return nil, err
		}
	}
	v, err := m.do(c)
	if c.bad != nil {
		return nil, c.bad
	}
	if err != nil && ctx.Err() == nil {
		err = translate(err)
	}
	return v, err
}

// translate gives faults that XML-RPC clients do not know a code that they do.
func translate(err error) error {
	f := control.FaultOf(err)
	switch f.Code {
	case control.NotOffered, control.Gone, control.TooMany, control.Forbidden, control.Cancelled:
		return control.NewFault(control.Failed, f.Code.Text())
	}
	return f
}

// call is one call being answered.
type call struct {
	*site
	ctx    context.Context
	budget *budget
	args   []any
	// bad is the first argument error; it wins over the answer. The getters
	// return zero values after it, and no method has effects before its
	// arguments are read.
	bad *control.Fault
}

func (c *call) fail() {
	if c.bad == nil {
		c.bad = control.NewFault(control.IncorrectParameters, "")
	}
}

// str returns a string argument.
func (c *call) str(i int) string {
	text, ok := c.args[i].(string)
	if !ok {
		c.fail()
	}
	return text
}

// num returns an integer argument in any of the forms that Python's int() takes.
func (c *call) num(i int) int64 {
	switch v := c.args[i].(type) {
	case int64:
		return v
	case bool:
		if v {
			return 1
		}
		return 0
	case float64:
		return int64(v)
	case string:
		if n, err := strconv.ParseInt(v, 10, 64); err == nil {
			return n
		}
	}
	c.fail()
	return 0
}

// text returns a string argument, or the decimal form of a number: signals come
// as either.
func (c *call) text(i int) string {
	switch v := c.args[i].(type) {
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatInt(int64(v), 10)
	}
	c.fail()
	return ""
}

// wait returns the optional flag at i: anything that is true in Python is, and so
// is the absence.
func (c *call) wait(i int) bool {
	if i >= len(c.args) {
		return true
	}
	switch v := c.args[i].(type) {
	case bool:
		return v
	case int64:
		return v != 0
	case float64:
		return v != 0
	case string:
		return v != ""
	case []any:
		return len(v) > 0
	case xmlrpc.Struct:
		return len(v) > 0
	case nil:
		return false
	}
	return true
}

// requireRunning is Supervisor's rule that nothing is answered while it stops.
// PID 1 itself goes on answering questions.
func (c *call) requireRunning() error {
	v, err := c.conf.Control.Call(c.ctx, control.OpState)
	if err != nil {
		return err
	}
	if m := control.Read[control.SupervisorState](v).Code; m != control.MoodRunning && m != control.MoodFatal {
		return control.NewFault(control.ShutdownState, "")
	}
	return nil
}

// ask calls PID 1. The arguments must have been read before, so a bad one stops
// the call here.
func (c *call) ask(method string, args ...control.Value) (control.Value, error) {
	if c.bad != nil {
		return control.Value{}, c.bad
	}
	return c.conf.Control.Call(c.ctx, method, args...)
}

// multicall runs calls in sequence. Unlike everywhere else the results are bare
// values. Steps that a client has ordered are made even if it goes away, which is
// what makes a stop and start in one call a safe restart.
func (c *call) multicall() (any, error) {
	calls, ok := c.args[0].([]any)
	if !ok {
		c.fail()
		return nil, nil
	}
	ctx := context.WithoutCancel(c.ctx)
	results := make([]any, 0, len(calls))
	for _, item := range calls {
		v, err := c.step(ctx, item)
		if err != nil {
			f := control.FaultOf(err)
			v = xmlrpc.Struct{{Name: "faultCode", Value: int64(f.Code)}, {Name: "faultString", Value: f.Error()}}
		}
		results = append(results, v)
	}
	return results, nil
}

var errNoStruct = errors.New("a call must be a struct with methodName and params")

func (c *call) step(ctx context.Context, item any) (any, error) {
	st, ok := item.(xmlrpc.Struct)
	if !ok {
		return nil, errNoStruct
	}
	nameValue, ok := st.Get("methodName")
	if !ok {
		return nil, control.NewFault(control.IncorrectParameters, "No methodName")
	}
	name, ok := nameValue.(string)
	if !ok {
		return nil, fmt.Errorf("methodName is no string")
	}
	if name == "system.multicall" {
		return nil, control.NewFault(control.IncorrectParameters, "Recursive system.multicall forbidden")
	}
	var args []any
	if params, ok := st.Get("params"); ok {
		if args, ok = params.([]any); !ok {
			return nil, control.NewFault(control.IncorrectParameters, "")
		}
	}
	before := c.budget.took
	v, err := c.site.call(ctx, c.budget, name, args)
	if err == nil && c.budget.took == before { // no log, which has been counted
		if err := c.budget.charge(v); err != nil {
			return nil, err
		}
	}
	return v, err
}
