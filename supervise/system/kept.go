package system

import (
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Kept are the texts of files that can be read only once, such as /dev/stdin and the
// /dev/fd/63 of a shell's <(…), by absolute path. The stages of a start read the same files one
// after the other, and a reload reads them again.
type Kept map[string]string

// Keeping returns s with a ReadFile that keeps what can be read only once in k, and takes it
// from there the next time.
func (s System) Keeping(k Kept) System {
	read, exists := s.ReadFile, s.Exists
	s.ReadFile = func(path string) ([]byte, error) {
		name := absolute(path)
		if text, ok := k[name]; ok {
			return []byte(text), nil
		}
		once := s.ReadOnce != nil && s.ReadOnce(path)
		text, err := read(path)
		if once && err == nil {
			k[name] = string(text)
		}
		return text, err
	}
	s.Exists = func(path string) bool {
		_, ok := k[absolute(path)]
		return ok || exists(path)
	}
	return s
}

// Names are the names of the files, in order.
func (k Kept) Names() []string { return slices.Sorted(maps.Keys(k)) }

// Encode returns k in the form that crosses to the next stage: for each file its name, a zero
// byte, the length of its text in decimal, a zero byte, the text.
func (k Kept) Encode() []byte {
	var b []byte
	for _, name := range k.Names() {
		b = append(b, name...)
		b = append(b, 0)
		b = strconv.AppendInt(b, int64(len(k[name])), 10)
		b = append(b, 0)
		b = append(b, k[name]...)
	}
	return b
}

// DecodeKept reads what Encode wrote. What is not in that form ends it.
func DecodeKept(b []byte) Kept {
	k, rest := Kept{}, string(b)
	for {
		name, after, ok := strings.Cut(rest, "\x00")
		size, text, ok2 := strings.Cut(after, "\x00")
		n, err := strconv.Atoi(size)
		if !ok || !ok2 || err != nil || n < 0 || n > len(text) {
			return k
		}
		k[name], rest = text[:n], text[n:]
	}
}

func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}
