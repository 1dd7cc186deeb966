package porting

import (
	"fmt"
	"strings"
)

// rule says how one function of another tool is written here.
type rule struct {
	// special comes before the forms. ok says that it has decided; a text that is empty
	// then leaves the call as it is.
	special func(c call) (text string, ok bool)
	// forms are tried in their order: the first that takes the number of arguments is it.
	forms []form
	// note says why there is no form.
	note string
	// differs says what is not the same although a form fits.
	differs string
	// warn says it of some calls only.
	warn func(c call) string
	// doc is what the page says of special.
	doc string
}

// form is a call as it is written here. $1, $2, … are the arguments, #1, #2, … are
// arguments that must be whole numbers, and $* is all of them.
type form struct {
	args int // how many it takes; anyCount for $*
	text string
}

const anyCount = -1

func to(args int, text string) rule { return rule{forms: []form{{args, text}}} }

// swapped is for functions that take the text first there, and last here.
func swapped(name string) rule { return to(2, name+" $2 $1") }

func noted(note string) rule { return rule{note: note} }

// call is a call as a rule sees it. What came from the pipeline is the last argument.
type call struct {
	args  []string // the function, then its operands, converted
	raw   []string // the same as they were written
	piped bool
}

// constant says whether an operand is a text or a number that is written out.
func constant(s string) bool {
	return s[0] == '"' || s[0] == '`' || s[0] >= '0' && s[0] <= '9' || s[0] == '-' && len(s) > 1
}

// quoted is the text of an operand that is a plain text without escapes.
func quoted(s string) (string, bool) {
	if len(s) < 2 || s[0] != s[len(s)-1] || s[0] != '"' && s[0] != '`' {
		return "", false
	}
	inner := s[1 : len(s)-1]
	return inner, s[0] == '`' || !strings.ContainsAny(inner, `\"`)
}

// apply writes the form. A value from the pipeline that the form has at its end stays in
// the pipeline.
func (f form) apply(c call) (text string, stays, fits bool) {
	given := len(c.args) - 1
	if f.args != anyCount && f.args != given {
		return "", false, false
	}
	text = f.text
	if f.args == anyCount {
		if c.piped {
			return strings.ReplaceAll(text, "$*", strings.Join(c.args[1:given], " ")), true, true
		}
		return strings.ReplaceAll(text, "$*", strings.Join(c.args[1:], " ")), false, true
	}
	if end := fmt.Sprintf(" $%d", given); c.piped && strings.HasSuffix(text, end) && strings.Count(text, end) == 1 {
		text, stays = strings.TrimSuffix(text, end), true
	}
	return fill(text, c.args[1:]), stays, true
}

// fill puts arguments into a form.
func fill(text string, args []string) string {
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		if (text[i] == '$' || text[i] == '#') && i+1 < len(text) && text[i+1] >= '1' && int(text[i+1]-'1') < len(args) {
			arg := args[text[i+1]-'1']
			if text[i] == '#' && !isNumber(arg) {
				arg = "(int " + arg + ")"
			}
			out.WriteString(arg)
			i++
			continue
		}
		out.WriteByte(text[i])
	}
	return out.String()
}

func isNumber(s string) bool {
	digits := strings.TrimPrefix(s, "-")
	return digits != "" && strings.Trim(digits, "0123456789") == ""
}

// counted is replace with a count, which confd and dockerize have as the last argument.
func counted(c call) (string, bool) {
	switch {
	case len(c.args) != 5:
		return "", false
	case c.args[4] == "-1":
		return fill("replace $2 $3 $1", c.args[1:]), true
	}
	return fill("replaceN $2 $3 $4 $1", c.args[1:]), true
}
