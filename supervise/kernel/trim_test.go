package kernel

import (
	"reflect"
	"runtime"
	"strings"
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
	for _, piece := range []int{1, 7, 100, 4096} {
		r := strings.NewReader(smaps)
		read := func(p []byte) int {
			n, _ := r.Read(p[:min(piece, len(p))])
			return n
		}
		if got := cleanMappings(read, "/sbin/init"); !reflect.DeepEqual(got, want) {
			t.Errorf("cleanMappings in pieces of %d = %x, want %x", piece, got, want)
		}
	}
}

// Giving memory back does not take much of it.
func TestTrimAllocatesLittle(t *testing.T) {
	k := &Linux{}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	k.Trim()
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > 16<<10 {
		t.Errorf("Trim has allocated %d bytes, want at most 16 KiB", got)
	}
}
