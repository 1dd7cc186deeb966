package structure

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// source is a parsed package, tests left out.
type source struct {
	pkg
	fset  *token.FileSet
	files map[string]*ast.File // by name in the package's folder
}

func parse(t *testing.T) []source {
	t.Helper()
	var all []source
	for _, p := range packages(t) {
		s := source{pkg: p, fset: token.NewFileSet(), files: map[string]*ast.File{}}
		// Files of other systems as well: the rules hold everywhere.
		names, err := filepath.Glob(filepath.Join(p.Dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(s.fset, name, nil, parser.ParseComments)
			if err != nil {
				t.Fatalf("cannot parse %s: %v", name, err)
			}
			s.files[filepath.Base(name)] = f
		}
		all = append(all, s)
	}
	return all
}

// at is a place in the source, for a message.
func (s source) at(pos token.Pos) string {
	p := s.fset.Position(pos)
	return fmt.Sprintf("%s/%s:%d", strings.TrimPrefix(s.ImportPath, module+"/"), filepath.Base(p.Filename), p.Line)
}

// check is one rule about a file, and the reason.
type check struct {
	name    string
	because string
	find    func(s source, file string, f *ast.File) []token.Pos
}

var checks = []check{
	{
		name:    "the loop asks the system through its interfaces",
		because: "a call around them is one that a simulated machine cannot make fail, or delay",
		find: func(s source, _ string, f *ast.File) []token.Pos {
			if !slices.Contains(simulated, s.ImportPath) {
				return nil
			}
			return systemCalls(f)
		},
	},
	{
		name:    "no func init",
		because: "what runs before main costs every start, and PID 1 has no signal handlers yet",
		find: func(_ source, _ string, f *ast.File) []token.Pos {
			var at []token.Pos
			for _, d := range f.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
					at = append(at, fn.Pos())
				}
			}
			return at
		},
	},
	{
		name:    "exit only in main.go",
		because: "what exits cannot be tested, and skips what is deferred",
		find: func(s source, file string, f *ast.File) []token.Pos {
			if s.Name == "main" && (file == "main.go" || strings.HasPrefix(file, "main_")) { // main_linux.go
				return nil
			}
			return calls(f, "os.Exit", "syscall.Exit", "log.Fatal", "log.Fatalf", "log.Fatalln", "log.Panic", "log.Panicf", "log.Panicln")
		},
	},
	{
		name:    "no time.Sleep",
		because: "a sleep cannot be cancelled: select on a timer and on the end of the work",
		find: func(s source, _ string, f *ast.File) []token.Pos {
			if isHelper(s.ImportPath) {
				return nil
			}
			return calls(f, "time.Sleep")
		},
	},
	{
		name:    "no clock in the language",
		because: "a file that differs at every render reloads its program at every render",
		find: func(s source, _ string, f *ast.File) []token.Pos {
			if !matchAny(s.ImportPath, pure) {
				return nil
			}
			return calls(f, "time.Now", "time.Since", "time.Until", "time.After", "time.AfterFunc", "time.Tick", "time.NewTimer", "time.NewTicker", "time.Local", "time.LoadLocation")
		},
	},
	{
		name:    "exported names are documented",
		because: "a reader should not have to read the code to know what is promised",
		find: func(s source, _ string, f *ast.File) []token.Pos {
			if s.Name == "main" {
				return nil
			}
			return undocumented(f)
		},
	},
}

// simulated are the packages that run on a simulated machine in tests.
var simulated = []string{
	"slipway/supervise", "slipway/supervise/bus", "slipway/supervise/child", "slipway/supervise/front", "slipway/supervise/life",
	"slipway/supervise/loop", "slipway/supervise/output", "slipway/supervise/ownership", "slipway/supervise/server", "slipway/supervise/streams",
	"slipway/supervise/watcher",
}

// systemCalls are the calls of functions of os, syscall, x/sys/unix, time's clock and
// package kernel. Names and conversions of numbers ask nobody.
func systemCalls(f *ast.File) []token.Pos {
	harmless := []string{"kernel.IsTransient", "kernel.ExitOf", "syscall.Signal", "syscall.Errno", "time.Unix", "time.Duration"}
	var at []token.Pos
	ast.Inspect(f, func(n ast.Node) bool {
		c, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		sel, ok := c.Fun.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		pkg, ok := sel.X.(*ast.Ident)
		if !ok || pkg.Obj != nil || slices.Contains(harmless, pkg.Name+"."+sel.Sel.Name) {
			return true
		}
		if slices.Contains([]string{"os", "syscall", "unix", "kernel", "time"}, pkg.Name) {
			at = append(at, sel.Pos())
		}
		return true
	})
	return at
}

func TestSource(t *testing.T) {
	all := parse(t)
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) {
			for _, s := range all {
				for _, name := range slices.Sorted(maps.Keys(s.files)) {
					for _, pos := range c.find(s, name, s.files[name]) {
						t.Errorf("%s: against %q, because %s", s.at(pos), c.name, c.because)
					}
				}
			}
		})
	}
}

// TestPackageComments: a package says once what it is for. Two comments are two
// truths; godoc shows both, in the order of file names.
func TestPackageComments(t *testing.T) {
	for _, s := range parse(t) {
		var where []string
		for _, name := range slices.Sorted(maps.Keys(s.files)) {
			if s.files[name].Doc != nil {
				where = append(where, name)
			}
		}
		if len(s.files) > 0 && len(where) != 1 {
			t.Errorf("%s has %d package comments (%s), want 1", s.ImportPath, len(where), strings.Join(where, ", "))
		}
	}
}

// TestPackageVariables: what a package remembers between two calls is nobody's:
// tests cannot run beside each other, and no reader sees who changes it.
func TestPackageVariables(t *testing.T) {
	for _, s := range parse(t) {
		vars := map[string]bool{}
		for _, f := range s.files {
			for _, name := range packageVars(f) {
				vars[name] = true
			}
		}
		for _, f := range s.files {
			for _, pos := range assignments(f, vars) {
				t.Errorf("%s: a package variable is changed; give its state an owner", s.at(pos))
			}
		}
	}
}

// calls are the places where one of the package-level functions is named, under
// whatever name its package is imported.
func calls(f *ast.File, names ...string) []token.Pos {
	local := map[string]string{} // name in the file → import path
	for _, imp := range f.Imports {
		path, err := strconv.Unquote(imp.Path.Value)
		if err != nil {
			continue
		}
		name := path[strings.LastIndexByte(path, '/')+1:]
		if imp.Name != nil {
			name = imp.Name.Name
		}
		local[name] = path
	}
	var at []token.Pos
	ast.Inspect(f, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := sel.X.(*ast.Ident); ok && slices.Contains(names, local[x.Name]+"."+sel.Sel.Name) {
			at = append(at, sel.Pos())
		}
		return true
	})
	return at
}

// undocumented are the exported functions, types, constants and variables
// without a comment. In a group the group's comment, or one at the end of the
// line, is enough.
func undocumented(f *ast.File) []token.Pos {
	var at []token.Pos
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil && d.Name.IsExported() && d.Doc == nil {
				at = append(at, d.Pos())
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					if spec.Name.IsExported() && d.Doc == nil && spec.Doc == nil && spec.Comment == nil {
						at = append(at, spec.Pos())
					}
				case *ast.ValueSpec:
					exported := slices.ContainsFunc(spec.Names, (*ast.Ident).IsExported)
					if exported && d.Doc == nil && spec.Doc == nil && spec.Comment == nil {
						at = append(at, spec.Pos())
					}
				}
			}
		}
	}
	return at
}

// packageVars are the names of a file's package-level variables.
func packageVars(f *ast.File) []string {
	var names []string
	for _, d := range f.Decls {
		if d, ok := d.(*ast.GenDecl); ok && d.Tok == token.VAR {
			for _, spec := range d.Specs {
				for _, name := range spec.(*ast.ValueSpec).Names {
					if name.Name != "_" { // an assertion about a type
						names = append(names, name.Name)
					}
				}
			}
		}
	}
	return names
}

// assignments are the places in functions where one of the package's variables,
// or an element or field of it, is assigned. A name that a function declares
// itself hides the variable; the parser resolves that.
func assignments(f *ast.File, vars map[string]bool) []token.Pos {
	var at []token.Pos
	note := func(e ast.Expr) {
		if id := root(e); id != nil && vars[id.Name] && !declaredInFunc(id, f) {
			at = append(at, e.Pos())
		}
	}
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Body == nil {
			continue
		}
		ast.Inspect(fn.Body, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				if n.Tok != token.DEFINE {
					for _, e := range n.Lhs {
						note(e)
					}
				}
			case *ast.IncDecStmt:
				note(n.X)
			}
			return true
		})
	}
	return at
}

// root is the variable that an assignable expression is a part of. What lies
// behind an explicit pointer or a call is not the variable's own.
func root(e ast.Expr) *ast.Ident {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x
		case *ast.IndexExpr:
			e = x.X
		case *ast.SelectorExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return nil
		}
	}
}

// declaredInFunc reports whether the parser resolved the name to something else
// than a declaration at the top of the file.
func declaredInFunc(id *ast.Ident, f *ast.File) bool {
	return id.Obj != nil && f.Scope.Lookup(id.Name) != id.Obj
}
