package language

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"slipway/render"
	"slipway/render/pattern"
	"slipway/sources"
)

// execution is one template being executed for one target, with everything
// that it includes.
type execution struct {
	b    *builder
	dest string
	item any
	idx  int

	keys map[string]string // the keys read by name that are no secrets, with their values
	tree map[string]any    // its own .Data, where the common one will not do

	canary   bool                   // secrets read as [Redacted]: see taint.go
	problems render.Problems        // found while it ran on with stand-ins
	reads    map[string]bool        // variables read by name
	readAll  bool                   // .Env was taken as a whole
	readTree bool                   // .Data was read
	used     map[render.Origin]bool // what was read besides variables by name
	secret   bool                   // a secret was read by name
	original bool                   // original was called
	stubs    bool                   // functions that do not exist yield nothing
	lost     []string               // template variables whose declarations failed
	changes  bool                   // it calls a function that changes dictionaries
	env      Env                    // its own .Env, where the common one will not do
	carries  bool                   // an address was read of which it is not seen where it gets to
	decoys   *decoys                // what is read in the place of such addresses, nil for themselves
}

// frame is one file within an execution. The functions of a template are
// bound to its frame, because places are counted per file.
type frame struct {
	ex    *execution
	c     *compiled
	chain []render.Pos // where this file was included from, innermost first
}

// Env is what .Env is as a whole. Its values are strings; the element type is
// that of sprig's dictionaries, so that hasKey, pick and keys work on it.
type Env map[string]any

// Scope is the dot of a template.
type Scope struct{ ex *execution }

// Env is the merged environment.
func (s *Scope) Env() Env {
	ex := s.ex
	ex.readAll = true
	ex.uses(render.Origin{Kind: render.Variables})
	if !ex.changes && !(ex.canary && ex.b.anySecret) {
		return ex.b.env
	}
	if ex.env == nil {
		ex.env = make(Env, len(ex.b.names))
		for _, n := range ex.b.names {
			text, secret, _ := ex.b.data.get(n)
			if secret && ex.canary {
				text = render.Redacted
			}
			ex.env[n] = text
		}
	}
	return ex.env
}

// Links is every peer that is known.
func (s *Scope) Links() []Peer {
	if s.ex.b.data.Links == nil {
		return nil
	}
	all := s.ex.b.data.Links.All()
	for _, p := range all {
		s.ex.usesPeer(p)
	}
	return all
}

// KV is the store's keys as a tree, folders as dictionaries. A key that is a
// folder as well is seen as the folder; kv reads it all the same.
func (s *Scope) KV() map[string]any {
	ex := s.ex
	ex.readAll = true
	ex.uses(render.Origin{Kind: render.Keys})
	out := map[string]any{}
	eachKey(ex.b.data.KV, "", func(key, text string, secret bool) {
		if secret && ex.canary {
			text = render.Redacted
		}
		plant(out, strings.Split(strings.Trim(key, "/"), "/"), text)
	})
	return out
}

func plant(tree map[string]any, path []string, text string) {
	for ; len(path) > 1; path = path[1:] {
		sub, ok := tree[path[0]].(map[string]any)
		if !ok {
			sub = map[string]any{}
			tree[path[0]] = sub
		}
		tree = sub
	}
	if _, folder := tree[path[0]].(map[string]any); !folder {
		tree[path[0]] = text
	}
}

// Data is the tree of the structured data files. A template that changes dictionaries has
// its own: the others, and the next render, must not see what it has done.
func (s *Scope) Data() map[string]any {
	ex := s.ex
	ex.readTree = true
	ex.uses(render.Origin{Kind: render.Data})
	tree := ex.b.data.Tree
	if ex.canary {
		tree = ex.b.shownTree
	}
	if !ex.changes {
		return tree
	}
	if ex.tree == nil {
		ex.tree, _ = copyTree(tree).(map[string]any)
	}
	return ex.tree
}

// copyTree copies the dictionaries and lists of a tree.
func copyTree(tree any) any {
	switch t := tree.(type) {
	case map[string]any:
		out := make(map[string]any, len(t))
		for key, sub := range t {
			out[key] = copyTree(sub)
		}
		return out
	case []any:
		out := make([]any, len(t))
		for i, sub := range t {
			out[i] = copyTree(sub)
		}
		return out
	}
	return tree
}

// Host is what the container knows of itself.
func (s *Scope) Host() Host { return s.ex.b.data.host() }

// Dest is the path of the target.
func (s *Scope) Dest() string { return s.ex.dest }

// Item is the item of for that this target is for.
func (s *Scope) Item() any {
	if s.ex.changes {
		s.ex.item = copyTree(s.ex.item)
	}
	return s.ex.item
}

// Index counts the items from 0.
func (s *Scope) Index() int { return s.ex.idx }

// maxOutput bounds what one template may write, so that a loop that does not
// end is an error and not the end of the container.
const maxOutput = 64 << 20

type output struct{ strings.Builder }

var errTooLong = errors.New("the output is longer than 64 MiB")

func (o *output) Write(p []byte) (int, error) {
	if o.Len()+len(p) > maxOutput {
		return 0, errTooLong
	}
	return o.Builder.Write(p)
}

// run executes c. Problems are appended to the execution; the text is of use
// only if there are none.
func (f *frame) run(dot any) string {
	_, includes := f.c.used["include"]
	f.ex.changes = f.ex.changes || f.c.changesDicts() || includes && f.ex.b.partialsChange
	text, c := f.executed(f.c, dot)
	for tries := 0; c != nil; tries++ {
		if tries == mostResumed {
			f.tooManyMistakes()
			return ""
		}
		_, c = f.executed(c, dot)
	}
	return text
}

// changesDicts says whether a template calls a function of sprig that changes its argument.
func (c *compiled) changesDicts() bool {
	for _, name := range [...]string{"set", "unset", "merge", "mergeOverwrite", "mustMerge", "mustMergeOverwrite"} {
		if _, ok := c.used[name]; ok {
			return true
		}
	}
	return false
}

func (f *frame) functions() (template.FuncMap, error) {
	funcs := make(template.FuncMap, len(f.c.used))
	for name := range f.c.used {
		fn, ok := f.ex.b.reg.bind(name, f)
		if f.ex.stubs && !f.ex.b.reg.has(name) {
			fn, ok = func(...any) string { return "" }, true
		}
		if !ok {
			return nil, fmt.Errorf("cannot bind the function %s", name)
		}
		funcs[name] = fn
	}
	return funcs, nil
}

// problem adds p to the execution, unless it is there already: a loop meets
// the same missing variable in each round.
func (f *frame) problem(p *render.Problem) {
	p.Dest = f.ex.dest
	if p.Chain == nil {
		p.Chain = f.chain
	}
	for _, q := range f.ex.problems {
		if q.Pos == p.Pos && q.Text == p.Text {
			return
		}
	}
	f.ex.problems = append(f.ex.problems, p)
}

// note records a problem at a place; the function that calls it then returns a stand-in.
func (f *frame) note(at int, kind render.Kind, name, hint, format string, args ...any) {
	f.noteError(at, kind, name, hint, nil, fmt.Sprintf(format, args...))
}

// noteError is note for what has failed with an error from outside.
func (f *frame) noteError(at int, kind render.Kind, name, hint string, err error, text string) {
	pos, line := f.c.at(f.c.refs[at].offset)
	f.problem(&render.Problem{Kind: kind, Pos: pos, Line: line, Name: name, Hint: hint, Text: text, Err: err})
}

// execErrorText is what text/template returns: it knows the place only as text. The
// template's name in it is always [mainTree].
var execErrorText = pattern.Lazy(`(?s)^template: ` + mainTree + `:(\d+):(\d+): executing ".*?" at <(.*?)>: (.*)$`)

// charConstant is what people take for a text.
var charConstant = pattern.Lazy(`'[^'\\]'`)

// itemAlone is .Item that is written as it is.
var itemAlone = pattern.Lazy(`^\$?\.Item\s*-?\}\}`)

// offsetOf is the offset of a place that [execErrorText] has found.
func offsetOf(text, line, col string) int {
	n, _ := strconv.Atoi(line)
	start := 0
	for ; n > 1; n-- {
		start += strings.IndexByte(text[start:], '\n') + 1
	}
	within, _ := strconv.Atoi(col)
	return start + within
}

// executionError turns what text/template returns into a problem; m is the place in it, nil
// where it has none.
func (f *frame) executionError(err error, m []string) {
	var nested includeFailed
	if errors.As(err, &nested) {
		return // its problems are recorded
	}
	p := &render.Problem{Kind: render.KindExecute, Pos: render.Pos{File: f.c.name}, Text: strings.TrimPrefix(err.Error(), "template: ")}
	if m != nil {
		p.Pos.Line, _ = strconv.Atoi(m[1])
		p.Pos.Col, _ = strconv.Atoi(m[2])
		p.Pos.Col++
		p.Line = lineNumber(f.c.text, p.Pos.Line)
		p.Text, p.Hint = plainWords(m[4], f.hiddenArgs)
		if strings.HasSuffix(p.Text, differentKinds) && charConstant.MatchString(p.Line) {
			p.Hint = "a text stands in double quotes: 'x' is the number of a character"
		}
		if hint := foreignCallAt(f.c.text, p.Pos); hint != "" {
			p.Hint = hint
		}
	}
	var refusal *refusedError
	if errors.As(err, &refusal) {
		if f.consequence(refusal, p.Line) {
			return
		}
		p.Kind, p.Text = render.KindValue, refusal.say(f.ex.hides())
		if origin := f.ex.origin(refusal); origin != "" {
			p.Text += " (" + origin + ")"
		}
		if refusal.hint != "" || p.Hint == "" {
			p.Hint = refusal.hint
		}
	}
	if p.Text == noValue && f.ex.item == nil && p.Pos.Col > 0 && itemAlone.MatchString(p.Line[min(p.Pos.Col-1, len(p.Line)):]) {
		p.Text, p.Hint = "there is no .Item: the template has no for", "for of a [template:…] section gives its items"
	}
	if f.ex.lostIn(p.Line) {
		return
	}
	if errors.Is(err, errTooLong) {
		p.Hint = "a loop does not end, or .Item is far larger than it should be"
	}
	// A stand-in for a missing value may be what this call could not digest.
	for _, q := range f.ex.problems {
		if q.Kind == render.KindMissing && q.Pos.File == p.Pos.File && q.Pos.Line == p.Pos.Line {
			return
		}
	}
	f.problem(p)
}

// hiddenArgs is how many arguments a function gets that its template does not write.
func (f *frame) hiddenArgs(name string) int {
	if fn := f.ex.b.reg.ours[name]; fn != nil && fn.Located {
		return 1
	}
	return 0
}

// consequence says whether a refusal follows from something that is reported: from the
// stand-in of a value that is missing, or of a function that does not exist.
func (f *frame) consequence(refusal *refusedError, line string) bool {
	values := refusal.values()
	empty := slices.ContainsFunc(values, func(v any) bool { return v == nil || v == "" })
	if f.ex.stubs && (empty || len(values) == 0) {
		for name := range f.c.used {
			if !f.ex.b.reg.has(name) && strings.Contains(line, name) {
				return true
			}
		}
	}
	missing := slices.ContainsFunc(f.ex.problems, func(p *render.Problem) bool { return p.Kind == render.KindMissing })
	return missing && empty
}

// hides says whether what a template computes may hold a part of a secret, which the
// redaction of whole secrets would not find.
func (ex *execution) hides() bool {
	return ex.secret || ex.readAll && ex.b.anySecret || ex.readTree && ex.b.treeSecret
}

// origin says where the values of a refusal come from, if they are as they were read.
func (ex *execution) origin(refusal *refusedError) string {
	var out []string
	for _, v := range refusal.values() {
		text, ok := v.(string)
		if !ok || text == "" {
			continue
		}
		for _, name := range ex.b.names {
			if value, _, _ := ex.b.data.get(name); value == text && (ex.reads[name] || ex.readAll) {
				out = append(out, "the value of "+name+ex.b.data.from(name))
			}
		}
		for _, key := range slices.Sorted(maps.Keys(ex.keys)) {
			if ex.keys[key] == text {
				out = append(out, fmt.Sprintf("the value of the key %q", key))
			}
		}
		if ex.readTree {
			out = append(out, inTree(ex.b.data.Tree, ".Data", text)...)
		}
	}
	if len(out) > maxOrigins {
		return ""
	}
	return strings.Join(out, "; ")
}

// maxOrigins bounds what is said about a value that stands in many places.
const maxOrigins = 3

// inTree lists the paths at which a tree has a text.
func inTree(tree any, path, text string) []string {
	var out []string
	switch t := tree.(type) {
	case string:
		if t == text {
			return []string{"the value of " + path}
		}
	case map[string]any:
		for _, key := range sortedKeys(t) {
			out = append(out, inTree(t[key], path+"."+key, text)...)
		}
	case []any:
		for i, sub := range t {
			out = append(out, inTree(sub, fmt.Sprintf("%s[%d]", path, i), text)...)
		}
	}
	return out
}

// refusedError is a value that cannot be used, with the reason.
type refusedError struct {
	hint, format string
	args         []any
}

func (e *refusedError) Error() string { return e.say(true) }

// say is the reason; the values in it are hidden when a secret may be part of them.
func (e *refusedError) say(hide bool) string {
	args := slices.Clone(e.args)
	for i, a := range args {
		if _, ok := a.(given); ok && hide {
			args[i] = render.Redacted
		}
	}
	return fmt.Sprintf(e.format, args...)
}

// values are the values that the reason shows.
func (e *refusedError) values() []any {
	var out []any
	for _, a := range e.args {
		if g, ok := a.(given); ok {
			out = append(out, g.v)
		}
	}
	return out
}

func refuse(hint, format string, args ...any) error {
	return &refusedError{hint: hint, format: format, args: args}
}

// includeFailed ends a template whose include has recorded its own problems.
type includeFailed struct{}

func (includeFailed) Error() string { return "the included template failed" }

// variable reads a variable for the call at a place.
func (f *frame) variable(at int, name string) (string, bool) {
	r := &f.c.refs[at]
	text, ok := f.peek(name)
	port, is := IsAddress(name, text)
	if ok && is && r.port == meant {
		if !r.optional || r.must {
			f.noPort(at, name, text, port)
			return port, true // so that nothing follows from it
		}
		return "", false
	}
	if ok && is && r.port == unseen {
		return f.carried(at, name, text, port), true
	}
	if !ok && !r.optional {
		f.missing(at, name)
	}
	return text, ok
}

// orDefault reads a variable for a call that has a default.
func (f *frame) orDefault(at int, name string) (string, bool) {
	text, ok := f.peek(name)
	if port, is := IsAddress(name, text); ok && is {
		switch f.c.refs[at].port {
		case meant:
			return "", false
		case unseen:
			return f.carried(at, name, text, port), true
		}
	}
	return text, ok
}

// peek reads a variable that may be absent.
func (f *frame) peek(name string) (string, bool) {
	ex := f.ex
	text, secret, ok := ex.b.data.get(name)
	ex.reads[name] = true
	if secret {
		ex.secret = true
		if ex.canary {
			text = render.Redacted
		}
	}
	return text, ok
}

func (f *frame) missing(at int, name string) {
	if name == "" {
		f.note(at, render.KindMissing, name, "", "a variable has a name, and this one is empty")
		return
	}
	d := f.ex.b.data
	hint := ""
	if d.Explain != nil {
		hint = d.Explain(name)
	}
	if hint == "" {
		if n := sources.Nearest(name, f.ex.b.names); n != "" {
			hint = fmt.Sprintf("did you mean %s?", n)
		} else {
			hint = fmt.Sprintf("set it, or give a default: {{ %s | default \"…\" }}", envPath(name))
		}
	}
	f.note(at, render.KindMissing, name, hint, "the variable %s is not set", name)
}

// envFieldOf is .Env.NAME: a variable when dot is the template's own data, a
// field of something else otherwise.
func (f *frame) envFieldOf(at int, dot any, name string) (any, error) {
	if _, ok := dot.(*Scope); ok {
		text, _ := f.variable(at, name)
		return text, nil
	}
	v := reflect.Indirect(reflect.ValueOf(dot))
	for _, key := range []string{"Env", name} {
		switch {
		case v.Kind() == reflect.Map && v.Type().Key().Kind() == reflect.String:
			v = v.MapIndex(reflect.ValueOf(key))
		case v.Kind() == reflect.Struct:
			v = v.FieldByName(key)
		default:
			v = reflect.Value{}
		}
		if v.IsValid() && v.Kind() == reflect.Interface {
			v = v.Elem()
		}
		if !v.IsValid() {
			f.note(at, render.KindExecute, name, "inside range and with the dot is the current item: write $.Env."+name, "there is no .Env.%s here: the dot is %s", name, kindName(reflect.TypeOf(dot)))
			return "", nil
		}
	}
	return v.Interface(), nil
}
