package transaction

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"slipway/render"
)

// FileDiff is how one target changes, without secrets.
type FileDiff struct {
	Dest   string `json:"dest"`             // the file
	Action Action `json:"action"`           // create, modify or remove
	Secret bool   `json:"secret,omitempty"` // whether it holds a secret; then no lines are shown
	// Mode and Owner are set when they change: "0644 -> 0600".
	Mode  string `json:"mode,omitempty"`  // how it changes: 0644 -> 0600
	Owner string `json:"owner,omitempty"` // how it changes
	// Hunks is the difference in unified form; empty when nothing can be shown.
	Hunks    []Hunk   `json:"hunks,omitempty"`
	Template string   `json:"template,omitempty"` // what it is made from
	Notify   []string `json:"notify,omitempty"`   // the programs that are told of it
}

// Hunk is a run of lines of a unified diff.
type Hunk struct {
	OldLine int      `json:"old_line"` // the first, counted from 1
	OldLen  int      `json:"old_len"`  // how many
	NewLine int      `json:"new_line"` // the first of the new file
	NewLen  int      `json:"new_len"`  // how many
	Lines   []string `json:"lines"`    // each with ' ', '-' or '+' in front
}

// Diffs describes changes for people. Targets that do not change are left out.
func Diffs(changes []*Change) []FileDiff {
	var out []FileDiff
	for _, c := range changes {
		if c.Action != Unchanged {
			out = append(out, c.diff())
		}
	}
	return out
}

func (c *Change) diff() FileDiff {
	d := FileDiff{Dest: c.Target.Dest, Action: c.Action, Secret: c.Target.Secret, Template: c.Target.Template, Notify: c.Target.Notify}
	if c.Action == Modify || c.Action == Attrs {
		if c.perm != c.info.Perm() {
			d.Mode = fmt.Sprintf("%04o -> %04o", c.info.Perm(), c.perm)
		}
		if c.uid != c.info.UID || c.gid != c.info.GID {
			d.Owner = fmt.Sprintf("%d:%d -> %d:%d", c.info.UID, c.info.GID, c.uid, c.gid)
		}
	}
	old, now := splitLines(c.Old), splitLines(c.New)
	edits := diffLines(old, now)
	if c.Target.Secret {
		show := c.shownLines(now)
		if show == nil {
			return d
		}
		edits = redactEdits(edits, show)
	}
	if c.private {
		edits = redactOld(edits)
	}
	for i := range edits { // the old file may have come by a secret in any other way
		edits[i].text = c.redact.Redact(edits[i].text)
	}
	d.Hunks = hunks(edits)
	return d
}

// shownLines returns the lines of New without secrets, nil when nothing can be
// shown. A block is shown in its place.
func (c *Change) shownLines(now []string) []string {
	if c.Target.Shown == nil {
		return nil
	}
	text := c.Target.Shown
	if c.Target.Write == render.WriteBlock && !c.Target.Whole {
		var err error
		if text, err = withBlock(c.Old, c.Target.Shown, c.Target); err != nil {
			return nil
		}
	}
	if show := splitLines(text); len(show) == len(now) {
		return show
	}
	return nil
}

func splitLines(b []byte) []string {
	if len(b) == 0 {
		return nil
	}
	text := string(bytes.TrimSuffix(b, []byte("\n")))
	return strings.Split(text, "\n")
}

// edit is one line of the way from old to new.
type edit struct {
	op   byte // ' ', '-', '+'
	text string
	a, b int // line numbers from 0: of old for ' ' and '-', of new for ' ' and '+'
}

// redactEdits replaces every line by what may be shown: a new one by its rendition without
// secrets, an old one, of which nobody knows what was secret, by nothing.
func redactEdits(edits []edit, show []string) []edit {
	out := make([]edit, len(edits))
	for i, e := range edits {
		if e.op == '-' {
			e.text = render.Redacted
		} else {
			e.text = show[e.b]
		}
		out[i] = e
	}
	return out
}

// redactOld hides what is taken away.
func redactOld(edits []edit) []edit {
	out := slices.Clone(edits)
	for i := range out {
		if out[i].op == '-' {
			out[i].text = render.Redacted
		}
	}
	return out
}

// maxDiff bounds the square that the comparison fills; larger files are shown
// as replaced between their common head and tail.
const maxDiff = 4 << 20

// diffLines finds a shortest edit script by the longest common subsequence of
// what remains when the common head and tail are taken away.
func diffLines(old, now []string) []edit {
	head := 0
	for head < len(old) && head < len(now) && old[head] == now[head] {
		head++
	}
	tail := 0
	for tail < len(old)-head && tail < len(now)-head && old[len(old)-1-tail] == now[len(now)-1-tail] {
		tail++
	}
	var out []edit
	for i := range head {
		out = append(out, edit{' ', old[i], i, i})
	}
	out = middle(out, old[:len(old)-tail], now[:len(now)-tail], head)
	for i := range tail {
		a, b := len(old)-tail+i, len(now)-tail+i
		out = append(out, edit{' ', old[a], a, b})
	}
	return out
}

func middle(out []edit, old, now []string, head int) []edit {
	n, m := len(old)-head, len(now)-head
	i, j := head, head
	if n > 0 && m > 0 && n*m <= maxDiff {
		// common[x][y] is the length of what old[head+x:] and now[head+y:] share.
		common := make([][]int32, n+1)
		cells := make([]int32, (n+1)*(m+1))
		for x := range common {
			common[x] = cells[x*(m+1) : (x+1)*(m+1)]
		}
		for x := n - 1; x >= 0; x-- {
			for y := m - 1; y >= 0; y-- {
				if old[head+x] == now[head+y] {
					common[x][y] = common[x+1][y+1] + 1
				} else {
					common[x][y] = max(common[x+1][y], common[x][y+1])
				}
			}
		}
		for i < len(old) && j < len(now) {
			switch {
			case old[i] == now[j]:
				out = append(out, edit{' ', old[i], i, j})
				i, j = i+1, j+1
			case common[i-head+1][j-head] >= common[i-head][j-head+1]:
				out = append(out, edit{'-', old[i], i, j})
				i++
			default:
				out = append(out, edit{'+', now[j], i, j})
				j++
			}
		}
	}
	for ; i < len(old); i++ {
		out = append(out, edit{'-', old[i], i, j})
	}
	for ; j < len(now); j++ {
		out = append(out, edit{'+', now[j], i, j})
	}
	return out
}

const contextLines = 3

// hunks groups the edits with three lines of context, as diff -u does.
func hunks(edits []edit) []Hunk {
	var out []Hunk
	for i := 0; i < len(edits); {
		if edits[i].op == ' ' {
			i++
			continue
		}
		start := max(i-contextLines, 0)
		end, last := i, i
		for end < len(edits) && end-last <= 2*contextLines {
			if edits[end].op != ' ' {
				last = end
			}
			end++
		}
		end = min(last+1+contextLines, len(edits))
		h := Hunk{OldLine: edits[start].a + 1, NewLine: edits[start].b + 1}
		for _, e := range edits[start:end] {
			h.Lines = append(h.Lines, string(e.op)+e.text)
			if e.op != '+' {
				h.OldLen++
			}
			if e.op != '-' {
				h.NewLen++
			}
		}
		if h.OldLen == 0 {
			h.OldLine--
		}
		if h.NewLen == 0 {
			h.NewLine--
		}
		out = append(out, h)
		i = end
	}
	return out
}

const (
	bold, red, green, cyan, reset = "\x1b[1m", "\x1b[31m", "\x1b[32m", "\x1b[36m", "\x1b[0m"
)

// FormatDiff prints diffs in unified form, in colour if wanted. What a file
// holds cannot drive the terminal: control characters are shown as such.
func FormatDiff(diffs []FileDiff, colour bool) string {
	var b strings.Builder
	line := func(style, text string) {
		text = printable(text)
		if colour && style != "" {
			text = style + text + reset
		}
		b.WriteString(text + "\n")
	}
	for _, d := range diffs {
		from, to := "a"+d.Dest, "b"+d.Dest
		if d.Action == Create {
			from = "/dev/null"
		}
		if d.Action == Remove {
			to = "/dev/null"
		}
		line(bold, "--- "+from)
		line(bold, "+++ "+to)
		if d.Mode != "" {
			line(bold, "mode "+d.Mode)
		}
		if d.Owner != "" {
			line(bold, "owner "+d.Owner)
		}
		if d.Hunks == nil && d.Secret && d.Action != Attrs {
			line(cyan, "(holds a secret, and nothing of it can be shown)")
		}
		for _, h := range d.Hunks {
			line(cyan, fmt.Sprintf("@@ -%s +%s @@", span(h.OldLine, h.OldLen), span(h.NewLine, h.NewLen)))
			for _, l := range h.Lines {
				style := ""
				switch l[0] {
				case '-':
					style = red
				case '+':
					style = green
				}
				line(style, l)
			}
		}
	}
	return b.String()
}

func span(line, n int) string {
	if n == 1 {
		return fmt.Sprint(line)
	}
	return fmt.Sprintf("%d,%d", line, n)
}

func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\t' && (r < 0x20 || r == 0x7f || r >= 0x80 && r < 0xa0) {
			return '\uFFFD'
		}
		return r
	}, s)
}

// MarshalDiff returns diffs as JSON.
func MarshalDiff(diffs []FileDiff) ([]byte, error) {
	if diffs == nil {
		diffs = []FileDiff{}
	}
	return json.MarshalIndent(diffs, "", "  ")
}
