//go:build linux && (amd64 || arm64)

package early

// What follows is in assembly. None of it is called from Go.

// entry is where the kernel starts the process, with its arguments on the stack.
//
//lint:ignore U1000 named by the linker's -E
func entry()

// note is the handler.
//
//lint:ignore U1000 called by the kernel
func note()
