package dialect

import "strings"

// IsStdio tells whether a path means standard output or error. Package logs
// never opens such a path, so its folder need not exist: a container without
// /proc has no /dev/fd.
func IsStdio(path string) bool {
	switch path {
	case "/dev/stdout", "/dev/stderr":
		return true
	}
	for _, dir := range [...]string{"/dev/fd/", "/proc/self/fd/"} {
		if digits, ok := strings.CutPrefix(path, dir); ok {
			return digits == "1" || digits == "2"
		}
	}
	return false
}
