package transaction

import (
	"bytes"
	"fmt"
	"path"
	"strings"

	"slipway/render"
)

// A managed block is the part of somebody else's file that is ours. Its marks
// name slipway, not the template, so that a template that moves still finds its block.
const (
	blockBegin = "BEGIN slipway: made at every start, changes between the marks are lost"
	blockEnd   = "END slipway"
)

// comment returns what starts and ends a comment line in the file dest.
func comment(dest, style string) (open, end string) {
	if style != "" {
		open, end, _ = strings.Cut(style, " ")
		return open, end
	}
	switch path.Ext(dest) {
	case ".xml", ".html", ".xhtml", ".svg":
		return "<!--", "-->"
	case ".js", ".go", ".java", ".c", ".h", ".scss", ".json5", ".groovy", ".gradle":
		return "//", ""
	case ".css":
		return "/*", "*/"
	case ".sql", ".lua":
		return "--", ""
	case ".ini":
		return ";", ""
	case ".el", ".lisp":
		return ";;", ""
	case ".vim":
		return `"`, ""
	case ".tex":
		return "%", ""
	}
	return "#", ""
}

func markLine(open, text, end string) string {
	if end != "" {
		end = " " + end
	}
	return open + " " + text + end
}

// withBlock returns file with block between the marks: in place of the block that
// is there, else at the top (below a #! or <?xml line) or at the bottom. An empty
// block takes the marks away. Doing it twice changes nothing.
func withBlock(file, block []byte, t *render.Target) ([]byte, error) {
	open, end := comment(t.Dest, t.Comment)
	first, last := markLine(open, blockBegin, end), markLine(open, blockEnd, end)
	if bytes.Contains(block, []byte(last)) {
		return nil, fmt.Errorf("the rendered text holds the line %q, which ends the block", last)
	}
	before, rest, err := cutBlock(file, first, last)
	if err != nil {
		return nil, err
	}
	if before == nil && rest == nil {
		before, rest = place(file, t.Bottom)
	}
	var out bytes.Buffer
	out.Write(before)
	if len(block) > 0 {
		if n := out.Len(); n > 0 && out.Bytes()[n-1] != '\n' {
			out.WriteByte('\n')
		}
		out.WriteString(first + "\n")
		out.Write(block)
		if block[len(block)-1] != '\n' {
			out.WriteByte('\n')
		}
		out.WriteString(last + "\n")
	}
	out.Write(rest)
	return out.Bytes(), nil
}

// cutBlock returns what stands before and after the block; nil, nil when there is none.
func cutBlock(file []byte, first, last string) (before, after []byte, err error) {
	start := lineIndex(file, first)
	if start < 0 {
		return nil, nil, nil
	}
	tail := file[start:]
	end := lineIndex(tail, last)
	if end < 0 {
		return nil, nil, fmt.Errorf("the file has the line %q without the line %q after it", first, last)
	}
	after = tail[end:]
	if i := bytes.IndexByte(after, '\n'); i >= 0 {
		after = after[i+1:]
	} else {
		after = nil
	}
	if lineIndex(after, first) >= 0 {
		return nil, nil, fmt.Errorf("the file has two blocks that start with %q", first)
	}
	return file[:start:start], append([]byte{}, after...), nil
}

// lineIndex finds a whole line.
func lineIndex(file []byte, line string) int {
	for from := 0; ; {
		i := bytes.Index(file[from:], []byte(line))
		if i < 0 {
			return -1
		}
		i += from
		end := i + len(line)
		if (i == 0 || file[i-1] == '\n') && (end == len(file) || file[end] == '\n' || file[end] == '\r') {
			return i
		}
		from = end
	}
}

// place splits a file that has no block yet where the block shall go.
func place(file []byte, bottom bool) (before, rest []byte) {
	if bottom {
		return file, nil
	}
	if bytes.HasPrefix(file, []byte("#!")) || bytes.HasPrefix(file, []byte("<?xml")) {
		if i := bytes.IndexByte(file, '\n'); i >= 0 {
			return file[: i+1 : i+1], file[i+1:]
		}
	}
	return nil, file
}
