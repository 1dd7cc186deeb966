package main

import (
	"encoding/xml"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// The picture of the README is a terminal in which the quickstart runs, from its first line to
// its last. It is made of what a run prints, by -update, and never by hand. Whoever cannot see
// it move sees the last lines.
const picture = "../../docs/quickstart.svg"

// Of the terminal, and in pixels of a character.
const (
	columns, rows = 100, 26
	across, down  = 8, 18
	margin        = 16
)

// wantPicture compares the picture with a run: the same lines, in whatever order two programs
// spoke, and made by drawing and nothing else.
func wantPicture(t *testing.T, printed string) {
	t.Helper()
	lines := recorded(printed)
	if *update {
		if err := os.WriteFile(picture, []byte(drawn(lines)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	svg, err := os.ReadFile(picture)
	if err != nil {
		t.Fatal(err)
	}
	shown, err := linesOf(svg)
	if err != nil {
		t.Fatal(err)
	}
	if drawn(shown) != string(svg) {
		t.Errorf("%s is not what its lines make; go test ./examples/quickstart -update writes it", picture)
	}
	// A wrapped line is two in the picture.
	got, want := slices.Sorted(slices.Values(shown)), slices.Sorted(slices.Values(wrapped(lines)))
	if !slices.Equal(got, want) {
		t.Errorf("%s is not what the quickstart prints; go test ./examples/quickstart -update writes it anew\nit shows\n%s\nwhere a run has\n%s",
			picture, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

var (
	// changing is what differs from run to run: times, process numbers, the temporary folder.
	changing = []struct {
		from *regexp.Regexp
		to   string
	}{
		{regexp.MustCompile(`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} `), "2026-12-01 12:00:00,000 "},
		{regexp.MustCompile(`with pid \d+`), "with pid 7"},
		{regexp.MustCompile(`in [0-9.]+m?s;`), "in 4ms;"},
		{regexp.MustCompile(`/[^ ']*/slipway-quickstart-\d+`), "/tmp/slipway-quickstart"},
	}
	// maybe is what a run does not always print.
	maybe = regexp.MustCompile(`left (processes|descendants)|serving for|waiting for|building slipway`)
)

// recorded are the lines of the picture: the command, and what a run has printed.
func recorded(printed string) []string {
	lines := []string{"$ go run ./examples/quickstart"}
	for line := range strings.Lines(printed) {
		line = strings.TrimRight(line, "\n")
		if maybe.MatchString(line) {
			continue
		}
		for _, c := range changing {
			line = c.from.ReplaceAllString(line, c.to)
		}
		if line == "" && lines[len(lines)-1] == "" {
			continue
		}
		lines = append(lines, line)
	}
	return lines
}

// wrapped are the lines as a terminal breaks them.
func wrapped(lines []string) []string {
	var all []string
	for _, l := range lines {
		r := []rune(l)
		for len(r) > columns {
			all, r = append(all, string(r[:columns])), r[columns:]
		}
		all = append(all, string(r))
	}
	return all
}

// drawn is the picture: each line is hidden until its time, and the text moves up when the
// terminal is full.
func drawn(lines []string) string {
	lines = wrapped(lines)
	begin := times(lines)
	end := begin[len(begin)-1] + 1
	width, height := columns*across+2*margin, rows*down+2*margin
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" xml:space="preserve" viewBox="0 0 %d %d" width="%[1]d" height="%d" role="img" aria-label="The quickstart in a terminal">
<style>
text { font: 13.2px ui-monospace, Menlo, Consolas, monospace; fill: #d8dee6; white-space: pre; }
.head { fill: #fff; font-weight: bold; } .add { fill: #7ee787; } .log { fill: #8b96a3; } .bad { fill: #ffa657; }
</style>
<rect width="100%%" height="100%%" rx="8" fill="#161b22"/>
<clipPath id="screen"><rect x="0" y="%[3]d" width="%[1]d" height="%[4]d"/></clipPath>
<g clip-path="url(#screen)"><g transform="translate(0 %[5]d)">
`, width, height, margin, rows*down, -down*max(0, len(lines)-rows))
	b.WriteString(`<animateTransform attributeName="transform" type="translate" calcMode="discrete" fill="freeze" ` + scroll(begin, end) + "/>\n")
	for i, l := range lines {
		if l == "" {
			fmt.Fprintf(&b, "<text/>\n")
			continue
		}
		var text strings.Builder
		_ = xml.EscapeText(&text, []byte(l)) // a Builder takes everything
		fmt.Fprintf(&b, `<text x="%d" y="%d" textLength="%d"%s>%s<set attributeName="visibility" to="hidden" begin="0s" dur="%.2fs"/></text>`+"\n",
			margin, margin+i*down+13, utf8.RuneCountInString(l)*across, class(l), text.String(), begin[i])
	}
	b.WriteString("</g></g>\n</svg>\n")
	return b.String()
}

// times are when the lines appear, in seconds: a reader needs some for each part.
func times(lines []string) []float64 {
	at, now := make([]float64, len(lines)), 0.4
	for i, l := range lines {
		switch {
		case strings.HasPrefix(l, "=="):
			now += 1.6
		case i > 0 && strings.HasPrefix(lines[i-1], "$"):
			now += 0.8
		default:
			now += 0.09
		}
		at[i] = now
	}
	return at
}

// scroll are the places of the text, from the first line to the last.
func scroll(begin []float64, end float64) string {
	values, keys := []string{"0 0"}, []string{"0"}
	for i := rows; i < len(begin); i++ {
		values = append(values, fmt.Sprintf("0 %d", -down*(i+1-rows)))
		keys = append(keys, fmt.Sprintf("%.4f", begin[i]/end))
	}
	return fmt.Sprintf(`dur="%.2fs" values="%s" keyTimes="%s"`, end, strings.Join(values, ";"), strings.Join(keys, ";"))
}

func class(line string) string {
	switch {
	case strings.HasPrefix(line, "=="), strings.HasPrefix(line, "$"):
		return ` class="head"`
	case strings.HasPrefix(line, "+"):
		return ` class="add"`
	case strings.Contains(line, " WARN "):
		return ` class="bad"`
	case strings.HasPrefix(line, "2026-"):
		return ` class="log"`
	}
	return ""
}

// linesOf reads the lines of a picture.
func linesOf(svg []byte) ([]string, error) {
	var doc struct {
		Text []string `xml:"g>g>text"`
	}
	err := xml.Unmarshal(svg, &doc)
	return doc.Text, err
}

// A time, a process number or a folder changes no picture, and a line that is too wide is two.
func TestRecorded(t *testing.T) {
	a := drawn(recorded("\n== x\n2026-11-29 11:17:10,726 INFO spawned: 'a' with pid 1\n" + strings.Repeat("<&ä", 40) + "\nwebapp: serving for 5 seconds\n"))
	b := drawn(recorded("\n== x\n2027-01-01 00:00:01,001 INFO spawned: 'a' with pid 23\n" + strings.Repeat("<&ä", 40) + "\n"))
	if a != b {
		t.Errorf("two runs make two pictures:\n%s\n%s", a, b)
	}
	lines, err := linesOf([]byte(a))
	if err != nil || len(lines) != 6 || drawn(lines) != a {
		t.Errorf("the lines of a picture are %q, %v", lines, err)
	}
}
