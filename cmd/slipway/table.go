package main

import (
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// gap is between two columns.
const gap = 2

// leastLast is how narrow the last column becomes before others are cut.
const leastLast = 16

// table prints rows with aligned columns. On a terminal no line is wider than that: the
// last column is folded, and what is too wide even then is cut in its widest columns.
// Elsewhere everything is printed as it is.
type table struct {
	w     io.Writer
	width int // of the terminal; 0: no bound
	rows  [][]string
}

func newTable(w io.Writer, heading ...string) *table {
	t := &table{w: w, width: terminalWidth(w)}
	if len(heading) > 0 {
		t.row(heading...)
	}
	return t
}

// terminalWidth is how many columns a terminal has, 0 for what is none.
func terminalWidth(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok {
		return 0
	}
	size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return 0
	}
	return int(size.Col)
}

// row adds a line. Cells keep to one line, whatever is in them.
func (t *table) row(cells ...string) {
	for i, c := range cells {
		cells[i] = oneLine(c)
	}
	t.rows = append(t.rows, cells)
}

func (t *table) flush() error {
	widths := t.columns()
	var b strings.Builder
	for _, cells := range t.rows {
		writeRow(&b, cells, widths)
	}
	t.rows = nil
	_, err := io.WriteString(t.w, b.String())
	return err
}

// columns are the widths of the columns.
func (t *table) columns() []int {
	var widths []int
	for _, cells := range t.rows {
		for i, c := range cells {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(c))
		}
	}
	if t.width == 0 || len(widths) == 0 {
		return widths
	}
	last, over := len(widths)-1, gap*(len(widths)-1)-t.width
	for _, w := range widths {
		over += w
	}
	if over > 0 && widths[last] > leastLast {
		by := min(over, widths[last]-leastLast)
		widths[last], over = widths[last]-by, over-by
	}
	for ; over > 0; over-- {
		widest := 0
		for i, w := range widths {
			if w > widths[widest] {
				widest = i
			}
		}
		if widths[widest] <= 1 {
			break // a terminal that is narrower than the number of columns
		}
		widths[widest]--
	}
	return widths
}

// writeRow writes the cells of a line, and below them what does not fit into the last one.
func writeRow(b *strings.Builder, cells []string, widths []int) {
	var line strings.Builder
	indent := 0
	for i, c := range cells {
		if i == len(widths)-1 {
			for j, part := range folded(c, widths[i]) {
				if j > 0 {
					endLine(b, &line)
					line.WriteString(strings.Repeat(" ", indent))
				}
				line.WriteString(part)
			}
			break
		}
		c = cut(c, widths[i])
		line.WriteString(c + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(c)+gap))
		indent += widths[i] + gap
	}
	endLine(b, &line)
}

// endLine moves a line to b, without blanks at its end.
func endLine(b, line *strings.Builder) {
	b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	line.Reset()
}

// cut shortens a text to a width, and shows that.
func cut(s string, width int) string {
	if utf8.RuneCountInString(s) <= width {
		return s
	}
	return string([]rune(s)[:width-1]) + "…"
}

// folded breaks a text into lines of a width, between words where that is possible.
func folded(s string, width int) []string {
	if utf8.RuneCountInString(s) <= width {
		return []string{s}
	}
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		for {
			room := width - utf8.RuneCountInString(line)
			if line != "" {
				room--
			}
			n := utf8.RuneCountInString(word)
			switch {
			case n <= room && line == "":
				line = word
			case n <= room:
				line += " " + word
			case line != "":
				lines, line = append(lines, line), ""
				continue
			default: // a word that is wider than a line
				r := []rune(word)
				lines, word = append(lines, string(r[:width])), string(r[width:])
				continue
			}
			break
		}
	}
	return append(lines, line)
}
