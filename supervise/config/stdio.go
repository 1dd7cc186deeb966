package config

import "strings"

// isStdio tells whether a path means a descriptor that was inherited. Package
// logs never opens such a path, so its folder need not exist: an image without
// /proc has no /dev/fd.
func isStdio(path string) bool {
	switch path {
	case "/dev/stdout", "/dev/stderr":
		return true
	}
	for _, dir := range []string{"/dev/fd/", "/proc/self/fd/"} {
		if digits, ok := strings.CutPrefix(path, dir); ok {
			return digits != "" && strings.Trim(digits, "0123456789") == ""
		}
	}
	return false
}
