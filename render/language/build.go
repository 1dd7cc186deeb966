package language

import (
	"fmt"
	"path"
	"runtime"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"slipway/render"
)

// Build executes every template and returns what the files shall be. It does
// no I/O, unless data's own functions do, and does not change its arguments.
//
// It executes all templates even when some fail; the error is then [Problems]
// with everything that is wrong with any of them, and there is no plan.
func Build(set Set, data Data) (*render.Plan, error) {
	plan, problems := build(set, data)
	if len(problems) > 0 {
		return nil, problems
	}
	return plan, nil
}

// build is Build; the plan is there also with problems, and then lacks contents and the
// targets of templates that make several.
func build(set Set, data Data) (*render.Plan, render.Problems) {
	b := newBuilder(&data)
	problems := b.compilePartials(set)

	results := make([]result, len(set.Templates))
	each(len(set.Templates), func(i int) { results[i] = b.template(set.Templates[i], false) })
	b.second(set, results)

	plan := &render.Plan{Checks: set.Checks, Secrets: data.secrets()}
	for _, r := range results {
		problems = append(problems, r.problems...)
		plan.Targets = append(plan.Targets, r.targets...)
	}
	sort.SliceStable(plan.Targets, func(i, j int) bool { return plan.Targets[i].Dest < plan.Targets[j].Dest })
	problems = append(problems, twice(plan.Targets)...)
	if len(problems) > 0 {
		b.redact(problems, plan.Secrets)
		sortProblems(problems)
	}
	return plan, problems
}

// builder is one run of Build. Its fields do not change once templates are executed.
type builder struct {
	data       *Data
	reg        *registry
	partials   map[string]*compiled
	broken     map[string]bool // partials that cannot be parsed
	names      []string        // of the variables, sorted
	anySecret  bool            // whether one of them, a key, or something in the data files is secret
	shownTree  map[string]any  // .Data without secrets
	treeSecret bool            // whether it differs
	addresses  []string        // the variables called as ports that are addresses of peers
	env        Env             // .Env for templates that do not change it
	// partialsChange: some partial changes dictionaries, so who includes gets an .Env of its own.
	partialsChange bool
	// hashes are what fileHash returns: the files of the templates that do not use it.
	hashes map[string]string
	// parsed holds *compiled by parsedKey: many targets are made of one template, and many files are copies.
	parsed sync.Map
}

type parsedKey struct {
	text string
	delims
}

// compile is [compile], once for equal texts.
func (b *builder) compile(name, text string, d delims) (*compiled, render.Problems) {
	key := parsedKey{text, d}
	if c, ok := b.parsed.Load(key); ok {
		named := *c.(*compiled)
		named.name = name
		return &named, nil
	}
	c, problems := compile(name, text, d, b.reg)
	if len(problems) == 0 {
		b.parsed.Store(key, c)
	}
	return c, problems
}

func newBuilder(data *Data) *builder {
	b := &builder{data: data, reg: newRegistry(), partials: map[string]*compiled{}, broken: map[string]bool{}, names: data.names()}
	b.env = make(Env, len(b.names))
	for _, n := range b.names {
		text, secret, _ := data.get(n)
		b.env[n] = text
		if _, is := IsAddress(n, text); is {
			b.addresses = append(b.addresses, n)
		}
		b.anySecret = b.anySecret || secret
	}
	shown, passwords := hideInTree(data.Tree)
	b.shownTree, _ = shown.(map[string]any)
	b.treeSecret = len(passwords) > 0
	b.anySecret = b.anySecret || b.treeSecret
	eachKey(data.KV, "", func(_, _ string, secret bool) { b.anySecret = b.anySecret || secret })
	return b
}

type result struct {
	targets  []render.Target
	problems render.Problems
	late     bool // it uses fileHash
}

// each calls f for 0 … n-1 on all CPUs and returns when all calls have. The goroutines
// end with it.
func each(n int, f func(i int)) {
	workers := min(runtime.GOMAXPROCS(0), (n+7)/8) // a goroutine for fewer than eight is not worth its start
	if workers <= 1 {
		for i := range n {
			f(i)
		}
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				f(i)
			}
		})
	}
	wg.Wait()
}

func (b *builder) compilePartials(set Set) render.Problems {
	var problems render.Problems
	for _, p := range set.Partials {
		c, bad := compile(p.Name, p.Text, delims{}, b.reg)
		for _, q := range bad {
			q.Dest = p.Name
		}
		problems = append(problems, bad...)
		if c == nil || len(bad) > 0 {
			b.broken[p.Dest] = true
		} else {
			b.partials[p.Dest] = c
			b.partialsChange = b.partialsChange || c.changesDicts()
		}
	}
	return problems
}

// second renders the templates that use fileHash, when the others are known.
func (b *builder) second(set Set, results []result) {
	var late []int
	hashes := map[string]string{}
	for i, r := range results {
		if r.late {
			late = append(late, i)
		}
	}
	if late == nil {
		return
	}
	for _, r := range results {
		for _, t := range r.targets {
			hashes[t.Dest] = t.Digest()
		}
	}
	b.hashes = hashes
	each(len(late), func(i int) { results[late[i]] = b.template(set.Templates[late[i]], true) })
}

// template renders all targets of one template. One that uses fileHash is put
// off unless late.
func (b *builder) template(t Template, late bool) result {
	c, problems := b.compile(t.Name, t.Text, t.delims())
	for _, p := range problems {
		p.Dest = t.Dest
	}
	if len(problems) > 0 {
		if c != nil && t.For == "" {
			problems = append(problems, b.withoutFunctions(t, c)...)
		}
		return result{targets: broken(t), problems: problems}
	}
	if _, hashes := c.used["fileHash"]; hashes && !late {
		return result{late: true}
	}
	if t.For == "" {
		target, problems := b.target(t, c, nil, 0)
		return result{targets: []render.Target{target}, problems: problems}
	}
	items, problems := b.items(t)
	r := result{problems: problems}
	made := map[string]int{}
	for i, item := range items {
		one := t
		dest, bad := b.small(t, "the destination", t.Dest, item, i)
		r.problems = append(r.problems, bad...)
		if len(bad) > 0 {
			continue
		}
		if why := outside(t.Dest, dest); why != "" {
			r.problems = append(r.problems, &render.Problem{
				Kind: render.KindSettings, Dest: t.Dest, Pos: t.Pos,
				Text: fmt.Sprintf("item %d of for (%s) gives the destination %q, %s", i+1, shownItem(item), dest, why),
			})
			continue
		}
		one.Dest = path.Clean(dest)
		target, bad := b.target(one, c, item, i)
		r.problems = append(r.problems, bad...)
		if before, twice := made[one.Dest]; twice && !target.Absent {
			r.problems = append(r.problems, &render.Problem{
				Kind: render.KindSettings, Dest: one.Dest, Pos: t.Pos,
				Text: fmt.Sprintf("two items of for make this file: item %d (%s) and item %d (%s)", before+1, shownItem(items[before]), i+1, shownItem(item)),
				Hint: "take one of them out of the list, or put what tells them apart into the destination",
			})
			continue
		}
		if !target.Absent {
			made[one.Dest] = i
		}
		r.targets = append(r.targets, target)
	}
	return r
}

// broken are the targets of a template that cannot be parsed, as far as they are known.
func broken(t Template) []render.Target {
	if t.For != "" {
		return nil
	}
	return []render.Target{{Dest: t.Dest, Template: t.Name, Pos: t.Pos}}
}

// withoutFunctions executes a template that calls functions which do not exist,
// so that what else is wrong with it is in the same report.
func (b *builder) withoutFunctions(t Template, c *compiled) render.Problems {
	for name := range c.used { // text/template reads these as names, and panics when one is given to it
		if first, _ := utf8.DecodeRuneInString(name); unicode.IsDigit(first) {
			return nil
		}
	}
	ex := b.execution(t.Dest, nil, 0)
	ex.stubs = true
	(&frame{ex: ex, c: c}).run(&Scope{ex: ex})
	var out render.Problems
	for _, p := range ex.problems {
		if p.Kind == render.KindMissing || p.Kind == render.KindValue {
			out = append(out, p)
		}
	}
	return out
}

// items evaluates for: a JSON list, or a line for each item.
func (b *builder) items(t Template) ([]any, render.Problems) {
	text, problems := b.small(t, "for", t.For, nil, 0)
	if len(problems) > 0 {
		return nil, problems
	}
	text = strings.TrimSpace(text)
	if strings.HasPrefix(text, "[") {
		if list, err := readJSON(text); err == nil {
			if items, ok := list.([]any); ok {
				return items, nil
			}
		}
		if strings.HasPrefix(text, "[\"") || strings.HasPrefix(text, "[{") {
			return nil, render.Problems{{Kind: render.KindValue, Dest: t.Dest, Pos: t.Pos, Text: "for is not a JSON list", Hint: "pipe the list through toJson, or write one item on each line"}}
		}
	}
	var items []any
	for _, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			items = append(items, line)
		}
	}
	return items, nil
}

// small executes a template that stands in a section's key. A secret is refused where
// it would be seen, or get into a file unnoticed: in destinations and items.
func (b *builder) small(t Template, what, text string, item any, idx int) (string, render.Problems) {
	if !strings.Contains(text, "{{") {
		return text, nil
	}
	name := what
	if t.Pos.File != "" {
		name = t.Pos.File + " (" + what + " of " + t.Dest + ")"
	}
	c, problems := b.compile(name, text, delims{})
	if len(problems) == 0 {
		ex := b.execution(t.Dest, item, idx)
		text = (&frame{ex: ex, c: c}).run(&Scope{ex: ex})
		problems = ex.problems
		if len(problems) == 0 {
			problems = b.carriedPorts(ex, c, item, idx)
		}
		if what != "skip_if" && len(problems) == 0 && b.dependsOnSecret(ex, c, text, item, idx) {
			problems = render.Problems{{
				Kind: render.KindValue, Pos: render.Pos{File: name}, Text: what + " reads a secret, which would be seen in the name of a file or get into one unnoticed",
				Hint: "read it in the template itself",
			}}
		}
	}
	for _, p := range problems {
		p.Dest = t.Dest
	}
	return text, problems
}

// dependsOnSecret is the test of taint.go for a text that is not a file.
func (b *builder) dependsOnSecret(ex *execution, c *compiled, text string, item any, idx int) bool {
	if ex.secret || !ex.readAll && !ex.readTree || !b.anySecret {
		return ex.secret
	}
	again := b.execution(ex.dest, item, idx)
	again.canary = true
	return (&frame{ex: again, c: c}).run(&Scope{ex: again}) != text
}

func (b *builder) execution(dest string, item any, idx int) *execution {
	return &execution{b: b, dest: dest, item: item, idx: idx, reads: map[string]bool{}, keys: map[string]string{}, used: map[render.Origin]bool{}}
}

func (b *builder) target(t Template, c *compiled, item any, idx int) (render.Target, render.Problems) {
	out := render.Target{
		Dest: t.Dest, Template: t.Name, Pos: t.Pos, Owner: t.Owner, Mode: t.Mode, Check: t.Check, Notify: t.Notify,
		Write: t.Write, Comment: t.Comment, Bottom: t.Bottom, Parents: t.Parents,
	}
	if out.Write == "" {
		out.Write = render.WriteReplace
	}
	if t.SkipIf != "" {
		answer, problems := b.small(t, "skip_if", t.SkipIf, item, idx)
		if len(problems) > 0 {
			return out, problems
		}
		skip, _, err := parseBool(strings.TrimSpace(answer))
		if err != nil {
			return out, render.Problems{{Kind: render.KindValue, Dest: t.Dest, Pos: t.Pos, Text: fmt.Sprintf("skip_if gives %q: expected true or false", strings.TrimSpace(answer))}}
		}
		if skip == true {
			out.Absent = true
			return out, nil
		}
	}
	ex := b.execution(t.Dest, item, idx)
	text := (&frame{ex: ex, c: c}).run(&Scope{ex: ex})
	if len(ex.problems) > 0 {
		return out, ex.problems
	}
	if problems := b.carriedPorts(ex, c, item, idx); len(problems) > 0 {
		return out, problems
	}
	out.Content, out.Shown = []byte(text), []byte(text)
	b.taint(&out, ex, c, item, idx)
	out.Original = ex.original
	out.ReadsAll = ex.readAll
	for n := range ex.reads {
		out.Reads = append(out.Reads, n)
	}
	sort.Strings(out.Reads)
	out.Origins = ex.origins()
	out.NewMode = 0o644
	if t.SourcePerm&0o111 != 0 {
		out.NewMode = 0o755
	}
	if out.Secret {
		out.NewMode &= 0o700
	}
	return out, nil
}

// taint finds out whether a secret went into the target: see taint.go.
func (b *builder) taint(t *render.Target, ex *execution, c *compiled, item any, idx int) {
	if !ex.secret && !((ex.readAll || ex.readTree) && b.anySecret) {
		return
	}
	again := b.execution(t.Dest, item, idx)
	again.canary = true
	redacted := (&frame{ex: again, c: c}).run(&Scope{ex: again})
	ok := len(again.problems) == 0
	if !ex.secret && ok && redacted == string(t.Content) {
		return
	}
	t.Secret = true
	t.Shown = shown(string(t.Content), redacted, ok)
}

func (b *builder) redact(problems render.Problems, secrets []string) {
	r := render.NewRedactor(secrets)
	for _, p := range problems {
		p.Text = r.Redact(p.Text)
		p.Hint = r.Redact(p.Hint)
	}
}

// twice reports destinations that two templates make.
func twice(targets []render.Target) render.Problems {
	var out render.Problems
	for i := 1; i < len(targets); i++ {
		a, b := targets[i-1], targets[i]
		if a.Dest == b.Dest && !a.Absent && !b.Absent {
			out = append(out, &render.Problem{Kind: render.KindSettings, Dest: b.Dest, Pos: b.Pos, Text: fmt.Sprintf("two templates make this file: %s and %s", a.Template, b.Template)})
		}
	}
	return out
}

func sortProblems(ps render.Problems) {
	sort.SliceStable(ps, func(i, j int) bool {
		a, b := ps[i], ps[j]
		switch {
		case a.Dest != b.Dest:
			return a.Dest < b.Dest
		case a.Pos.File != b.Pos.File:
			return a.Pos.File < b.Pos.File
		case a.Pos.Line != b.Pos.Line:
			return a.Pos.Line < b.Pos.Line
		}
		return a.Pos.Col < b.Pos.Col
	})
}

// Eval executes one template that is not a file, such as the default of an
// [env:NAME] section. name is what errors call it. secret says whether a
// secret went into the text.
func Eval(name, text string, data Data) (out string, secret bool, err error) {
	b := newBuilder(&data)
	c, problems := compile(name, text, delims{}, b.reg)
	if len(problems) == 0 {
		var t render.Target
		t, problems = b.target(Template{Dest: name, Name: name, Text: text, Mode: render.Keep}, c, nil, 0)
		out, secret = string(t.Content), t.Secret
	}
	if len(problems) > 0 {
		for _, p := range problems {
			p.Dest = name
		}
		b.redact(problems, data.secrets())
		return "", false, problems
	}
	return out, secret, nil
}
