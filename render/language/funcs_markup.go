package language

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"
)

func markupFuncs() []Func {
	return []Func{
		{
			Name: "fromYaml", Usage: "fromYaml TEXT", Doc: "What a text of YAML says: a dictionary, a list or a value. Nothing is an empty dictionary. A key that occurs twice and a second document are refused.",
			Example: `{{ (fromYaml "db: {port: 5432}").db.port }}`, Want: "5432", Refuses: `{{ fromYaml "a: [1" }}`,
			bound: func(f *frame) any { return f.fromYAML },
		},
		{
			Name: "xmlEscape", Usage: "xmlEscape TEXT", Doc: "Text between the tags of XML or HTML. Characters that XML 1.0 cannot carry are refused.",
			Example: `{{ xmlEscape "a < b & c" }}`, Want: "a &lt; b &amp; c", Refuses: `{{ xmlEscape "\x01" }}`, pure: func(text string) (string, error) { return xmlEscape(text, false) },
		},
		{
			Name: "xmlAttr", Usage: "xmlAttr TEXT", Doc: "The value of an attribute of XML or HTML, between quotes of either kind.",
			Example: `{{ xmlAttr "a \"b\"\n" }}`, Want: "a &#34;b&#34;&#10;", Refuses: `{{ xmlAttr "\x01" }}`, pure: func(text string) (string, error) { return xmlEscape(text, true) },
		},
		{
			Name: "jsonString", Usage: "jsonString TEXT", Doc: "A string of JSON, quotes included. Unlike toJson it leaves < > & alone.",
			Example: `{{ jsonString "a <b> \"c\"" }}`, Want: `"a <b> \"c\""`, Refuses: `{{ jsonString "\xff" }}`,
			pure: func(text string) (string, error) {
				if !utf8.ValidString(text) {
					return "", refuse("", "the value is not valid UTF-8, and JSON carries only text")
				}
				return jsonString(text, func(r rune) bool { return r < 0x20 }), nil
			},
		},
		{
			Name: "yamlString", Usage: "yamlString TEXT", Doc: "A scalar of YAML that is a string whatever it looks like (no, 0123, 12:30), in double quotes.",
			Example: `{{ yamlString "no" }}`, Want: `"no"`, Refuses: `{{ yamlString "\xff" }}`, pure: yamlString,
		},
		{
			Name: "toYaml", Usage: "toYaml VALUE", Doc: "A value as YAML in block style, keys sorted, strings quoted; use nindent to place it.",
			Example: `{{ dict "a" (list 1 "no") "b" (dict) | toYaml }}`, Want: "\"a\":\n  - 1\n  - \"no\"\n\"b\": {}", pure: toYaml,
		},
		{
			Name: "tomlString", Usage: "tomlString TEXT", Doc: "A basic string of TOML, quotes included.",
			Example: `{{ tomlString "a\tb\x1b" }}`, Want: `"a\tb\u001b"`, Refuses: `{{ tomlString "\xff" }}`, pure: tomlString,
		},
		{
			Name: "toToml", Usage: "toToml DICT", Doc: "A dictionary as TOML: values first, then tables, keys sorted.",
			Example: `{{ dict "a" 1 "t" (dict "b" "x") | toToml }}`, Want: "\"a\" = 1\n\n[\"t\"]\n\"b\" = \"x\"\n", Refuses: `{{ dict "a" nil | toToml }}`, pure: toToml,
		},
	}
}

func xmlEscape(text string, attr bool) (string, error) {
	if !utf8.ValidString(text) {
		return "", refuse("", "the value is not valid UTF-8, and XML carries only text")
	}
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>': // "]]>" must not stand in text
			b.WriteString("&gt;")
		case r == '\r', attr && (r == '"' || r == '\'' || r == '\n' || r == '\t'):
			fmt.Fprintf(&b, "&#%d;", r) // a reader turns a bare \r into \n, and line breaks of attributes into blanks
		case r < 0x20 && r != '\n' && r != '\t', r == 0xFFFE, r == 0xFFFF:
			return "", refuse("encode it, with b64enc for example", "the value holds the character U+%04X, which XML 1.0 cannot carry", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String(), nil
}

// jsonString quotes text with JSON's escapes, and \u for what must says. Bytes
// that are not UTF-8 pass as they are.
func jsonString(text string, must func(r rune) bool) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case must(r) && !(r == utf8.RuneError && n == 1):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteString(text[i : i+n])
		}
		i += n
	}
	b.WriteByte('"')
	return b.String()
}

// yamlString escapes beyond JSON what YAML 1.1 does not call printable, and
// what it takes for a line break.
func yamlString(text string) (string, error) {
	if !utf8.ValidString(text) {
		return "", refuse("", "the value is not valid UTF-8, and YAML carries only text")
	}
	return jsonString(text, func(r rune) bool {
		return r < 0x20 || r >= 0x7f && r <= 0xa0 || r == 0x2028 || r == 0x2029 || r == 0xfeff || r == 0xfffe || r == 0xffff
	}), nil
}

func tomlString(text string) (string, error) {
	if !utf8.ValidString(text) {
		return "", refuse("", "the value is not valid UTF-8, and TOML carries only text")
	}
	return jsonString(text, func(r rune) bool { return r < 0x20 || r == 0x7f }), nil
}

// plain turns what templates handle into maps with string keys, lists and scalars.
func plain(v any) any {
	r := reflect.ValueOf(v)
	for r.Kind() == reflect.Pointer || r.Kind() == reflect.Interface {
		r = r.Elem()
	}
	switch r.Kind() {
	case reflect.Invalid:
		return nil
	case reflect.Map:
		out := make(map[string]any, r.Len())
		for _, k := range r.MapKeys() {
			out[fmt.Sprint(k.Interface())] = r.MapIndex(k).Interface()
		}
		return out
	case reflect.Slice, reflect.Array:
		out := make([]any, r.Len())
		for i := range out {
			out[i] = r.Index(i).Interface()
		}
		return out
	case reflect.Struct:
		text, err := json.Marshal(r.Interface())
		var out any
		if err == nil && json.Unmarshal(text, &out) == nil {
			return out
		}
	}
	return r.Interface()
}

func toYaml(v any) (string, error) {
	if holdsScope(v) { // which would be a dictionary without keys
		return "", cannotTake("toYaml", v, "a value of YAML", "write one of the things that the dot holds: .Env, .Data, .KV")
	}
	var b strings.Builder
	err := writeYaml(&b, v, 0)
	return strings.TrimPrefix(b.String(), "\n"), err
}

// writeYaml writes v after "key:" or "-"; collections that are not empty begin on a new line.
func writeYaml(b *strings.Builder, v any, depth int) error {
	indent := strings.Repeat("  ", depth)
	switch x := plain(v).(type) {
	case map[string]any:
		if len(x) == 0 {
			b.WriteString("{}")
			return nil
		}
		for _, k := range sortedKeys(x) {
			key, err := yamlString(k)
			if err != nil {
				return err
			}
			fmt.Fprintf(b, "\n%s%s:", indent, key)
			if err := yamlItem(b, x[k], depth+1); err != nil {
				return err
			}
		}
	case []any:
		if len(x) == 0 {
			b.WriteString("[]")
			return nil
		}
		for _, e := range x {
			fmt.Fprintf(b, "\n%s-", indent)
			if err := yamlItem(b, e, depth+1); err != nil {
				return err
			}
		}
	case nil:
		b.WriteString("null")
	case string:
		s, err := yamlString(x)
		b.WriteString(s)
		return err
	default:
		s, err := number10(x)
		b.WriteString(s)
		return err
	}
	return nil
}

func yamlItem(b *strings.Builder, v any, depth int) error {
	var item strings.Builder
	if err := writeYaml(&item, v, depth); err != nil {
		return err
	}
	if !strings.HasPrefix(item.String(), "\n") {
		b.WriteByte(' ')
	}
	b.WriteString(item.String())
	return nil
}

// number10 writes truth values and numbers, which YAML and TOML write alike.
func number10(v any) (string, error) {
	r := reflect.ValueOf(v)
	switch {
	case r.Kind() == reflect.Bool:
		return strconv.FormatBool(r.Bool()), nil
	case r.CanInt():
		return strconv.FormatInt(r.Int(), 10), nil
	case r.CanUint():
		return strconv.FormatUint(r.Uint(), 10), nil
	case r.CanFloat():
		f := r.Float()
		if math.IsInf(f, 0) || math.IsNaN(f) {
			return "", refuse("", "%v is not a number that can be written", f)
		}
		if f == math.Trunc(f) && math.Abs(f) < 1e15 { // numbers of JSON files are all floats
			return strconv.FormatFloat(f, 'f', -1, 64), nil
		}
		s := strconv.FormatFloat(f, 'g', -1, 64)
		if strings.Contains(s, "e") && !strings.Contains(s, ".") { // YAML 1.1 wants a dot in 1.0e+20
			s = strings.Replace(s, "e", ".0e", 1)
		}
		return s, nil
	}
	return "", refuse("", "%s cannot be written there", kindName(reflect.TypeOf(v)))
}

func toToml(v any) (string, error) {
	root, ok := plain(v).(map[string]any)
	if !ok {
		return "", refuse("", "TOML is made of a dictionary, not of %s", given{v})
	}
	var b strings.Builder
	err := writeToml(&b, root, nil)
	return strings.TrimPrefix(b.String(), "\n"), err
}

func writeToml(b *strings.Builder, table map[string]any, path []string) error {
	var tables []string
	for _, k := range sortedKeys(table) {
		if _, ok := plain(table[k]).(map[string]any); ok {
			tables = append(tables, k)
			continue
		}
		key, err := tomlString(k)
		if err != nil {
			return err
		}
		value, err := tomlValue(table[k])
		if err != nil {
			return err
		}
		fmt.Fprintf(b, "%s = %s\n", key, value)
	}
	sort.Strings(tables)
	for _, k := range tables {
		key, err := tomlString(k)
		if err != nil {
			return err
		}
		sub := append(path[:len(path):len(path)], key)
		fmt.Fprintf(b, "\n[%s]\n", strings.Join(sub, "."))
		if err := writeToml(b, plain(table[k]).(map[string]any), sub); err != nil {
			return err
		}
	}
	return nil
}

func tomlValue(v any) (string, error) {
	switch x := plain(v).(type) {
	case nil:
		return "", refuse("leave the key out", "TOML has no null")
	case string:
		return tomlString(x)
	case []any:
		items := make([]string, len(x))
		for i, e := range x {
			s, err := tomlValue(e)
			if err != nil {
				return "", err
			}
			items[i] = s
		}
		return "[" + strings.Join(items, ", ") + "]", nil
	case map[string]any: // in a list
		items := make([]string, 0, len(x))
		for _, k := range sortedKeys(x) {
			key, err := tomlString(k)
			if err != nil {
				return "", err
			}
			s, err := tomlValue(x[k])
			if err != nil {
				return "", err
			}
			items = append(items, key+" = "+s)
		}
		return "{" + strings.Join(items, ", ") + "}", nil
	default:
		return number10(x)
	}
}

func (f *frame) fromYAML(text string) (any, error) {
	read := f.ex.b.data.YAML
	if read == nil {
		return nil, refuse("", "nothing here reads YAML")
	}
	v, err := read(text)
	if err != nil {
		return nil, cannotTake("fromYaml", text, "YAML ("+err.Error()+")", "")
	}
	return v, nil
}
