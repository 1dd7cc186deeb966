package environ

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slipway/sources"
)

func TestCapture(t *testing.T) {
	for _, row := range []struct {
		name    string
		environ []string
		want    []string
		notes   []string
	}{
		{"plain", []string{"B=2", "A=1"}, []string{"A=1", "B=2"}, nil},
		{"empty value", []string{"A="}, []string{"A="}, nil},
		{"value with = and newline", []string{"A=b=c\nd"}, []string{"A=b=c\nd"}, nil},
		{"exported function of bash", []string{"BASH_FUNC_f%%=() { :; }"}, []string{"BASH_FUNC_f%%=() { :; }"}, nil},
		{"no =", []string{"hunter2", "A=1"}, []string{"A=1"}, []string{"environment: entry 1 has no = and is ignored"}},
		{"no name", []string{"=C:=hunter2"}, nil, []string{"environment: entry 1 has no name and is ignored"}},
		{"NUL", []string{"A=hunter2\x00"}, nil, []string{"environment: entry 1 contains a NUL byte and is ignored"}},
		{"twice", []string{"A=1", "A=hunter2"}, []string{"A=1"}, []string{"environment: A: entry 2 sets the name again and is ignored"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			layer, notes := Capture(row.environ)
			if diff := cmp.Diff(append([]string{}, row.want...), sources.Merge(layer).Environ()); diff != "" {
				t.Errorf("environment (-want +got):\n%s", diff)
			}
			var got []string
			for _, n := range notes {
				got = append(got, n.String())
			}
			if diff := cmp.Diff(row.notes, got); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
			if strings.Contains(strings.Join(got, ""), "hunter2") {
				t.Error("a note shows the text of an entry")
			}
		})
	}
}
