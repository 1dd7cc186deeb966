package keys

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"slipway/sources"
	"slipway/sources/kv"
)

// Own is the element of keys that are slipway's own, and no values.
const Own = ".slipway"

// Store is what a store holds, and what of it counts.
type Store struct {
	Revision int64
	Prefixes []string
	// Secret are the prefixes of keys whose values are secret, and Export those whose keys
	// become variables.
	Secret, Export []string
	Pairs          []kv.Pair // sorted
}

// Change is what becomes of a store.
type Change struct {
	Put     []kv.Pair // sorted, and new or different
	Deleted []kv.Pair // sorted, with the values that they have
	before  map[string]sources.Value
	after   []kv.Pair
}

// Empty reports whether nothing differs.
func (c *Change) Empty() bool { return len(c.Put)+len(c.Deleted) == 0 }

// Plan finds what is to be done so that the store has the wanted keys. With remove, keys
// that are not wanted are deleted: those below one of the given prefixes of wanted keys.
// A secret that is wanted as [sources.Redacted] stays as it is: it was not shown.
func Plan(s *Store, wanted []kv.Pair, remove bool, below string) (*Change, error) {
	c := &Change{before: map[string]sources.Value{}}
	for _, p := range s.Pairs {
		c.before[p.Key] = p.Value
	}
	var errs []error
	named := map[string]bool{}
	for _, p := range wanted {
		named[p.Key] = true
		now, there := c.before[p.Key]
		p.Value.Secret = s.secret(p) || there && now.Secret
		switch {
		case s.covered(p.Key) == "":
			errs = append(errs, &KeyError{p, "it is outside of the prefix " + strings.Join(s.Prefixes, ", ") + ", which is all that is read"})
		case own(p.Key):
			errs = append(errs, &KeyError{p, "keys below " + Own + " are slipway's own"})
		case !there && strings.ContainsFunc(p.Key, unicode.IsControl):
			errs = append(errs, &KeyError{p, "a control character stands in it"})
		case p.Value.Text == sources.Redacted && !there:
			errs = append(errs, &KeyError{p, "expected its value, got " + sources.Redacted + ", which is printed in the place of one"})
		case p.Value.Text == sources.Redacted: // stays as it is
		case there && now.Text == p.Value.Text:
		default:
			c.Put = append(c.Put, p)
		}
	}
	if remove {
		for _, p := range s.Pairs {
			if !named[p.Key] && kv.Below(p.Key, below) {
				c.Deleted = append(c.Deleted, p)
			}
		}
	}
	byKey := func(a, b kv.Pair) int { return strings.Compare(a.Key, b.Key) }
	slices.SortFunc(c.Put, byKey)
	c.after = slices.DeleteFunc(slices.Concat(s.Pairs, c.Put), func(p kv.Pair) bool {
		return slices.ContainsFunc(c.Deleted, func(d kv.Pair) bool { return d.Key == p.Key })
	})
	slices.SortStableFunc(c.after, byKey)
	return c, errors.Join(errs...)
}

// KeyError is what is wrong with a wanted key.
type KeyError struct {
	Pair kv.Pair
	Text string
}

// Error names the key and its place.
func (e *KeyError) Error() string {
	return fmt.Sprintf("cannot take key %s of %s: %s", Shown(e.Pair.Key), e.Pair.Value.Origin, e.Text)
}

// Shown is a key as people see it: one with a line break or an escape in it would be read as
// something else, or colour the terminal, and stands in quotes.
func Shown(key string) string {
	if strings.ContainsFunc(key, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(key)
	}
	return key
}

// covered is the prefix that a key lies below, "" for none.
func (s *Store) covered(key string) string {
	for _, p := range s.Prefixes {
		if kv.Below(key, p) && (key != kv.Normal(p) || !strings.HasSuffix(p, "/")) {
			return p
		}
	}
	return ""
}

// own reports whether a key is slipway's own. The source does not read them.
func own(key string) bool { return strings.Contains(key+"/", "/"+Own+"/") }

func (s *Store) secret(p kv.Pair) bool {
	return sources.HasPassword(p.Value.Text) || slices.ContainsFunc(s.Secret, func(prefix string) bool { return kv.Below(p.Key, prefix) })
}

// Write prints the change as lines that begin with +, - or ~. Secrets are redacted.
func (c *Change) Write(w io.Writer) error {
	type line struct {
		key  string
		text string
	}
	var lines []line
	for _, p := range c.Put {
		old, there := c.before[p.Key]
		switch {
		case !there:
			lines = append(lines, line{p.Key, fmt.Sprintf("+ %s = %s", Shown(p.Key), shown(p.Value))})
		case p.Value.Secret || old.Secret:
			lines = append(lines, line{p.Key, fmt.Sprintf("~ %s = %s, another one than before", Shown(p.Key), sources.Redacted)})
		default:
			lines = append(lines, line{p.Key, fmt.Sprintf("~ %s = %s, was %s", Shown(p.Key), shown(p.Value), shown(old))})
		}
	}
	for _, p := range c.Deleted {
		lines = append(lines, line{p.Key, fmt.Sprintf("- %s = %s", Shown(p.Key), shown(p.Value))})
	}
	slices.SortFunc(lines, func(a, b line) int { return strings.Compare(a.key, b.key) })
	for _, l := range lines {
		if _, err := fmt.Fprintln(w, l.text); err != nil {
			return err
		}
	}
	return nil
}

// shown is a value on one line.
func shown(v sources.Value) string {
	if v.Secret {
		return sources.Redacted
	}
	const most = 120
	text := fmt.Sprintf("%q", v.Text)
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}

// Hide makes the keys secret whose variables are.
func (s *Store) Hide(secret func(variable string) bool) {
	for i := range s.Pairs {
		if name := s.variable(s.Pairs[i].Key); name != "" && secret(name) {
			s.Pairs[i].Value.Secret = true
			s.Secret = append(s.Secret, s.Pairs[i].Key)
		}
	}
}

// HideWanted makes the wanted keys secret whose variables are.
func (s *Store) HideWanted(wanted []kv.Pair, secret func(variable string) bool) {
	for _, p := range wanted {
		if name := s.variable(p.Key); name != "" && secret(name) {
			s.Secret = append(s.Secret, p.Key)
		}
	}
}

// variable is the name of the variable that a key becomes, "" for none.
func (s *Store) variable(key string) string {
	for _, prefix := range s.Export {
		if rest, ok := kv.Rest(key, prefix); ok {
			if rest == "" {
				rest = key[strings.LastIndexByte(key, '/')+1:]
			}
			return sources.VarName(rest)
		}
	}
	return ""
}

// Changed is what becomes of one key.
type Changed struct {
	Key    string `json:"key"`             // as a whole
	Action string `json:"action"`          // add, change or delete
	Value  string `json:"value,omitempty"` // the new one, a secret redacted
	Was    string `json:"was,omitempty"`   // the former one, a secret redacted
}

// List is the change, sorted by key. Secrets are redacted.
func (c *Change) List() []Changed {
	list := []Changed{}
	for _, p := range c.Put {
		change := Changed{Key: p.Key, Action: "add", Value: p.Value.String()}
		if old, there := c.before[p.Key]; there {
			change.Action, change.Was = "change", old.String()
			if p.Value.Secret || old.Secret { // one of the two being secret, so is the other
				change.Value, change.Was = sources.Redacted, sources.Redacted
			}
		}
		list = append(list, change)
	}
	for _, p := range c.Deleted {
		list = append(list, Changed{Key: p.Key, Action: "delete", Was: p.Value.String()})
	}
	slices.SortFunc(list, func(a, b Changed) int { return strings.Compare(a.Key, b.Key) })
	return list
}
