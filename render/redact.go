package render

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"slipway/sources"
)

// Redacted stands where a secret was.
const Redacted = sources.Redacted

// Redactor removes secrets from text.
type Redactor struct{ replacer *strings.Replacer }

// NewRedactor returns a redactor of secrets, longest first. A secret of fewer than
// four bytes is removed only where it is quoted, lest every "1" of a text goes.
func NewRedactor(secrets []string) *Redactor {
	var pairs []string
	add := func(s string) { pairs = append(pairs, s, Redacted) }
	for _, s := range alsoPasswords(secrets) {
		quoted := strconv.Quote(s)
		if len(s) < 4 {
			add(quoted)
			add("'" + s + "'")
			continue
		}
		add(s)
		if inner := quoted[1 : len(quoted)-1]; inner != s {
			add(inner)
		}
		// Programs print what they complain about line by line.
		for _, line := range strings.Split(s, "\n") {
			if len(line) >= 8 && line != s {
				add(line)
			}
		}
	}
	if len(pairs) == 0 {
		return &Redactor{}
	}
	return &Redactor{replacer: strings.NewReplacer(pairs...)}
}

// alsoPasswords adds the passwords within URLs: a template may take one apart.
func alsoPasswords(secrets []string) []string {
	out := slices.Clone(secrets)
	for _, s := range secrets {
		for _, p := range sources.Passwords(s) {
			out = append(out, p)
			if plain, err := url.PathUnescape(p); err == nil && plain != p {
				out = append(out, plain)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b string) int { return len(b) - len(a) })
	return out
}

// Redact returns s without secrets.
func (r *Redactor) Redact(s string) string {
	if r == nil || r.replacer == nil {
		return s
	}
	return r.replacer.Replace(s)
}
