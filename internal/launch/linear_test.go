package launch

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"slipway/internal/test/testkit"
)

// withTemplates is the options of an image with n templates of five lines.
func withTemplates(t testing.TB, n int, more ...string) Options {
	t.Helper()
	dir := t.TempDir()
	tree := filepath.Join(dir, "templates", dir)
	if err := os.MkdirAll(tree, 0o755); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		text := fmt.Sprintf("a {{ .Env.HOME }}\nb%d {{ .Env.X | default \"y\" | quote }}\n{{ if .Env.Q }}x{{ end }}\n", i)
		if err := os.WriteFile(filepath.Join(tree, fmt.Sprintf("f%d.tmpl", i)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	config := filepath.Join(dir, "app.conf")
	if err := os.WriteFile(config, []byte("[slipway]\ntemplates = "+filepath.Join(dir, "templates")+"\nruntime = "+filepath.Join(dir, "run")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return Options{Config: config, Environ: append([]string{"PATH=/bin", "HOME=/root"}, more...), Argv0: "slipway"}
}

// variables are n variables of a container.
func variables(n int) []string {
	var env []string
	for i := range n {
		env = append(env, fmt.Sprintf("APP_VARIABLE_%d=value number %d", i, i))
	}
	return env
}

// rendered does what a start does before it writes, and what it hands over.
func rendered(t testing.TB, o Options) {
	im, err := Load(context.Background(), o)
	if err == nil {
		_, err = im.Plan(context.Background(), ApplyOptions{})
	}
	if err != nil {
		t.Fatal(err)
	}
	im.Snapshot()
}

// checkedWhole looks at an image as slipway check does.
func checkedWhole(t testing.TB, o Options) {
	found, err := Examine(context.Background(), o)
	if err == nil {
		err = found.Err()
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestTemplatesInLinearTime(t *testing.T) {
	few, many := withTemplates(t, 40), withTemplates(t, 640)
	testkit.WantLinear(t, func() { rendered(t, few) }, func() { rendered(t, many) })
	testkit.WantLinear(t, func() { checkedWhole(t, few) }, func() { checkedWhole(t, many) })
}

func TestVariablesInLinearTime(t *testing.T) {
	few, many := withTemplates(t, 1, variables(300)...), withTemplates(t, 1, variables(4800)...)
	testkit.WantLinear(t, func() { rendered(t, few) }, func() { rendered(t, many) })
}

// BenchmarkTemplates: the plan of 10,000 takes at most 10.5 times as long as that of 1,000.
func BenchmarkTemplates(b *testing.B) {
	for _, n := range []int{1000, 10000} {
		o := withTemplates(b, n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				rendered(b, o)
			}
		})
	}
}

// BenchmarkVariables: 5,000 add at most 20 ms to a start.
func BenchmarkVariables(b *testing.B) {
	for _, n := range []int{0, 5000} {
		o := withTemplates(b, 1, variables(n)...)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				rendered(b, o)
			}
		})
	}
}
