package language

import (
	"strings"
	"testing"

	"github.com/Masterminds/sprig/v3"

	"slipway/render/porting"
)

// TestWhatIsTheSameOfOtherTools: what is converted as it stands is there. Of sprig, which
// dockerize has as a whole, each function is the same, has a rule, or is unknown with a note.
func TestWhatIsTheSameOfOtherTools(t *testing.T) {
	reg := newRegistry()
	words := "end break continue nil true false"
	for _, tool := range porting.Languages() {
		for _, name := range porting.Known(tool) {
			if !reg.has(name) && !builtins[name] && !strings.Contains(words, name) {
				t.Errorf("%s: %s is said to be the same here, and is not there", tool, name)
			}
		}
	}
	for name := range sprig.GenericFuncMap() {
		p := porting.Text(porting.Dockerize, "x", "{{ "+name+" }}", porting.Options{})
		if _, refused := reg.refused[name]; (refused || !reg.has(name)) && len(p.Notes) == 0 {
			t.Errorf("dockerize: %s is not there, and has no note", name)
		}
		p = porting.Text(porting.Consul, "x", "{{ sprig_"+name+" }}", porting.Options{})
		if _, refused := reg.refused[name]; (refused || !reg.has(name)) && len(p.Notes) == 0 {
			t.Errorf("consul-template: sprig_%s is not there, and has no note", name)
		}
	}
}
