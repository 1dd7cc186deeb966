package language

import (
	"fmt"
	"reflect"
	"sort"
	"strconv"
	"strings"

	"slipway/render"
	"slipway/sources"
)

func flowFuncs() []Func {
	return []Func{
		{
			Name: "required", Usage: `required "message" VALUE`, Doc: "The value, which must not be empty; the message says what it is for.",
			Example: `{{ required "the shop needs a name" .Env.APP_NAME }}`, Want: "shop", Refuses: `{{ required "the shop needs a key" .Env.NO_SUCH }}`,
			Located: true, Absent: true,
			bound: func(f *frame) any {
				return func(at int, message string, value any) any {
					if value == nil || value == "" {
						f.note(at, render.KindMissing, "", "", "%s", message)
						return ""
					}
					return value
				}
			},
		},
		{
			Name: "index", Usage: "index MAP KEY …", Doc: "An element of a map or list. A key that is missing, or an item behind the end, is an error, unless a default or a condition follows.",
			Example: `{{ index .Env "APP_NAME" }} {{ index (list "a" "b") 1 }}`, Want: "shop b", Refuses: `{{ index .Env (print "NO_" "SUCH") }}`, Located: true,
			bound: func(f *frame) any { return f.index },
		},
		{
			Name: "keys", Usage: "keys DICT …", Doc: "The keys of dictionaries, sorted (sprig leaves the order to chance).",
			Example: `{{ keys (dict "b" 1 "a" 2) | join "," }}`, Want: "a,b",
			pure: func(dicts ...map[string]any) []string {
				var out []string
				for _, d := range dicts {
					out = append(out, sortedKeys(d)...)
				}
				return out
			},
		},
		{
			Name: "values", Usage: "values DICT", Doc: "The values of a dictionary in the order of its keys (sprig leaves the order to chance).",
			Example: `{{ values (dict "b" 1 "a" 2) | join "," }}`, Want: "2,1",
			pure: func(d map[string]any) []any {
				var out []any
				for _, k := range sortedKeys(d) {
					out = append(out, d[k])
				}
				return out
			},
		},
		{
			Name: "toBool", Usage: "toBool TEXT", Doc: "true for true, yes, on, t, y and 1, false for false, no, off, f, n, 0 and nothing, in any case; anything else is refused. `if` alone takes every text but the empty one for true.",
			Example: `{{ if toBool "off" }}on{{ else }}off{{ end }} {{ toBool "Yes" }}`, Want: "off true", Refuses: `{{ toBool "maybe" }}`,
			pure: func(text string) (bool, error) {
				b, _, err := parseBool(text)
				if err != nil {
					return false, refuse("", "the value is not a truth value: expected true, yes, on or 1, or false, no, off or 0")
				}
				return b == true, nil
			},
		},
		{
			Name: "oneLine", Usage: "oneLine TEXT", Doc: "The text, which must not hold a line break.",
			Example: `{{ oneLine "a b" }}`, Want: "a b", Refuses: `{{ oneLine "a\nb" }}`,
			pure: func(text string) (string, error) {
				if strings.ContainsAny(text, "\r\n") {
					return "", refuse("", "the value has a line break, where only one line can stand")
				}
				return text, nil
			},
		},
		{
			Name: "lines", Usage: "lines TEXT", Doc: "The lines of a text, without their ends.",
			Example: `{{ lines "a\nb\n" | join "+" }}`, Want: "a+b",
			pure: func(text string) []string {
				text = strings.TrimSuffix(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
				if text == "" {
					return nil
				}
				return strings.Split(text, "\n")
			},
		},
		{
			Name: "include", Usage: `include "lib/name" [DOT]`, Doc: "The output of another template of the trees, whose file name starts with an underscore (lib/_name.tmpl is included as lib/_name).",
			Example: `{{ include "_greeting" . }}`, Want: "hello, shop", Refuses: `{{ include "_no_such" . }}`, Located: true,
			bound: func(f *frame) any { return f.include },
		},
	}
}

func sortedKeys(d map[string]any) []string {
	out := make([]string, 0, len(d))
	for k := range d {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

// index is text/template's, except that an absent key of a map is a problem
// even where it would yield a zero value there.
func (f *frame) index(at int, item any, keys ...any) (any, error) {
	for _, key := range keys {
		if env, ok := item.(Env); ok {
			name := fmt.Sprint(key)
			text, set := env[name]
			if !set && !f.c.refs[at].optional {
				f.missing(at, name)
			}
			if !set {
				text = ""
			}
			item = text
			continue
		}
		v := reflect.ValueOf(item)
		for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
			v = v.Elem()
		}
		switch v.Kind() {
		case reflect.Map:
			k := reflect.ValueOf(key)
			if !k.IsValid() || !k.Type().AssignableTo(v.Type().Key()) {
				return nil, refuse("", "index cannot take %s as a key of this dictionary: expected %s", given{key}, kindName(v.Type().Key()))
			}
			e := v.MapIndex(k)
			if !e.IsValid() && f.c.refs[at].optional {
				return nil, nil
			}
			if !e.IsValid() {
				f.note(at, render.KindMissing, fmt.Sprint(key), f.nearestKey(v, key), "there is no key %q", fmt.Sprint(key))
				return "", nil
			}
			item = e.Interface()
		case reflect.Slice, reflect.Array, reflect.String:
			n, err := strconv.Atoi(fmt.Sprint(key))
			if err != nil {
				return nil, cannotTake("index", key, "the position of an item, counted from 0", "")
			}
			if n >= v.Len() && v.Kind() != reflect.String && f.c.refs[at].optional {
				return nil, nil
			}
			if n < 0 || n >= v.Len() {
				return nil, refuse("", "index cannot take item %d, counted from 0: there are %d", n, v.Len())
			}
			item = v.Index(n).Interface()
		case reflect.Invalid:
			if f.c.refs[at].optional {
				return nil, nil
			}
			f.note(at, render.KindMissing, fmt.Sprint(key), "give a default: index … | default …", "there is no value in which to look for %s", given{key})
			return "", nil
		default:
			return nil, refuse("", "index cannot look for %s in %s", given{key}, given{item})
		}
	}
	return item, nil
}

func (f *frame) nearestKey(m reflect.Value, key any) string {
	var names []string
	for _, k := range m.MapKeys() {
		names = append(names, fmt.Sprint(k.Interface()))
	}
	sort.Strings(names)
	if n := sources.Nearest(fmt.Sprint(key), names); n != "" {
		return fmt.Sprintf("did you mean %q?", n)
	}
	return ""
}

const maxIncludes = 64

func (f *frame) include(at int, name string, dot ...any) (string, error) {
	pos, _ := f.c.at(f.c.refs[at].offset)
	chain := append([]render.Pos{pos}, f.chain...)
	if len(chain) > maxIncludes {
		return "", refuse("a template must not include itself", "templates include one another %d deep", maxIncludes)
	}
	file := strings.TrimPrefix(strings.TrimSuffix(name, render.Suffix), "/")
	c, ok := f.ex.b.partials[file]
	if f.ex.b.broken[file] {
		return "", nil // which is reported
	}
	if !ok {
		names := make([]string, 0, len(f.ex.b.partials))
		for n := range f.ex.b.partials {
			names = append(names, n)
		}
		sort.Strings(names)
		hint := "a template to include is a file of a template folder whose name starts with an underscore"
		if n := sources.Nearest(name, names); n != "" {
			hint = fmt.Sprintf("did you mean %q?", n)
		}
		if f.c.trees[name] != nil {
			hint = fmt.Sprintf("a define of the same file is called by {{ template %q . }}", name)
		}
		f.note(at, render.KindSource, name, hint, "there is no template %q to include", name)
		return "", nil
	}
	var data any = &Scope{ex: f.ex}
	if len(dot) > 0 {
		data = dot[0]
	}
	before := len(f.ex.problems)
	text := (&frame{ex: f.ex, c: c, chain: chain}).run(data)
	if len(f.ex.problems) > before && text == "" {
		return "", includeFailed{}
	}
	return text, nil
}
