// Package pattern has regular expressions that are compiled when they are first used. Most of
// ours find the hint for an error, and a start without an error is not to pay for them: all of
// them take it a millisecond and a megabyte.
package pattern

import (
	"regexp"
	"sync"
)

// Pattern is a regular expression.
type Pattern struct {
	get func() *regexp.Regexp
}

// Lazy returns the regular expression of a text, as regexp.MustCompile does. A test compiles the
// texts of all that are package variables, so that the panic for a wrong one comes there.
func Lazy(text string) *Pattern {
	return &Pattern{sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })}
}

// The methods are those of regexp.Regexp.

// MatchString reports whether s has a match.
func (p *Pattern) MatchString(s string) bool { return p.get().MatchString(s) }

// FindString returns the first match in s, or "".
func (p *Pattern) FindString(s string) string { return p.get().FindString(s) }

// FindIndex returns where the first match in b begins and ends, or nil.
func (p *Pattern) FindIndex(b []byte) []int { return p.get().FindIndex(b) }

// FindStringSubmatch returns the first match in s and those of its groups, or nil.
func (p *Pattern) FindStringSubmatch(s string) []string { return p.get().FindStringSubmatch(s) }

// FindStringSubmatchIndex returns where these begin and end, or nil.
func (p *Pattern) FindStringSubmatchIndex(s string) []int {
	return p.get().FindStringSubmatchIndex(s)
}

// FindAllStringSubmatch returns the first n matches in s with those of their groups, or nil; all
// for n < 0.
func (p *Pattern) FindAllStringSubmatch(s string, n int) [][]string {
	return p.get().FindAllStringSubmatch(s, n)
}

// FindAllSubmatchIndex returns where these begin and end in b.
func (p *Pattern) FindAllSubmatchIndex(b []byte, n int) [][]int {
	return p.get().FindAllSubmatchIndex(b, n)
}

// ExpandString appends template to dst, with $1 and its like replaced by what match, of
// [Pattern.FindStringSubmatchIndex], has found in src.
func (p *Pattern) ExpandString(dst []byte, template, src string, match []int) []byte {
	return p.get().ExpandString(dst, template, src, match)
}

// ReplaceAllString returns src with each match replaced by repl, in which $1 is a group.
func (p *Pattern) ReplaceAllString(src, repl string) string {
	return p.get().ReplaceAllString(src, repl)
}

// ReplaceAllStringFunc returns src with each match replaced by what repl makes of it.
func (p *Pattern) ReplaceAllStringFunc(src string, repl func(string) string) string {
	return p.get().ReplaceAllStringFunc(src, repl)
}
