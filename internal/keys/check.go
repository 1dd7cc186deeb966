package keys

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"slipway/sources"
	"slipway/sources/contract"
	"slipway/sources/kv"
)

// Entry is a line of an image's interface, as `slipway inspect --output json` prints it.
type Entry struct {
	Name     string   `json:"name"`
	Kind     string   `json:"kind"`
	Type     string   `json:"type"`
	Default  string   `json:"default"`
	Required bool     `json:"required"`
	Secret   bool     `json:"secret"`
	Min      string   `json:"min"`
	Max      string   `json:"max"`
	Values   []string `json:"values"`
	Pattern  string   `json:"pattern"`
}

// Contract is what an image asks of keys.
type Contract struct {
	Rules []contract.Rule
	// Keys are those that its templates cannot do without.
	Keys []string
}

// ReadContract reads what `slipway inspect --output json` has printed.
func ReadContract(file string) (*Contract, error) {
	data, err := content(file)
	if err != nil {
		return nil, fmt.Errorf("cannot read the contract %s: %w", file, err)
	}
	var entries []Entry
	var syntax *json.SyntaxError
	const expected = "expected what slipway inspect --output json prints"
	switch err := json.Unmarshal(data, &entries); {
	case errors.As(err, &syntax):
		return nil, fmt.Errorf("cannot read the contract %s: %s: %w", file, expected, err)
	case err != nil: // whose text is about Go's types
		return nil, fmt.Errorf("cannot read the contract %s: %s, got other JSON", file, expected)
	}
	c := &Contract{}
	for _, e := range entries {
		switch {
		case e.Kind == "variable" && sources.Usable(e.Name):
			c.Rules = append(c.Rules, contract.Rule{
				Name: e.Name, Type: e.Type, Required: e.Required, Secret: e.Secret, Min: e.Min, Max: e.Max, Values: e.Values, Pattern: e.Pattern,
				Origin: sources.Origin{File: file},
			})
		case e.Kind == "key" && e.Required:
			c.Keys = append(c.Keys, e.Name)
		}
	}
	return c, nil
}

// Secret reports whether the contract says that a variable is secret.
func (c *Contract) Secret(name string) bool {
	return slices.ContainsFunc(c.Rules, func(r contract.Rule) bool { return r.Name == name && r.Secret })
}

// Check says what an image would refuse of the store after the change. A variable that
// is not set is no matter of the store, which need not give it, unless it did so before
// the change.
func (c *Contract) Check(s *Store, change *Change) error {
	rules := slices.Clone(c.Rules)
	for i := range rules {
		if rules[i].Type == "enum" && len(rules[i].Values) == 0 { // of an older inspect
			rules[i].Type = ""
		}
	}
	k, err := contract.New(rules)
	if err != nil {
		return err
	}
	before, _ := s.layer(s.Pairs)
	after, err := s.layer(change.after)
	errs := []error{err}
	was, is := sources.Merge(before), sources.Merge(after)
	_, violations := k.Check(is, nil)
	for _, err := range violations {
		var v *contract.Violation
		if errors.As(err, &v) && v.Absent {
			_, _, gave := was.Get(v.Name)
			if _, _, gives := is.Get(v.Name); !gave && !gives {
				continue
			}
		}
		errs = append(errs, err)
	}
	store := kv.New("", 0, s.Prefixes, change.after)
	for _, key := range c.Keys {
		if _, ok := store.Lookup(key); !ok {
			errs = append(errs, &MissingError{key, strings.Join(s.Prefixes, ", ")})
		}
	}
	return errors.Join(errs...)
}

// MissingError is a key that an image needs and would not find.
type MissingError struct{ Key, Prefixes string }

// Error names the key.
func (e *MissingError) Error() string {
	return fmt.Sprintf("cannot go on without key %q, which the templates of the image read: it is not there below %s", e.Key, e.Prefixes)
}

// layer are the variables of pairs.
func (s *Store) layer(pairs []kv.Pair) (sources.Layer, error) {
	return kv.New("etcd", s.Revision, s.Prefixes, pairs).Export(s.Export)
}
