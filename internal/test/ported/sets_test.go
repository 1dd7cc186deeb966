package ported

import (
	"flag"
	"maps"
	"os"
	"os/exec"
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
	var original func(name string) tool
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
			if original != nil {
				there = original(name).render(r)
			}
			if *update {
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
			if original != nil && known && !sameText(there.Text, want) {
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

// originals makes the tools when they are asked for.
func originals(t *testing.T) func(name string) tool {
	made := map[string]tool{}
	return func(name string) tool {
		if made[name] == nil {
			switch porting.Tool(name) {
			case porting.Dockerize:
				made[name] = dockerize{t: t, path: oracle(t, name)}
			case porting.Envsubst:
				testkit.Need(t, "envsubst")
				made[name] = filter{t, func(r request) *exec.Cmd {
					cmd := exec.Command("envsubst", "${"+strings.Join(slices.Sorted(maps.Keys(r.Env)), "} ${")+"}")
					cmd.Stdin = strings.NewReader(r.Template)
					return cmd
				}}
			default:
				made[name] = serve(t, strings.ReplaceAll(name, "-", ""))
			}
		}
		return made[name]
	}
}
