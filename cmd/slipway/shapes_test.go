package main

import (
	"cmp"
	"encoding"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/internal/launch"
	"slipway/internal/version"
	"slipway/internal/watcher"
	"slipway/render/transaction"
	"slipway/supervise/control/surface"
)

// shape is one thing that a command prints with --output json.
type shape struct {
	when string // the words of the command line that ask for it, "" for none
	form string // one of the forms below
	of   any    // a value of the type; nil: see text
	text string
}

// What is printed as a whole, and what comes bit by bit.
const (
	object = "one object"
	array  = "an array of objects"
	lines  = "objects, one on each line, as they come"
)

// shapes are those of every command that has --output json.
func shapes() map[string][]shape {
	all := map[string][]shape{
		"run":         {{"--explain", object, explained{}, ""}},
		"init":        {{"", object, initView{}, ""}},
		"render":      {{"", array, changeView{}, ""}, {"--diff", array, transaction.FileDiff{}, ""}},
		"check":       {{"", object, checkView{}, ""}},
		"inspect":     {{"", array, launch.Entry{}, ""}},
		"env":         {{"", array, valueView{}, ""}, {"--explain", object, valueView{}, ""}},
		"links":       {{"", array, peerView{}, ""}},
		"layers":      {{"", object, layersView{}, ""}},
		"mask":        {{"", array, outcomeView{}, ""}},
		"unmask":      {{"", array, outcomeView{}, ""}},
		"templates":   {{"", array, templateView{}, ""}, {"NAME", object, templateView{}, ""}},
		"port":        {{"", object, portView{}, ""}},
		"kv":          {{"get", object, nil, "whole keys, each with its value; secrets are redacted"}, {"get --to", object, kvFilesView{}, ""}, {"diff, put", object, kvChangeView{}, ""}},
		"status":      {{"", array, processView{}, ""}, {"--sources", array, watcher.Source{}, ""}},
		"reread":      {{"", object, nil, "a [RereadResult](control.md#rereadresult)"}},
		"update":      {{"", array, outcomeView{}, ""}},
		"shutdown":    {{"", array, outcomeView{}, ""}},
		"tail":        {{"", lines, lineView{}, ""}},
		"follow":      {{"", lines, lineView{}, ""}},
		"events":      {{"", lines, eventView{}, ""}},
		"healthcheck": {{"", object, healthView{}, ""}},
		"wait":        {{"", lines, waitView{}, ""}},
		"version":     {{"", object, version.Info{}, ""}},
	}
	for _, op := range surface.Verbs() {
		all[op.Verb.Word] = []shape{{"", array, outcomeView{}, ""}}
	}
	return all
}

// withoutJSON are the commands that have no data, with the reason.
func withoutJSON() map[string]string {
	return map[string]string{
		"exec":       "becomes another command, whose output it is",
		"enter":      "becomes another command, whose output it is",
		"completion": "prints a script for a shell",
		"help":       "prints text for people",
		"serve":      "is a part of the supervisor, and prints nothing",
		"watch":      "is a part of the supervisor, and prints nothing",
		"probe":      "is a part of the supervisor, and prints nothing",
		"compress":   "is a part of the supervisor, and prints nothing",
		"with-env":   "becomes another command, whose output it is",
	}
}

// Every command prints its data as JSON, and the reference says in which shape; or it has a
// reason to have none. A new command has to decide.
func TestEveryCommandHasJSON(t *testing.T) {
	shapes, without := shapes(), withoutJSON()
	for _, e := range registry() {
		c := e.make(testApp())
		has := false
		if f := c.Flags().Lookup("output"); f != nil {
			has = slices.Contains(strings.Split(f.Value.Type(), "|"), "json")
		}
		switch _, reason := without[e.word]; {
		case has && len(shapes[e.word]) == 0:
			t.Errorf("slipway %s has --output json, and no row in shapes", e.word)
		case has && reason:
			t.Errorf("slipway %s has --output json, and a reason to have none", e.word)
		case !has && !reason:
			t.Errorf("slipway %s has no --output json, and no row in withoutJSON", e.word)
		}
		delete(shapes, e.word)
	}
	for word := range shapes {
		t.Errorf("shapes has a row for %s, which is no command", word)
	}
}

// jsonPage is docs/reference/json.md.
func jsonPage(t *testing.T) string {
	var b strings.Builder
	b.WriteString("# What commands print as JSON\n\nMade from the commands and the comments of their types. `--output json` changes what a command prints on\n" +
		"standard output, and nothing else: the exit status is the same, and so are the messages on standard error.\n" +
		"A command that fails before it has any data prints none. Fields may be added; those that are here stay.\n" +
		"Secrets are redacted, as in text.\n\n| command | prints |\n| --- | --- |\n")
	p := pageOfTypes{t: t, comments: map[string]map[string]string{}}
	for _, c := range newRoot(testApp()).Commands() {
		for _, s := range shapes()[c.Name()] {
			what := s.form
			switch {
			case s.of == nil:
				what += ": " + s.text
			default:
				name := p.add(reflect.TypeOf(s.of))
				what += fmt.Sprintf(": [%s](#%s)", name, strings.ToLower(name))
			}
			fmt.Fprintf(&b, "| `%s` | %s |\n", strings.TrimSpace("slipway "+c.Name()+" "+s.when), what)
		}
	}
	var none []string
	for word, why := range withoutJSON() {
		if c, _, err := newRoot(testApp()).Find([]string{word}); err == nil && !c.Hidden {
			none = append(none, fmt.Sprintf("`slipway %s` %s", word, why))
		}
	}
	slices.Sort(none)
	fmt.Fprintf(&b, "\nThese have none: %s.\n", strings.Join(none, "; "))
	slices.SortFunc(p.types, func(a, b reflect.Type) int { return cmp.Compare(p.name(a), p.name(b)) })
	for _, typ := range p.types {
		fmt.Fprintf(&b, "\n## %s\n\n| field | type | meaning |\n| --- | --- | --- |\n", p.name(typ))
		p.fields(&b, typ)
	}
	return b.String()
}

// pageOfTypes writes the fields of types with the comments of their source.
type pageOfTypes struct {
	t        *testing.T
	types    []reflect.Type
	comments map[string]map[string]string // by package, by TYPE.FIELD
}

// name is the heading of a type.
func (*pageOfTypes) name(typ reflect.Type) string {
	name := strings.TrimSuffix(strings.TrimSuffix(typ.Name(), "View"), "JSON")
	return strings.ToUpper(name[:1]) + name[1:]
}

// add takes in a type and those of its fields, and returns its heading.
func (p *pageOfTypes) add(typ reflect.Type) string {
	if slices.Contains(p.types, typ) {
		return p.name(typ)
	}
	for _, other := range p.types {
		if p.name(other) == p.name(typ) {
			p.t.Errorf("%s and %s have the same heading", typ, other)
		}
	}
	p.types = append(p.types, typ)
	p.walk(typ, func(f reflect.StructField, _ reflect.Type) { p.kind(f.Type) })
	return p.name(typ)
}

// walk visits the fields that JSON has, those of embedded types as well.
func (p *pageOfTypes) walk(typ reflect.Type, visit func(f reflect.StructField, in reflect.Type)) {
	for f := range fieldsOf(typ) {
		switch tag := f.Tag.Get("json"); {
		case f.Anonymous && tag == "":
			p.walk(f.Type, visit)
		case tag == "":
			p.t.Errorf("%s.%s has no name for JSON", typ, f.Name)
		case tag != "-":
			visit(f, typ)
		}
	}
}

func fieldsOf(typ reflect.Type) func(yield func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range typ.NumField() {
			if !yield(typ.Field(i)) {
				return
			}
		}
	}
}

// kind is what JSON has for a type.
func (p *pageOfTypes) kind(typ reflect.Type) string {
	marshals := func(i reflect.Type) bool { return typ.Implements(i) || reflect.PointerTo(typ).Implements(i) }
	switch {
	case typ == reflect.TypeFor[time.Time]():
		return "time, RFC 3339"
	case marshals(reflect.TypeFor[json.Marshaler]()), marshals(reflect.TypeFor[encoding.TextMarshaler]()):
		return "string"
	}
	switch typ.Kind() {
	case reflect.Pointer:
		return p.kind(typ.Elem())
	case reflect.Slice:
		return "array of " + p.kind(typ.Elem())
	case reflect.Struct:
		name := p.add(typ)
		return fmt.Sprintf("[%s](#%s)", name, strings.ToLower(name))
	case reflect.Bool:
		return "boolean"
	case reflect.Float64:
		return "number"
	case reflect.Int, reflect.Int64:
		return "integer"
	case reflect.String:
		return "string"
	}
	p.t.Errorf("no word for the type %s", typ)
	return typ.String()
}

func (p *pageOfTypes) fields(b *strings.Builder, typ reflect.Type) {
	p.walk(typ, func(f reflect.StructField, in reflect.Type) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		meaning := p.comment(in, f.Name)
		if meaning == "" {
			p.t.Errorf("%s.%s has no comment, so that the reference cannot say what it means", in, f.Name)
		}
		may := ""
		if options != "" {
			may = "; may be absent"
		}
		fmt.Fprintf(b, "| `%s` | %s%s | %s |\n", name, p.kind(f.Type), may, strings.ReplaceAll(meaning, "|", "\\|"))
	})
}

// comment is the comment of a field, in its line or above.
func (p *pageOfTypes) comment(typ reflect.Type, field string) string {
	of := p.comments[typ.PkgPath()]
	if of == nil {
		of = p.read(typ.PkgPath())
		p.comments[typ.PkgPath()] = of
	}
	return of[typ.Name()+"."+field]
}

func (p *pageOfTypes) read(pkg string) map[string]string {
	dir := "."
	if rest, ok := strings.CutPrefix(pkg, "slipway/"); ok && rest != "cmd/slipway" {
		dir = filepath.Join("../..", filepath.FromSlash(rest))
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		p.t.Fatalf("no source of %s: %v", pkg, err)
	}
	out := map[string]string{}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			p.t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if s, ok := spec.Type.(*ast.StructType); ok {
				for _, f := range s.Fields.List {
					text := strings.Join(strings.Fields(cmp.Or(f.Comment.Text(), f.Doc.Text())), " ")
					for _, id := range f.Names {
						out[spec.Name.Name+"."+id.Name] = withoutName(text, id.Name)
					}
				}
			}
			return true
		})
	}
	return out
}

// withoutName is a comment without the name of the field in Go that begins it.
func withoutName(text, field string) string {
	for _, verb := range []string{" is ", " are ", " says that ", " says ", " names "} {
		if rest, ok := strings.CutPrefix(text, field+verb); ok {
			return strings.TrimSuffix(rest, ".")
		}
	}
	return text
}
