// Package contract checks the variables that an image declares ([env:NAME])
// against the values that it is given, before anything is written.
//
// A rule says whether a variable must be set, what its value looks like, and
// what it is when it is not set. Everything that is wrong is reported at once.
// A value that is wrong is shown, unless it is secret; then its type alone is.
package contract

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"slipway/sources"
)

// Rule is what an image says about a variable.
type Rule struct {
	Name        string
	Required    bool   // it must be set, and not be empty
	Type        string // a row of Types; "" is string
	Default     string // the text of a template
	HasDefault  bool
	Secret      bool
	Description string
	// Min and Max bound an int, a port, a duration or a size; "" does not.
	Min, Max string
	// Values are the words of an enum.
	Values []string
	// Pattern is a regular expression (RE2) that the whole value must match.
	Pattern string
	// Origin is the place of the rule.
	Origin sources.Origin
}

// Contract is a set of rules that make sense.
type Contract struct {
	rules []compiled
	index map[string]int
}

type compiled struct {
	Rule
	kind    kind
	pattern *regexp.Regexp
	min     bound
	max     bound
}

type bound struct {
	set  bool
	n    int64
	text string
}

// New makes a contract. The error joins everything that is wrong with the rules; those are
// then rules of a text.
func New(rules []Rule) (*Contract, error) {
	c := &Contract{index: map[string]int{}}
	var errs []error
	for _, r := range rules {
		x, err := compile(r)
		if err != nil {
			errs = append(errs, err)
			x = compiled{Rule: r}
			x.Type, x.kind = "", kinds()[0]
		}
		if _, twice := c.index[r.Name]; !twice {
			c.index[r.Name] = len(c.rules)
			c.rules = append(c.rules, x)
		}
	}
	return c, errors.Join(errs...)
}

func compile(r Rule) (compiled, error) {
	x := compiled{Rule: r}
	var errs []error
	bad := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("cannot use the rule of %s at %s: %s", r.Name, r.Origin, fmt.Sprintf(format, args...)))
	}
	if !sources.Usable(r.Name) {
		bad("a variable cannot have this name")
	}
	k, ok := kindOf(r.Type)
	if !ok {
		bad("unknown type %q", r.Type)
	}
	x.kind = k
	if r.Pattern != "" {
		p, err := regexp.Compile(`\A(?:` + r.Pattern + `)\z`)
		if err != nil {
			bad("pattern: %v", err)
		}
		x.pattern = p
	}
	for _, b := range []struct {
		key, text string
		into      *bound
	}{{"min", r.Min, &x.min}, {"max", r.Max, &x.max}} {
		switch {
		case b.text == "":
		case k.measure == nil:
			bad("%s has no meaning for type %s", b.key, k.name)
		default:
			n, ok := k.measure(b.text)
			if !ok {
				bad("%s: expected %s, got %q", b.key, k.expects, b.text)
			}
			*b.into = bound{true, n, b.text}
		}
	}
	if x.min.set && x.max.set && x.min.n > x.max.n {
		bad("min %s is more than max %s", r.Min, r.Max)
	}
	if (k.name == "enum") != (len(r.Values) > 0) {
		bad("values and type enum belong together")
	}
	return x, errors.Join(errs...)
}

// Declares reports whether there is a rule for a name.
func (c *Contract) Declares(name string) bool {
	_, ok := c.index[name]
	return ok
}

// Names returns the names of all rules, in their order.
func (c *Contract) Names() []string {
	var out []string
	for _, r := range c.rules {
		out = append(out, r.Name)
	}
	return out
}

// Violation is what is wrong with one variable.
type Violation struct {
	Name   string
	Text   string         // "expected a port number (1 to 65535), got "80a""
	Hint   string         // what to do, or ""
	Value  sources.Origin // of the value; zero when it is not set
	Rule   sources.Origin
	Absent bool // not set, or empty
}

// Error says what is wrong and where the value came from.
func (v *Violation) Error() string {
	if v.Absent {
		return fmt.Sprintf("cannot go on without %s, which %s requires: %s", v.Name, v.Rule, v.Text)
	}
	return fmt.Sprintf("cannot accept %s from %s, which %s declares: %s", v.Name, v.Value, v.Rule, v.Text)
}

// Default returns the value of a default: it executes the text of the rule's
// template with the variables of view.
type Default func(view *sources.View, r Rule) (text string, secret bool, err error)

// Check returns view with the defaults below everything that was given, and the
// declared secrets secret, and what is wrong. A default may use variables that
// have a default themselves, in any order. An empty value is a value: no default
// replaces it, and no type is asked of it unless it is required.
//
// Each error is a *Violation, or one of a default.
func (c *Contract) Check(view *sources.View, eval Default) (*sources.View, []error) {
	var secrets []string
	for _, r := range c.rules {
		if r.Secret {
			secrets = append(secrets, r.Name)
		}
	}
	// Before the defaults, so that one which is made of a secret is one, and its
	// error does not show it.
	view, errs := c.fill(view.Taint(secrets...), eval)
	for i := range c.rules {
		if v := c.rules[i].check(view); v != nil && !failedDefault(errs, v.Name) {
			errs = append(errs, v)
		}
	}
	return view, errs
}

// DefaultError is a default whose template fails.
type DefaultError struct {
	Name string
	Rule sources.Origin
	Err  error
}

// Error names the variable and the rule.
func (e *DefaultError) Error() string {
	return fmt.Sprintf("cannot make the default of %s at %s: %v", e.Name, e.Rule, e.Err)
}

// Unwrap returns the template's error.
func (e *DefaultError) Unwrap() error { return e.Err }

func failedDefault(errs []error, name string) bool {
	return slices.ContainsFunc(errs, func(err error) bool {
		var d *DefaultError
		return errors.As(err, &d) && d.Name == name
	})
}

// fill adds the defaults, those first that need no other.
func (c *Contract) fill(view *sources.View, eval Default) (*sources.View, []error) {
	var open []*compiled
	for i := range c.rules {
		r := &c.rules[i]
		if _, _, set := view.Get(r.Name); !set && r.HasDefault {
			open = append(open, r)
		}
	}
	given := sources.Layer{Vars: view.Vars()}
	known := view
	layer := sources.Layer{Source: "default"}
	for len(open) > 0 {
		var later []*compiled
		var errs []error
		for _, r := range open {
			text, secret, err := eval(known, r.Rule)
			if err != nil {
				errs = append(errs, &DefaultError{r.Name, r.Origin, err})
				later = append(later, r)
				continue
			}
			o := r.Origin
			o.Source = "default"
			layer.Vars = append(layer.Vars, sources.Var{Name: r.Name, Value: sources.Value{Text: text, Secret: secret || r.Secret, Origin: o}})
		}
		if len(later) == len(open) {
			return view.Below(layer), errs
		}
		open = later
		if len(open) > 0 {
			known = sources.Merge(layer, given)
		}
	}
	return view.Below(layer), nil
}

// check returns what is wrong with the value of one variable.
func (r *compiled) check(view *sources.View) *Violation {
	e, set := view.Lookup(r.Name)
	text := e.Value.Text
	switch {
	case text == "" && !r.Required:
		return nil
	case text == "":
		return r.missing(view, e, set)
	}
	why, hint := r.wrong(text)
	if why == "" {
		return nil
	}
	got := fmt.Sprintf("%q", text)
	if len(text) > 60 {
		got = fmt.Sprintf("%q…", text[:57])
	}
	if e.Value.Secret {
		got = e.Value.String()
	}
	return &Violation{Name: r.Name, Text: why + ", got " + got, Hint: hint, Value: e.Value.Origin, Rule: r.Origin}
}

func (r *compiled) missing(view *sources.View, e sources.Entry, set bool) *Violation {
	v := &Violation{Name: r.Name, Text: r.Description, Rule: r.Origin, Absent: true}
	if v.Text == "" {
		v.Text = "expected " + r.kind.expects
	}
	if set {
		v.Text += " (it is empty)"
		v.Value = e.Value.Origin
		return v
	}
	if near := sources.Nearest(r.Name, view.Names()); near != "" {
		v.Hint = near + " is set; is that what was meant?"
	} else if r.Secret {
		v.Hint = "give the path of a file in " + r.Name + "_FILE, or mount a secret"
	}
	return v
}

// wrong says what is expected of a value that is something else.
func (r *compiled) wrong(text string) (why, hint string) {
	if r.kind.name == "enum" {
		if slices.Contains(r.Values, text) {
			return "", ""
		}
		if near := sources.Nearest(text, r.Values); near != "" {
			hint = fmt.Sprintf("did you mean %s?", near)
		}
		return "expected one of " + strings.Join(r.Values, ", "), hint
	}
	if !r.kind.accepts(text) {
		return "expected " + r.kind.expects, r.kind.advice(text)
	}
	if r.kind.measure != nil {
		switch n, _ := r.kind.measure(text); {
		case r.min.set && n < r.min.n:
			return "expected at least " + r.min.text, ""
		case r.max.set && n > r.max.n:
			return "expected at most " + r.max.text, ""
		}
	}
	if r.pattern != nil && !r.pattern.MatchString(text) {
		return "expected a match of " + r.Pattern, ""
	}
	return "", ""
}

// Invent makes a value for every rule without a default, from its type alone:
// what an image can be checked with where there are no real ones. A value that
// cannot be invented (a pattern that it does not match) gets a note and is made
// all the same, so that templates can be executed.
func (c *Contract) Invent() (sources.Layer, []sources.Note) {
	layer := sources.Layer{Source: "invented"}
	var notes []sources.Note
	for i := range c.rules {
		r := &c.rules[i]
		if r.HasDefault {
			continue
		}
		text := r.invent()
		layer.Vars = append(layer.Vars, sources.Var{Name: r.Name, Value: sources.Value{Text: text, Secret: r.Secret, Origin: sources.Origin{Source: "invented"}}})
		if why, _ := r.wrong(text); why != "" {
			notes = append(notes, sources.Note{Origin: r.Origin, Name: r.Name, Text: "no value can be invented: " + why, Hint: "give one in a fixtures file"})
		}
	}
	return layer, notes
}

// Example is a variable of that name with a value that its rule accepts, or a text if it
// has none.
func (c *Contract) Example(name string) sources.Var {
	v := sources.Var{Name: name, Value: sources.Value{Origin: sources.Origin{Source: "invented"}}}
	if i, ok := c.index[name]; ok {
		v.Value.Text, v.Value.Secret = c.rules[i].invent(), c.rules[i].Secret
	}
	return v
}

func (r *compiled) invent() string {
	switch {
	case r.kind.name == "enum" && len(r.Values) > 0:
		return r.Values[0]
	case r.min.set:
		return r.min.text
	case r.max.set:
		return r.max.text
	}
	return r.kind.example
}
