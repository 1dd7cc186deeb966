package ported

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"slipway/internal/test/testkit"
	"slipway/render/porting"
)

var update = flag.Bool("update", false, "write what the tools make of the sets of testdata")

// A set is a template with the constructs of a public one, in other words. The first line of
// its file says of which: repository, commit, path. want is what the tool itself makes of
// it; one that the tool cannot render without its services has none. notes are those of the
// conversion.
func TestSets(t *testing.T) {
	files, err := filepath.Glob("testdata/sets/*/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no sets: %v", err)
	}
	var original map[string]tool
	if *update || testkit.Has(t, testkit.Oracles) {
		original = originals(t)
	}
	for _, file := range files {
		name := filepath.Base(filepath.Dir(file))
		t.Run(name+"/"+strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if words := strings.Fields(string(a.Comment)); len(words) != 3 || len(words[1]) != 40 {
				t.Errorf("the first line is %q: want repository, commit and path", a.Comment)
			}
			parts := map[string]string{}
			for _, f := range a.Files {
				parts[f.Name] = string(f.Data)
			}
			r := request{Template: parts["template"], Env: settings(parts["env"]), Keys: settings(parts["keys"])}
			o := porting.Options{}
			if name == string(porting.Envsubst) {
				o.Variables = slices.Sorted(maps.Keys(r.Env))
			}
			here, p := ours(porting.Tool(name), r, o)
			var notes strings.Builder
			for _, n := range p.Notes {
				notes.WriteString(n.String() + "\n")
			}
			var there answer
			by := original[name]
			if by != nil {
				there = by.render(r)
			}
			if *update {
				if by == nil {
					t.Skipf("there is no %s to ask", name)
				}
				setPart(a, "want", there.Text, there.Error == "")
				setPart(a, "notes", notes.String(), len(p.Notes) > 0)
				if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if notes.String() != parts["notes"] {
				t.Errorf("notes are\n%s\nwant\n%s", &notes, parts["notes"])
			}
			want, known := parts["want"]
			if known && (here.Error != "" && len(p.Notes) == 0 || here.Error == "" && !sameText(here.Text, want)) {
				t.Errorf("it becomes %s\nand gives %s\nwant %q", p.Text, here, want)
			}
			if !known && len(p.Notes) == 0 {
				t.Error("the tool does not render it, and nothing is said about it")
			}
			if by != nil && known && !sameText(there.Text, want) {
				t.Errorf("the tool itself makes %s of it, want %q", there, want)
			}
		})
	}
}

// sameText compares but for the end of the last line, which an archive always has.
func sameText(a, b string) bool { return strings.TrimSuffix(a, "\n") == strings.TrimSuffix(b, "\n") }

// settings reads NAME=VALUE lines.
func settings(text string) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "="); ok {
			out[name] = value
		}
	}
	return out
}

func setPart(a *txtar.Archive, name, text string, there bool) {
	a.Files = slices.DeleteFunc(a.Files, func(f txtar.File) bool { return f.Name == name })
	if there {
		a.Files = append(a.Files, txtar.File{Name: name, Data: []byte(text)})
	}
}

// originals are the tools that can be built. All of them must be where everything is demanded.
func originals(t *testing.T) map[string]tool {
	out := map[string]tool{}
	for _, name := range []porting.Tool{porting.Confd, porting.Dockerize, porting.Consul, porting.Gomplate} {
		path, err := build(t, strings.ReplaceAll(string(name), "-", ""))
		switch {
		case err == nil && name == porting.Dockerize:
			out[string(name)] = dockerize{t: t, path: path}
		case err == nil:
			out[string(name)] = serve(t, path)
		case testkit.Required():
			t.Fatalf("cannot build the %s of internal/test/ported/oracles: %v", name, err)
		default:
			t.Logf("without %s, which is built from the network: %v", name, err)
		}
	}
	if testkit.Has(t, "envsubst") {
		out[string(porting.Envsubst)] = filter{t, nginxs}
	}
	return out
}
