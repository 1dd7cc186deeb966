package waiter

import (
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Word is the command of slipway-init that is the waiter:
//
//	slipway-init wait-for-files CONTROL LIST
//
// with the numbers of two descriptors.
const Word = "wait-for-files"

// Woken and Since are the options of `slipway watch` with which the waiter becomes the watcher:
// the descriptor of the list, and when it has seen a change, in nanoseconds since 1970.
const (
	Woken = "--woken="
	Since = "--since="
)

// List is what is waited for.
type List struct {
	Slipway string // the executable that renders
	Paths   []string
	states  []string // of the paths, when the list was made
}

// Take notes how all paths are now.
func (l *List) Take() {
	l.states = make([]string, len(l.Paths))
	for i, p := range l.Paths {
		l.states[i] = state(p)
	}
}

// Changed reports whether a path is other than it was.
func (l *List) Changed() bool {
	for i, p := range l.Paths {
		if state(p) != l.states[i] {
			return true
		}
	}
	return false
}

// Encode returns the list as text. No path has a zero byte.
func (l *List) Encode() []byte {
	fields := []string{l.Slipway}
	for i, p := range l.Paths {
		fields = append(fields, p, l.states[i])
	}
	return []byte(strings.Join(fields, "\x00"))
}

// Decode reads what Encode has written; ok is false for anything else.
func Decode(text []byte) (l List, ok bool) {
	fields := strings.Split(string(text), "\x00")
	if len(fields)%2 == 0 || fields[0] == "" {
		return List{}, false
	}
	l.Slipway = fields[0]
	for i := 1; i < len(fields); i += 2 {
		l.Paths, l.states = append(l.Paths, fields[i]), append(l.states, fields[i+1])
	}
	return l, true
}

// state tells how a path is: kind, identity, and size and time of a file or the names in a folder.
// The time of a folder does not count: a temporary file that has come and gone is no change.
func state(path string) string {
	var st unix.Stat_t
	if err := unix.Stat(path, &st); err != nil {
		return "-"
	}
	words := []uint64{uint64(st.Dev), st.Ino, uint64(st.Mode)}
	if st.Mode&unix.S_IFMT == unix.S_IFDIR {
		words = append(words, names(path))
	} else {
		words = append(words, uint64(st.Size), uint64(st.Mtim.Nano()))
	}
	var b []byte
	for _, w := range words {
		b = append(strconv.AppendUint(b, w, 36), ' ')
	}
	return string(b)
}

// names is a sum of the names in a folder, in whatever order the system tells them.
func names(folder string) (sum uint64) {
	fd, err := unix.Open(folder, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0
	}
	defer unix.Close(fd)
	var buffer [4096]byte
	for {
		n, err := unix.ReadDirent(fd, buffer[:])
		if err == unix.EINTR {
			continue
		}
		if err != nil || n <= 0 {
			return sum
		}
		_, _, found := unix.ParseDirent(buffer[:n], -1, nil)
		for _, name := range found {
			sum += hash(name)
		}
	}
}

// hash is FNV-1a.
func hash(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}
