//go:build linux && (amd64 || arm64)

package early

import (
	"testing"
	"unsafe"
)

// What the assembly sets aside for a holder is enough.
func TestMemoryOfAHolder(t *testing.T) {
	if n := unsafe.Sizeof(holderMemory{}); n > 2048 {
		t.Errorf("a holder needs %d bytes, and has 2048", n)
	}
}
