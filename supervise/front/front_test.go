package front

import (
	"slices"
	"testing"
)

// The HTTP front speaks to strangers: what programs are given is not for it.
func TestEnvironment(t *testing.T) {
	got := environment([]string{"PATH=/bin", "TOKEN=hunter2", "TZ=UTC", "PATHS=x", "SLIPWAY_CONFIG=/c"})
	if want := []string{"PATH=/bin", "TZ=UTC"}; !slices.Equal(got, want) {
		t.Errorf("environment = %q, want %q", got, want)
	}
}
