package language

import (
	"sort"
	"strings"
	"sync"

	"github.com/Masterminds/sprig/v3"
)

// Func is one function of ours: a row of the table of its theme.
type Func struct {
	Name string
	// Doc is one or two sentences; the arguments are in Usage.
	Usage string
	Doc   string
	// Example is a template, and Want what it renders to with the values that docs/reference/functions.md lists: the
	// pair is the function's test as well as its documentation.
	Example string
	Want    string
	// Refuses is a template that must fail, when there are values that the function refuses.
	Refuses string

	// Located functions take the place of the call as a hidden first argument of
	// type int, and report problems without ending the template.
	Located bool
	// Absent says that the arguments may be variables that are not set.
	Absent bool
	// Required says that what it reads must be there even where a condition asks for it:
	// only a default makes up for it.
	Required bool
	// Reads says what the first argument names when it is a constant.
	Reads reading

	pure  any                // the function, when it needs nothing but its arguments
	bound func(f *frame) any // the function for one frame
}

// reading says what a function reads by name, for `slipway inspect`.
type reading uint8

const (
	readsNothing    reading = iota
	readsVariable           // a variable, which must be set
	readsVariableOr         // a variable; a second argument is its default
	readsPrefix             // all variables that start with it
	readsPeer               // a peer
	readsKey                // a key of the store
	readsFile               // a secret file
)

// Theme is a table of functions.
type Theme struct {
	Name  string // the file funcs_NAME.go
	Title string
	Funcs []Func
}

// escapes says whether the functions of a theme make a text one of a format.
func (t *Theme) escapes() bool {
	switch t.Name {
	case "shell", "properties", "markup", "config", "literals":
		return true
	}
	return false
}

// Themes lists every function of ours, by theme, in the order of the documentation.
func Themes() []Theme {
	return []Theme{
		{"env", "Variables", envFuncs()},
		{"flow", "Guards", flowFuncs()},
		{"links", "Peers and addresses", linkFuncs()},
		{"shell", "Shell and environment files", shellFuncs()},
		{"properties", "Java properties", propertiesFuncs()},
		{"markup", "XML, JSON, YAML and TOML", markupFuncs()},
		{"config", "Configuration of servers", configFuncs()},
		{"literals", "URLs, SQL, LDAP and regular expressions", literalFuncs()},
		{"kv", "Keys of a store", kvFuncs()},
		{"files", "Files", fileFuncs()},
		{"host", "The container and its files", hostFuncs()},
		{"foreign", "From other tools", foreignFuncs()},
	}
}

// registry is the functions of one Build.
type registry struct {
	ours    map[string]*Func
	refused map[string]refusal
	// escapers are the functions of ours that make a text one of a format.
	escapers map[string]bool
	// The tables of borrowed functions are made only when a template calls something that is not ours.
	borrowOnce sync.Once
	lent       map[string]any
}

func newRegistry() *registry {
	r := &registry{ours: make(map[string]*Func, 160), refused: refused(), escapers: make(map[string]bool, 80)}
	for _, t := range Themes() {
		for i := range t.Funcs {
			r.ours[t.Funcs[i].Name] = &t.Funcs[i]
			r.escapers[t.Funcs[i].Name] = t.escapes()
		}
	}
	for _, f := range hidden() {
		r.ours[f.Name] = f
	}
	return r
}

// hidden is the functions that take the place of what is no call in a template: see compile.go.
func hidden() []*Func {
	return []*Func{
		{Name: envField, Located: true, bound: func(f *frame) any { return f.envFieldOf }},
		{Name: fieldPath, Located: true, bound: func(f *frame) any { return f.field }},
		{Name: written, pure: printed},
		{Name: envNamed, Located: true, bound: func(f *frame) any { return f.named }},
	}
}

// borrowed returns the functions of sprig and text/template that templates may call. One
// that a new version of sprig brings is not among them until it has a row.
func (r *registry) borrowed() map[string]any {
	r.borrowOnce.Do(func() {
		own := sprig.GenericFuncMap()
		r.lent = make(map[string]any, len(own))
		for _, table := range borrowings(own) {
			for _, row := range table.Rows {
				if r.lent[row.Name] = row.fn; row.fn == nil {
					r.lent[row.Name] = own[row.Name]
				}
			}
		}
	})
	return r.lent
}

func (r *registry) has(name string) bool {
	if _, ok := r.ours[name]; ok {
		return true
	}
	if _, ok := r.refused[name]; ok {
		return false
	}
	_, ok := r.borrowed()[name]
	return ok
}

// bind returns the function name for a frame.
func (r *registry) bind(name string, f *frame) (any, bool) {
	if fn, ok := r.ours[name]; ok {
		if fn.bound != nil {
			return fn.bound(f), true
		}
		return fn.pure, true
	}
	fn, ok := r.borrowed()[name]
	return fn, ok
}

// names returns every function that can be called, sorted.
func (r *registry) names() []string {
	var out []string
	for n := range r.ours {
		if !strings.HasPrefix(n, hiddenMark) {
			out = append(out, n)
		}
	}
	for n := range r.borrowed() {
		if _, refused := r.refused[n]; !refused && r.ours[n] == nil {
			out = append(out, n)
		}
	}
	for n := range builtins {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}

type refusal struct{ reason, instead string }

// refused lists the functions of sprig that cannot be had, with the reason.
// What a template writes must depend on its values alone: a file that differs
// at every render reloads its program at every render.
func refused() map[string]refusal {
	random := refusal{"its result is different each time, so the file would change at every render", "give the value as a secret, or use sha256sum of something stable"}
	clock := refusal{"it reads the clock, so the file would change at every render", "leave the time out of the file, or pass it as a variable"}
	out := map[string]refusal{
		"getHostByName": {"it asks the DNS during rendering, so the same values could give another file", "declare the peer as [link:NAME] and use link, or write the name into the file"},
		"shuffle":       {random.reason, "use stableShuffle, which is seeded by the host name"},
		"now":           clock,
		"ago":           clock,
	}
	for _, n := range []string{
		"randAlphaNum", "randAlpha", "randAscii", "randNumeric", "randBytes", "randInt", "uuidv4", "bcrypt", "htpasswd", "encryptAES", "genPrivateKey",
		"genCA", "genCAWithKey", "genSelfSignedCert", "genSelfSignedCertWithKey", "genSignedCert", "genSignedCertWithKey",
	} {
		out[n] = random
	}
	return out
}
