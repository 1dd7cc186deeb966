package language

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"slipway/internal/jsontext"
	"slipway/render"
)

func textOf(v any) string { return fmt.Sprint(v) }

// typeName is sprig's name of a type, which is Go's, but for types of ours: nobody can know
// those.
func typeName(v any) string {
	switch v.(type) {
	case *Scope:
		return "dot"
	case Peer, *Peer:
		return "peer"
	case Env:
		return "map[string]interface {}"
	case number:
		return "float64"
	case Pair:
		return "pair"
	case Host:
		return "host"
	case []Pair, []Peer:
		return "[]interface {}"
	}
	return fmt.Sprintf("%T", v)
}

func borrowedValues(sprig map[string]any) []borrowed {
	const every = "Defined for every value."
	rows := []borrowed{
		defined("default", nil, every+" Nothing, 0, false and what is empty are replaced.", `{{ default "d" 0 }}`, "d"),
		defined("empty", nil, every, `{{ empty (dict) }}`, "true"),
		defined("coalesce", nil, every+" If all are empty, there is no value.", `{{ coalesce "" 0 | default "d" }}`, "d"),
		defined("all", nil, every, `{{ all }}`, "true"),
		defined("any", nil, every, `{{ any }}`, "false"),
		defined("ternary", nil, every+" What decides must be a truth value.", `{{ ternary 1 2 false }}`, "2"),
		defined("typeOf", typeName, every+" What is slipway's own has a plain name: dot, peer.", `{{ typeOf (fromJson "null") }}`, "<nil>"),
		defined("typeIs", func(name string, v any) bool { return name == typeName(v) }, every, `{{ typeIs "int" "1" }}`, "false"),
		defined("typeIsLike", func(name string, v any) bool { return name == typeName(v) || "*"+name == typeName(v) }, every, `{{ typeIsLike "int" "1" }}`, "false"),
		defined("kindOf", nil, every, `{{ kindOf (fromJson "null") }}`, "invalid"),
		defined("kindIs", nil, every, `{{ kindIs "int" "1" }}`, "false"),
		defined("deepEqual", nil, every, `{{ deepEqual (dict) "" }}`, "false"),
		defined("get", nil, "Defined for every dictionary: a key that is not there gives an empty text.", `[{{ get (dict) "a" }}]`, "[]"),
		defined("unset", nil, "Defined for every dictionary.", `{{ unset (dict "a" 1) "b" | len }}`, "1"),
		defined("hasKey", nil, "Defined for every dictionary.", `{{ hasKey (dict) "a" }}`, "false"),
		defined("pluck", nil, "Defined for every dictionary: one without the key is left out.", `{{ pluck "a" (dict) | len }}`, "0"),
		defined("pick", nil, "Defined for every dictionary: a key that is not there is left out.", `{{ pick (dict) "a" | len }}`, "0"),
		defined("omit", nil, "Defined for every dictionary.", `{{ omit (dict) "a" | len }}`, "0"),

		fails("set", func(into map[string]any, key string, v any) (map[string]any, error) {
			if into == nil {
				return nil, cannotTake("set", nil, "a dictionary", "")
			}
			into[key] = v
			return into, nil
		}, "Fails for what is not a dictionary.", `{{ set "a" "b" 1 | len }}`),
		fails("fail", nil, "Always fails, with its text.", `{{ fail "not today" }}`),
		fails("dict", dict, "Fails for a key without a value, and for a key that is not a text or a number.", `{{ dict "a" 1 "b" }}`),
		fails("dig", dig, "Fails for fewer than three values, for what is not a dictionary, and for a step through what is not one.", `{{ dig "a" "b" "" (dict "a" 1) }}`),
		fails("fromJson", fromJSON("fromJson"), "Fails for what is not JSON.", `{{ range fromJson "[1," }}{{ end }}`),
		fails("mustFromJson", fromJSON("mustFromJson"), "Fails for what is not JSON.", `{{ mustFromJson "" }}`),
	}
	for _, name := range []string{"Json", "PrettyJson", "RawJson"} {
		own := sprig["mustTo"+name].(func(any) (string, error))
		for _, spelling := range []string{"to" + name, "mustTo" + name} {
			rows = append(rows, fails(spelling, func(v any) (string, error) {
				if holdsScope(v) {
					return "", cannotTake(spelling, v, "a value of JSON", "")
				}
				text, err := own(v)
				if err != nil {
					return "", refuse("", "%s cannot write the value: it holds what JSON does not have, such as a function or a number that is not finite", spelling)
				}
				return text, nil
			}, "Fails for what JSON does not have: the dot, a number that is not finite.", "{{ "+spelling+" . }}"))
		}
	}
	for _, name := range []string{"merge", "mergeOverwrite"} {
		must := "must" + strings.ToUpper(name[:1]) + name[1:]
		own := sprig[must].(func(map[string]any, ...map[string]any) (any, error))
		for _, spelling := range []string{name, must} {
			rows = append(rows, fails(spelling, func(into map[string]any, from ...map[string]any) (any, error) {
				if into == nil {
					return nil, cannotTake(spelling, nil, "a dictionary", "")
				}
				out, err := own(into, from...)
				if err != nil {
					return nil, refuse("", "%s cannot merge the dictionaries", spelling)
				}
				return out, nil
			}, "Fails for what is not a dictionary.", "{{ "+spelling+` (dict) "a" }}`))
		}
	}
	copied := sprig["mustDeepCopy"].(func(any) (any, error))
	for _, name := range []string{"deepCopy", "mustDeepCopy"} {
		rows = append(rows, fails(name, func(v any) (any, error) {
			if holdsScope(v) || v == nil {
				return nil, cannotTake(name, v, "a value", "")
			}
			return copied(v)
		}, "Fails for nothing and for the dot.", "{{ "+name+" . | len }}"))
	}
	return rows
}

// holdsScope says whether v is the dot of a template, or a list or dictionary with it.
func holdsScope(v any) bool {
	switch v := v.(type) {
	case *Scope:
		return true
	case []any:
		for _, e := range v {
			if holdsScope(e) {
				return true
			}
		}
	case map[string]any:
		for _, e := range v {
			if holdsScope(e) {
				return true
			}
		}
	}
	return false
}

func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, refuse("dict KEY VALUE KEY VALUE …", "dict has a key without a value: the last one, %s", given{pairs[len(pairs)-1]})
	}
	out := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		key, err := printed(pairs[i])
		if err != nil {
			return nil, cannotTake("dict", pairs[i], "a text as a key", "")
		}
		out[textOf(key)] = pairs[i+1]
	}
	return out, nil
}

// dig is a value within dictionaries, or a default: KEY … DEFAULT DICT.
func dig(args ...any) (any, error) {
	if len(args) < 3 {
		return nil, refuse("dig KEY … DEFAULT DICT", "dig takes at least a key, a default and a dictionary")
	}
	item, fallback := args[len(args)-1], args[len(args)-2]
	for _, arg := range args[:len(args)-2] {
		key, isText := arg.(string)
		if !isText {
			return nil, cannotTake("dig", arg, "a text as a key", "dig KEY … DEFAULT DICT")
		}
		r := reflect.ValueOf(item)
		if r.Kind() != reflect.Map || r.Type().Key().Kind() != reflect.String {
			return nil, cannotTake("dig", item, fmt.Sprintf("a dictionary in which to look for %q", key), "")
		}
		e := r.MapIndex(reflect.ValueOf(key).Convert(r.Type().Key()))
		if !e.IsValid() {
			return fallback, nil
		}
		item = e.Interface()
	}
	return item, nil
}

func fromJSON(name string) func(string) (any, error) {
	return func(text string) (any, error) {
		out, err := readJSON(text)
		if err == nil {
			return out, nil
		}
		hint := ""
		if strings.TrimSpace(text) == "" {
			hint = "the text is empty: give a default, such as {}"
		}
		var wrong *jsontext.Error
		switch {
		case errors.As(err, &wrong) && wrong.Syntax && wrong.Offset < len(text):
			line, col, _ := render.LineAt(text, wrong.Offset)
			return nil, refuse(hint, "%s cannot take %s: it is not JSON from line %d, column %d on", name, given{text}, line, col)
		case errors.As(err, &wrong) && !wrong.Syntax:
			return nil, refuse(hint, "%s cannot take %s: %s", name, given{text}, wrong.Text)
		}
		return nil, refuse(hint, "%s cannot take %s: it is not JSON, or not all of it", name, given{text})
	}
}

// readJSON gives numbers as sprig does, all of them floats, but for those that a float would
// round: an identifier such as 9007199254740993 is a whole number, or, if 64 bits do not
// hold it, a text.
func readJSON(text string) (any, error) {
	return jsontext.Read([]byte(text), func(n json.Number) (any, error) {
		const exact = 1 << 53
		i, err := n.Int64()
		switch whole := jsontext.Whole(n.String()); {
		case whole && err != nil:
			return n.String(), nil
		case whole && (i > exact || i < -exact):
			return i, nil
		}
		return n.Float64()
	})
}
