package jsontext

import (
	"encoding/json"
	"testing"

	"slipway/internal/test/testkit"
)

// What is read is JSON.
func FuzzRead(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.50,1e400,null,true],"b":{"a":"\u00e4"}}`, `{"a":1,"a":2}`, `[[[[[[]]]]]]`, `1 2`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		defer testkit.Timed(t, len(text))()
		_, err := Read(text, func(n json.Number) (any, error) { return n.String(), nil })
		if err == nil && !json.Valid(text) {
			t.Fatalf("%q is no JSON", text)
		}
	})
}
