package system

import "testing"

func TestStdio(t *testing.T) {
	for path, want := range map[string]bool{"/dev/stdout": true, "/dev/stderr": true, "/dev/fd/1": true, "/proc/self/fd/2": true, "/dev/fd/12": false,
		"/dev/fd/": false, "/dev/fd/1x": false, "/dev/null": false, "/tmp/stdout": false} {
		if got := IsStdio(path); got != want {
			t.Errorf("isStdio(%q) = %v, want %v", path, got, want)
		}
	}
}
