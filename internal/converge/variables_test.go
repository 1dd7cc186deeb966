package converge

import (
	"context"
	"errors"
	"testing"

	"slipway/render/transaction"
)

// A program that is owed new variables is restarted, once, whatever else it is owed.
func TestVariablesRestart(t *testing.T) {
	for _, row := range []struct {
		name  string
		files bool
		want  []string
	}{
		{"variables alone", false, []string{"restart web", "ready web"}},
		{"files as well", true, []string{"restart web", "ready web"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := newBench(t)
			if row.files {
				b.apply(t, map[string]string{"a": "1"}, "web")
			}
			if err := transaction.OweRestarts(b.FS, b.Options, map[string][]string{"web": {"B", "A"}}); err != nil {
				t.Fatal(err)
			}
			owed, _, err := transaction.Owed(b.FS, b.Options)
			if want := "A, B"; err != nil || len(owed) != 1 || !row.files && owed[0].Why() != want {
				t.Errorf("owed = %+v, %v, want %s", owed, err, want)
			}
			if next, err := b.Pay(context.Background()); err != nil || !next.IsZero() {
				t.Errorf("Pay = %v, %v, want nothing owed", next, err)
			}
			b.wantCalls(t, row.want...)
		})
	}
}

// There are no files to take back for variables: the program stays owed.
func TestVariablesThatMakeIllStayOwed(t *testing.T) {
	b := newBench(t)
	b.apply(t, map[string]string{"a": "1"}, "other")
	if _, err := b.Pay(context.Background()); err != nil {
		t.Fatal(err)
	}
	b.programs.ready = func(string) error { return errors.New("exit status 1") }
	if err := transaction.OweRestarts(b.FS, b.Options, map[string][]string{"web": {"A"}}); err != nil {
		t.Fatal(err)
	}
	next, err := b.Pay(context.Background())
	if err == nil || errors.As(err, new(*RefusedError)) || next.IsZero() {
		t.Errorf("Pay = %v, %v, want the program owed", next, err)
	}
	b.wantFile(t, "a", "1")
}

// A change of files that is taken back takes with it what belongs to it.
func TestUndoGoesWithTheFiles(t *testing.T) {
	b := newBench(t)
	b.apply(t, map[string]string{"a": "good"}, "web")
	if _, err := b.Pay(context.Background()); err != nil {
		t.Fatal(err)
	}
	undone := false
	b.Undo = func(context.Context) error {
		b.wantFile(t, "a", "good")
		undone = true
		return nil
	}
	b.programs.ready = func(string) error {
		if !undone {
			return errors.New("exit status 1")
		}
		return nil
	}
	b.apply(t, map[string]string{"a": "bad"}, "web")
	if err := transaction.OweRestarts(b.FS, b.Options, map[string][]string{"web": {"A"}}); err != nil {
		t.Fatal(err)
	}
	next, err := b.Pay(context.Background())
	if !errors.As(err, new(*RefusedError)) || !next.IsZero() || !undone {
		t.Errorf("Pay = %v, %v, undone %t, want the change refused and nothing owed", next, err, undone)
	}
}
