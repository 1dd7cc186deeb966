package ported

import (
	"math/rand/v2"
	"testing"

	"slipway/internal/test/testkit"
	"slipway/render/porting"
)

var confdProductions = map[string][]string{
	"statement": {
		"{{<str>}}", "{{ <str> }}", "{{- <str> -}}", "{{<int>}}", "{{<bool>}}", "{{if <bool>}}y{{else}}n{{end}}", "{{ if <bool> }}y{{ else if <bool> }}z{{ end }}",
		"{{range <list>}}[{{.}}]{{else}}none{{end}}", "{{range $i, $x := <list>}}{{$i}}={{$x}};{{end}}", "{{range gets <pattern>}}{{.Key}}={{.Value}};{{end}}",
		"{{range $p := gets <pattern>}}{{base .Key}}={{$p.Value}};{{end}}", "{{with get <key>}}{{.Key}}={{.Value}}{{end}}", "{{$v := <str>}}{{$v}}{{$v = <str>}}{{$v}}",
		"{{range seq <small> <small>}}{{.}},{{end}}", "{{$d := json <str>}}{{$d.a}}", "{{$d := json <str>}}{{range $d.b}}{{.}};{{end}}", "{{range jsonArray <str>}}{{.}};{{end}}",
		"{{with <str>}}{{.}}{{end}}", "{{$m := map \"a\" <strarg> \"b\" <strarg>}}{{$m.a}}{{$m.b}}", "{{<str> | <filter>}}", "{{ if <str> | parseBool }}y{{end}}", "{{join (<list>) <sep>}}",
		"{{/* getv \"/a\" */}}x", "{{index (<list>) 0}}", "{{<list> | len}}", "{{range $d := lsdir <dirkey>}}{{$d}}{{range ls (printf \"/%s\" $d)}}{{.}}{{end}}{{end}}",
		"{{define \"T\"}}{{.}}{{end}}{{template \"T\" <strarg>}}", "{{if exists <key>}}{{getv <key>}}{{end}}", "{{getv (printf \"/b/%s\" <strarg>) \"d\"}}",
	},
	"str": {
		"getv <key>", "getv <key> <lit>", "getenv <name>", "getenv <name> <lit>", "toUpper <strarg>", "toLower <strarg>", "replace <strarg> <sep> <lit> <count>", "trimSuffix <strarg> <lit>",
		"base64Encode <strarg>", "base64Decode <strarg>", "base <strarg>", "dir <strarg>", "printf \"%s-%s\" <strarg> <strarg>", "join (<list>) <sep>", "print <strarg> <strarg>",
		"<key> | getv", "<strarg> | toUpper | toLower", "or <strarg> <strarg>", "html <strarg>", "printf \"%v\" <intarg>",
	},
	"str0":   {"getv <key>", "getenv <name>", "getv <key> <lit>", "getenv <name> <lit>"},
	"strarg": {"<lit>", "(<str>)", "(<str>)", "(getenv <name>)", "(getv <key>)"}, "strarg0": {"<lit>", "(getenv \"A\")", "(getv \"/a\" \"k\")"},
	"lit": {`"d"`, `""`, `"a b"`, "`x|y`", `","`, `"é"`, `"a\"b"`, `"1"`, `"80"`}, "sep": {`","`, `" "`, `"a"`, `"."`},
	"key": {`"/a"`, `"/b/c"`, `"/nope"`, `"/up/1"`, `"/b"`, `"b/c"`}, "dirkey": {`"/"`, `"/b"`, `"/up"`, `"/nope"`, `"/b/e"`}, "pattern": {`"/b/*"`, `"/up/*"`, `"/*"`, `"/nope/*"`, `"/*/*"`, `"/a"`, `"/b/[cd]"`},
	"name": {`"A"`, `"B"`, `"C"`, `"D_E"`}, "count": {"-1", "1", "0", "2"}, "filter": {"toUpper", "toLower", "base", "dir", "base64Encode", "printf \"<%s>\"", "replace \"a,b\" \",\" \";\"", "len", "split \"a,b,c\""},
	"list": {"split <strarg> <sep>", "getvs <pattern>", "ls <dirkey>", "lsdir <dirkey>"}, "list0": {"getvs <pattern>", "ls <dirkey>"},
	"int":    {"atoi <strarg>", "add <intarg> <intarg>", "sub <intarg> <intarg>", "mul <intarg> <intarg>", "div <intarg> <intarg>", "mod <intarg> <intarg>", "len (<list>)", "len <strarg>"},
	"int0":   {"atoi \"12\"", "len \"abc\""},
	"intarg": {"2", "(<int>)", "7"}, "intarg0": {"1", "3", "0"}, "small": {"1", "3", "0", "5", "(len (ls \"/up\"))", "(atoi \"4\")"},
	"bool":    {"exists <key>", "contains <strarg> <lit>", "parseBool <strarg>", "eq <strarg> <strarg>", "lt <intarg> <intarg>", "not (<bool>)", "and (<bool>) (<bool>)", "or (<bool>) <strarg>", "<strarg>", "eq (len (<list>)) <intarg>", "<key> | exists", "(<bool>)"},
	"bool0":   {"exists <key>", "eq (getenv <name>) <lit>"},
	"nothing": nil,
}

// TestLikeConfd compares templates of confd's functions with confd itself.
func TestLikeConfd(t *testing.T) {
	by := serve(t, oracle(t, "confd"))
	g := &generator{Rand: rand.New(rand.NewPCG(testkit.Seed(t), 1)), productions: confdProductions}
	var count figures
	for i := range testkit.Repeat(t, 1000) {
		r := request{Template: g.template(), Env: g.values(variables), Keys: g.values(storeKeys)}
		o := porting.Options{}
		if i%2 == 1 { // below a prefix, which confd takes off
			o.Prefix, r.Resource = "/prod", "prefix = \"/prod\"\n"
			below := map[string]string{}
			for k, v := range r.Keys {
				below["/prod"+k] = v
			}
			r.Keys = below
		}
		compare(t, by, porting.Confd, r, o, &count)
	}
	t.Log(count)
}
