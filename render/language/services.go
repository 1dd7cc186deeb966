package language

import (
	"fmt"
	"regexp"
	"strings"
	"text/template/parse"

	"slipway/render"
)

// Kubernetes sets X_PORT to tcp://10.0.0.1:80 for every service X, and docker run --link did
// the same. An image that means a port by that name would write the address in its place.
// So where a template writes X_PORT, or takes it for a number, an address counts as not set:
// the default holds, or it is an error. A template that takes the address apart has it.

// peerAddress is the shape of what is set for a peer.
var peerAddress = regexp.MustCompile(`^(?:tcp|udp|sctp)://[^/\s]+:([0-9]{1,5})$`)

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
	case "default", "required", "int", "int64", "float64", "atoi", "toString", "quote", "squote", "trim", "print", "println", "printf", "env":
		return true
	}
	return r.escapers[fn]
}

// ports finds the reads of variables called as ports that an action writes, or takes for a
// number. The keys are the nodes as they are before they are rewritten.
func (w *rewriter) ports(p *parse.PipeNode, written bool) {
	for _, cmd := range p.Cmds[1:] {
		if !w.reg.writes(callee(cmd)) {
			return
		}
		if fallback := cmd.Args[len(cmd.Args)-1]; callee(cmd) == "default" && len(cmd.Args) == 2 {
			written = isNumber(literal(fallback))
		}
	}
	first := p.Cmds[0]
	fn := callee(first)
	switch {
	case len(first.Args) == 1 && fn == "":
		w.port(first.Args[0], written)
	case fn == "env", fn == "index":
		if len(first.Args) == 3 && fn == "env" {
			written = isNumber(literal(first.Args[2]))
		}
		w.asPort[first] = written
	case w.reg.writes(fn):
		if fn == "default" && len(first.Args) == 3 {
			written = isNumber(literal(first.Args[1]))
		}
		for _, arg := range first.Args[1:] {
			w.port(arg, written)
		}
	}
}

// port marks a read of a variable.
func (w *rewriter) port(n parse.Node, written bool) {
	switch n := n.(type) {
	case *parse.FieldNode, *parse.VariableNode:
		w.asPort[n] = written
	case *parse.PipeNode:
		w.ports(n, written)
	}
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
