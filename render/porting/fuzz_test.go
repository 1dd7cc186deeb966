package porting

import (
	"testing"

	"slipway/internal/test/testkit"
)

// Whatever a template of another tool holds, it is converted, or noted; nothing panics.
func FuzzText(f *testing.F) {
	for i, s := range []string{"{{ getv \"/a\" \"d\" }}{{range gets \"/a/*\"}}{{.Key}}{{end}}", "{{ default .Env.A \"x\" }}", "${A:-b} $C", "{{ (ds \"x\").y }}", "{{ key \"a\" }}{{ with secret \"b\" }}{{ .Data.c }}{{ end }}", "{{/* a", "{{ `"} {
		f.Add(i, s)
	}
	f.Fuzz(func(t *testing.T, tool int, text string) {
		defer testkit.Timed(t, len(text))()
		all := Tools()
		Text(all[(tool%len(all)+len(all))%len(all)], "t.tmpl", text, Options{Prefix: "/app", Shell: tool%2 == 0})
	})
}
