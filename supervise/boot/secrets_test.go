package boot

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

// However many secrets there are, and however long their names: each variable that passes
// them is one that a kernel carries, and all arrive.
func TestSecretNamesOfAnySize(t *testing.T) {
	for _, count := range []int{0, 1, 2, 3000, 20000} {
		var names []string
		for i := range count {
			names = append(names, "S"+strconv.Itoa(i)+strings.Repeat("N", 60))
		}
		passed := SecretNames(names)
		for _, v := range passed {
			if len(v) > 100<<10 {
				t.Errorf("of %d names, a variable has %d bytes", count, len(v))
			}
		}
		got := Take(append([]string{"A=1"}, append(passed, "B=2")...))
		if !slices.Equal(got.Secrets, names) || !slices.Equal(got.Environ, []string{"A=1", "B=2"}) {
			t.Errorf("of %d names %d arrive, and %d other variables", count, len(got.Secrets), len(got.Environ))
		}
	}
}
