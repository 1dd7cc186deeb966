package front

import "testing"

// The user that the HTTP front runs as is mapped, whatever the map, and no account's.
func TestStranger(t *testing.T) {
	for _, row := range []struct {
		name, uidMap string
		lo, hi       int // 0: there is none
	}{
		{"no namespace", "         0          0 4294967295\n", firstStranger, lastStranger},
		{"map that ends at 65535", "0 100000 65536\n", firstStranger, lastStranger},
		{"rootless, in two ranges", "0 1000 1\n1 100000 65536\n", firstStranger, lastStranger},
		{"map that ends in the range", "0 100000 61190\n", firstStranger, 61189},
		{"short map", "0 100000 10000\n", 5904, 9999},
		{"above the range only", "0 0 1\n100000 100000 65536\n", 161440, 165535},
		{"root alone", "0 1000 1\n", 0, 0},
		{"accounts alone", "0 100000 1001\n", 0, 0},
		{"nothing that can be read", "", 0, 0},
		{"nonsense", "a b c\n1 2\n", 0, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			for range 200 {
				id, ok := strange(row.uidMap, nil)
				if ok != (row.hi != 0) || ok && (id < row.lo || id > row.hi) {
					t.Fatalf("strange = %d, %v, want %d to %d", id, ok, row.lo, row.hi)
				}
			}
		})
	}
	if id, ok := strange("0 100000 61186\n", map[string]bool{"61184": true}); !ok || id != 61185 {
		t.Errorf("strange = %d, %v, want 61185: the other is an account", id, ok)
	}
	if id, ok := strange("0 100000 61185\n", map[string]bool{"61184": true}); ok {
		t.Errorf("strange = %d, want none: all are accounts", id)
	}
}
