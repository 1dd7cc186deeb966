//go:build linux && (amd64 || arm64)

package pages

// ranges are where the linker has put the instructions, and the constants with the tables of
// functions.
func ranges() (code, constants span)
