package kernel

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Trim gives back the pages of the executable that are mapped: most of them were needed
// to read the configuration and to start the programs, and will not be touched again.
// Those that are come back from the page cache (a minor fault). It saves more than a
// third of the resident memory of an idle supervisor.
func (k *Linux) Trim() {
	self, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	for _, r := range cleanMappings(k.readProc("/proc/self/smaps"), self) {
		// The raw call: the range is no slice of ours. Failure costs memory only.
		unix.Syscall(unix.SYS_MADVISE, r.start, r.size, unix.MADV_DONTNEED)
	}
}

// mapping is a range of addresses.
type mapping struct{ start, size uintptr }

// cleanMappings returns the mappings of a file that can be read again from it: not
// writable, and without a page of its own (a relocated executable has some). Dirty
// pages are fine: they are those of an executable that has just been written.
func cleanMappings(smaps, file string) []mapping {
	var list []mapping
	candidate := false
	for _, line := range strings.Split(smaps, "\n") {
		f := strings.Fields(line)
		switch {
		case len(f) == 6 && strings.Contains(f[0], "-"):
			from, to, _ := strings.Cut(f[0], "-")
			start, err1 := strconv.ParseUint(from, 16, strconv.IntSize)
			end, err2 := strconv.ParseUint(to, 16, strconv.IntSize)
			candidate = err1 == nil && err2 == nil && f[5] == file && (f[1] == "r-xp" || f[1] == "r--p")
			if candidate {
				list = append(list, mapping{uintptr(start), uintptr(end - start)})
			}
		case candidate && len(f) > 1 && f[0] == "Anonymous:" && f[1] != "0":
			list = list[:len(list)-1]
			candidate = false
		}
	}
	return list
}
