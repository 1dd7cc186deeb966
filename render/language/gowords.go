package language

import (
	"strconv"
	"strings"

	"slipway/render/pattern"
)

// text/template speaks of Go's types, counts arguments that we add, and passes the panics of
// what it calls on. People read none of that.

var (
	wrongType       = pattern.Lazy(`^wrong type for value; expected (.+?); got (.+)$`)
	wrongCount      = pattern.Lazy(`^wrong number of args for (\S+): want (at least |at most )?(\d+) got (\d+)$`)
	failedCall      = pattern.Lazy(`(?s)^error calling (\S+?): (.*)$`)
	noIterate       = pattern.Lazy(`^range can't iterate over`)
	noIterateNumber = pattern.Lazy(`^range can't iterate over (-?[0-9.]+(?:e[-+]?[0-9]+)?)$`)
	beyond64        = pattern.Lazy(`^expected integer; found (-?[0-9_]{19,})$`)
	noField         = pattern.Lazy(`^can't evaluate field (\S+) in type (.+)$`)
	noArg           = pattern.Lazy(`(?s)^can't handle (.+) for arg of type (.+)$`)
	expectedGo      = pattern.Lazy(`(?s)^expected (\w+); found (.+)$`)
	notDefined      = pattern.Lazy(`^template (".*") not defined$`)
	noMethod        = pattern.Lazy(`^(\S+) is not a method but has arguments$`)
	noType          = pattern.Lazy(`^invalid value; expected (.+)$`)
)

// plainWords says what text/template says about a failed execution in the words of this
// page, with a hint if there is one. hidden is how many arguments a function has more than
// its template wrote.
func plainWords(text string, hidden func(name string) int) (plain, hint string) {
	if plain, hint = inWords(text, hidden); strings.Contains(plain, hiddenMark) {
		plain = hiddenCall.ReplaceAllString(plain, "what stands here$1")
	}
	return plain, hint
}

// hiddenCall is a call that a template does not write, up to what is said of it.
var hiddenCall = pattern.Lazy(`\(?` + hiddenMark + `.*?( (?:is|has|takes|needs) |$)`)

func inWords(text string, hidden func(name string) int) (plain, hint string) {
	if m := wrongType.FindStringSubmatch(text); m != nil {
		return "expected " + typeWords(m[1]) + ", got " + typeWords(m[2]), conversion(m[1], m[2])
	}
	if m := noType.FindStringSubmatch(text); m != nil {
		return "expected " + typeWords(m[1]) + ", but there is no value", "give a default: … | default …"
	}
	if m := beyond64.FindStringSubmatch(text); m != nil {
		return "the number " + m[1] + " is too large: a whole number has 64 bits", ""
	}
	if text == "nil is not a command" {
		return "nil is no value that can be written", "nothing at all is written by \"\""
	}
	if m := noIterateNumber.FindStringSubmatch(text); m != nil {
		return "range needs a list, a dictionary or a whole number, and got " + m[1], "a text becomes a list by splitList \",\" or lines, and a whole number by int"
	}
	if m := noArg.FindStringSubmatch(text); m != nil {
		return "expected " + typeWords(m[2]) + ", got " + m[1], conversion(m[2], "")
	}
	if m := expectedGo.FindStringSubmatch(text); m != nil {
		goType := map[string]string{"integer": "int", "unsigned": "uint", "boolean": "bool"}[m[1]]
		if goType == "" {
			goType = m[1]
		}
		return "expected " + typeWords(goType) + ", got " + m[2], conversion(goType, "")
	}
	if m := wrongCount.FindStringSubmatch(text); m != nil {
		want, _ := strconv.Atoi(m[3])
		got, _ := strconv.Atoi(m[4])
		n := hidden(m[1])
		if m[1] == "Env" {
			return ".Env is a dictionary, and takes no arguments", `a variable of the environment is .Env.NAME, or index .Env "NAME"`
		}
		return m[1] + " takes " + m[2] + count(max(want-n, 0)) + ", and got " + strconv.Itoa(max(got-n, 0)), ""
	}
	if m := noField.FindStringSubmatch(text); m != nil {
		hint := ""
		if typeWords(m[2]) == "a text" {
			hint = textFieldHint
		}
		return "there is no ." + m[1] + " of " + typeWords(m[2]), hint
	}
	if noIterate.MatchString(text) {
		return "range needs a list, a dictionary or a number", "a text becomes a list by splitList \",\" or lines"
	}
	if m := failedCall.FindStringSubmatch(text); m != nil {
		return failedWords(m[1], m[2])
	}
	if strings.HasPrefix(text, "nil pointer evaluating") || strings.HasPrefix(text, "nil data;") {
		return "there is no value of which a field could be taken", "give a default: … | default …"
	}
	if m := notDefined.FindStringSubmatch(text); m != nil {
		return "there is no define " + m[1] + " in this file", "templates of other files are called by include"
	}
	if m := noMethod.FindStringSubmatch(text); m != nil && strings.EqualFold(m[1], "get") {
		return m[1] + " is a value, and takes no arguments", `a key by a name that is not written out is taken by index: index .Env "NAME"`
	} else if m != nil {
		return "." + strings.TrimPrefix(m[1], ".") + " is a value, and takes no arguments", beforeHint
	}
	if m := noCallee.FindStringSubmatch(text); m != nil {
		return m[1] + " is a value, and takes no arguments", beforeHint
	}
	if name, ok := strings.CutPrefix(text, "undefined variable: "); ok {
		return `undefined variable "` + name + `"`, setHint
	}
	if strings.HasPrefix(text, "exceeded maximum template depth") {
		return "templates call one another without an end", "a define must not use itself"
	}
	return text, ""
}

func count(n int) string {
	if n == 1 {
		return "1 value"
	}
	return strconv.Itoa(n) + " values"
}

const differentKinds = " cannot compare values of different kinds"

// failedWords is about the error of a function that was called.
func failedWords(name, text string) (plain, hint string) {
	switch {
	case strings.HasPrefix(text, "incompatible types for comparison"):
		return name + differentKinds, "make both texts (toString) or both numbers (int)"
	case strings.HasPrefix(text, "invalid type for comparison"), strings.HasPrefix(text, "non-comparable type"):
		return name + " compares texts, numbers and truth values", ""
	case strings.HasPrefix(text, "missing argument for comparison"):
		return name + " needs two values", ""
	case strings.HasPrefix(text, "len of type "), strings.HasPrefix(text, "len of nil"), name == "len":
		return "len needs a text, a list or a dictionary", ""
	case strings.HasPrefix(text, "call of"), strings.HasPrefix(text, "non-function"):
		return "call needs a function, and no value is one", ""
	case strings.HasPrefix(text, "runtime error:"), strings.HasPrefix(text, "reflect"):
		return name + " cannot work with what it was given", ""
	}
	if m := wrongType.FindStringSubmatch(text); m != nil {
		return "expected " + typeWords(m[1]) + ", got " + typeWords(m[2]), conversion(m[1], m[2])
	}
	return "cannot call " + name + ": " + text, ""
}

// typeWords is a type of Go as people call its values.
func typeWords(goType string) string {
	goType = strings.TrimPrefix(goType, "value ")
	switch {
	case goType == "string":
		return "a text"
	case goType == "bool":
		return "a truth value"
	case strings.HasPrefix(goType, "int") && goType != "interface {}", strings.HasPrefix(goType, "uint"):
		return "a whole number"
	case strings.HasPrefix(goType, "float"):
		return "a number"
	case strings.HasPrefix(goType, "map["), goType == "language.Env":
		return "a dictionary"
	case strings.HasPrefix(goType, "[]"):
		return "a list"
	case strings.HasSuffix(goType, "time.Time"):
		return "a date"
	case strings.HasSuffix(goType, "time.Duration"):
		return "a duration"
	case strings.HasSuffix(goType, "language.Peer"):
		return "a peer"
	case strings.HasSuffix(goType, "language.Scope"):
		return "the dot of the template"
	case strings.HasPrefix(goType, "<nil>"), goType == "nil":
		return "nothing"
	}
	return "another kind of value"
}

// conversion is the hint for a value of one type where another is needed.
func conversion(want, got string) string {
	switch typeWords(want) {
	case "a text":
		if typeWords(got) == "a list" {
			return "a list becomes a text by join \",\""
		}
		return "a value becomes a text by toString"
	case "a whole number":
		return "a text becomes a number by int"
	case "a truth value":
		return "a text becomes a truth value by toBool"
	case "a date":
		return "a text becomes a date by toDate \"2006-01-02\""
	}
	return ""
}
