package language

import (
	"sort"
	"strings"

	"slipway/render"
)

// UseKind says what a template reads.
type UseKind string

// The kinds of uses.
const (
	UseVariable UseKind = "variable"
	UsePrefix   UseKind = "prefix" // all variables whose names start with it; "" is the whole environment
	UsePeer     UseKind = "peer"
	UseKey      UseKind = "key"
	UseFile     UseKind = "file" // a secret file
)

// Use is one place of a template that reads something by a name that is
// written there. What is read by a computed name is not seen.
type Use struct {
	Kind UseKind    `json:"kind"`
	Name string     `json:"name"`
	Pos  render.Pos `json:"pos"`
	Dest string     `json:"dest"` // the target, or the partial
	// Optional: the template copes with its absence, by a default or a condition.
	Optional bool   `json:"optional,omitempty"`
	Default  string `json:"default,omitempty"`
	// Func is the function, "" for .Env.NAME. It tells the type: envInt, envBool, …
	Func string `json:"func,omitempty"`
}

// Uses finds what all templates of a set read, without executing them, ordered
// by kind, name and place. Templates that cannot be parsed are reported in the
// error, and the others are still looked at.
func Uses(set Set) ([]Use, error) {
	reg := newRegistry()
	var out []Use
	var problems render.Problems
	look := func(t Template, text, name string, d delims) {
		c, bad := compile(name, text, d, reg)
		for _, p := range bad {
			p.Dest = t.Dest
		}
		problems = append(problems, bad...)
		if c != nil {
			out = append(out, c.uses(t.Dest, reg)...)
		}
	}
	for _, list := range [][]Template{set.Templates, set.Partials} {
		for _, t := range list {
			look(t, t.Text, t.Name, t.delims())
			for what, text := range map[string]string{"for": t.For, "skip_if": t.SkipIf} {
				if text != "" {
					look(t, text, t.Pos.File+" ("+what+" of "+t.Dest+")", delims{})
				}
			}
		}
	}
	sort.SliceStable(out, func(i, j int) bool {
		a, b := out[i], out[j]
		switch {
		case a.Kind != b.Kind:
			return a.Kind < b.Kind
		case a.Name != b.Name:
			return a.Name < b.Name
		case a.Pos.File != b.Pos.File:
			return a.Pos.File < b.Pos.File
		case a.Pos.Line != b.Pos.Line:
			return a.Pos.Line < b.Pos.Line
		}
		return a.Pos.Col < b.Pos.Col
	})
	sortProblems(problems)
	return out, problems.Err()
}

// UsesOf is [Uses] for a template that stands alone, such as the default of an
// [env:NAME] section.
func UsesOf(name, text string) ([]Use, error) {
	return Uses(Set{Templates: []Template{{Dest: name, Name: name, Text: text}}})
}

func (c *compiled) uses(dest string, reg *registry) []Use {
	var out []Use
	for _, r := range c.refs {
		reads := readsVariable
		if f := reg.ours[r.fn]; f != nil && r.fn != "index" {
			reads = f.Reads
		}
		u := Use{Name: r.name, Dest: dest, Optional: r.optional && !r.must, Default: r.fallback, Func: r.fn}
		switch {
		case r.whole:
			u.Kind, u.Optional = UsePrefix, true
		case r.name == "" || reads == readsNothing:
			continue
		case reads == readsPrefix:
			u.Kind, u.Optional = UsePrefix, true
		case reads == readsPeer:
			u.Kind, u.Optional = UsePeer, r.optional || r.fn == "links"
		case reads == readsFile:
			u.Kind, u.Optional = UseFile, r.optional
		case reads == readsKey:
			u.Kind, u.Optional = UseKey, r.optional || r.fn != "kv"
		default:
			u.Kind = UseVariable
			u.Optional = u.Optional || r.fn == "hasEnv" || strings.HasPrefix(r.fn, "required") && r.fn != "required"
		}
		u.Pos, _ = c.at(r.offset)
		out = append(out, u)
	}
	return out
}
