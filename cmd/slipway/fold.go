package main

import (
	"strings"
	"unicode/utf8"
)

// hanging folds the lines of a text that are wider than a terminal, between words. What
// follows stands below the second column of the line, which begins behind two blanks, or
// else below its first word. Prose is folded anew by paragraphs. A width of 0 is no bound.
func hanging(text string, width int) string {
	if width <= 0 {
		return text
	}
	var b strings.Builder
	var prose []string
	flush := func() {
		for _, line := range joinedIfWide(prose, width) {
			b.WriteString(strings.Join(hang(line, width), "\n") + "\n")
		}
		prose = nil
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if isProse(line) {
			prose = append(prose, line)
			continue
		}
		flush()
		b.WriteString(strings.Join(hang(line, width), "\n") + "\n")
	}
	flush()
	return b.String()
}

// isProse tells a line of running text from one of a table or an example.
func isProse(line string) bool {
	return line != "" && line[0] != ' ' && !strings.Contains(line, "  ")
}

// joinedIfWide makes one line of a paragraph that has to be folded.
func joinedIfWide(lines []string, width int) []string {
	for _, l := range lines {
		if utf8.RuneCountInString(l) > width {
			return []string{strings.Join(lines, " ")}
		}
	}
	return lines
}

// hang folds one line.
func hang(line string, width int) []string {
	text := []rune(line)
	if len(text) <= width {
		return []string{line}
	}
	indent := secondColumn(text)
	if indent > width-leastLast {
		indent = 0 // there is no room below it
	}
	var lines []string
	for room := width; len(text) > room; room = width - indent {
		end := room
		for end > 0 && text[end] != ' ' {
			end--
		}
		if len(strings.TrimSpace(string(text[:end]))) == 0 || len(lines) == 0 && end < indent {
			end = room // a word that is wider than a line
		}
		lines = append(lines, strings.TrimRight(string(text[:end]), " "))
		text = []rune(strings.TrimLeft(string(text[end:]), " "))
	}
	if len(text) > 0 {
		lines = append(lines, string(text))
	}
	for i := 1; i < len(lines); i++ {
		lines[i] = strings.Repeat(" ", indent) + lines[i]
	}
	return lines
}

// secondColumn is where the text behind the first gap of two blanks begins, or else the
// first word.
func secondColumn(line []rune) int {
	first := 0
	for first < len(line) && line[first] == ' ' {
		first++
	}
	for i := first; i+2 < len(line); i++ {
		if line[i] != ' ' || line[i+1] != ' ' {
			continue
		}
		for i < len(line) && line[i] == ' ' {
			i++
		}
		return i
	}
	return first
}
