package ported

import (
	"math/rand/v2"
	"testing"

	"slipway/internal/test/testkit"
	"slipway/render/porting"
)

var dockerizeProductions = map[string][]string{
	"statement": {
		"{{<str>}}", "{{ <str> }}", "{{- <str> -}}", "{{<int>}}", "{{<bool>}}", "{{if <bool>}}y{{else}}n{{end}}", "{{ if <bool> }}y{{ else if <bool> }}z{{ end }}",
		"{{range <list>}}[{{.}}]{{else}}none{{end}}", "{{range $i, $x := <list>}}{{$i}}={{$x}};{{end}}", "{{range loop <small>}}{{.}},{{end}}", "{{range $i := loop <small> <small>}}{{$i}},{{end}}",
		"{{range loop <small> <small> <step>}}{{.}},{{end}}", "{{range loop 3 1 -1}}{{.}},{{end}}", "{{$v := <str>}}{{$v}}{{$v = <str>}}{{$v}}", "{{with <str>}}{{.}}{{end}}", "{{ <str> | <filter> }}", "{{ if .Env.<env> | isTrue }}y{{end}}",
		"{{ $u := parseUrl <strarg> }}{{ $u.<urlfield> }}", "{{ (parseUrl <strarg>).<urlfield> }}", "{{if contains .Env <name>}}{{.Env.<env>}}{{end}}", "{{range $k, $v := .Env}}{{$k}}={{$v}};{{end}}",
		"{{range <list>}}{{$.Env.<env>}}{{.}}{{end}}", "{{define \"T\"}}{{.}}{{end}}{{template \"T\" <strarg>}}", "{{/* default .Env.A */}}x", "{{index (<list>) 0}}", "{{$v := default .Env.<env> <lit>}}{{isTrue $v}}{{upper $v}}",
		"{{if .Env.<env>}}set{{end}}", "{{.Env.<env>}}", "{{ index .Env <name> }}",
	},
	"str": {
		"default .Env.<env> <lit>", ".Env.<env>", "index .Env <name>", "lower <strarg>", "upper <strarg>", "replace <strarg> <sep> <lit> <count>", "printf \"%s-%s\" <strarg> <strarg>",
		"print <strarg> <strarg>", "<strarg> | upper | lower", "or .Env.<env> <strarg>", "default .Env.<env> (default .Env.<env> <lit>)", "printf \"%v\" <intarg>", "html <strarg>",
	},
	"str0":   {"default .Env.<env> <lit>", ".Env.<env>", "index .Env <name>"},
	"strarg": {"<lit>", "(<str>)", "(<str>)", ".Env.<env>", "(default .Env.<env> <lit>)"}, "strarg0": {"<lit>", ".Env.A", "(default .Env.B \"k\")"},
	"lit": {`"d"`, `""`, `"a b"`, "`x|y`", `","`, `"é"`, `"a\"b"`, `"1"`, `"http://db:81/x"`}, "sep": {`","`, `" "`, `"a"`, `"."`},
	"env": variables, "name": {`"A"`, `"B"`, `"C"`, `"D_E"`}, "count": {"-1", "1", "0", "2"}, "filter": {"upper", "lower", "isTrue", "printf \"<%s>\"", "len", "parseUrl"},
	"urlfield": {"Host", "Hostname", "Port", "Scheme", "Path", "RawQuery", "Fragment", "String", "User.Username"},
	"list":     {"split <strarg> <sep>", "split .Env.<env> <sep>"}, "list0": {"split .Env.A <sep>", "split \"a,b\" \",\""},
	"int": {"atoi <strarg>", "add <intarg> <intarg>", "len (<list>)", "len <strarg>"}, "int0": {"atoi \"12\"", "len \"abc\""},
	"intarg": {"2", "(<int>)", "7"}, "intarg0": {"1", "3", "0"}, "small": {"1", "3", "0", "5", "(atoi \"4\")", "(add 1 2)"}, "step": {"1", "2", "(atoi \"2\")"},
	"bool":  {"isTrue <strarg>", "contains .Env <name>", "eq <strarg> <strarg>", "lt <intarg> <intarg>", "not (<bool>)", "and (<bool>) (<bool>)", "or (<bool>) <strarg>", "<strarg>", "isTrue (default .Env.<env> <lit>)", ".Env.<env> | isTrue", "(<bool>)"},
	"bool0": {"isTrue (default .Env.<env> <lit>)", "contains .Env <name>"},
}

// TestLikeDockerize compares templates of dockerize's functions with dockerize itself.
func TestLikeDockerize(t *testing.T) {
	by := dockerize{t: t, path: oracle(t, "dockerize")}
	g := &generator{Rand: rand.New(rand.NewPCG(testkit.Seed(t), 2)), productions: dockerizeProductions}
	var count figures
	for range testkit.Repeat(t, 1000) {
		r := request{Template: g.template(), Env: g.values(variables)}
		for name, value := range r.Env {
			if len(value) > 100_000 { // a variable of a process ends at 128 KiB
				r.Env[name] = value[:100_000]
			}
		}
		compare(t, by, porting.Dockerize, r, porting.Options{}, &count)
	}
	t.Log(count)
}
