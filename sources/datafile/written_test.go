package datafile

import (
	"reflect"
	"strings"
	"testing"
)

// What a template writes is what stands in the file: nothing is rounded, and nothing gets a
// form that only a library knows.
func TestValuesAreAsTheyAreWritten(t *testing.T) {
	for _, c := range []struct {
		file, text string
		want       any
	}{
		{"a.json", `9007199254740993`, int64(9007199254740993)},
		{"a.json", `12345678901234567890`, "12345678901234567890"},
		{"a.json", `-123456789012345678901234567890`, "-123456789012345678901234567890"},
		{"a.json", "\ufeff1", int64(1)},
		{"a.json", `"\ufffd \ud83d\ude00"`, "\ufffd 😀"},
		{"a.yaml", "12345678901234567890", "12345678901234567890"},
		{"a.yaml", "123456789012345678901234567890", "123456789012345678901234567890"},
		{"a.yaml", "2024-01-01", "2024-01-01"},
		{"a.yaml", "2024-01-01 10:00:00", "2024-01-01 10:00:00"},
		{"a.yaml", "0644", "0644"},
		{"a.yaml", "-007", "-007"},
		{"a.yaml", "0", int64(0)},
		{"a.yaml", "0x1F", int64(31)},
		{"a.yaml", "1e3", 1000.0},
		{"a.yaml", "0.50", 0.5},
		{"a.yaml", "[0644, {b: 2024-01-01}]", []any{"0644", map[string]any{"b": "2024-01-01"}}},
		{"a.yaml", "2024-01-01: a\n~: b\n0644: c\n1.10: d\ntrue: e", map[string]any{"2024-01-01": "a", "~": "b", "0644": "c", "1.10": "d", "true": "e"}},
		{"a.yaml", "a: &x ~\n*x : b", map[string]any{"a": nil, "~": "b"}},
		{"a.yaml", "a: &x {b: 010}\nc:\n  <<: *x", map[string]any{"a": map[string]any{"b": "010"}, "c": map[string]any{"b": "010"}}},
		{"a.yaml", "!!int 7: a", map[string]any{"7": "a"}},
	} {
		if got, err := Parse(c.file, []byte(c.text)); err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("Parse(%s, %q) = %#v, %v, want %#v", c.file, c.text, got, err, c.want)
		}
	}
}

func TestWhatIsNoTextIsRefused(t *testing.T) {
	for _, c := range []struct{ file, text, want string }{
		{"a.json", "{\"a\": \"\xff\"}", "a.json:1:8: expected UTF-8"},
		{"a.json", `{"a": "\ud800"}`, "half of a pair"},
		{"a.json", `{"\udc00": 1}`, "half of a pair"},
		{"a.json", `{"a": 1e400}`, "a number is too large"},
		{"a.yaml", "? [a, b]\n: c", "a.yaml:1:3: expected a text as a key"},
		{"a.yaml", "a: &x [1]\n*x : b", "expected a text as a key"},
		{"a.yaml", "!!null '': a", "expected a text as a key"},
	} {
		if got, err := Parse(c.file, []byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Parse(%s, %q) = %#v, %v, want %q", c.file, c.text, got, err, c.want)
		}
	}
}
