//go:build !linux || !(amd64 || arm64)

package pages

// ranges are not known.
func ranges() (code, constants span) { return }
