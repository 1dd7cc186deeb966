package language

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/Masterminds/sprig/v3"

	"slipway/render"
)

// Rendering is a function of its inputs. What is ours imports nothing by which it could
// see more (internal/test/structure). sprig imports all of that, so what its functions
// reach is followed here, through the sources of sprig and of all modules that it calls.

// reaches are the functions and variables of the standard library by which one sees the
// clock, chance, the network, the process or its files. A package without names is wholly so.
var reaches = map[string][]string{
	"time": {"Now", "Since", "Until", "Local", "LoadLocation", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker", "Sleep", "Parse"},
	"os":   nil, "os/exec": nil, "os/user": nil, "os/signal": nil, "net": nil, "net/http": nil, "syscall": nil, "io/ioutil": nil, "embed": nil,
	"math/rand": nil, "math/rand/v2": nil, "crypto/rand": nil, "log": nil, "unsafe": nil, "hash/maphash": nil,
	"path/filepath": {"Abs", "EvalSymlinks", "Glob", "Walk", "WalkDir"},
	"crypto/x509":   {"SystemCertPool", "CreateCertificate"},
	"crypto/rsa":    {"GenerateKey"}, "crypto/ecdsa": {"GenerateKey"}, "crypto/ed25519": {"GenerateKey"}, "crypto/dsa": {"GenerateKey", "GenerateParameters"},
	"runtime": {"NumCPU", "NumGoroutine", "GOMAXPROCS", "Caller", "Callers", "Stack"},
}

// sourcePackage is a package of a module, as its sources have it.
type sourcePackage struct {
	files []*ast.File
	funcs map[string][]*ast.FuncDecl // by name; methods of all types under their own name
	vars  map[string]ast.Expr        // the initial values of package variables
}

type sourceWalk struct {
	t        *testing.T
	dirs     map[string]string // packages outside of the standard library
	packages map[string]*sourcePackage
	seen     map[string]bool
	found    map[string]bool
}

// load parses a package, or returns nil for one of the standard library.
func (w *sourceWalk) load(path string) *sourcePackage {
	dir, ok := w.dirs[path]
	if !ok {
		return nil
	}
	if p, ok := w.packages[path]; ok {
		return p
	}
	p := &sourcePackage{funcs: map[string][]*ast.FuncDecl{}, vars: map[string]ast.Expr{}}
	w.packages[path] = p
	names, _ := filepath.Glob(filepath.Join(dir, "*.go"))
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			w.t.Fatal(err)
		}
		p.files = append(p.files, f)
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				p.funcs[d.Name.Name] = append(p.funcs[d.Name.Name], d)
			case *ast.GenDecl:
				for _, s := range d.Specs {
					if v, ok := s.(*ast.ValueSpec); ok {
						for i, name := range v.Names {
							if i < len(v.Values) {
								p.vars[name.Name] = v.Values[i]
							}
						}
					}
				}
			}
		}
	}
	return p
}

// enter follows what is called name in a package.
func (w *sourceWalk) enter(path, name, chain string) {
	p := w.load(path)
	key := path + "." + name
	if p == nil || w.seen[key] {
		return
	}
	w.seen[key] = true
	chain += " -> " + key
	for _, d := range p.funcs[name] {
		if d.Body != nil {
			w.follow(path, p, d, chain)
		}
	}
	if v, ok := p.vars[name]; ok && name != "genericMap" {
		w.follow(path, p, v, chain)
	}
}

// follow looks at every name in a piece of source. A method is followed by its name, in
// the packages of the modules that are loaded: which type it is of is not known here.
func (w *sourceWalk) follow(path string, p *sourcePackage, n ast.Node, chain string) {
	imports := map[string]string{}
	for _, f := range p.files { // names of imports are the same in all files of these packages, or are followed twice
		for _, i := range f.Imports {
			full, _ := strconv.Unquote(i.Path.Value)
			name := full[strings.LastIndex(full, "/")+1:]
			if strings.HasPrefix(name, "v") && len(name) == 2 {
				rest := strings.TrimSuffix(full, "/"+name)
				name = rest[strings.LastIndex(rest, "/")+1:]
			}
			if i.Name != nil {
				name = i.Name.Name
			}
			if other, ok := imports[name]; !ok || reaches[other] == nil {
				imports[name] = full
			}
		}
	}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if id, ok := n.X.(*ast.Ident); ok && imports[id.Name] != "" {
				w.name(imports[id.Name], n.Sel.Name, chain)
				return false
			}
			for _, q := range slices.Sorted(maps.Keys(w.packages)) {
				if hasMethod(w.packages[q], n.Sel.Name) {
					w.enter(q, n.Sel.Name, chain)
				}
			}
		case *ast.Ident:
			w.enter(path, n.Name, chain)
		}
		return true
	})
}

func hasMethod(p *sourcePackage, name string) bool {
	for _, d := range p.funcs[name] {
		if d.Recv != nil {
			return true
		}
	}
	return false
}

// name is what a package of another kind is asked for.
func (w *sourceWalk) name(path, name, chain string) {
	if w.load(path) != nil {
		w.enter(path, name, chain)
		return
	}
	names, listed := reaches[path]
	if !listed {
		return
	}
	hit := names == nil
	for _, n := range names {
		hit = hit || n == name
	}
	if hit {
		w.found[chain+" -> "+path+"."+name] = true
	}
}

func newSourceWalk(t *testing.T) *sourceWalk {
	out, err := exec.Command("go", "list", "-deps", "-json=ImportPath,Dir,Standard", "github.com/Masterminds/sprig/v3").Output()
	if err != nil {
		t.Fatal(err)
	}
	w := &sourceWalk{t: t, dirs: map[string]string{}, packages: map[string]*sourcePackage{}}
	for d := json.NewDecoder(bytes.NewReader(out)); d.More(); {
		var p struct {
			ImportPath, Dir string
			Standard        bool
		}
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		if !p.Standard {
			w.dirs[p.ImportPath] = p.Dir
		}
	}
	return w
}

// from follows one function of sprig's table, and returns what it reaches.
func (w *sourceWalk) from(name string) []string {
	w.seen, w.found = map[string]bool{}, map[string]bool{}
	fn := sprig.GenericFuncMap()[name]
	full := runtime.FuncForPC(reflect.ValueOf(fn).Pointer()).Name()
	slash := strings.LastIndex(full, "/")
	dot := slash + 1 + strings.Index(full[slash+1:], ".")
	path, short := full[:dot], full[dot+1:]
	if i := strings.Index(short, "."); i >= 0 { // glob..func7, init.func7: written in the table itself
		p := w.load("github.com/Masterminds/sprig/v3")
		for _, e := range p.vars["genericMap"].(*ast.CompositeLit).Elts {
			kv := e.(*ast.KeyValueExpr)
			if key, _ := strconv.Unquote(kv.Key.(*ast.BasicLit).Value); key == name {
				w.follow("github.com/Masterminds/sprig/v3", p, kv.Value, name)
			}
		}
	} else {
		w.name(path, short, name)
	}
	return slices.Sorted(maps.Keys(w.found))
}

// TestSprigReachesNothing: no function that templates can call, and none that those of ours
// call, reaches anything but its arguments.
func TestSprigReachesNothing(t *testing.T) {
	w := newSourceWalk(t)
	own := sprig.GenericFuncMap()
	called := calledOfSprig(t)
	for _, r := range borrowedRows() {
		if own[r.Name] != nil && r.fn == nil {
			called[r.Name] = true
		}
	}
	for name := range called {
		for _, chain := range w.from(name) {
			t.Errorf("%s reaches %s", name, chain)
		}
	}
	// The rule finds what it is for.
	for _, name := range []string{"now", "ago", "date", "toDate", "dateInZone", "htmlDate", "durationRound", "uuidv4", "randAlpha", "randInt", "shuffle", "env", "expandenv", "getHostByName", "genCA", "encryptAES"} {
		if w.from(name) == nil {
			t.Errorf("the rule does not find what %s reaches", name)
		}
		if called[name] {
			t.Errorf("%s is called", name)
		}
	}
}

// calledOfSprig finds the functions of sprig's table that the functions of ours take from it.
func calledOfSprig(t *testing.T) map[string]bool {
	out := map[string]bool{}
	files, _ := filepath.Glob("borrowed_*.go")
	if len(files) < 5 {
		t.Fatalf("there are only %d files of borrowed functions", len(files))
	}
	own := sprig.GenericFuncMap()
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), "sprig[") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, text, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool { // every text of such a file that is a name of sprig's, alone or with must
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				name, _ := strconv.Unquote(lit.Value)
				for _, n := range []string{name, "must" + name, "mustTo" + name} {
					if own[n] != nil {
						out[n] = true
					}
				}
			}
			return true
		})
	}
	return out
}

// everything is a set that calls each function that templates have, with good values and bad.
func everything() Set {
	var set Set
	add := func(text string) {
		set.Templates = append(set.Templates, Template{Dest: fmt.Sprintf("/%d", len(set.Templates)), Name: "t", Text: text, Mode: render.Keep})
	}
	for _, theme := range Themes() {
		for _, f := range theme.Funcs {
			if f.Name != "fileHash" && f.Name != "include" {
				add(f.Example)
			}
		}
	}
	for _, r := range borrowedRows() {
		if r.Defined {
			add(r.Try)
		}
	}
	for _, text := range []string{
		`{{ date "2006-01-02 15:04 MST" 0 }} {{ htmlDate 0 }} {{ dateInZone "15:04 MST" 3600 "+02:00" }} {{ toDate "2006-01-02 15:04" "2020-02-03 04:05" }}`,
		`{{ toDate "2006-01-02T15:04:05Z07:00" "2020-02-03T04:05:06+01:00" | date "15:04" }} {{ (toDate "2006" "2020").Year }} {{ toDate "2006" "2020" | unixEpoch }}`,
		`{{ range $k, $v := .Env }}{{ $k }}={{ $v }};{{ end }}{{ .Data.app.list }}{{ range $k, $v := .Data.app.map }}{{ $k }}{{ $v }}{{ end }}`,
		`{{ merge (dict "a" 1 "b" 2) (dict "c" 3) | toJson }}{{ pick .Env "APP_NAME" "RATIO" | toJson }}{{ osBase "a/b" }}{{ osClean "./x" }}`,
		`{{ set .Data.app "new" "x" | toJson }}`,
	} {
		add(text)
	}
	return set
}

func everythingData() Data {
	data := exampleData()
	data.Tree = map[string]any{"app": map[string]any{"list": []any{"a", 1.0}, "map": map[string]any{"x": 1, "y": 2}}}
	return data
}

// TestRenderedTwice renders all functions here and, by itself as another process, in another
// zone, working directory, environment and process; the other process renders later. The
// variable says which of the two this is.
func TestRenderedTwice(t *testing.T) {
	render := func() []byte {
		var out bytes.Buffer
		plan, err := Build(everything(), everythingData())
		if err != nil {
			t.Fatal(err)
		}
		for _, target := range plan.Targets {
			fmt.Fprintf(&out, "%s %q\n", target.Dest, target.Content)
		}
		return out.Bytes()
	}
	const result = "SLIPWAY_TEST_RENDERED"
	if file := os.Getenv(result); file != "" {
		if err := os.WriteFile(file, render(), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	here := render()
	if again := render(); !bytes.Equal(here, again) {
		t.Errorf("the second render is\n%s, want\n%s", again, here)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, zone := range []string{"Asia/Kolkata", "America/Los_Angeles"} {
		dir := t.TempDir()
		file := filepath.Join(dir, "rendered")
		cmd := exec.Command(self, "-test.run", "^TestRenderedTwice$")
		cmd.Dir, cmd.Env = dir, []string{"TZ=" + zone, result + "=" + file, "HOME=" + dir, "LANG=de_DE.UTF-8", "APP_NAME=other"}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		there, err := os.ReadFile(file)
		if err != nil || !bytes.Equal(here, there) {
			t.Errorf("in %s the files are\n%s (%v), want\n%s", zone, there, err, here)
		}
	}
}
