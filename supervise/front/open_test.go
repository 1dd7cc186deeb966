package front

import (
	"slices"
	"testing"

	"slipway/supervise/control"
	"slipway/supervise/control/surface"
)

// The front may call what the operations of XML-RPC need, and what they do not need is not
// among it: the boot snapshot has secrets in it.
func TestMay(t *testing.T) {
	for _, o := range surface.Table() {
		if len(o.RPC) > 0 && !slices.Contains(may, o.Name) {
			t.Errorf("XML-RPC needs %s, which the front may not call", o.Name)
		}
		if o.Group != "" && len(o.RPC) > 0 && !slices.Contains(may, o.Group) {
			t.Errorf("XML-RPC needs %s, which the front may not call", o.Group)
		}
	}
	for _, name := range []string{control.OpBoot, control.OpWatch, control.OpValues, control.OpEventStream} {
		if slices.Contains(may, name) {
			t.Errorf("the front may call %s", name)
		}
	}
}
