package language

import (
	"fmt"
	"reflect"
	"sort"
	"strings"
	"time"

	"slipway/render"
	"slipway/sources"
)

// Chains of fields, .Data.app.port or $server.name, are taken here and not by text/template:
// it ends the template at the first one that is missing, whatever stands after it, and says
// so in words about Go. What is missing is nothing where a default or a condition follows,
// at any depth; elsewhere it is a problem with a place.

// field takes the fields names of base, one after the other.
func (f *frame) field(at int, base any, names ...string) (any, error) {
	item := base
	variables := false // item is .Env of the template
	for i, name := range names {
		if variables {
			text, set := f.variable(at, name)
			if !set && f.c.refs[at].optional {
				return nil, nil
			}
			item, variables = text, false
			continue
		}
		variables = name == "Env" && isScope(item)
		next, ok, err := member(item, name)
		if err != nil {
			return nil, err
		}
		if ok {
			item = next
			continue
		}
		r := reflect.ValueOf(item)
		missing := item == nil || r.Kind() == reflect.Map
		if !missing || !f.c.refs[at].optional {
			f.missingField(at, item, names, i)
			return "", nil
		}
		return nil, nil
	}
	return item, nil
}

// member is one field of item: a key of a dictionary, a field of a struct, or what a method
// without arguments returns.
func member(item any, name string) (any, bool, error) {
	r := reflect.ValueOf(item)
	if !r.IsValid() {
		return nil, false, nil
	}
	if m := r.MethodByName(name); m.IsValid() && m.Type().NumIn() == 0 && m.Type().NumOut() > 0 {
		return method(item, name, m)
	}
	if r.Kind() == reflect.Pointer {
		r = r.Elem()
	}
	switch r.Kind() {
	case reflect.Map:
		if r.Type().Key().Kind() != reflect.String {
			return nil, false, nil
		}
		r = r.MapIndex(reflect.ValueOf(name).Convert(r.Type().Key()))
	case reflect.Struct:
		field, ok := r.Type().FieldByName(name)
		if !ok || !field.IsExported() {
			return nil, false, nil
		}
		r = r.FieldByIndex(field.Index)
	default:
		return nil, false, nil
	}
	if !r.IsValid() {
		return nil, false, nil
	}
	return r.Interface(), true, nil
}

func method(item any, name string, m reflect.Value) (any, bool, error) {
	if _, ok := item.(time.Time); ok && name == "Local" {
		return nil, false, refuse("dates are in UTC", "the local time zone is that of the process, and not of the values")
	}
	out := m.Call(nil)
	if len(out) == 2 && !out[1].IsNil() {
		return nil, false, refuse("", "there is no .%s of this value", name)
	}
	return out[0].Interface(), true, nil
}

// missingField reports that names[i] is not in item.
func (f *frame) missingField(at int, item any, names []string, i int) {
	name := names[i]
	path := f.c.refs[at].path
	whole, before := path+"."+strings.Join(names, "."), path
	if i > 0 {
		before += "." + strings.Join(names[:i], ".")
	}
	if before == "" {
		before = "the dot"
	}
	text := fmt.Sprintf("there is no %s: %s is %s", whole, before, kindName(reflect.TypeOf(item)))
	kind, hint := render.KindMissing, fmt.Sprintf("give a default: {{ %s | default \"…\" }}", whole)
	r := reflect.ValueOf(item)
	switch {
	case isScope(item) && i+1 < len(names):
		kind, text, hint = render.KindExecute, "there is no "+whole, levelHint(name, names[i+1])
	case isScope(item):
		kind = render.KindExecute
		text, hint = "there is no "+whole, levelHint(name, "")
		if environName.MatchString(name) {
			hint = "a variable of the environment is .Env." + name + "; the rest is below .Data, .KV, .Links, .Host, .Dest, .Item and .Index"
		}
	case r.Kind() == reflect.Map:
		text = fmt.Sprintf("there is no %s: %s has no key %q", whole, before, name)
		if before == ".Data" || before == "$.Data" {
			text = fmt.Sprintf("there is no %s: no data file is called %q", whole, name)
			hint = "the first level of .Data is the name of the file, without its suffix"
		}
		if near := f.nearestKey(r, name); near != "" {
			hint = near
		}
	case item == nil:
		text = fmt.Sprintf("there is no %s: %s has no value", whole, before)
	default:
		kind, hint = render.KindExecute, fieldHint(r, path, name)
	}
	f.note(at, kind, name, hint, "%s", text)
}

func isScope(v any) bool {
	_, ok := v.(*Scope)
	return ok
}

// fieldHint is for a field of what has other fields, or none.
func fieldHint(r reflect.Value, path, name string) string {
	switch name {
	case "Data", "KV", "Links", "Host", "Dest", "Item", "Index":
		if path == "" {
			return "inside range and with the dot is the current item: write $." + name
		}
	}
	if r.Kind() == reflect.Pointer {
		r = r.Elem()
	}
	if r.Kind() == reflect.String {
		return textFieldHint
	}
	if r.Kind() != reflect.Struct {
		return ""
	}
	var names []string
	for i := range r.NumField() {
		if field := r.Type().Field(i); field.IsExported() {
			names = append(names, "."+field.Name)
		}
	}
	sort.Strings(names)
	if near := sources.Nearest("."+name, names); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	if len(names) == 0 {
		return ""
	}
	return "it has " + strings.Join(names, ", ")
}
