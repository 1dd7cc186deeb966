package porting

import "strings"

// Tool is a tool whose templates can be ported.
type Tool string

// The tools.
const (
	Confd     Tool = "confd"
	Dockerize Tool = "dockerize"
	Envsubst  Tool = "envsubst"
	Gomplate  Tool = "gomplate"
	Consul    Tool = "consul-template"
)

// Tools lists the tools, as `slipway port --from` takes them.
func Tools() []Tool { return []Tool{Confd, Dockerize, Envsubst, Gomplate, Consul} }

// rules returns the functions of a tool that mean something else here, or are spelled
// otherwise. What is not listed is the same function.
func (tool Tool) rules() map[string]rule {
	switch tool {
	case Confd:
		return confdRules()
	case Dockerize:
		return dockerizeRules()
	case Gomplate:
		return gomplateRules()
	case Consul:
		return consulRules()
	}
	return nil
}

// Languages are the tools whose templates have actions and functions, as ours have.
func Languages() []Tool { return []Tool{Confd, Dockerize, Consul, Gomplate} }

// find is the rule of a function. One that ends in a dot or an underscore is for all functions
// that begin so.
func find(rules map[string]rule, name string) (rule, bool) {
	if r, ok := rules[name]; ok {
		return r, true
	}
	if i := strings.IndexAny(name, "._"); i > 0 {
		r, ok := rules[name[:i+1]]
		return r, ok
	}
	return rule{}, false
}
