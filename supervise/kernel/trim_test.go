package kernel

import (
	"reflect"
	"testing"
)

func TestCleanMappings(t *testing.T) {
	const smaps = `00400000-00500000 r-xp 00000000 08:01 7 /sbin/init
Anonymous:             0 kB
00500000-00600000 r--p 00100000 08:01 7 /sbin/init
Private_Dirty:         4 kB
Anonymous:             0 kB
00600000-00601000 r--p 00200000 08:01 7 /sbin/init
Anonymous:             4 kB
00601000-00602000 rw-p 00201000 08:01 7 /sbin/init
Anonymous:             0 kB
00700000-00701000 r--p 00000000 08:01 8 /lib/other
Anonymous:             0 kB
c000000000-c000400000 rw-p 00000000 00:00 0
Anonymous:             8 kB
`
	want := []mapping{{0x400000, 0x100000}, {0x500000, 0x100000}}
	if got := cleanMappings(smaps, "/sbin/init"); !reflect.DeepEqual(got, want) {
		t.Errorf("cleanMappings = %x, want %x", got, want)
	}
}
