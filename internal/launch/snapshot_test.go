package launch

import (
	"reflect"
	"testing"

	"slipway/internal/handoff"
	"slipway/sources"
	"slipway/supervise/config"
)

// What crosses the execve is what was known: values, secrecy, history.
func TestSnapshotKeepsTheView(t *testing.T) {
	at := func(source, file string, line int) sources.Origin {
		return sources.Origin{Source: source, File: file, Line: line}
	}
	v := func(name, text string, secret bool, o sources.Origin) sources.Var {
		return sources.Var{Name: name, Value: sources.Value{Text: text, Secret: secret, Origin: o}}
	}
	before := &Image{
		Config:   &config.Config{},
		Document: &Document{},
		Decided: &Decided{
			Captured: []string{"A=3", "C=c"},
			Known: Known{Values: sources.Merge(
				sources.Layer{Source: "env.d", Vars: []sources.Var{v("A", "1", false, at("env.d", "a.env", 1)), v("A", "2", false, at("env.d", "b.env", 1)), v("B", "b", true, at("env.d", "b.env", 2))}},
				sources.Layer{Source: "environment", Vars: []sources.Var{v("A", "3", false, at("environment", "", 0)), v("C", "c", false, at("environment", "", 0))}},
			)},
		},
	}
	text, err := before.Snapshot().Encode()
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := handoff.Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	after := FromSnapshot(snapshot)
	if !reflect.DeepEqual(after.Captured, before.Captured) {
		t.Errorf("captured = %v, want %v", after.Captured, before.Captured)
	}
	if got, want := after.Values.Digest(), before.Values.Digest(); got != want {
		t.Errorf("values differ: %v, want %v", after.Values.Names(), before.Values.Names())
	}
	for _, name := range before.Values.Names() {
		got, _ := after.Values.Lookup(name)
		want, _ := before.Values.Lookup(name)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s = %+v, want %+v", name, got, want)
		}
	}
}
