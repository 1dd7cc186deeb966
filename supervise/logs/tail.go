//go:build linux

package logs

import (
	"bytes"
	"strings"
	"unicode"
)

// Recent returns the last output that is kept, as it came. It is what there is to
// show of a channel that goes to the container's stdout, where nothing can be read
// back.
func (s *Stream) Recent() []byte { return s.tail.bytes() }

// Tail returns the last n lines that the program printed, for the message about a
// start that failed: escapes and control characters removed, a line whose beginning
// is not kept any more starting with "…".
func (s *Stream) Tail(n int) []string {
	var strip ansiStripper
	text := strip.strip(s.tail.bytes())
	text = bytes.TrimRight(text, "\r\n")
	if len(text) == 0 {
		return nil
	}
	lines := strings.Split(string(text), "\n")
	if s.tail.cut {
		lines[0] = "…" + lines[0]
	}
	lines = lines[max(0, len(lines)-n):]
	for i, l := range lines {
		lines[i] = strings.Map(printable, strings.ToValidUTF8(strings.TrimRight(l, "\r"), "\uFFFD"))
	}
	return lines
}

func printable(r rune) rune {
	if r == '\t' || unicode.IsPrint(r) {
		return r
	}
	return -1
}
