package surface

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"slipway/supervise/control"
)

// The two tables have the same operations, in the same order.
func TestTablesAgree(t *testing.T) {
	var want, got []string
	for _, m := range control.Table() {
		want = append(want, m.Name)
	}
	for _, o := range Table() {
		got = append(got, o.Name)
		if o.Method.Name != o.Name {
			t.Errorf("%s has no row in package control", o.Name)
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("operations are %q, package control has %q", got, want)
	}
}

func TestRows(t *testing.T) {
	words, methods := map[string]bool{}, map[string]bool{}
	for _, o := range Table() {
		if o.Doc == "" || strings.HasSuffix(o.Doc, ".") {
			t.Errorf("%s: doc %q is no sentence without a period", o.Name, o.Doc)
		}
		if structs := o.Result == control.KindStruct || o.Result == control.KindList || o.Streaming; o.Of != nil && !structs {
			t.Errorf("%s: an answer that is a %s is no struct", o.Name, o.Result)
		}
		for _, many := range []string{o.Group, o.All} {
			other, ok := Lookup(many)
			if many == "" {
				continue
			}
			if !ok || other.Result != control.KindList || !takesTheRest(o, other) {
				t.Errorf("%s: %s is no operation on several processes with its arguments", o.Name, many)
			}
		}
		for _, r := range o.RPC {
			for _, name := range []string{r.Name, r.Old} {
				if name != "" && methods[name] {
					t.Errorf("the XML-RPC method %s is there twice", name)
				}
				methods[name] = true
			}
			if sig := r.Signature(o); sig[0] == "" || !strings.HasSuffix(r.Help, ".") {
				t.Errorf("%s: signature %q, help %q", r.Name, sig, r.Help)
			}
			if r.Params != nil && !r.Own {
				t.Errorf("%s: parameters that are not the operation's need code of their own", r.Name)
			}
		}
		if v := o.Verb; v != nil {
			if v.Word == "" || words[v.Word] || v.Done == "" || v.Short == "" || (v.Already == 0) != (v.Said == "") {
				t.Errorf("%s: the verb %q is incomplete, or there twice", o.Name, v.Word)
			}
			if o.Streaming || o.Descriptor || o.Method.Private {
				t.Errorf("%s: a plain command cannot call it", o.Name)
			}
			names := o.Takes(control.ArgProcess) || o.Takes(control.ArgGroup)
			if names == (v.What != "") || names && o.Result != control.KindBool {
				t.Errorf("%s: the verb is about %q, and its answer a %s", o.Name, v.What, o.Result)
			}
			for _, p := range o.Method.Args {
				if p.Kind != control.KindString && p.Name != control.ArgWait {
					t.Errorf("%s: no word of a command line is a %s", o.Name, p.Kind)
				}
			}
			words[v.Word] = true
		}
	}
}

// takesTheRest reports whether many takes the arguments of one, but for the process.
func takesTheRest(one, many Operation) bool {
	rest := many.Method.Args
	if len(rest) > 0 && rest[0].Name == control.ArgGroup {
		rest = rest[1:]
	}
	return len(one.Method.Args) == len(rest)+1 && one.Method.Args[0].Name == control.ArgProcess &&
		(len(rest) == 0 || reflect.DeepEqual(one.Method.Args[1:], rest))
}

func TestJSON(t *testing.T) {
	v := control.Struct(
		control.Field{Name: "z", Value: control.Int(-7)},
		control.Field{Name: "a", Value: control.List(control.Bool(true), control.String("<\"é\n"), control.Value{})},
		control.Field{Name: "none", Value: control.List()},
		control.Field{Name: "empty", Value: control.Struct()},
	)
	got, err := json.Marshal(JSON{Value: v})
	want := `{"z":-7,"a":[true,"\u003c\"é\n",null],"none":[],"empty":{}}`
	if err != nil || string(got) != want {
		t.Errorf("JSON = %s, %v, want %s", got, err, want)
	}
}

// Every field of every answer has a doc, and no doc is left over.
func TestFieldsHaveDocs(t *testing.T) {
	answers := []control.Answer{&control.ConfigOutput{}}
	for _, o := range Table() {
		if o.Of != nil {
			answers = append(answers, o.Of)
		}
	}
	left := fieldDocs()
	for _, a := range answers {
		docs := fieldDocs()[NameOf(a)]
		for _, f := range Fields(a) {
			if !strings.HasSuffix(f.Doc, ".") {
				t.Errorf("%s.%s: doc %q is no sentence", NameOf(a), f.Name, f.Doc)
			}
			delete(docs, f.Name)
		}
		for name := range docs {
			t.Errorf("%s has no field %s", NameOf(a), name)
		}
		delete(left, NameOf(a))
	}
	for name := range left {
		t.Errorf("no operation answers with %s", name)
	}
}
