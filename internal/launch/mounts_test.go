package launch

import (
	"slices"
	"testing"
)

func TestMounts(t *testing.T) {
	const text = `742 620 0:94 / / rw,relatime - overlay overlay rw,lowerdir=/a
743 742 0:97 / /proc rw,nosuid - proc proc rw
750 742 254:1 /x /etc/slipway/a\040b ro,relatime - ext4 /dev/vda1 rw
`
	if got, want := mounts(text), []string{"/proc", "/etc/slipway/a b"}; !slices.Equal(got, want) {
		t.Errorf("mounts = %q, want %q", got, want)
	}
	for _, tt := range []struct {
		path, dir string
		want      bool
	}{
		{"/etc/a", "/etc/a", true},
		{"/etc/a/b", "/etc/a", true},
		{"/etc/ab", "/etc/a", false},
		{"/etc", "/etc/a", false},
	} {
		if got := inside(tt.path, tt.dir); got != tt.want {
			t.Errorf("inside(%q, %q) = %v, want %v", tt.path, tt.dir, got, tt.want)
		}
	}
}
