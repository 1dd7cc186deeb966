package language

import (
	"fmt"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"slipway/render"
)

// foreignFuncs are functions of other tools that nothing here means: `slipway port` writes
// them, so that a template keeps its meaning.
func foreignFuncs() []Func {
	return append([]Func{
		{
			Name: "splitTrimmed", Usage: "splitTrimmed SEPARATOR TEXT", Doc: "The parts of a text, as `splitList` gives them, after blanks at its ends are gone. A text of nothing has no parts.",
			Example: `{{ len (splitTrimmed "," " ") }} {{ splitTrimmed "," " a,b\n" | join "+" }}`, Want: "0 a+b",
			pure: func(separator, text string) []string {
				if text = strings.TrimSpace(text); text == "" {
					return []string{}
				}
				return strings.Split(text, separator)
			},
		},
		{
			Name: "replaceN", Usage: "replaceN OLD NEW N TEXT", Doc: "Replaces the first N occurrences of OLD; all of them if N is below zero.",
			Example: `{{ replaceN "a" "o" 1 "banana" }}`, Want: "bonana", pure: func(old, with string, n int, text string) string { return strings.Replace(text, old, with, n) },
		},
		{
			Name: "parseBool", Usage: "parseBool TEXT", Doc: "true for 1, t, T, TRUE, true and True, false for 0, f, F, FALSE, false and False; anything else is refused, nothing as well. `toBool` takes more words.",
			Example: `{{ if parseBool "T" }}on{{ end }}`, Want: "on", Refuses: `{{ parseBool "yes" }}`, pure: parseBoolStrictly,
		},
		{
			Name: "parseUrl", Usage: "parseUrl TEXT", Doc: "A URL with the fields .Scheme, .Host (with the port), .Hostname, .Port, .Path, .RawQuery, .Fragment, .User.Username. sprig's `urlParse` gives a dictionary.",
			Example: `{{ $u := parseUrl "http://db:5432/shop" }}{{ $u.Hostname }} {{ $u.Port }} {{ $u.Path }}`, Want: "db 5432 /shop", Refuses: `{{ (parseUrl "http://a b/").Host }}`, pure: parseURL,
		},
	}, foreignKeys()...)
}

func parseBoolStrictly(text string) (bool, error) {
	v, err := strconv.ParseBool(text)
	if err != nil {
		return false, refuse("toBool takes yes, on and the like as well", "parseBool cannot take %s: expected true or false, t or f, 1 or 0", given{text})
	}
	return v, nil
}

func parseURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, refuse("", "parseUrl cannot take %s: expected a URL", given{text})
	}
	return u, nil
}

// foreignKeys are confd's functions over keys. What is below a prefix is named as confd
// names it: from the prefix on, with a slash in front.
func foreignKeys() []Func {
	return []Func{
		{
			Name: "kvPair", Usage: `kvPair "prefix" "/key"`, Doc: "A key below a prefix, which must exist: .Key (below the prefix, with a slash in front), .Name (the full key) and .Value.",
			Example: `{{ with kvPair "log" "/level" }}{{ .Key }}={{ .Value }}{{ end }}`, Want: "/level=DEBUG", Refuses: `{{ (kvPair "log" "/levle").Value }}`, Located: true, Required: true,
			bound: func(f *frame) any {
				return func(at int, prefix, key string) any {
					for _, p := range f.slashed(prefix) {
						if p.Key == key {
							return p
						}
					}
					if f.c.refs[at].optional {
						return nil
					}
					whole := path.Join(prefix, key)
					pos, line := f.c.at(f.c.refs[at].offset)
					f.problem(&render.Problem{
						Kind: render.KindMissing, Pos: pos, Line: line, Name: whole, Key: cleanKey(whole), Hint: f.explainKey(whole), Text: fmt.Sprintf("there is no key %q", whole),
					})
					return Pair{}
				}
			},
		},
		{
			Name: "kvMatch", Usage: `kvMatch "prefix" "/pattern/*"`, Doc: "The keys below a prefix that match a pattern, sorted: * is any text without a slash, ? any character, [a-z] one of several. A list of .Key (below the prefix, with a slash in front), .Name (the full key) and .Value.",
			Example: `{{ range kvMatch "backends" "/*/host" }}{{ .Key }}={{ .Value }};{{ end }}`, Want: "/a/host=10.0.0.1;/b/host=10.0.0.2;", Refuses: `{{ kvMatch "backends" "/[" }}`, Located: true,
			bound: func(f *frame) any {
				return func(at int, prefix, pattern string) ([]Pair, error) { return f.match(prefix, pattern) }
			},
		},
		{
			Name: "kvMatchValues", Usage: `kvMatchValues "prefix" "/pattern/*"`, Doc: "The values of the keys that kvMatch finds, sorted.",
			Example: `{{ kvMatchValues "backends" "/*/host" | join "," }}`, Want: "10.0.0.1,10.0.0.2", Refuses: `{{ kvMatchValues "backends" "/[" }}`, Located: true,
			bound: func(f *frame) any {
				return func(at int, prefix, pattern string) ([]string, error) {
					pairs, err := f.match(prefix, pattern)
					out := make([]string, len(pairs))
					for i, p := range pairs {
						out[i] = p.Value
					}
					slices.Sort(out)
					return out, err
				}
			},
		},
		{
			Name: "kvKeys", Usage: `kvKeys "prefix"`, Doc: "The keys directly below a prefix, sorted, without the folders: a list of .Key (its last part), .Name (the full key) and .Value.",
			Example: `{{ range kvKeys "backends/a" }}{{ .Key }}={{ .Value }};{{ end }}`, Want: "host=10.0.0.1;", Located: true, Reads: readsKey,
			bound: func(f *frame) any {
				return func(at int, prefix string) []Pair {
					out := []Pair{}
					for _, p := range f.below(prefix) {
						if p.Key != "" && !strings.Contains(p.Key, "/") {
							out = append(out, p)
						}
					}
					return out
				}
			},
		},
		{
			Name: "kvFolders", Usage: `kvFolders "prefix"`, Doc: "The names of the folders directly below a prefix, sorted: those that have keys below them.",
			Example: `{{ kvFolders "backends" | join "," }}`, Want: "a,b", Located: true, Reads: readsKey,
			bound: func(f *frame) any {
				return func(at int, prefix string) []string {
					var out []string
					for _, p := range f.slashed(prefix) {
						if name, _, folder := strings.Cut(p.Key[1:], "/"); folder && (len(out) == 0 || out[len(out)-1] != name) {
							out = append(out, name)
						}
					}
					slices.Sort(out)
					return slices.Compact(out)
				}
			},
		},
	}
}

func (f *frame) match(prefix, pattern string) ([]Pair, error) {
	out := []Pair{}
	if _, err := path.Match(pattern, ""); err != nil {
		return nil, refuse("", "%q is not a pattern", pattern)
	}
	for _, p := range f.slashed(prefix) {
		if ok, _ := path.Match(pattern, p.Key); ok {
			out = append(out, p)
		}
	}
	return out, nil
}

// slashed is what lies below a prefix; "/" is all of the store, whatever its prefix is.
func (f *frame) slashed(prefix string) []Pair {
	var out []Pair
	if path.Clean("/"+prefix) == "/" {
		eachKey(f.ex.b.data.KV, "/", func(key, text string, secret bool) {
			out = append(out, Pair{Name: key, Key: key, Value: f.seen(text, secret)})
		})
	} else {
		out = f.below(prefix)
	}
	for i := range out {
		out[i].Key = "/" + strings.TrimPrefix(out[i].Key, "/")
	}
	slices.SortStableFunc(out, func(a, b Pair) int { return strings.Compare(a.Key, b.Key) })
	return out
}
