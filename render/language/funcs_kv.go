package language

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"slipway/render"
	"slipway/sources"
)

func kvFuncs() []Func {
	return []Func{
		{
			Name: "kv", Usage: `kv "key"`, Doc: "The value of a key of the store, below the configured prefix. It must exist, within `if` and `with` as well; `| default` is the only way out.",
			Example: `{{ kv "log/level" }}`, Want: "DEBUG", Refuses: `{{ kv "log/levle" }}`, Located: true, Required: true, Reads: readsKey,
			bound: func(f *frame) any {
				return func(at int, key string) string {
					text, ok := f.key(key)
					if !ok && !f.c.refs[at].optional {
						pos, line := f.c.at(f.c.refs[at].offset)
						f.problem(&render.Problem{Kind: render.KindMissing, Pos: pos, Line: line, Name: key, Key: cleanKey(key), Hint: f.explainKey(key), Text: fmt.Sprintf("there is no key %q", key)})
					}
					return text
				}
			},
		},
		{
			Name: "kvOr", Usage: `kvOr "key" "default"`, Doc: "The value of a key, or the default.", Example: `{{ kvOr "log/levle" "INFO" }}`, Want: "INFO", Located: true, Reads: readsKey,
			bound: func(f *frame) any {
				return func(at int, key, fallback string) string {
					if text, ok := f.key(key); ok {
						return text
					}
					return fallback
				}
			},
		},
		{
			Name: "kvExists", Usage: `kvExists "key"`, Doc: "Whether a key exists.", Example: `{{ kvExists "log/level" }}`, Want: "true", Located: true, Reads: readsKey,
			bound: func(f *frame) any {
				return func(at int, key string) bool {
					_, ok := f.key(key)
					return ok
				}
			},
		},
		{
			Name: "kvList", Usage: `kvList "prefix"`, Doc: "The names directly below a prefix, sorted: keys as well as folders.", Example: `{{ kvList "backends" | join "," }}`, Want: "a,b", Located: true, Reads: readsKey,
			bound: func(f *frame) any {
				return func(at int, prefix string) []string {
					var out []string
					for _, p := range f.below(prefix) {
						name, _, _ := strings.Cut(p.Key, "/")
						if len(out) == 0 || out[len(out)-1] != name {
							out = append(out, name)
						}
					}
					return out
				}
			},
		},
		{
			Name: "kvLs", Usage: `kvLs "prefix"`, Doc: "The keys directly below a prefix, sorted, folders left out: a list of .Name (the full key), .Key (the last part of it) and .Value.",
			Example: `{{ range kvLs "backends/a" }}{{ .Key }}={{ .Value }};{{ end }}`, Want: "host=10.0.0.1;", Located: true, Reads: readsKey,
			bound: func(f *frame) any {
				return func(at int, prefix string) []Pair {
					return slices.DeleteFunc(f.below(prefix), func(p Pair) bool { return p.Key == "" || strings.Contains(p.Key, "/") })
				}
			},
		},
		{
			Name: "kvTree", Usage: `kvTree "prefix"`, Doc: "All keys below a prefix, sorted: a list of .Name (the full key), .Key (below the prefix) and .Value.",
			Example: `{{ range kvTree "backends" }}{{ .Key }}={{ .Value }};{{ end }}`, Want: "a/host=10.0.0.1;b/host=10.0.0.2;", Located: true, Reads: readsKey,
			bound: func(f *frame) any { return func(at int, prefix string) []Pair { return f.below(prefix) } },
		},
	}
}

// cleanKey takes doubled and trailing slashes away. A slash at the start stays: it says
// that this is the whole key, and not relative to the prefix.
func cleanKey(key string) string {
	clean := path.Clean("/" + key)
	if strings.HasPrefix(key, "/") && clean != "/" {
		return clean
	}
	return clean[1:]
}

// explainKey says more about a key that does not exist; a store may know best.
func (f *frame) explainKey(key string) string {
	kv := f.ex.b.data.KV
	if kv == nil {
		return "no store is configured: see [etcd]"
	}
	if e, ok := kv.(interface{ Explain(key string) string }); ok {
		if hint := e.Explain(cleanKey(key)); hint != "" {
			return hint
		}
	}
	if n := sources.Nearest(cleanKey(key), kv.Keys("")); n != "" {
		return fmt.Sprintf("did you mean %q?", n)
	}
	return ""
}

// key reads one key.
func (f *frame) key(key string) (string, bool) {
	kv := f.ex.b.data.KV
	if kv == nil {
		return "", false
	}
	text, secret, ok := kv.Key(cleanKey(key))
	f.ex.uses(render.Origin{Kind: render.Key, Name: cleanKey(key)})
	if ok && !secret {
		f.ex.keys[cleanKey(key)] = text
	}
	return f.seen(text, secret), ok
}

// seen is the text of a key as the template gets it; a secret taints the output.
func (f *frame) seen(text string, secret bool) string {
	if !secret {
		return text
	}
	f.ex.secret = true
	if f.ex.canary {
		return sources.Redacted
	}
	return text
}

func (f *frame) below(prefix string) []Pair {
	prefix = cleanKey(prefix)
	f.ex.uses(render.Origin{Kind: render.Keys, Name: prefix})
	var out []Pair
	eachKey(f.ex.b.data.KV, prefix, func(key, text string, secret bool) {
		out = append(out, Pair{Name: key, Key: strings.TrimPrefix(strings.TrimPrefix(key, prefix), "/"), Value: f.seen(text, secret)})
	})
	byKey := func(a, b Pair) int { return strings.Compare(a.Key, b.Key) }
	if !slices.IsSortedFunc(out, byKey) {
		slices.SortStableFunc(out, byKey)
	}
	return out
}
