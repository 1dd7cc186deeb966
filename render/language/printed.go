package language

import (
	"fmt"
	"io"
	"math"
	"reflect"
	"strconv"
	"strings"
	"text/template"

	"slipway/render/pattern"
)

// What becomes text in a file passes here: the result of each action, and the values of
// print, printf, quote and their relatives. text/template writes "<no value>", "map[a:1]"
// or an address of memory for some values; no file means these.

const noValue = "there is no value to write"

// printed returns v as it is written, or refuses it.
func printed(v any) (any, error) {
	switch v := v.(type) {
	case nil:
		return nil, refuse("give it a default: … | default \"…\"", noValue)
	case string, bool, int, int64:
		return v, nil
	case float64:
		return printedFloat(v)
	case *Scope:
		return nil, refuse("write one of the things that it holds: .Env.NAME, .Data.FILE.KEY, .Dest", "the dot of the template is not a text")
	case fmt.Stringer:
		if r := reflect.ValueOf(v); r.Kind() != reflect.Pointer || !r.IsNil() {
			return v, nil
		}
		return printed(nil)
	}
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.Pointer:
		if r.IsNil() {
			return printed(nil)
		}
		return printed(r.Elem().Interface())
	case reflect.Slice, reflect.Array:
		return printedList(r)
	case reflect.Float32:
		return printedFloat(r.Float())
	case reflect.Map:
		return nil, refuse("write one of its values, or all of it by toJson, toYaml or toToml", "a dictionary is not a text")
	case reflect.Struct:
		if _, ok := v.(Peer); ok {
			return nil, refuse("write its .Addr, .Host, .Port or .URL", "a peer is not a text")
		}
		return nil, refuse("write one of its fields", "%s is not a text", kindName(r.Type()))
	case reflect.Complex64, reflect.Complex128:
		return nil, refuse("an i behind a number makes it a complex one", "a complex number is not a text")
	case reflect.Func, reflect.Chan, reflect.UnsafePointer:
		return nil, refuse("", "a function is not a text")
	}
	return v, nil
}

func printedFloat(v float64) (any, error) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil, refuse("", "the number is not finite")
	}
	return number(v), nil
}

// printedList keeps lists as text/template writes them: [a b].
func printedList(r reflect.Value) (any, error) {
	switch r.Type().Elem().Kind() {
	case reflect.String, reflect.Bool, reflect.Int, reflect.Int64, reflect.Uint8:
		return r.Interface(), nil
	}
	out := make([]any, r.Len())
	for i := range out {
		e, err := printed(r.Index(i).Interface())
		if err != nil {
			return nil, err
		}
		out[i] = e
	}
	return out, nil
}

// number is written in full, as in JSON: 1000000, where Go has 1e+06. JSON has no other
// numbers, so the port and the size of a data file are numbers like this one.
type number float64

// Format implements [fmt.Formatter]: only %v without more is ours.
func (n number) Format(s fmt.State, verb rune) {
	if directive := fmt.FormatString(s, verb); directive != "%v" {
		fmt.Fprintf(s, directive, float64(n))
		return
	}
	format := byte('f')
	if abs := math.Abs(float64(n)); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	_, _ = io.WriteString(s, strconv.FormatFloat(float64(n), format, -1, 64))
}

// allPrinted returns the values as they are written. nil is left as it is when skipNil.
func allPrinted(values []any, skipNil bool) ([]any, error) {
	out := make([]any, len(values))
	for i, v := range values {
		if v == nil && skipNil {
			continue
		}
		p, err := printed(v)
		if err != nil {
			return nil, err
		}
		out[i] = p
	}
	return out, nil
}

// writer makes a function of values from one that takes them as they are written.
func writer(write func(...any) string) func(...any) (string, error) {
	return func(values ...any) (string, error) {
		out, err := allPrinted(values, false)
		if err != nil {
			return "", err
		}
		return write(out...), nil
	}
}

func borrowedPrinting() []borrowed {
	const notText = "Fails for what is not a text: nothing, a dictionary, a peer, the dot."
	return []borrowed{
		fails("print", writer(fmt.Sprint), notText, `{{ print (dict "a" 1) }}`),
		fails("println", writer(fmt.Sprintln), notText, `{{ println (index (list (fromJson "null")) 0) }}`),
		fails("html", writer(template.HTMLEscaper), notText, `{{ html . }}`),
		fails("js", writer(template.JSEscaper), notText, `{{ js (dict) }}`),
		fails("urlquery", writer(template.URLQueryEscaper), notText, `{{ urlquery (dict) }}`),
		fails("printf", sprintf, "Fails for a verb that the value does not have, for too few or too many values, and for what is not a text. %p is refused: it writes an address of memory.", `{{ printf "%d" "1" }}`),
	}
}

var (
	addressVerb = pattern.Lazy(`%[-+# 0-9.*\[\]]*p`)
	goVerb      = pattern.Lazy(`%[-+ 0-9.*\[\]]*#[-+# 0-9.*\[\]]*v`)
	badVerb     = pattern.Lazy(`%!(.)\((\w+)`)
)

// sprintf is printf without its "%!d(string=1)". Texts are left out of the first run, so
// that only the mistakes of the format have a "%!".
func sprintf(format string, values ...any) (string, error) {
	verbs := strings.ReplaceAll(format, "%%", "")
	if addressVerb.MatchString(verbs) || goVerb.MatchString(verbs) {
		return "", refuse("write the value by %v, or toJson", "printf cannot write %s: it is for addresses and for Go's own notation", addressVerb.FindString(verbs)+goVerb.FindString(verbs))
	}
	out := make([]any, len(values))
	probe := make([]any, len(values))
	for i, v := range values {
		p, err := printed(v)
		if err != nil {
			return "", err
		}
		out[i], probe[i] = p, withoutText(p)
	}
	trial := fmt.Sprintf(verbs, probe...)
	if at := strings.Index(trial, "%!"); at >= 0 {
		hint := verbHint(trial[at:])
		if hugeWidth.MatchString(verbs) {
			hint = widthHint
		}
		return "", refuse(hint, "printf cannot write its values in the format %q", format)
	}
	return fmt.Sprintf(format, out...), nil
}

const widthHint = "a width and a precision are at most 1000000"

// hugeWidth is a width or a precision that no printf takes.
var hugeWidth = pattern.Lazy(`%[-+# 0-9.]*[0-9]{8,}`)

// withoutText is a value of the same kind that holds no text of others.
func withoutText(v any) any {
	r := reflect.ValueOf(v)
	switch {
	case r.Kind() == reflect.String:
		return "s"
	case r.Kind() == reflect.Slice && r.Type().Elem().Kind() == reflect.String:
		return []string{"s"}
	case r.Kind() == reflect.Slice && r.Type().Elem().Kind() == reflect.Interface:
		out := make([]any, r.Len())
		for i := range out {
			out[i] = withoutText(r.Index(i).Interface())
		}
		return out
	}
	return v
}

func verbHint(mistake string) string {
	m := badVerb.FindStringSubmatch(mistake)
	switch {
	case strings.HasPrefix(mistake, "%!(BADWIDTH"), strings.HasPrefix(mistake, "%!(BADPREC"):
		return widthHint
	case m != nil && m[1] == "!":
		return "a percent sign is written %%"
	case strings.HasPrefix(mistake, "%!(EXTRA"):
		return "there are more values than verbs"
	case strings.HasPrefix(mistake, "%!(NOVERB"):
		return "a percent sign is written %%"
	case m == nil:
		return "there are fewer values than verbs, or a verb is not known"
	case m[2] == "MISSING":
		return "there are fewer values than verbs"
	case m[2] == "string" && strings.Contains("dboxXcUeEfFgG", m[1]):
		return "%" + m[1] + " is for numbers, and the value is a text: turn it into a number (… | int), or use %s"
	}
	return "%" + m[1] + " is not for such a value: use %v"
}
