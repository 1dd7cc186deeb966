package language

import (
	"strings"

	"slipway/render/pattern"
)

// What people type who have another language in mind is no mistake of letters. A slip is
// known by the action that it stands in, and its hint says how the same is written here. A
// hint that is not sure to be right is left out.

// slip is one way to write what is written otherwise here.
type slip struct {
	said   string           // what the parser complains about begins with that; "" is any
	action *pattern.Pattern // what the action looks like
	hint   string           // with the groups of action
}

const (
	quotesHint    = "texts stand in double quotes or in backquotes"
	comparedHint  = `values are compared by eq, ne, lt, le, gt and ge: {{ if eq .Env.A "b" }}`
	notHint       = "a condition is turned round by not: {{ if not .Env.A }}"
	invisibleHint = "type it anew: it may have been pasted from a page or a document"
	joinedHint    = "conditions are joined by and, or and not: {{ if and .Env.A .Env.B }}"
	sumsHint      = `numbers are reckoned by add, sub, mul, div and mod: {{ add 1 .Env.A }}; texts are joined by print: {{ print .Env.A "b" }}`
	commentHint   = "a comment is written {{/* so */}}, without blanks beside its marks"
	setHint       = `a template variable is set by {{ $x := "value" }}, and then changed by {{ $x = "other" }}`
	loopHint      = "a loop is {{ range $i, $x := LIST }} … {{ end }}"
	closedHint    = "a block is closed by {{ end }}"
	textFieldHint = "a text has no fields; what is done to it stands before it, or behind |: {{ .Env.A | upper }}"
	beforeHint    = `only a function takes values, and it stands before them: {{ eq .Env.A "b" }}, {{ default "x" .Env.A }}`
)

const environs = `(?:\$?\.)?(?i:env|envs|environ|environment|os\.environ|os\.env|process\.env|vars|ansible_env)`

func slipOf(said, action, hint string) slip { return slip{said, pattern.Lazy(action), hint} }

// slips are asked in this order.
var slips = []slip{
	slipOf("", `[“”„‟‘’«»]`, `"straight" quotes or backquotes stand around a text`),
	slipOf("", `^\{\{\{`, `two braces begin an action; a brace that stands in the file before one is written {{ "{" }}`),
	slipOf(`unexpected "{"`, `^\{\{-?\s*\{\{`, "no action stands within another"),
	slipOf("", `^\{\{[^"]*\$\{(\w+)[^"]*$`, "a variable of the environment is .Env.$1"),
	slipOf("", `%([A-Z_]\w*)%`, "a variable of the environment is .Env.$1"),
	slipOf("bad character", `\.Env\.(\d\w*)`, `write index .Env "$1"`),
	slipOf("bad number syntax", `\.Env\.(\d\w*)`, `write index .Env "$1"`),
	slipOf("bad character", environs+`\[\s*["'](\w+)["']\s*\]`, `write .Env.$1, or index .Env "$1"`),
	slipOf("bad character", environs+`\[\s*["']([^"']+)["']\s*\]`, `write index .Env "$1"`),
	slipOf("bad character", `\.Env\.\[(\w+)\]`, `write .Env.$1, or index .Env "$1"`),
	slipOf("bad character", `\.KV\[\s*["']([^"']+)["']\s*\]`, `write kv "$1"`),
	slipOf("bad character", `((?:\$|\.|\$\.)\w[\w.]*|\$\w*)\[\s*'([^'"]*)'\s*\]`, `write index $1 "$2"`),
	slipOf("bad character", `((?:\$|\.|\$\.)\w[\w.]*|\$\w*)\[\s*("[^"]*"|\$\w*|\d+|\.\w[\w.]*)\s*\]`, `write index $1 $2`),
	slipOf("bad character", `\.KV\.?(/[\w./-]+)`, `write kv "$1"`),
	slipOf("bad character", `((?:\.\w+)+)\.["'](\w+)["']`, `write $1.$2`),
	slipOf("bad character", `((?:\.\w+)+)\.["']([^"']+)["']`, `write index $1 "$2"`),
	slipOf("bad character", `((?:\.\w+)+)\.(\$\w+)`, `write index $1 $2`),
	slipOf("bad character", `((?:\.\w+)+)\.(\w+(?:[-:@]\w+)+)`, `write index $1 "$2": only letters, digits and _ stand in a name after a dot`),
	slipOf("bad character U+007D", ``, "an action is closed by }}"),
	slipOf("bad character", `;`, "an action holds one thing: write {{ … }}{{ … }}"),
	slipOf(`unexpected "("`, `\s*\((?:[^()]*)\)`, `a blank stands between a function and its values, and no comma between them: {{ default "x" .Env.A }}`),
	slipOf(`unexpected ","`, `range\s+\w+\s*,`, loopHint),
	slipOf(`unexpected ","`, ``, `a blank stands between values, and no comma: {{ list 1 2 }}`),
	slipOf("", `^\{\{-?\s*!\s*[.$(]`, notHint),
	slipOf("", `^\{\{[^"]*\s(?://|#)\s`, commentHint),
	slipOf("", `^\{\{-?\s*(?:/\*.*\*/|//|#[^a-z]|!)`, commentHint),
	slipOf("comment ends before", ``, commentHint),
	slipOf("unclosed comment", ``, commentHint),
	slipOf("", `^\{\{-?\s*>\s*["']?([\w./-]+)`, `another template is written by include "$1" .`),
	slipOf("", `^\{\{-?\s*[#/^]\s*(?:if|unless|each|with|end)?`, "Mustache's blocks are not here: {{ if .Env.A }} … {{ else }} … {{ end }}"),
	slipOf("", `^\{\{-?\s*range\s+\$?\w+(?:\s*,\s*\$?\w+)?\s+(?:in|:?=)\b`, loopHint),
	slipOf("undefined variable", `^\{\{-?\s*(\$\w+)\s*=[^=]`, setHint),
	slipOf("", `^\{\{-?\s*(?:(?:set|let|var|assign)\s+)?[\w.]+\s*:?=[^=]`, setHint),
	slipOf("undefined variable", `^\{\{-?\s*range\s`, loopHint),
	slipOf("undefined variable", ``, "template variables are set by {{ $name := … }} before they are used; environment variables are .Env.NAME"),
	slipOf("", `\?\?|\?:`, `what counts for a missing value is said by default: {{ .Env.A | default "x" }}`),
	slipOf(`unexpected "?"`, `\?.*:`, `write ternary "yes" "no" CONDITION, or {{ if … }}yes{{ else }}no{{ end }}`),
	slipOf(`unexpected "!"`, `![^=]`, notHint),
	slipOf(`unexpected "|"`, `\|\|`, joinedHint),
	slipOf(`unexpected "&"`, `&`, joinedHint),
	slipOf("", `[=!]~`, `a pattern is looked for by regexMatch: {{ if regexMatch "^a+$" .Env.A }}`),
	slipOf("", `[=<>!]=|[<>]|\s=\s`, comparedHint),
	slipOf("illegal number syntax", `-\s*\}$`, "an action is closed by }}, or by -}} with a blank before it"),
	slipOf("bad number syntax", `^\{\{-[^\s]|[^\s]-\}\}$`, "a blank stands between the minus and what follows or precedes it: {{- .Env.A -}}"),
	slipOf("illegal number syntax", `[+-]`, sumsHint),
	slipOf(`unexpected "`, `[\w")]\s*[*/%~+]\s*[\w".($]`, sumsHint),
	slipOf("unexpected <.>", ``, "a name is written without blanks and with single dots: .Env.A"),
	slipOf(`unexpected ".`, `\d\s*\.\.+\s*\d`, "whole numbers in a row are seq 1 3"),
	slipOf(`unexpected ".`, `[\s(](\d+(?:\.\d+){2,})[\s)}]`, `a text stands in double quotes: "$1"`),
	slipOf(`unexpected ".`, `[A-Za-z_)\]]\w*\.\d`, "an item of a list is taken by its number: index LIST 0"),
	slipOf(`unexpected "`, `\{\{-?\s*(?:template|block|define)\s+[A-Za-z]`, `the name of a template stands in double quotes: {{ template "name" . }}`),
	slipOf("bad character U+00A0", ``, invisibleHint),
	slipOf("unrecognized character in action: U+", ``, invisibleHint),
	slipOf("bad character U+20", ``, invisibleHint),
	slipOf("unclosed left paren", ``, "each ( has its ) within the same action"),
	slipOf("unexpected right paren", ``, "each ) has its ( within the same action"),
	slipOf("{{break}} outside", ``, "break and continue stand within {{ range }} … {{ end }}"),
	slipOf("{{continue}} outside", ``, "break and continue stand within {{ range }} … {{ end }}"),
	slipOf("non executable command", ``, "the value goes through functions: {{ .Env.A | upper }}"),
	slipOf("malformed character constant", ``, quotesHint),
	slipOf("unterminated character constant", ``, quotesHint),
	slipOf("unterminated quoted string", ``, "a text in double quotes ends on its line; one of several lines stands in backquotes"),
	slipOf("invalid syntax", `\\`, `\" \\ \n and \t may stand in a text in double quotes; in backquotes a backslash is nothing but one`),
	slipOf("unterminated raw quoted string", ``, "a text in backquotes ends with one, on any line"),
	slipOf("", `^\{\{-?\s*end\s+(?:if|for|range|with|each|unless|define|block)\b`, closedHint),
	slipOf("unexpected <pipe>", `^\{\{-?\s*\|`, "a value stands before |: {{ .Env.A | upper }}"),
	slipOf(`unexpected "|"`, `^\{\{-?\s*\|`, "a value stands before |: {{ .Env.A | upper }}"),
	slipOf("expected :=", ``, setHint),
	slipOf("missing value for", `else if\s*\}\}|\{\{-?\s*(?:if|with|range)`, "a condition stands after if and with, a list after range"),
	slipOf(`unexpected "}"`, ``, "an action is closed by }}"),
	slipOf("unclosed action", ``, "an action is closed by }}"),
	slipOf("unexpected {{e", ``, "nothing is open here; look for an {{ end }} too many, or a block whose first word is not if, with or range"),
	slipOf("unexpected EOF", ``, "an {{ if }}, {{ range }}, {{ with }} or {{ define }} has no {{ end }}"),
}

// slipHint is the hint for what a parser said about an action, or "".
func slipHint(said, action string) string {
	for _, s := range slips {
		if !strings.HasPrefix(said, s.said) {
			continue
		}
		if m := s.action.FindStringSubmatchIndex(action); m != nil {
			return string(s.action.ExpandString(nil, escapedHint(s.hint), action, m))
		}
	}
	return ""
}

// A dollar that begins no group's number is itself.
var loneDollar = pattern.Lazy(`\$([^0-9]|$)`)

func escapedHint(hint string) string { return loneDollar.ReplaceAllString(hint, "$$$$$1") }

var (
	badCharacter = pattern.Lazy(`^(?:bad character|unrecognized character in action:) U\+[0-9A-F]+ '(.+)'$`)
	invisible    = pattern.Lazy(`^(?:bad character|unrecognized character in action:) U\+([0-9A-F]+)$`)
	badNumber    = pattern.Lazy(`^(?:illegal|bad) number syntax: (".*")$`)
	unexpectedIn = pattern.Lazy(`^unexpected (?:<([^>]+)>|(".*")|(\{\{\w+\}\})) in .*$`)
	noCallee     = pattern.Lazy(`^can't give argument to non-function (.+)$`)
	openedAt     = pattern.Lazy(`^unclosed action started at .*:(\d+)$`)
	clauseValue  = pattern.Lazy(`^missing value for (\w+)$`)
)

// spokenSyntax is what else a parser says, and how people say it.
var spokenSyntax = []struct {
	said *pattern.Pattern
	text string
}{
	{pattern.Lazy(`^unclosed left paren$`), `nothing closes this "("`},
	{pattern.Lazy(`^unexpected right paren$`), `this ")" closes nothing`},
	{pattern.Lazy(`^unterminated (?:raw )?quoted string$`), "a text has no closing quote"},
	{pattern.Lazy(`^unterminated character constant$`), "a text in single quotes has no closing quote"},
	{pattern.Lazy(`^malformed character constant: (.*)$`), "$1 is a text in single quotes"},
	{pattern.Lazy(`^\{\{(break|continue)\}\} outside \{\{range\}\}$`), "$1 stands outside of every range"},
	{pattern.Lazy(`^non executable command in pipeline stage \d+$`), "what stands behind | is not a function"},
	{pattern.Lazy(`^unclosed action$`), "an action is not closed"},
	{pattern.Lazy(`^unclosed comment$`), "a comment is not closed"},
	{pattern.Lazy(`^integer overflow: "(0[0-9]+)"$`), `"$1" begins with 0, and is no number in base 8`},
	{pattern.Lazy(`^integer overflow: (".*")$`), "$1 is too large a number"},
	{pattern.Lazy(`^too many declarations in command$`), "two variables are set at once only by range"},
	{pattern.Lazy(`^nil is not a command$`), "nil is no value that can be written"},
	{pattern.Lazy(`^too many declarations in range$`), "range sets at most two variables, of the index and the item"},
	{pattern.Lazy(`^unexpected \. after term (".*")$`), "a dot stands behind $1, which has no fields"},
	{pattern.Lazy(`^missing value for parenthesized pipeline$`), "nothing stands between the parentheses"},
	{pattern.Lazy(`^missing value for block clause$`), `block takes a name and a value: {{ block "name" . }}`},
	{pattern.Lazy(`^expected end; found \{\{else\}\}$`), "a second else stands in one block"},
}

// parserWords is what a parser said in the words of people who write templates.
func parserWords(said string) string {
	if m := badCharacter.FindStringSubmatch(said); m != nil {
		return "unexpected \"" + m[1] + "\""
	}
	if m := invisible.FindStringSubmatch(said); m != nil {
		return "a character that cannot be seen, U+" + m[1]
	}
	if m := badNumber.FindStringSubmatch(said); m != nil {
		return "unexpected " + m[1]
	}
	if m := unexpectedIn.FindStringSubmatch(said); m != nil {
		if m[1] != "" {
			return "unexpected \"" + m[1] + "\""
		}
		return "unexpected " + m[2] + m[3]
	}
	if m := clauseValue.FindStringSubmatch(said); m != nil {
		if m[1] == "command" {
			return "an action has nothing in it"
		}
		return "nothing stands after " + m[1]
	}
	for _, s := range spokenSyntax {
		if m := s.said.FindStringSubmatchIndex(said); m != nil {
			return string(s.said.ExpandString(nil, s.text, said, m))
		}
	}
	switch {
	case openedAt.MatchString(said):
		return "an action is not closed"
	case said == "comment ends before closing delimiter":
		return "a comment is not closed at once after its end"
	case said == "invalid syntax":
		return "a text has a backslash before a letter that has no meaning there"
	}
	return said
}
