package structure

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
)

const module = "slipway"

// rule is one sentence about imports. Patterns are import paths; "x/..." is x
// and everything below it.
type rule struct {
	who       string   // the packages that the rule binds
	except    []string // but not these
	mustNot   []string // what they must not import …
	unless    []string // … but for these
	directly  bool     // only their own imports count, not what those import
	because   string   // the reason
	mustExist bool     // the rule is void if nothing matches who
}

// third stands for every package outside of the module and the standard library.
const third = "<third party>"

// helpers stands for the packages that exist for tests.
const helpers = "<test helpers>"

var rules = []rule{
	{
		who: "slipway/cmd/slipway-init", mustNot: []string{third}, unless: []string{"golang.org/x/sys/..."}, mustExist: true,
		because: "PID 1 holds what it links for as long as the container lives, and inherits its bugs",
	},
	{
		who: "slipway/cmd/slipway-init", mustNot: []string{"slipway/..."},
		unless:  []string{"slipway/cmd/slipway-init", "slipway/supervise/...", "slipway/internal/exit", "slipway/internal/jsontext", "slipway/internal/place", "slipway/internal/redact", "slipway/internal/version", "slipway/internal/way"},
		because: "PID 1 supervises; it renders nothing, knows no sources and serves no HTTP",
	},
	{
		who: "slipway/cmd/slipway-init", mustNot: []string{"slipway/supervise/control/..."}, unless: []string{"slipway/supervise/control"}, mustExist: true,
		because: "what people see of an operation, and how a client calls it, is nothing that PID 1 has to hold",
	},
	{
		who: "slipway/cmd/slipway", mustNot: []string{"google.golang.org/grpc/...", "go.etcd.io/..."}, mustExist: true,
		because: "package initialisation of the etcd client costs 4 ms and 6 MiB in every start, used or not",
	},
	{
		who: "slipway/supervise/...", mustNot: []string{"slipway/render/...", "slipway/sources/...", "slipway/templates/...", "slipway/cmd/..."}, mustExist: true,
		because: "values and templates are decided before the exec; PID 1 gets their result",
	},
	{
		who: "slipway/internal/place", mustNot: []string{"slipway/...", third}, mustExist: true,
		because: "every part has places in files, PID 1 and the language of templates among them; a leaf drags nothing along",
	},
	{
		who: "slipway/internal/jsontext", mustNot: []string{"slipway/...", third}, mustExist: true,
		because: "data files and the language of templates read JSON in the same way; a leaf drags nothing along",
	},
	{
		who: "slipway/render/pattern", mustNot: []string{"slipway/...", third}, mustExist: true,
		because: "the language of templates is built of it; a leaf drags nothing along",
	},
	{
		who: "slipway/internal/redact", mustNot: []string{"slipway/...", third, "encoding/...", "html/...", "net/...", "fmt", "os"}, directly: true, mustExist: true,
		because: "PID 1 redacts as all others do, and holds what this links for as long as the container lives",
	},
	{
		who: "slipway/internal/way", mustNot: []string{"slipway/...", third, "fmt", "io/...", "net/...", "path/filepath"}, unless: []string{"golang.org/x/sys/..."}, directly: true, mustExist: true,
		because: "the rendering and PID 1 keep to one way to files, and PID 1 holds what this links for as long as the container lives",
	},
	{
		who: "slipway/supervise/boot", mustNot: []string{"slipway/...", third}, mustExist: true,
		because: "every stage links the contract between the stages; it may drag nothing along",
	},
	{
		who: "slipway/supervise/machine", mustNot: []string{"slipway/...", third, "os", "os/...", "syscall", "io/...", "net/...", "sync/..."}, directly: true, mustExist: true,
		because: "what becomes of a process is decided without the system, so that a table and a walk over all events can test it",
	},
	{
		who: "slipway/supervise/probe", mustNot: []string{"slipway/...", third, "os", "os/...", "syscall", "io/...", "net/...", "sync/..."}, directly: true, mustExist: true,
		because: "readiness and health are decided without the system, so that a table and a walk over all events can test it",
	},
	{
		who: "slipway/supervise/order", mustNot: []string{"slipway/...", third, "os", "os/...", "syscall", "io/...", "net/...", "sync/..."}, directly: true, mustExist: true,
		because: "the order of starts and stops is decided without the system, so that a table and a walk over all events can test it",
	},
	{
		who: "slipway/supervise/view", mustNot: []string{third, "os", "os/...", "syscall", "io/...", "net/...", "sync/...", "slipway/supervise/kernel/...", "slipway/supervise/logs/..."}, directly: true, mustExist: true,
		because: "an answer is a function of what the table holds: what has to be looked up is handed in",
	},
	{
		who: "slipway/supervise/...", except: []string{helpers}, mustNot: []string{"net/http", "os/exec"},
		because: "PID 1 has no network, and a second wait4, as os/exec makes, loses exit statuses",
	},
	{
		who: "slipway/supervise/...", mustNot: []string{third}, unless: []string{"golang.org/x/sys/..."},
		because: "everything below supervise may be linked into PID 1",
	},
	{
		who: "slipway/...", except: []string{"slipway/cmd/..."}, mustNot: []string{"github.com/spf13/cobra"}, directly: true,
		because: "flags and commands are wiring: what does the work is called by tests without them",
	},
	{
		who: "slipway/...", except: []string{"slipway/render/language"}, mustNot: []string{"github.com/Masterminds/sprig/..."}, directly: true,
		because: "which functions templates have, and which of sprig's are refused, is decided in one place",
	},
	{
		who: "slipway/...", except: []string{"slipway/sources/envfile"}, mustNot: []string{"github.com/hashicorp/go-envparse"}, directly: true,
		because: "the parser drops what envfile has to report; one wrapper knows its traps",
	},
	{
		who: "slipway/...", except: []string{"slipway/sources/etcd/..."}, mustNot: []string{"go.etcd.io/..."}, directly: true,
		because: "the etcd client is one source among others",
	},
	{
		who: "slipway/...", except: []string{"slipway/cmd/slipway-source-etcd", "slipway/sources/etcd/..."}, mustNot: []string{"slipway/sources/etcd/..."}, directly: true,
		because: "a source is a program: a stuck or crashed client harms nobody",
	},
	{
		who: "slipway/render/...", mustNot: []string{"slipway/..."}, mustExist: true,
		unless:  []string{"slipway/render/...", "slipway/templates", "slipway/sources", "slipway/internal/jsontext", "slipway/internal/place", "slipway/internal/redact", "slipway/internal/way"},
		because: "rendering is a function of templates and values; it knows nothing of programs",
	},
	{
		who: "slipway/render/language/...", mustNot: []string{"slipway/..."}, mustExist: true,
		unless:  []string{"slipway/render", "slipway/render/language/...", "slipway/render/porting/...", "slipway/templates", "slipway/sources", "slipway/render/pattern", "slipway/internal/jsontext", "slipway/internal/place", "slipway/internal/redact"},
		because: "what a template can reach is what these packages can reach: neither the transaction nor a source",
	},
	{
		who: "slipway/render/transaction/...", mustNot: []string{"slipway/..."}, mustExist: true,
		unless:  []string{"slipway/render", "slipway/render/transaction/...", "slipway/sources", "slipway/render/pattern", "slipway/internal/jsontext", "slipway/internal/place", "slipway/internal/redact", "slipway/internal/way"},
		because: "the transaction knows the plan, not how it was made; of sources it has only the redaction",
	},
	{
		who: "slipway/sources/...", mustNot: []string{"slipway/render/...", "slipway/supervise/...", "slipway/cmd/..."},
		because: "a value does not depend on who asks for it",
	},
	{
		who: "slipway/internal/supervisor/serve/...", mustNot: []string{"slipway/supervise/...", "slipway/render/...", "slipway/sources/..."}, directly: true,
		unless:  []string{"slipway/supervise/control/...", "slipway/supervise/boot"},
		because: "the HTTP front sees what any client of the control socket sees, so it can run as anybody",
	},
	{
		who: "slipway/...", mustNot: []string{"os/signal"}, directly: true,
		except:  []string{"slipway/internal/handoff", "slipway/supervise/kernel", "slipway/internal/supervisor/ctl", "slipway/internal/supervisor/byname", "slipway/cmd/slipway-source-etcd", "slipway/examples/...", helpers},
		because: "package supervise/early has the signals: os/signal would wait for them in vain",
	},
	{
		who: "slipway/...", except: []string{helpers}, mustNot: []string{helpers, "testing"}, directly: true,
		because: "what helps tests does not ship",
	},
}

// pure is what must not depend on anything but its arguments: the language of
// templates, and all of ours that it is built of. Files, data files, keys, peers and the
// limits of the container are handed to it, read once, by those who also watch them.
var pure = []string{"slipway/render", "slipway/render/language/...", "slipway/render/porting/...", "slipway/templates", "slipway/sources", "slipway/render/pattern", "slipway/internal/jsontext", "slipway/internal/place", "slipway/internal/redact"}

// impure are the packages of the standard library by which one reaches files, programs,
// the network or chance. The clock is in package time, which is needed for durations:
// see the checks of source_test.go.
var impure = []string{
	"os/...", "io/ioutil", "path/filepath", "syscall/...", "net", "net/http/...", "net/smtp", "net/rpc/...", "crypto/rand", "math/rand/...", "log/...", "plugin", "unsafe",
}

// What no command links is there for tests alone, and lies where that is seen.
func TestHelpersLieWithTheTests(t *testing.T) {
	shipped := map[string]bool{}
	for _, p := range packages(t) {
		if p.Name == "main" && !isHelper(p.ImportPath) {
			shipped[p.ImportPath] = true
			for _, dep := range p.Deps {
				shipped[dep] = true
			}
		}
	}
	for _, p := range packages(t) {
		if !shipped[p.ImportPath] && !isHelper(p.ImportPath) && !match(p.ImportPath, "slipway/examples/...") {
			t.Errorf("%s is linked into no command: it belongs below internal/test, or is called after what it tests and ends in \"test\"", p.ImportPath)
		}
	}
}

// pkg is what the go tool says of a package, tests left out.
type pkg struct {
	ImportPath string
	Name       string
	Dir        string
	GoFiles    []string
	Imports    []string // its own
	Deps       []string // those, and theirs
	Standard   bool
}

// packages lists the packages of the module as built for Linux.
func packages(t *testing.T) []pkg {
	t.Helper()
	all, err := listed()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// listed asks the go tool once for all tests.
var listed = sync.OnceValues(func() ([]pkg, error) {
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Name,Dir,GoFiles,Imports,Deps", module+"/...")
	cmd.Env = append(cmd.Environ(), "GOOS=linux", "CGO_ENABLED=0")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("cannot list packages: %w\n%s", err, &stderr)
	}
	var all []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, fmt.Errorf("cannot read the list of packages: %w", err)
		}
		all = append(all, p)
	}
})

// TestPureLanguage: a template sees what was handed to it. A function that reads a file
// or the clock makes another file of the same values, which nobody watches: its program is
// reloaded at every render, or never. sprig itself imports packages of these; which of its
// functions reach something is listed, and refused, in render/language/funcs.go; pure_test.go
// there follows what the others call.
func TestPureLanguage(t *testing.T) {
	all := packages(t)
	known := map[string]bool{}
	for _, p := range all {
		if matchAny(p.ImportPath, pure) {
			known[p.ImportPath] = true
			for _, dep := range violations(rule{mustNot: impure, directly: true}, p) {
				t.Errorf("%s imports %s: the language and what it is built of reach nothing by themselves", p.ImportPath, dep)
			}
		}
	}
	for _, p := range all { // what it is built of is known
		if !match(p.ImportPath, "slipway/render/language/...") {
			continue
		}
		for _, dep := range p.Deps {
			if strings.HasPrefix(dep, module+"/") && !known[dep] {
				t.Errorf("%s is built of %s, which may reach anything", p.ImportPath, dep)
			}
		}
	}
	if !known["slipway/render/language"] {
		t.Error("there is no slipway/render/language: the rule guards nothing")
	}
}

func TestImports(t *testing.T) {
	all := packages(t)
	for _, r := range rules {
		t.Run(r.who+" must not import "+strings.Join(r.mustNot, " "), func(t *testing.T) {
			matched := false
			for _, p := range all {
				if !match(p.ImportPath, r.who) || matchAny(p.ImportPath, r.except) || slices.Contains(r.except, helpers) && isHelper(p.ImportPath) {
					continue
				}
				matched = true
				for _, dep := range violations(r, p) {
					t.Errorf("%s imports %s, but must not, because %s", p.ImportPath, dep, r.because)
				}
			}
			if r.mustExist && !matched {
				t.Errorf("no package is %s: the rule guards nothing", r.who)
			}
		})
	}
}

// violations are the packages that p imports against r.
func violations(r rule, p pkg) []string {
	deps := p.Deps
	if r.directly {
		deps = p.Imports
	}
	var bad []string
	for _, dep := range deps {
		forbidden := matchAny(dep, r.mustNot) ||
			slices.Contains(r.mustNot, third) && isThird(dep) ||
			slices.Contains(r.mustNot, helpers) && isHelper(dep)
		if forbidden && !matchAny(dep, r.unless) && dep != p.ImportPath {
			bad = append(bad, dep)
		}
	}
	return bad
}

// isThird tells third-party packages by the dot in their host's name. What the
// standard library vendors is the standard library's.
func isThird(path string) bool {
	host, _, _ := strings.Cut(path, "/")
	return strings.Contains(host, ".")
}

// isHelper tells the packages that exist for tests: those of internal/test, and
// the suites that several packages pass, which stand beside what they test and
// are called after it, as net/http/httptest is.
func isHelper(path string) bool {
	return match(path, "slipway/internal/test/...") ||
		strings.HasPrefix(path, module+"/") && strings.HasSuffix(path, "test")
}

func matchAny(path string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return match(path, p) })
}

func match(path, pattern string) bool {
	root, below := strings.CutSuffix(pattern, "/...")
	return path == root || below && strings.HasPrefix(path, root+"/")
}

// The rules are only as good as their matching.
func TestViolations(t *testing.T) {
	p := pkg{
		ImportPath: "slipway/supervise/x",
		Imports:    []string{"os", "slipway/render"},
		Deps:       []string{"os", "slipway/render", "net/http", "golang.org/x/sys/unix", "github.com/spf13/cobra", "vendor/golang.org/x/net/dns"},
	}
	for _, tt := range []struct {
		name string
		rule rule
		want []string
	}{
		{"transitive", rule{mustNot: []string{"net/http"}}, []string{"net/http"}},
		{"direct only", rule{mustNot: []string{"net/http"}, directly: true}, nil},
		{"tree", rule{mustNot: []string{"slipway/render/..."}, directly: true}, []string{"slipway/render"}},
		{"third party with an exception", rule{mustNot: []string{third}, unless: []string{"golang.org/x/sys/..."}}, []string{"github.com/spf13/cobra"}},
		{"impure", rule{mustNot: impure, directly: true}, []string{"os"}},
		{"prefix is not a path", rule{mustNot: []string{"slipway/ren/..."}}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := violations(tt.rule, p); !slices.Equal(got, tt.want) {
				t.Errorf("violations = %q, want %q", got, tt.want)
			}
		})
	}
}
