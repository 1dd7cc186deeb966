package boot

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestTake(t *testing.T) {
	got := Take([]string{
		"A=1", EnvBootFD + "=7", "B=2", EnvReadyFD + "=2", EnvVersion + "=1.2", EnvCalled + "=/bin/supervisord", EnvSecretNames + "=A\nB", "C=kept", "odd",
	})
	want := Passed{BootFD: 7, KeptFD: -1, ReadyFD: -1, Version: "1.2", Called: "/bin/supervisord", Secrets: []string{"A", "B"}, Environ: []string{"A=1", "B=2", "C=kept", "odd"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("Take = %+v, want %+v", got, want)
	}
}

// The supervisor has one processor, and programs what was said before, where it stood.
func TestOneProcessor(t *testing.T) {
	for _, env := range [][]string{
		{"A=1", "B=2"}, {"A=1", "GOMAXPROCS=4", "B=2"}, {"GOMAXPROCS=", "B=2"}, {"GOMAXPROCS=1"}, {"A=1", "GOMAXPROCS=1", "GOMAXPROCS=3"}, {"XGOMAXPROCS=3"},
	} {
		passed := OneProcessor(env)
		if first := slices.IndexFunc(passed, func(v string) bool { return strings.HasPrefix(v, "GOMAXPROCS=") }); first < 0 || passed[first] != "GOMAXPROCS=1" {
			t.Errorf("of %q the runtime sees %q", env, passed)
		}
		if got := Take(passed).Environ; !reflect.DeepEqual(got, env) {
			t.Errorf("of %q programs get %q", env, got)
		}
	}
	alone := []string{"A=1", "GOMAXPROCS=1"} // slipway-init without the stage before
	if got := Take(alone).Environ; !reflect.DeepEqual(got, alone) {
		t.Errorf("of %q programs get %q", alone, got)
	}
}

func TestLookupTakesTheLast(t *testing.T) {
	if got, ok := Lookup([]string{"A=1", "AB=3", "A=2"}, "A"); got != "2" || !ok {
		t.Errorf("Lookup = %q, %v, want 2, true", got, ok)
	}
	if _, ok := Lookup([]string{"AB=3", "A"}, "A"); ok {
		t.Error("a variable is found that is not there")
	}
}

func TestWithout(t *testing.T) {
	env := []string{"A=1", "AB=2", "A=3", "B"}
	got := Without(env, "A", "B")
	if want := []string{"AB=2"}; !reflect.DeepEqual(got, want) {
		t.Errorf("Without(%v, A, B) = %v, want %v", env, got, want)
	}
	if env[0] != "A=1" || fmt.Sprint(env) != "[A=1 AB=2 A=3 B]" {
		t.Errorf("Without changed its argument to %v", env)
	}
}
