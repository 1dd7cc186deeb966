//go:build linux && (amd64 || arm64)

package early

import (
	"testing"
	"unsafe"
)

// What the assembly sets aside for a holder is enough.
func TestMemoryOfAHolder(t *testing.T) {
	if n := unsafe.Sizeof(holderMemory{}); n > memorySize {
		t.Errorf("a holder needs %d bytes, and has %d", n, memorySize)
	}
}
