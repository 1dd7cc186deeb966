package attributes

import (
	"slices"
	"strings"
	"testing"

	"slipway/supervise/holder"
)

// Every kind says what it wants and has an example that it takes, in both turns.
func TestKinds(t *testing.T) {
	for _, k := range Kinds {
		_, example, ok := strings.Cut(k.Doc, "`"+k.Name+" = ")
		example, _, closed := strings.Cut(example, "`")
		if !ok || !closed || k.Expected == "" {
			t.Errorf("%s has no example, or does not say what it wants", k.Name)
			continue
		}
		var l List
		if !l.Set(k.Name, example) {
			t.Errorf("%s does not take its example %q", k.Name, example)
			continue
		}
		before, after := &holder.Table{}, &holder.Table{}
		l.Add(before, false, 9)
		l.Add(after, true, 9)
		if rows := before; k.after {
			rows = after
			if before.Step(0) != "" || rows.Step(0) == "" {
				t.Errorf("%s is not set after the change of the user", k.Name)
			}
		} else if after.Step(0) != "" || rows.Step(0) == "" {
			t.Errorf("%s is not set before the change of the user", k.Name)
		}
	}
}

// What another one than those of the list is, is dropped before the user changes.
func TestCapabilitiesAreDropped(t *testing.T) {
	var l List
	l.Set("capabilities", "KILL")
	table := &holder.Table{}
	l.KeepCapabilities(table, func(n int) bool { return n == 0 || n == 5 || n == 7 })
	var steps []string
	for i := 0; table.Step(i) != ""; i++ {
		steps = append(steps, table.Step(i))
	}
	if want := []string{"drop CAP_CHOWN", "drop CAP_SETUID", "keep capabilities"}; !slices.Equal(steps, want) {
		t.Errorf("steps %q, want %q", steps, want)
	}
	none := &holder.Table{}
	List(nil).KeepCapabilities(none, func(int) bool { return true })
	if none.Step(0) != "" {
		t.Errorf("a program without capabilities has the step %q", none.Step(0))
	}
}
