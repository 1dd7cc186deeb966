package launch

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"slipway/internal/launch/sections"
	"slipway/render"
	"slipway/render/language"
	"slipway/sources"
	"slipway/sources/contract"
	"slipway/sources/envfile"
	"slipway/supervise/dialect"
)

// Entry is one thing that an image reads: a line of its interface.
type Entry struct {
	Name        string   `json:"name"`                  // a prefix ends with *
	Kind        string   `json:"kind"`                  // variable, prefix, peer, key
	Type        string   `json:"type,omitempty"`        // of a declared peer, its port: 9200/tcp
	Default     string   `json:"default,omitempty"`     // as it is declared, or written in the template
	Required    bool     `json:"required"`              // whether the image does not start without it
	Secret      bool     `json:"secret,omitempty"`      // whether its value is never shown
	Description string   `json:"description,omitempty"` // what is declared of it in words
	Used        []string `json:"used"`                  // file:line
	// Min, Max, Values and Pattern are what is declared of its value.
	Min     string   `json:"min,omitempty"`     // the least value that is declared
	Max     string   `json:"max,omitempty"`     // the greatest
	Values  []string `json:"values,omitempty"`  // those of an enum
	Pattern string   `json:"pattern,omitempty"` // a regular expression that the value has to match
}

// Need is what the table says under REQUIRED.
func (e Entry) Need() string {
	need := "no"
	if e.Required {
		need = "yes"
	}
	if e.Secret {
		need += ", secret"
	}
	return need
}

// Inspect finds the interface of an image without reading a value of it: what is
// used in configuration and templates, joined with what is declared.
func Inspect(o Options) ([]Entry, error) {
	doc, err := Read(o)
	if err != nil {
		return nil, err
	}
	refs := references(doc.Document)
	in := doc.input(placeholders(o.Environ, refs), secretByThemselves(o.Environ))
	declared, err := sections.ReadSources(doc.Document, in)
	if err != nil {
		return nil, err
	}
	c, files, err := sections.Read(doc.Document, in)
	if err != nil {
		return nil, err
	}
	doc.place(&c.Slipway)
	for i := range files.Templates {
		files.Templates[i].Folder = doc.Here
	}
	found := discover(c, files)
	if found.err != nil {
		return nil, found.err
	}
	uses, err := language.Uses(found.set)
	if err != nil {
		return nil, err
	}
	t := face{}
	for _, r := range refs {
		t.use("variable", r.name, r.place, true)
	}
	for _, u := range uses {
		t.used(u)
	}
	for _, r := range declared.Rules {
		t.declare(r)
	}
	for _, r := range declared.Links {
		t.declareLink(r)
	}
	if err := t.defaults(c.Slipway.EnvDir); err != nil {
		return nil, err
	}
	return t.sorted(), nil
}

// reference is a variable that a configuration file uses as %(ENV_NAME)s.
type reference struct{ name, place string }

func references(doc *dialect.Document) []reference {
	var out []reference
	for _, s := range doc.Sections {
		for i := range s.Keys {
			k := &s.Keys[i]
			for at := 0; ; {
				from := strings.Index(k.Value[at:], "%(ENV_")
				if from < 0 {
					break
				}
				from += at
				name, _, ok := strings.Cut(k.Value[from+len("%(ENV_"):], ")")
				at = from + 1
				if escaped := from > 0 && k.Value[from-1] == '%'; !ok || escaped {
					continue
				}
				pos := k.At(from)
				out = append(out, reference{name, dialect.Pos{File: pos.File, Line: pos.Line}.String()})
			}
		}
	}
	return out
}

// placeholders lets a configuration be understood without its variables.
func placeholders(environ []string, refs []reference) []string {
	out := slices.Clone(environ)
	for _, r := range refs {
		if !slices.ContainsFunc(out, func(e string) bool { return strings.HasPrefix(e, r.name+"=") }) {
			out = append(out, r.name+"="+r.name)
		}
	}
	return out
}

// face collects entries by kind and name.
type face map[string]*Entry

func (f face) entry(kind, name string) *Entry {
	key := kind + "\x00" + name
	if f[key] == nil {
		f[key] = &Entry{Name: name, Kind: kind}
	}
	return f[key]
}

func (f face) use(kind, name, place string, required bool) *Entry {
	e := f.entry(kind, name)
	e.Required = e.Required || required
	if !slices.Contains(e.Used, place) {
		e.Used = append(e.Used, place)
	}
	return e
}

func (f face) used(u language.Use) {
	name := u.Name
	if u.Kind == language.UsePrefix {
		name += "*"
	}
	place := render.Pos{File: u.Pos.File, Line: u.Pos.Line}.String()
	e := f.use(string(u.Kind), name, place, !u.Optional && u.Kind != language.UsePrefix)
	if e.Default == "" {
		e.Default = u.Default
	}
	if e.Type == "" {
		e.Type = typeOf(u.Func)
	}
}

// typeOf is what an accessor says about the type of a variable.
func typeOf(function string) string {
	switch function {
	case "envInt":
		return "int"
	case "envBool":
		return "bool"
	case "envDuration":
		return "duration"
	case "envSize":
		return "size"
	}
	return ""
}

func (f face) declare(r contract.Rule) {
	e := f.use("variable", r.Name, line(r.Origin), r.Required)
	e.Required = r.Required || e.Required && !r.HasDefault
	e.Type, e.Secret, e.Description = r.Type, r.Secret, r.Description
	e.Min, e.Max, e.Values, e.Pattern = r.Min, r.Max, r.Values, r.Pattern
	if r.HasDefault {
		e.Default = r.Default
	}
	if e.Secret && e.Default != "" {
		e.Default = sources.Redacted
	}
}

// line is the place of a section.
func line(o sources.Origin) string { return render.Pos{File: o.File, Line: o.Line}.String() }

// declareLink takes what a [link:NAME] section says. Its port stands as the type.
func (f face) declareLink(r sections.Link) {
	e := f.use("peer", r.Name, line(r.Origin), r.Required)
	e.Description = r.Description
	if r.Port > 0 {
		e.Type = fmt.Sprintf("%d/%s", r.Port, r.Proto)
	}
}

// defaults takes the values of env files for what they are: the image's own, which nobody
// has to give. Only the variables that are read count.
func (f face) defaults(dir string) error {
	if dir == "" {
		return nil
	}
	layer, _, err := envfile.Read(dir)
	if errors.Is(err, fs.ErrNotExist) && len(layer.Vars) == 0 {
		err = nil
	}
	if err != nil {
		return &ValueError{err}
	}
	for _, v := range layer.Vars {
		e := f["variable\x00"+v.Name]
		if e == nil || v.Value.Text == "" {
			continue
		}
		e.Required, e.Default = false, v.Value.Text
		if e.Secret {
			e.Default = sources.Redacted
		}
	}
	return nil
}

func (f face) sorted() []Entry {
	out := make([]Entry, 0, len(f))
	for _, e := range f {
		e.Default = sources.HidePasswords(e.Default)
		out = append(out, *e)
	}
	slices.SortFunc(out, func(a, b Entry) int {
		return cmp.Or(strings.Compare(b.Kind, a.Kind), strings.Compare(a.Name, b.Name)) // variables first
	})
	return out
}
