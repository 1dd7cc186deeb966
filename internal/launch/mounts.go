package launch

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// mounts are the places where something is mounted, "/" left out; none where the system
// has no such list. Comparing devices would not do: a file of an overlay has another
// one than its folder.
func mounts(mountinfo string) []string {
	var out []string
	unescape := strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`)
	for line := range strings.Lines(mountinfo) {
		if fields := strings.Fields(line); len(fields) > 4 && fields[4] != "/" {
			out = append(out, unescape.Replace(fields[4]))
		}
	}
	return out
}

// isMounted reports whether one of the paths is there and lies on something that was
// mounted into the image, or has such below it: a folder, or a single file.
func isMounted(paths []string) bool {
	text, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return false
	}
	places := mounts(string(text))
	for _, p := range paths {
		real, err := filepath.EvalSymlinks(p)
		if err == nil && slices.ContainsFunc(places, func(m string) bool { return inside(real, m) || inside(m, real) }) {
			return true
		}
	}
	return false
}

// inside reports whether a path is dir or below it.
func inside(path, dir string) bool { return path == dir || strings.HasPrefix(path, dir+"/") }
