package serve

import (
	"errors"

	"slipway/internal/supervisor/serve/xmlrpc"
	"slipway/supervise/control"
	"slipway/supervise/control/client"
	"slipway/supervise/control/surface"
)

// operation answers a method that is an operation of PID 1: the parameters become its
// arguments, and its answer the result. A process may be given as group:*, which is the
// group's operation, if there is one.
func (c *call) operation(o surface.Operation, r surface.RPC) (any, error) {
	args, written := c.arguments(o.Method.Args)
	if c.bad != nil {
		return nil, c.bad
	}
	name, of, group := o.Name, o.Of, ""
	switch {
	case o.Takes(control.ArgGroup):
		group = written
	case o.Takes(control.ArgProcess):
		g, process := control.SplitName(written)
		if process != "" {
			break
		}
		if o.Group == "" {
			return nil, control.NewFault(control.BadName, written)
		}
		name, of, group = o.Group, &control.Status{}, g
		args[0] = control.String(g)
	}
	v, err := c.ask(name, args...)
	_, list := of.(*control.Status)
	switch {
	case list && errors.Is(err, &control.Fault{Code: control.BadSignal}):
		return c.badSignal(err, group)
	case err != nil && (o.Takes(control.ArgProcess) || o.Takes(control.ArgGroup)):
		return nil, about(err, written)
	case err != nil:
		return nil, err
	case r.Member != "":
		return plain(v.Get(r.Member)), nil
	}
	return c.result(v, of), nil
}

// arguments reads the parameters as the arguments of an operation; written is the name of
// the process or group, as the client spelled it.
func (c *call) arguments(params []control.Param) (args []control.Value, written string) {
	args = make([]control.Value, len(params))
	for i, p := range params {
		switch {
		case p.Name == control.ArgProcess || p.Name == control.ArgGroup:
			written = c.str(i)
			args[i] = control.String(written)
		case p.Kind == control.KindBool:
			args[i] = control.Bool(c.wait(i))
		case p.Kind == control.KindInt:
			args[i] = control.Int(c.num(i))
		default:
			args[i] = control.String(c.text(i))
		}
	}
	return args, written
}

// result is an answer as Supervisor shows it, or as it is where Supervisor has none.
func (c *call) result(v control.Value, of control.Answer) any {
	var show func(control.Value) any
	switch of.(type) {
	case *control.ProcessInfo:
		show = func(v control.Value) any { return processStruct(control.Read[control.ProcessInfo](v), c.now()) }
	case *control.ConfigInfo:
		show = func(v control.Value) any { return configStruct(control.Read[control.ConfigInfo](v)) }
	case *control.Status:
		show = func(v control.Value) any { return statusStruct(control.Read[control.Status](v)) }
	case *control.RereadResult:
		show = func(v control.Value) any {
			r := control.Read[control.RereadResult](v)
			return []any{[]any{r.Added, r.Changed, r.Removed}}
		}
	case *control.SupervisorState:
		show = func(v control.Value) any {
			m := control.Read[control.SupervisorState](v).Code
			return xmlrpc.Struct{{Name: "statecode", Value: int64(m)}, {Name: "statename", Value: m.String()}}
		}
	default:
		return plain(v)
	}
	if v.Kind() != control.KindList {
		return show(v)
	}
	out := make([]any, len(v.List()))
	for i, item := range v.List() {
		out[i] = show(item)
	}
	return out
}

// plain is a value in XML-RPC's types.
func plain(v control.Value) any {
	switch v.Kind() {
	case control.KindInt:
		return v.Int()
	case control.KindBool:
		return v.Bool()
	case control.KindList:
		out := make([]any, len(v.List()))
		for i, item := range v.List() {
			out[i] = plain(item)
		}
		return out
	case control.KindStruct:
		out := make(xmlrpc.Struct, len(v.Fields()))
		for i, f := range v.Fields() {
			out[i] = xmlrpc.Member{Name: f.Name, Value: plain(f.Value)}
		}
		return out
	}
	return v.Str()
}

// badSignal turns the refusal of a signal into an array, as the original answers: with
// the same status for every process of the group that would have got it; "" is all.
func (c *call) badSignal(refusal error, group string) (any, error) {
	list, err := client.Processes(c.ctx, c.conf.Control)
	out := []any{}
	for _, p := range list {
		takes := p.State == control.Starting || p.State == control.Running || p.State == control.Stopping
		if takes && (group == "" || p.Group == group) {
			fault := control.NewFault(control.BadSignal, control.FaultOf(refusal).Detail)
			out = append(out, statusStruct(control.NewStatus(p.Group, p.Name, fault)))
		}
	}
	return out, err
}

func statusStruct(s control.Status) xmlrpc.Struct {
	return xmlrpc.Struct{
		{Name: "name", Value: s.Name}, {Name: "group", Value: s.Group},
		{Name: "status", Value: int64(s.Code)}, {Name: "description", Value: s.Description},
	}
}
