package ported

import (
	"math/rand/v2"
	"strings"
	"testing"

	"slipway/internal/test/testkit"
	"slipway/render/porting"
)

var consulProductions = map[string][]string{
	"statement": {
		"{{<str>}}", "{{ <str> }}", "{{- <str> -}}", "{{<int>}}", "{{<bool>}}", "{{if <bool>}}y{{else}}n{{end}}", "{{ if <bool> }}y{{ else if <bool> }}z{{ end }}",
		"{{range <list>}}[{{.}}]{{else}}none{{end}}", "{{range $i, $x := <list>}}{{$i}}={{$x}};{{end}}", "{{range ls <dirkey>}}{{.Key}}={{.Value}};{{end}}", "{{range tree <dirkey>}}{{.Key}}:{{.Value}} {{end}}",
		"{{range $p := safeLs <dirkey>}}{{$p.Key | toUpper}}{{else}}none{{end}}", "{{$v := <str>}}{{$v}}{{$v = <str>}}{{$v}}", "{{with <str>}}{{.}}{{end}}", "{{<str> | <filter>}}", "{{with $d := key <key> | parseJSON}}{{$d.a}}{{end}}",
		"{{range loop <small>}}{{.}},{{end}}", "{{range loop <small> <small>}}{{.}},{{end}}", "{{$d := parseJSON <strarg>}}{{range $d.b}}{{.}};{{end}}", "{{<list> | join <sep>}}", "{{/* key \"a\" */}}x", "{{index (<list>) 0}}",
		"{{if keyExists <key>}}{{key <key>}}{{end}}", "{{keyOrDefault (printf \"b/%s\" <strarg>) \"d\"}}", "{{define \"T\"}}{{.}}{{end}}{{template \"T\" <strarg>}}", "{{env <name> | toJSON}}", "{{sprig_upper <strarg>}}",
	},
	"str": {
		"key <key>", "keyOrDefault <key> <lit>", "env <name>", "envOrDefault <name> <lit>", "mustEnv <name>", "toUpper <strarg>", "toLower <strarg>", "replaceAll <sep> <lit> <strarg>", "trimSuffix <lit> <strarg>", "trimPrefix <lit> <strarg>",
		"trim <lit> <strarg>", "trimSpace <strarg>", "base64Encode <strarg>", "base64Decode <strarg>", "printf \"%s-%s\" <strarg> <strarg>", "join <sep> (<list>)", "regexReplaceAll \"[a-c]+\" \"<$0>\" <strarg>", "sha256Hex <strarg>", "toTitle <strarg>",
		"<strarg> | toUpper | toLower", "or <strarg> <strarg>", "toJSON <strarg>", "<strarg> | replaceAll \"a\" \"b\" | trimSpace", "printf \"%v\" <intarg>", "toUnescapedJSON <strarg>",
	},
	"str0":   {"env <name>", "keyOrDefault <key> <lit>", "envOrDefault <name> <lit>"},
	"strarg": {"<lit>", "(<str>)", "(<str>)", "(env <name>)", "(keyOrDefault <key> \"x\")"}, "strarg0": {"<lit>", "(env \"A\")", "(keyOrDefault \"a\" \"k\")"},
	"lit": {`"d"`, `""`, `"a b"`, "`x|y`", `","`, `"é"`, `"a\"b"`, `"1"`, `"80"`}, "sep": {`","`, `" "`, `"a"`, `"."`},
	"key": {`"a"`, `"b/c"`, `"nope"`, `"up/1"`, `"b"`, `"a"`}, "dirkey": {`"b"`, `"up"`, `"nope"`, `"b/e"`}, "name": {`"A"`, `"B"`, `"C"`, `"D_E"`},
	"filter": {"toUpper", "toLower", "base64Encode", "printf \"<%s>\"", "replaceAll \",\" \";\"", "len", "split \",\" | join \"+\"", "trimSpace | toUpper", "parseInt", "parseBool"},
	"list":   {"split <sep> <strarg>", "<strarg> | split <sep>"}, "list0": {"split \",\" (env \"A\")", "split \",\" \"a,b\""},
	"int":    {"parseInt <strarg>", "add <intarg> <intarg>", "subtract <intarg> <intarg>", "multiply <intarg> <intarg>", "divide <intarg> <intarg>", "modulo <intarg> <intarg>", "len (<list>)", "<intarg> | add 1", "<intarg> | subtract 1", "minimum <intarg> <intarg>", "maximum <intarg> <intarg>"},
	"int0":   {"parseInt \"12\"", "len \"abc\""},
	"intarg": {"2", "(<int>)", "7"}, "intarg0": {"1", "3", "0"}, "small": {"1", "3", "0", "5", "(parseInt \"4\")"},
	"bool":  {"keyExists <key>", "parseBool <strarg>", "eq <strarg> <strarg>", "lt <intarg> <intarg>", "not (<bool>)", "and (<bool>) (<bool>)", "or (<bool>) <strarg>", "<strarg>", "regexMatch \"^[a-z]\" <strarg>", "<key> | keyExists", "(<bool>)"},
	"bool0": {"keyExists <key>", "eq (env <name>) <lit>"},
}

// TestLikeConsulTemplate compares with consul-template itself.
func TestLikeConsulTemplate(t *testing.T) {
	by := serve(t, oracle(t, "consultemplate"))
	g := &generator{Rand: rand.New(rand.NewPCG(testkit.Seed(t), 5)), productions: consulProductions}
	var count figures
	for range testkit.Repeat(t, 500) {
		r := request{Template: g.template(), Env: g.values(variables), Keys: map[string]string{}}
		for k, v := range g.values(storeKeys) {
			r.Keys[strings.TrimPrefix(k, "/")] = v
		}
		compare(t, by, porting.Consul, r, porting.Options{}, &count)
	}
	t.Log(count)
}
