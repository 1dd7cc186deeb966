package language

import (
	"reflect"
	"sort"
	"strings"
)

const notList = "Fails for what is not a list."

func borrowedLists(sprig map[string]any) []borrowed {
	rows := []borrowed{
		defined("list", nil, "Takes everything.", `{{ list | len }}`, "0"),
		defined("tuple", nil, "Takes everything.", `{{ tuple | len }}`, "0"),
		fails("has", has, notList+" Nothing holds nothing.", `{{ has "a" "abc" }}`),
		fails("mustHas", has, notList+" Nothing holds nothing.", `{{ mustHas "a" "abc" }}`),
		fails("slice", slice(sprig), "Fails for what is not a list, and for bounds that it does not have.", `{{ slice (list 1 2) 1 5 }}`),
		fails("mustSlice", slice(sprig), "Fails for what is not a list, and for bounds that it does not have.", `{{ mustSlice (list 1 2) 1 5 }}`),
		fails("chunk", chunk(sprig), "Fails for what is not a list, and for a size below 1.", `{{ chunk 0 (list 1) }}`),
		fails("mustChunk", chunk(sprig), "Fails for what is not a list, and for a size below 1.", `{{ mustChunk 0 (list 1) }}`),
		fails("concat", concat, notList, `{{ concat (list 1) "a" }}`),
		fails("join", func(sep string, v any) (string, error) {
			texts, err := toStrings("join", v)
			return strings.Join(texts, sep), err
		}, "Fails for a dictionary, a peer and the dot, also as items. Nothing is left out; what is not a list is its only item.", `{{ join "," (dict "a" 1) }}`),
		fails("toStrings", func(v any) ([]string, error) { return toStrings("toStrings", v) },
			"Fails for a dictionary, a peer and the dot, also as items. Nothing is left out; what is not a list is its only item.", `{{ toStrings (list (dict)) }}`),
		fails("sortAlpha", func(v any) ([]string, error) {
			texts, err := toStrings("sortAlpha", v)
			sort.Strings(texts)
			return texts, err
		}, "Fails for a dictionary, a peer and the dot, also as items. What is not a list is its only item.", `{{ sortAlpha (dict) }}`),
	}
	for _, name := range []string{"push", "append", "prepend"} {
		rows = append(rows, added(sprig, name, name), added(sprig, "must"+strings.ToUpper(name[:1])+name[1:], name))
	}
	for _, name := range []string{"First", "Last"} {
		own := sprig["must"+name].(func(any) (any, error))
		for _, spelling := range []string{strings.ToLower(name), "must" + name} {
			rows = append(rows, fails(spelling, func(list any) (any, error) {
				if err := mustBeList(spelling, list); err != nil {
					return nil, err
				}
				return own(list)
			}, notList+" An empty list has none: give a default.", "{{ "+spelling+` "abc" }}`))
		}
	}
	for _, name := range []string{"Rest", "Initial", "Reverse", "Uniq", "Compact"} {
		own := sprig["must"+name].(func(any) ([]any, error))
		for _, spelling := range []string{strings.ToLower(name), "must" + name} {
			rows = append(rows, fails(spelling, func(list any) ([]any, error) {
				if err := mustBeList(spelling, list); err != nil {
					return nil, err
				}
				return own(list)
			}, notList+" Of an empty list it is empty.", "{{ "+spelling+` "abc" }}`))
		}
	}
	without := sprig["mustWithout"].(func(any, ...any) ([]any, error))
	for _, name := range []string{"without", "mustWithout"} {
		rows = append(rows, fails(name, func(list any, omit ...any) ([]any, error) {
			if err := mustBeList(name, list); err != nil {
				return nil, err
			}
			return without(list, omit...)
		}, notList, "{{ "+name+` "abc" "a" }}`))
	}
	return rows
}

// mustBeList refuses what is not a list.
func mustBeList(fn string, v any) error {
	switch reflect.ValueOf(v).Kind() {
	case reflect.Slice, reflect.Array:
		return nil
	case reflect.Invalid:
		return cannotTake(fn, nil, "a list", "give a default: … | default (list)")
	case reflect.String:
		return cannotTake(fn, v, "a list", "a text becomes a list by splitList \",\" or lines")
	}
	return cannotTake(fn, v, "a list", "")
}

func added(sprig map[string]any, name, kind string) borrowed {
	must := map[string]string{"push": "mustPush", "append": "mustPush", "prepend": "mustPrepend"}[kind]
	own := sprig[must].(func(any, any) ([]any, error))
	return fails(name, func(list, v any) ([]any, error) {
		if err := mustBeList(name, list); err != nil {
			return nil, err
		}
		return own(list, v)
	}, notList, "{{ "+name+` "abc" "d" }}`)
}

func has(needle, list any) (bool, error) {
	if list == nil {
		return false, nil
	}
	if err := mustBeList("has", list); err != nil {
		return false, err
	}
	r := reflect.ValueOf(list)
	for i := range r.Len() {
		if reflect.DeepEqual(needle, r.Index(i).Interface()) {
			return true, nil
		}
	}
	return false, nil
}

func slice(sprig map[string]any) func(any, ...any) (any, error) {
	own := sprig["mustSlice"].(func(any, ...any) (any, error))
	return func(list any, bounds ...any) (any, error) {
		if err := mustBeList("slice", list); err != nil {
			return nil, err
		}
		length := int64(reflect.ValueOf(list).Len())
		from, to := int64(0), length
		for i, b := range bounds {
			n, err := whole("slice", b)
			switch {
			case err != nil:
				return nil, err
			case i == 0:
				from = n
			case i == 1:
				to = n
			default:
				return nil, refuse("slice LIST FROM TO", "slice takes at most two bounds")
			}
		}
		if from < 0 || to < from || to > length {
			return nil, refuse("", "slice cannot take the items %d to %d: the list has %d", from, to, length)
		}
		return own(list, bounds...)
	}
}

func chunk(sprig map[string]any) func(int, any) ([][]any, error) {
	own := sprig["mustChunk"].(func(int, any) ([][]any, error))
	return func(size int, list any) ([][]any, error) {
		if err := mustBeList("chunk", list); err != nil {
			return nil, err
		}
		if size < 1 {
			return nil, refuse("", "chunk cannot make lists of %d items", size)
		}
		if reflect.ValueOf(list).Len() == 0 {
			return nil, nil
		}
		return own(min(size, reflect.ValueOf(list).Len()), list)
	}
}

func concat(lists ...any) ([]any, error) {
	var out []any
	for _, list := range lists {
		if err := mustBeList("concat", list); err != nil {
			return nil, err
		}
		r := reflect.ValueOf(list)
		for i := range r.Len() {
			out = append(out, r.Index(i).Interface())
		}
	}
	return out, nil
}

// toStrings is a list as the texts of its items; nothing is left out, as sprig has it.
func toStrings(fn string, v any) ([]string, error) {
	items, isList := []any{v}, false
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.Slice, reflect.Array:
		isList = true
		items = make([]any, r.Len())
		for i := range items {
			items[i] = r.Index(i).Interface()
		}
	}
	out := make([]string, 0, len(items))
	for _, item := range items {
		if item == nil {
			continue
		}
		p, err := printed(item)
		if err != nil && isList {
			return nil, refuse("", "%s cannot take %s as an item: expected texts", fn, given{item})
		}
		if err != nil {
			return nil, cannotTake(fn, v, "a list of texts", "")
		}
		out = append(out, textOf(p))
	}
	return out, nil
}
