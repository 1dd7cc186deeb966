package structure

import (
	"bytes"
	"go/ast"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The bounds of the supervisor's rooms. A package that outgrows them holds two thoughts,
// and a struct that does is a bag: part it by what changes together.
const (
	maxPackageLines = 2000 // of a package, tests left out
	maxFields       = 20   // of a struct with methods; plain structs of options are exempt
	maxPairs        = 3    // of files of one package that call each other both ways
)

// supervised are the packages of the supervisor that ship.
func supervised(t *testing.T) []source {
	t.Helper()
	all := slices.DeleteFunc(parse(t), func(s source) bool {
		return !match(s.ImportPath, "slipway/supervise/...") || isHelper(s.ImportPath)
	})
	if len(all) == 0 {
		t.Fatal("there is no slipway/supervise: the bounds guard nothing")
	}
	return all
}

func TestPackageSize(t *testing.T) {
	for _, s := range supervised(t) {
		lines := 0
		for name := range s.files {
			text, err := os.ReadFile(filepath.Join(s.Dir, name))
			if err != nil {
				t.Fatal(err)
			}
			lines += bytes.Count(text, []byte("\n"))
		}
		if lines > maxPackageLines {
			t.Errorf("%s has %d lines, want at most %d", s.ImportPath, lines, maxPackageLines)
		}
	}
}

func TestStructSize(t *testing.T) {
	for _, s := range supervised(t) {
		acts := map[string]bool{} // types with methods on a pointer: they have state
		for _, f := range s.files {
			for _, d := range f.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv != nil {
					if star, ok := fn.Recv.List[0].Type.(*ast.StarExpr); ok {
						if id, ok := star.X.(*ast.Ident); ok {
							acts[id.Name] = true
						}
					}
				}
			}
		}
		for _, f := range s.files {
			ast.Inspect(f, func(n ast.Node) bool {
				spec, ok := n.(*ast.TypeSpec)
				if !ok {
					return true
				}
				if st, ok := spec.Type.(*ast.StructType); ok && acts[spec.Name.Name] && !isOptions(s, spec.Name.Name) {
					if n := st.Fields.NumFields(); n > maxFields {
						t.Errorf("%s: %s has %d fields, want at most %d", s.at(spec.Pos()), spec.Name.Name, n, maxFields)
					}
				}
				return true
			})
		}
	}
}

// isOptions tells the structs that hold what a file says: their fields are the options.
func isOptions(s source, name string) bool {
	return match(s.ImportPath, "slipway/supervise/config") || strings.HasSuffix(name, "Options") ||
		match(s.ImportPath, "slipway/supervise/control") && (strings.HasSuffix(name, "Info") || strings.HasSuffix(name, "Output"))
}

// looping are the packages that share the state of the loop: there a call can lead back to
// where it came from, and who reads has to know what has changed meanwhile.
var looping = []string{
	"slipway/supervise", "slipway/supervise/life", "slipway/supervise/loop", "slipway/supervise/child",
	"slipway/supervise/output", "slipway/supervise/server", "slipway/supervise/streams", "slipway/supervise/bus",
}

// TestFilesCallOneWay: two files that call each other are one file in two pieces, and who
// reads one has to read the other.
func TestFilesCallOneWay(t *testing.T) {
	for _, s := range supervised(t) {
		if !slices.Contains(looping, s.ImportPath) {
			continue
		}
		where := map[string]string{} // function or method → file; "" where several have the name
		for name, f := range s.files {
			for _, d := range f.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok {
					if in, ok := where[fn.Name.Name]; ok && in != name {
						where[fn.Name.Name] = ""
						continue
					}
					where[fn.Name.Name] = name
				}
			}
		}
		calls := map[[2]string]string{} // from file, to file → a function that is called
		for name, f := range s.files {
			ast.Inspect(f, func(n ast.Node) bool {
				if fn := called(n); fn != "" && where[fn] != "" && where[fn] != name {
					calls[[2]string{name, where[fn]}] = fn
				}
				return true
			})
		}
		var pairs []string
		for pair, fn := range calls {
			if back, ok := calls[[2]string{pair[1], pair[0]}]; ok && pair[0] < pair[1] {
				pairs = append(pairs, pair[0]+" (calls "+fn+") and "+pair[1]+" (calls "+back+")")
			}
		}
		if len(pairs) > maxPairs {
			slices.Sort(pairs)
			t.Errorf("%s has %d pairs of files that call each other, want at most %d:\n\t%s", s.ImportPath, len(pairs), maxPairs, strings.Join(pairs, "\n\t"))
		}
	}
}

// called is the name of a function or method that is called, or handed on, at n; "" if n
// is something else. It goes by names: a method of another package that is called as one
// of ours counts as well, which only makes the bound stricter.
func called(n ast.Node) string {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return ""
	}
	switch fn := call.Fun.(type) {
	case *ast.Ident:
		return fn.Name
	case *ast.SelectorExpr:
		return fn.Sel.Name
	}
	return ""
}

// The bounds bite only if what they measure is found.
func TestCalled(t *testing.T) {
	for _, s := range supervised(t) {
		if s.ImportPath != "slipway/supervise" {
			continue
		}
		found := map[string]bool{}
		for _, name := range slices.Sorted(maps.Keys(s.files)) {
			ast.Inspect(s.files[name], func(n ast.Node) bool {
				found[called(n)] = true
				return true
			})
		}
		for _, want := range []string{"Run", "shutdown"} {
			if !found[want] {
				t.Errorf("no call of %s was found in %s", want, s.ImportPath)
			}
		}
	}
}
