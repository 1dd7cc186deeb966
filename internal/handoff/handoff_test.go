package handoff_test

import (
	"reflect"
	"testing"

	"slipway/internal/handoff"
)

func TestSnapshotRoundTrip(t *testing.T) {
	want := handoff.Snapshot{
		Captured: []string{"A=1", "B=a\nb=c", "C="},
		Values: []handoff.Value{{
			Name: "A", Text: "1", Source: "environment",
			Shadowed: []handoff.Value{{Text: "0", Secret: true, Source: "env.d", File: "/etc/slipway/env.d/a.env", Line: 3, Col: 1}},
		}},
		Notes:  []string{"a note"},
		Config: "/etc/slipway/slipway.conf",
	}
	b, err := want.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := handoff.Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("Decode(Encode(s)) = %+v, want %+v", got, want)
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, tt := range []struct{ name, text string }{
		{"nothing", ""},
		{"half of it", `{"format":1,"captured":["A=`},
		{"another format", `{"format":2}`},
		{"no format", `{}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if s, err := handoff.Decode([]byte(tt.text)); err == nil {
				t.Errorf("Decode(%q) = %+v, want an error", tt.text, s)
			}
		})
	}
}
