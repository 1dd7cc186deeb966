//go:build linux

package logs

import "bytes"

// ansiStripper removes what Supervisor's strip_ansi removes: ESC [ up to and with
// the first of the final letters below. Other escapes stay. Unlike the original it
// keeps its state from one read to the next, so that the result does not depend on
// where a read ended.
type ansiStripper struct {
	state ansiState
	out   []byte // reused
}

type ansiState uint8

const (
	ansiText     ansiState = iota
	ansiEscape             // the last byte was ESC, which is held back
	ansiSequence           // inside a sequence
)

// ansiFinal reports whether c ends a sequence.
func ansiFinal(c byte) bool {
	switch c {
	case 'H', 'f', 'A', 'B', 'C', 'D', 'R', 's', 'u', 'J', 'K', 'h', 'l', 'p', 'm':
		return true
	}
	return false
}

// strip returns p without sequences. The result is p itself if there is nothing to
// remove; otherwise it is valid until the next call.
func (a *ansiStripper) strip(p []byte) []byte {
	if a.state == ansiText && bytes.IndexByte(p, 0x1b) < 0 {
		return p
	}
	out := a.out[:0]
	for len(p) > 0 {
		switch a.state {
		case ansiText:
			i := bytes.IndexByte(p, 0x1b)
			if i < 0 {
				out = append(out, p...)
				p = nil
				break
			}
			out = append(out, p[:i]...)
			p = p[i+1:]
			a.state = ansiEscape
		case ansiEscape:
			if p[0] == '[' {
				p = p[1:]
				a.state = ansiSequence
				break
			}
			out = append(out, 0x1b)
			a.state = ansiText
		case ansiSequence:
			if ansiFinal(p[0]) {
				a.state = ansiText
			}
			p = p[1:]
		}
	}
	a.out = out
	return out
}

// flush returns what is held back, at the end of the output. An unfinished
// sequence is not text.
func (a *ansiStripper) flush() []byte {
	held := a.state == ansiEscape
	a.state = ansiText
	if held {
		return []byte{0x1b}
	}
	return nil
}
