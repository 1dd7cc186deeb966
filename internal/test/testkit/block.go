package testkit

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Block is a fenced block of a page: its language, and the text in it.
type Block struct{ Lang, Text string }

// OneBlock is the text of the one block of a page of the repository that is marked
// test=name.
func OneBlock(t testing.TB, page, name string) string {
	t.Helper()
	blocks := Blocks(t, page, name)
	if len(blocks) != 1 {
		t.Fatalf("%s has %d blocks that are marked test=%s, want one", page, len(blocks), name)
	}
	return blocks[0].Text
}

// Blocks are all blocks of a page of the repository that are marked test=name, in their
// order.
func Blocks(t testing.TB, page, name string) []Block {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(Module(t), page))
	if err != nil {
		t.Fatal(err)
	}
	var blocks []Block
	open := false
	for line := range strings.Lines(string(text)) {
		mark := strings.TrimSpace(line)
		lang, marked := strings.CutSuffix(mark, " test="+name)
		switch {
		case !open && marked && strings.HasPrefix(mark, "```"):
			open, blocks = true, append(blocks, Block{Lang: strings.TrimLeft(lang, "`")})
		case mark == "```":
			open = false
		case open:
			blocks[len(blocks)-1].Text += line
		}
	}
	return blocks
}

// Matches compares what a command has printed with what a page shows of it, line by line.
// A wanted line "..." stands for any lines, and "..." at the end of a line for the rest of it.
func Matches(got, want string) bool {
	return matchLines(strings.Split(strings.TrimRight(got, "\n"), "\n"), strings.Split(strings.TrimRight(want, "\n"), "\n"))
}

func matchLines(got, want []string) bool {
	if len(want) == 0 {
		return len(got) == 0
	}
	if want[0] == "..." {
		return matchLines(got, want[1:]) || len(got) > 0 && matchLines(got[1:], want)
	}
	if len(got) == 0 {
		return false
	}
	begin, open := strings.CutSuffix(want[0], "...")
	if strings.TrimRight(got[0], " ") != want[0] && !(open && strings.HasPrefix(got[0], begin)) {
		return false
	}
	return matchLines(got[1:], want[1:])
}
