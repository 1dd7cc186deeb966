package launch

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"slipway/sources/gather"
)

// PID 1 links the default of the option, and not the sources: the two say the same.
func TestDefaultSources(t *testing.T) {
	var want []string
	for _, s := range gather.Registry() {
		if s.Default {
			want = append(want, s.Name)
		}
	}
	im := load(t, "[slipway]\nenv_dir = none\nsecret_dirs = none\n")
	if diff := cmp.Diff(want, im.Config.Slipway.Sources); diff != "" {
		t.Errorf("sources of [slipway] is not the order of the registry (-want +got):\n%s", diff)
	}
}
