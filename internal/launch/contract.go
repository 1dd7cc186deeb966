package launch

import (
	"errors"
	"fmt"

	"slipway/render/language"
	"slipway/sources"
	"slipway/sources/contract"
	"slipway/sources/resolve"
	"slipway/supervise/config"
)

// contract gives the variables of the [env:NAME] sections their defaults and their
// secrecy, and checks them; every violation comes in one error. Offline, what is not
// given is invented first.
func (im *Image) contract(declared []config.EnvRule, offline bool) error {
	im.declared = declared
	rules := make([]contract.Rule, len(declared))
	for i, r := range declared {
		rules[i] = contract.Rule{
			Name: r.Name, Required: r.Required, Type: r.Type, Default: r.Default, HasDefault: r.HasDefault, Secret: r.Secret,
			Description: r.Description, Min: r.Min, Max: r.Max, Values: r.Values, Pattern: r.Pattern, Origin: origin(r.Pos),
		}
	}
	c, err := contract.New(rules)
	if err != nil {
		return &RuleError{err}
	}
	if offline {
		im.invent(c)
	}
	view, errs := c.Check(im.Values, im.evalDefault)
	im.Values = view
	return errors.Join(errs...)
}

// RuleError is what is wrong with [env:NAME] sections themselves; it may join several
// problems.
type RuleError struct{ Err error }

func (e *RuleError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *RuleError) Unwrap() error { return e.Err }

// evalDefault executes the template of a default.
func (im *Image) evalDefault(view *sources.View, r contract.Rule) (string, bool, error) {
	data := im.data(nil)
	data.Env = view
	return language.Eval(fmt.Sprintf("%s (default of %s)", r.Origin.File, r.Name), r.Default, data)
}

// data is what templates see; original may be nil.
func (im *Image) data(original func(string) ([]byte, bool, error)) language.Data {
	known := im.resolved
	if known == nil { // before the peers are resolved, variables alone tell
		known = resolve.FromVariables(im.Links)
	}
	links := peers{known: known, makeUp: im.makeUpPeer}
	d := language.Data{
		Explain: func(name string) string { return im.explain(links, name) },

		Env: im.Values, Links: links, Tree: im.tree, Host: im.host, Original: original,
	}
	if im.store != nil {
		d.KV = im.store
	}
	return d
}
