package exit_test

import (
	"testing"

	"slipway/internal/exit"
)

func TestTableIsOrderedAndComplete(t *testing.T) {
	last := -1
	for _, r := range exit.Table() {
		if r.Status <= last {
			t.Errorf("status %d comes after %d", r.Status, last)
		}
		last = r.Status
		if r.Meaning == "" {
			t.Errorf("status %d has no meaning", r.Status)
		}
		if r.Remedy == "" && r.Status != exit.OK && r.Status != exit.Signalled {
			t.Errorf("status %d says nothing about what to do", r.Status)
		}
	}
}

func TestFind(t *testing.T) {
	if r, ok := exit.Find(exit.Config); !ok || r.Label() != "78" {
		t.Errorf("Find(78) = %q, %v, want 78, true", r.Label(), ok)
	}
	if r, _ := exit.Find(exit.Signalled); r.Label() != "128+n" {
		t.Errorf("label of 128 = %q, want 128+n", r.Label())
	}
	if _, ok := exit.Find(42); ok {
		t.Error("Find(42) found a row")
	}
}
