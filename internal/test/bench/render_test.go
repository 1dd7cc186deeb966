package bench

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"slipway/internal/test/testkit"
)

// renderer turns the templates in DIR/in into files in DIR/out.
type renderer struct {
	name    string
	need    []testkit.Thing
	syntax  func(name string) string // a variable in a template
	prepare func(b *testing.B, dir string, templates int) (argv []string)
}

var renderVariables = []string{"HOST", "PORT", "USER_NAME", "LEVEL", "REGION", "POOL", "LIMIT", "TARGET", "OWNER", "STAGE"}

var renderers = []renderer{
	{
		name:   "slipway",
		syntax: func(name string) string { return "{{ .Env." + name + " }}" },
		prepare: func(b *testing.B, dir string, n int) []string {
			var ini strings.Builder
			ini.WriteString("[supervisord]\n")
			for i := range n {
				fmt.Fprintf(&ini, "[template:%s/out/%04d]\nsource=%s/in/%04d\n", dir, i, dir, i)
			}
			write(b, filepath.Join(dir, "slipway.conf"), ini.String(), 0o644)
			return []string{testkit.Binaries(b).Slipway, "render", "-c", filepath.Join(dir, "slipway.conf")}
		},
	},
	{
		name:   "envsubst",
		need:   []testkit.Thing{"envsubst"},
		syntax: func(name string) string { return "${" + name + "}" },
		prepare: func(b *testing.B, dir string, _ int) []string {
			write(b, filepath.Join(dir, "render"), "#!/bin/sh\nfor f in in/*; do envsubst <$f >out/${f#in/}; done\n", 0o755)
			return []string{filepath.Join(dir, "render")}
		},
	},
	{
		name:   "sh+sed",
		need:   []testkit.Thing{"sed"},
		syntax: func(name string) string { return "@" + name + "@" },
		prepare: func(b *testing.B, dir string, _ int) []string {
			var script strings.Builder
			script.WriteString("#!/bin/sh\nfor f in in/*; do sed")
			for _, v := range renderVariables {
				fmt.Fprintf(&script, " -e \"s|@%s@|$%s|g\"", v, v)
			}
			script.WriteString(" $f >out/${f#in/}; done\n")
			write(b, filepath.Join(dir, "render"), script.String(), 0o755)
			return []string{filepath.Join(dir, "render")}
		},
	},
}

// template is a file of 60 lines with ten variables.
func template(syntax func(string) string) string {
	var s strings.Builder
	for i := range 60 {
		if i%6 == 0 {
			fmt.Fprintf(&s, "setting.%02d = %s\n", i, syntax(renderVariables[i/6]))
		} else {
			fmt.Fprintf(&s, "# line %02d of a configuration file that says nothing of interest\n", i)
		}
	}
	return s.String()
}

// BenchmarkRender: from start to exit, every file rendered for the first time.
func BenchmarkRender(b *testing.B) {
	probe := probe(b)
	for _, n := range []int{1, 1000} {
		b.Run(fmt.Sprintf("%d templates", n), func(b *testing.B) {
			var limits []bound
			if n == 1000 {
				limits = []bound{{"envsubst", 0.1}, {"sh+sed", 0.1}}
			}
			wall := newTable(fmt.Sprintf("render %d templates of 60 lines", n), "ms", limits...)
			memory := newTable(fmt.Sprintf("memory of the largest process, %d templates", n), "KiB")
			for b.Loop() {
				for _, r := range presentRenderers(b) {
					took, rss := render(b, probe, r, n)
					wall.add(r.name, took)
					memory.add(r.name, rss)
				}
			}
			wall.report(b)
			memory.report(b)
		})
	}
}

func presentRenderers(b *testing.B) []renderer {
	b.Helper()
	var got []renderer
next:
	for _, r := range renderers {
		for _, what := range r.need {
			if !testkit.Has(b, what) {
				continue next
			}
		}
		got = append(got, r)
	}
	return got
}

// render measures one run, and compares one of the files that it has made.
func render(b *testing.B, probe string, r renderer, n int) (wall, rss float64) {
	b.Helper()
	dir := scratch(b)
	for _, sub := range []string{"in", "out"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o755); err != nil {
			b.Fatal(err)
		}
	}
	text := template(r.syntax)
	for i := range n {
		write(b, filepath.Join(dir, "in", fmt.Sprintf("%04d", i)), text, 0o644)
	}
	argv := r.prepare(b, dir, n)
	mark := filepath.Join(dir, "mark")
	write(b, mark, "", 0o644)
	cmd := exec.Command(probe, append([]string{"run", mark}, argv...)...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=/usr/bin:/bin", "LC_ALL=C"}
	for _, v := range renderVariables {
		cmd.Env = append(cmd.Env, v+"=value-of-"+v)
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%s: %v\n%s", r.name, err, out)
	}
	got, err := os.ReadFile(filepath.Join(dir, "out", fmt.Sprintf("%04d", n-1)))
	want := template(func(name string) string { return "value-of-" + name })
	if err != nil || string(got) != want {
		b.Fatalf("%s rendered %q (%v), want %q", r.name, got, err, want)
	}
	marks := records(b, mark)
	os.RemoveAll(dir)
	return ms(marks[1].at - marks[0].at), float64(marks[1].what)
}
