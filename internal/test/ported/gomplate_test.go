package ported

import (
	"math/rand/v2"
	"testing"

	"slipway/internal/test/testkit"
	"slipway/render/porting"
)

var gomplateProductions = map[string][]string{
	"statement": {
		"{{<str>}}", "{{ <str> }}", "{{- <str> -}}", "{{<int>}}", "{{<bool>}}", "{{if <bool>}}y{{else}}n{{end}}", "{{ if <bool> }}y{{ else if <bool> }}z{{ end }}",
		"{{range <list>}}[{{.}}]{{else}}none{{end}}", "{{range $i, $x := <list>}}{{$i}}={{$x}};{{end}}", "{{$v := <str>}}{{$v}}{{$v = <str>}}{{$v}}", "{{with <str>}}{{.}}{{end}}", "{{<str> | <filter>}}",
		"{{range math.Seq <small>}}{{.}},{{end}}", "{{range seq 1 5}}{{.}},{{end}}", "{{$d := json <strarg>}}{{$d.a}}", "{{range (data.JSONArray <strarg>)}}{{.}};{{end}}", "{{join (<list>) <sep>}}", "{{index (<list>) 0}}",
		"{{$d := dict \"a\" <strarg> \"b\" <strarg>}}{{$d.a}}{{if has $d \"b\"}}{{$d.b}}{{end}}", "{{range coll.Slice <strarg> <strarg>}}{{.}};{{end}}", "{{ $u := conv.URL <strarg> }}{{ $u.Host }}{{ $u.Path }}", "{{/* getenv \"A\" */}}x",
		"{{define \"T\"}}{{.}}{{end}}{{template \"T\" <strarg>}}", "{{.Env.<env>}}", "{{if .Env.<env>}}x{{end}}", "{{range coll.Reverse (<list>)}}{{.}}{{end}}", "{{coll.Dict \"a\" (getenv <name>) | data.ToJSON}}",
	},
	"str": {
		"getenv <name>", "getenv <name> <lit>", "env.Getenv <name> <lit>", "strings.ToUpper <strarg>", "toLower <strarg>", "strings.ReplaceAll <sep> <lit> <strarg>", "strings.TrimSuffix <lit> <strarg>", "strings.TrimPrefix <lit> <strarg>",
		"strings.Trim <lit> <strarg>", "strings.TrimSpace <strarg>", "base64.Encode <strarg>", "base64.Decode <strarg>", "printf \"%s-%s\" <strarg> <strarg>", "join (<list>) <sep>", "regexp.Replace \"[a-c]+\" \"<$0>\" <strarg>",
		"crypto.SHA256 <strarg>", "<strarg> | strings.ToUpper | toLower", "or <strarg> <strarg>", "conv.Default <lit> <strarg>", "<strarg> | default <lit>", "default <lit> <strarg>", "strings.Repeat 2 <strarg>", "quote <strarg>", "squote <strarg>",
		"ternary <lit> <lit> (<bool>)", "path.Base <strarg>", "required <strarg>", "toJSON (getenv <name>)", "conv.ToString <intarg>", "trim <strarg> <sep>", "strings.Title <strarg>",
	},
	"str0":   {"getenv <name>", "getenv <name> <lit>", "env.Getenv <name> <lit>"},
	"strarg": {"<lit>", "(<str>)", "(<str>)", "(getenv <name>)", ".Env.<env>"}, "strarg0": {"<lit>", "(getenv \"A\")", "(getenv \"B\" \"k\")"},
	"lit": {`"d"`, `""`, `"a b"`, "`x|y`", `","`, `"é"`, `"a\"b"`, `"1"`, `"http://db:80/x"`}, "sep": {`","`, `" "`, `"a"`, `"."`},
	"name": {`"A"`, `"B"`, `"C"`, `"D_E"`}, "env": variables, "filter": {"strings.ToUpper", "toLower", "base64.Encode", "printf \"<%s>\"", "strings.ReplaceAll \",\" \";\"", "len", "strings.Split \",\"", "quote", "conv.ToBool", "strings.TrimSpace | toUpper"},
	"list": {"strings.Split <sep> <strarg>", "<strarg> | strings.Split <sep>", "split <strarg> <sep>"}, "list0": {"strings.Split \",\" (getenv \"A\")", "split \"a,b\" \",\""},
	"int": {"conv.ToInt 12", "math.Add <intarg> <intarg>", "sub <intarg> <intarg>", "mul <intarg> <intarg>", "math.Rem <intarg> <intarg>", "len (<list>)", "len <strarg>"}, "int0": {"conv.ToInt \"12\"", "len \"abc\""},
	"intarg": {"2", "(<int>)", "7"}, "intarg0": {"1", "3", "0"}, "small": {"1", "3", "5", "(conv.ToInt \"4\")"},
	"bool":  {"conv.ToBool <strarg>", "bool <strarg>", "eq <strarg> <strarg>", "lt <intarg> <intarg>", "not (<bool>)", "and (<bool>) (<bool>)", "or (<bool>) <strarg>", "<strarg>", "strings.Contains <lit> <strarg>", "contains <strarg> <lit>", "hasPrefix <strarg> <lit>", "strings.HasSuffix <lit> <strarg>", "regexp.Match \"^[a-z]\" <strarg>", "<strarg> | conv.ToBool", "(<bool>)"},
	"bool0": {"conv.ToBool (getenv <name>)", "eq (getenv <name>) <lit>"},
}

// TestLikeGomplate compares with gomplate itself.
func TestLikeGomplate(t *testing.T) {
	by := serve(t, oracle(t, "gomplate"))
	g := &generator{Rand: rand.New(rand.NewPCG(testkit.Seed(t), 6)), productions: gomplateProductions}
	var count figures
	for range testkit.Repeat(t, 500) {
		compare(t, by, porting.Gomplate, request{Template: g.template(), Env: g.values(variables)}, porting.Options{}, &count)
	}
	t.Log(count)
}
