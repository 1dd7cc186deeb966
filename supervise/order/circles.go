package order

import (
	"slices"
	"strings"
)

// Waits walks along what programs wait for.
type Waits struct {
	Needs   map[string][]string // program or group → what it waits for
	seen    map[string]int      // depth of those on the path from 1 on; -1: done
	circles int
}

// mostCircles bounds the circles that are reported: each can be as long as the file.
const mostCircles = 20

// Walk calls found for the circles that can be reached from a name, and were not before.
// The path is kept by hand, as a file may have a chain that is too long for a stack.
func (w *Waits) Walk(name string, found func(circle []string)) {
	if w.seen == nil {
		w.seen = make(map[string]int, len(w.Needs))
	}
	if w.seen[name] != 0 {
		return
	}
	path, next := []string{name}, []int{0} // next: of the needs of each
	w.seen[name] = 1
	for len(path) > 0 {
		top := len(path) - 1
		needs := w.Needs[path[top]]
		if next[top] == len(needs) {
			w.seen[path[top]] = -1
			path, next = path[:top], next[:top]
			continue
		}
		need := needs[next[top]]
		next[top]++
		switch at := w.seen[need]; {
		case at > 0 && w.circles < mostCircles:
			w.circles++
			found(append(slices.Clone(path[at-1:]), need))
		case at == 0:
			path, next = append(path, need), append(next, 0)
			w.seen[need] = len(path)
		}
	}
}

// Arrows writes a circle; of a long one its beginning and its end.
func Arrows(names []string) string {
	const shown = 10
	if len(names) > 2*shown {
		names = slices.Concat(names[:shown], []string{"…"}, names[len(names)-shown:])
	}
	return strings.Join(names, " → ")
}
