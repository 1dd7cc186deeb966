package language

import (
	"fmt"
	"strings"
	"text/template/parse"

	"slipway/render"
	"slipway/render/pattern"
)

// Kubernetes sets X_PORT to tcp://10.0.0.1:80 for every service X, and docker run --link did
// the same. An image that means a port by that name would write the address in its place.
// So where a template writes X_PORT, or takes it for a number, an address counts as not set:
// the default holds, or it is an error. A template that takes the address apart has it.

// peerAddress is the shape of what is set for a peer.
var peerAddress = pattern.Lazy(`^(?:tcp|udp|sctp)://[^/\s]+:([0-9]{1,5})$`)

const portSuffix = "_PORT"

// IsAddress says whether a variable that is called as a port is the address of a peer, and
// at which port.
func IsAddress(name, text string) (port string, ok bool) {
	if !strings.HasSuffix(name, portSuffix) || name == portSuffix {
		return "", false
	}
	m := peerAddress.FindStringSubmatch(text)
	if m == nil {
		return "", false
	}
	return m[1], true
}

// noPort reports a variable that is the address of a peer where a port is meant.
func (f *frame) noPort(at int, name, text, port string) {
	peer := strings.ToLower(strings.ReplaceAll(strings.TrimSuffix(name, portSuffix), "_", "-"))
	hint := fmt.Sprintf("write {{ (link %q %s).Port }} for its port, .Addr or .URL for the whole, or give a default, which then counts: {{ .Env.%s | default \"%s\" }}", peer, port, name, port)
	f.note(at, render.KindValue, name, hint, "the variable %s is %q, which is no port: it is set for the peer %q, by Kubernetes or a link", name, f.mask(name, text), peer)
}

// writes says whether a value is still what a file gets behind a function, or a number: the
// function does not take an address apart. No escaper does.
func (r *registry) writes(fn string) bool {
	switch fn {
	case "default", "required", "list", "join", "int", "int64", "float64", "atoi", "toString", "quote", "squote", "trim", "print", "println", "printf", "env":
		return true
	}
	return r.escapers[fn]
}

// ports finds the reads of variables called as ports that an action writes, or takes for a
// number. The keys are the nodes as they are before they are rewritten.
func (w *rewriter) ports(p *parse.PipeNode, m meaning) {
	first := p.Cmds[0]
	fn := callee(first)
	said := false // by a default
	if fn == "env" && len(first.Args) == 3 {
		m, said = byDefault(m, first.Args[2])
	}
	for _, cmd := range p.Cmds[1:] {
		if said {
			break
		}
		if callee(cmd) == "default" && len(cmd.Args) == 2 {
			m, said = byDefault(m, cmd.Args[1])
		}
		if !w.reg.writes(callee(cmd)) {
			return
		}
	}
	switch {
	case len(first.Args) == 1 && fn == "":
		w.port(first.Args[0], m)
	case fn == "env", fn == "index", fn == "expandenv", fn == "requiredOneOf":
		w.mean(first, m)
	case fn == "or", fn == "coalesce":
		if len(first.Args) > 2 {
			m, _ = byDefault(m, first.Args[len(first.Args)-1])
		}
		for _, arg := range first.Args[1:] {
			w.port(arg, m)
		}
	case fn == "ternary":
		for _, arg := range first.Args[1:min(len(first.Args), 3)] {
			w.port(arg, m)
		}
	case w.reg.writes(fn):
		if fn == "default" && len(first.Args) == 3 {
			m, _ = byDefault(m, first.Args[1])
		}
		for _, arg := range first.Args[1:] {
			w.port(arg, m)
		}
	}
}

// byDefault is what a default says on what is meant: a number is that of a port, another text
// is as good as an address. One that is not written out, or is empty, says nothing.
func byDefault(m meaning, fallback parse.Node) (meaning, bool) {
	switch text := literal(fallback); {
	case text == "":
		return m, false
	case isNumber(text):
		return meant, true
	default:
		return apart, true
	}
}

// mean notes what is meant by a read, unless what stands around it has said so.
func (w *rewriter) mean(n parse.Node, m meaning) {
	if w.asPort[n] == unseen {
		w.asPort[n] = m
	}
}

// port marks a read of a variable.
func (w *rewriter) port(n parse.Node, m meaning) {
	switch n := n.(type) {
	case *parse.FieldNode, *parse.VariableNode:
		w.mean(n, m)
	case *parse.PipeNode:
		w.ports(n, m)
	}
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
