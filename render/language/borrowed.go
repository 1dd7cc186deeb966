package language

import (
	"fmt"
	"reflect"
	"unicode/utf8"
)

// borrowed is a function of sprig or of text/template, as templates have it: under its own
// name and with its own meaning for what it can work with. For the rest sprig often writes
// something all the same: the text of an error, a 0, nothing. Here it fails, or the row says
// what it is defined to do.
type borrowed struct {
	Name string
	// Bad says what comes of values that one would call wrong, in one sentence.
	Bad string
	// Try is a template with such values: it fails, unless Bad says that it is defined;
	// then Want is what it renders to.
	Try     string
	Defined bool
	Want    string

	fn any // the function; nil means that sprig's own is used
}

// fails is the row of a function that fails.
func fails(name string, fn any, bad, try string) borrowed {
	return borrowed{Name: name, Bad: bad, Try: try, fn: fn}
}

// defined is the row of a function that has a result for all values of the types that it takes.
func defined(name string, fn any, bad, try, want string) borrowed {
	return borrowed{Name: name, Bad: bad, Try: try, Defined: true, Want: want, fn: fn}
}

// borrowing is a table of borrowed functions, under the heading of the documentation.
type borrowing struct {
	Title string
	Rows  []borrowed
}

// borrowings lists every function of sprig that is neither ours nor refused, and the
// functions of text/template that write text. sprig is sprig's own table.
func borrowings(sprig map[string]any) []borrowing {
	return []borrowing{
		{"Text", borrowedTexts(sprig)},
		{"Numbers", borrowedNumbers(sprig)},
		{"Lists", borrowedLists(sprig)},
		{"Dictionaries and values", borrowedValues(sprig)},
		{"Encodings and hashes", borrowedEncodings(sprig)},
		{"Dates", borrowedDates()},
		{"Regular expressions, URLs and versions", borrowedPatterns(sprig)},
		{"Writing text", borrowedPrinting()},
	}
}

// given is a value in the text of a refusal. It is cut when it is long, and hidden when a
// secret may be part of it.
type given struct{ v any }

const maxGiven = 60

func (g given) String() string {
	if g.v == nil {
		return "nothing"
	}
	text, isText := g.v.(string)
	if !isText {
		if _, err := printed(g.v); err != nil {
			return kindName(reflect.TypeOf(g.v))
		}
		text = fmt.Sprint(g.v)
	}
	if len(text) > maxGiven {
		cut := maxGiven
		for cut > 0 && !utf8.RuneStart(text[cut]) {
			cut--
		}
		text = text[:cut] + "…"
	}
	if isText {
		return fmt.Sprintf("%q", text)
	}
	return text
}

// cannotTake refuses the value v of the function fn.
func cannotTake(fn string, v any, expected, hint string) error {
	return refuse(hint, "%s cannot take %s: expected %s", fn, given{v}, expected)
}

// kindName is what people call values of a type.
func kindName(t reflect.Type) string {
	if t == nil {
		return "nothing"
	}
	switch t.String() {
	case "*language.Scope":
		return "the dot of the template"
	case "language.Peer":
		return "a peer"
	case "time.Time":
		return "a date"
	case "time.Duration":
		return "a duration"
	case "*semver.Version":
		return "a version"
	}
	switch t.Kind() {
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "a truth value"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "a whole number"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Map:
		return "a dictionary"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Interface:
		return "a value"
	case reflect.Pointer:
		return kindName(t.Elem())
	}
	return "a value with fields"
}
