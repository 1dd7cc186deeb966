package structure

import (
	"go/ast"
	"go/token"
	"maps"
	"regexp"
	"strconv"
	"testing"
)

// A regular expression of a package variable is compiled when it is used, not at each start;
// and all of them compile.
func TestPatternsAreLazy(t *testing.T) {
	n := 0
	for _, s := range parse(t) {
		if isHelper(s.ImportPath) {
			continue
		}
		consts := map[string]ast.Expr{}
		for _, f := range s.files {
			maps.Copy(consts, packageConsts(f))
		}
		for _, f := range s.files {
			for _, call := range atStart(f) {
				switch {
				case isCall(call, "regexp", "MustCompile"):
					t.Errorf("%s: regexp.MustCompile is called at each start; want pattern.Lazy", s.at(call.Pos()))
				case isCall(call, "pattern", "Lazy"):
					n++
					if text, ok := constant(call.Args[0], consts); !ok {
						t.Errorf("%s: the text of the pattern is no constant", s.at(call.Pos()))
					} else if _, err := regexp.Compile(text); err != nil {
						t.Errorf("%s: %v", s.at(call.Pos()), err)
					}
				}
			}
		}
	}
	if n == 0 {
		t.Error("there is no pattern: the rule guards nothing")
	}
}

// atStart returns the calls of a file by which its package's variables get their values.
func atStart(f *ast.File) (all []*ast.CallExpr) {
	for _, decl := range f.Decls {
		if vars, ok := decl.(*ast.GenDecl); ok && vars.Tok == token.VAR {
			ast.Inspect(vars, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok {
					all = append(all, call)
				}
				_, later := n.(*ast.FuncLit)
				return !later
			})
		}
	}
	return all
}

// isCall tells whether a function of a package is called.
func isCall(call *ast.CallExpr, pkg, name string) bool {
	fn, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || fn.Sel.Name != name {
		return false
	}
	id, ok := fn.X.(*ast.Ident)
	return ok && id.Name == pkg
}

// packageConsts returns the values of the constants of a file.
func packageConsts(f *ast.File) map[string]ast.Expr {
	all := map[string]ast.Expr{}
	for _, decl := range f.Decls {
		group, ok := decl.(*ast.GenDecl)
		if !ok || group.Tok != token.CONST {
			continue
		}
		for _, spec := range group.Specs {
			values := spec.(*ast.ValueSpec)
			for i, name := range values.Names {
				if i < len(values.Values) {
					all[name.Name] = values.Values[i]
				}
			}
		}
	}
	return all
}

// constant returns the text of a constant expression.
func constant(e ast.Expr, consts map[string]ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil
	case *ast.BinaryExpr:
		x, okX := constant(e.X, consts)
		y, okY := constant(e.Y, consts)
		return x + y, okX && okY && e.Op == token.ADD
	case *ast.Ident:
		value, ok := consts[e.Name]
		if !ok {
			return "", false
		}
		return constant(value, consts)
	}
	return "", false
}
