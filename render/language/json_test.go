package language

import (
	"strings"
	"testing"
)

// A number that a float would round is not rounded, and nothing of a text is dropped.
func TestJSONIsAsItIsWritten(t *testing.T) {
	const doc = `{"id":9007199254740993,"neg":-9007199254740993,"huge":123456789012345678901234567890,"n":7,"f":1.5}`
	for _, c := range []struct{ text, want string }{
		{`{{ (fromJson .Env.DOC).id }} {{ (fromJson .Env.DOC).neg }}`, "9007199254740993 -9007199254740993"},
		{`{{ (fromJson .Env.DOC).id | int64 }} {{ add (fromJson .Env.DOC).id 1 }}`, "9007199254740993 9007199254740994"},
		{`{{ (mustFromJson .Env.DOC).huge }}`, "123456789012345678901234567890"},
		{`{{ (fromJson .Env.DOC).n }} {{ typeOf (fromJson .Env.DOC).n }} {{ eq (fromJson .Env.DOC).n 7.0 }}`, "7 float64 true"},
		{`{{ (fromJson .Env.DOC).f }}`, "1.5"},
		{`{{ fromJson .Env.DOC | toJson }}`, `{"f":1.5,"huge":"123456789012345678901234567890","id":9007199254740993,"n":7,"neg":-9007199254740993}`},
	} {
		got, err := renderText(t, c.text, Data{Env: Vars{"DOC": doc}})
		if err != nil || got != c.want {
			t.Errorf("%s gives %q, %v, want %q", c.text, got, err, c.want)
		}
	}
	for _, c := range []struct{ doc, want string }{
		{`{"a":1,"a":2}`, `key "a" occurs twice`},
		{`{"a":"\ud800"}`, "half of a pair"},
		{"\"\xff\"", "expected UTF-8"},
		{`1e400`, "a number is too large"},
		{`{"a":1} x`, "it is not JSON from line 1, column 9 on"},
	} {
		_, err := renderText(t, `{{ range fromJson .Env.DOC }}{{ end }}`, Data{Env: Vars{"DOC": c.doc}})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("fromJson of %q: %v, want %q", c.doc, err, c.want)
		}
	}
}
