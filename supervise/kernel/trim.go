package kernel

import (
	"bytes"
	"os"
	"strconv"

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
	fd, err := unix.Open("/proc/self/smaps", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return
	}
	defer unix.Close(fd)
	read := func(p []byte) int {
		n, _ := k.Read(fd, p)
		return n
	}
	for _, r := range cleanMappings(read, self) {
		// The raw call: the range is no slice of ours. Failure costs memory only.
		unix.Syscall(unix.SYS_MADVISE, r.start, r.size, unix.MADV_DONTNEED)
	}
}

// mapping is a range of addresses.
type mapping struct{ start, size uintptr }

// cleanMappings returns the mappings of a file that can be read again from it: not
// writable, and without a page of its own (a relocated executable has some). Dirty
// pages are fine: they are those of an executable that has just been written.
//
// What read gives is smaps, in pieces; it returns 0 at the end. The text has 1,000 lines, and
// is not kept: to hold it and its words took 130 KiB, for good, to give back 1 MiB.
func cleanMappings(read func(p []byte) int, file string) []mapping {
	var list []mapping
	candidate := false
	buf, have := make([]byte, 4096), 0 // longer than any line
	for {
		n := read(buf[have:])
		if n <= 0 {
			return list
		}
		have += n
		rest := buf[:have]
		for {
			line, after, whole := bytes.Cut(rest, []byte{'\n'})
			if !whole {
				break
			}
			rest = after
			word, values := cutWord(line)
			if !bytes.HasSuffix(word, []byte{':'}) {
				r, ok := cleanMapping(word, values, file)
				if candidate = ok; ok {
					list = append(list, r)
				}
				continue
			}
			if value, _ := cutWord(values); candidate && string(word) == "Anonymous:" && string(value) != "0" {
				list = list[:len(list)-1]
				candidate = false
			}
		}
		have = copy(buf, rest)
	}
}

// cleanMapping reads the first line of a mapping, its range cut off. ok says that it is one of
// the file and not writable.
func cleanMapping(where, line []byte, file string) (r mapping, ok bool) {
	access, line := cutWord(line)
	for range 3 { // offset, device, inode
		_, line = cutWord(line)
	}
	if string(bytes.TrimSpace(line)) != file || string(access) != "r-xp" && string(access) != "r--p" {
		return mapping{}, false
	}
	from, to, _ := bytes.Cut(where, []byte{'-'})
	start, err1 := strconv.ParseUint(string(from), 16, strconv.IntSize)
	end, err2 := strconv.ParseUint(string(to), 16, strconv.IntSize)
	return mapping{uintptr(start), uintptr(end - start)}, err1 == nil && err2 == nil
}

// cutWord returns the first word of a line, and what follows it.
func cutWord(line []byte) (word, rest []byte) {
	word, rest, _ = bytes.Cut(bytes.TrimLeft(line, " "), []byte{' '})
	return word, rest
}
