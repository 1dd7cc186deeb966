package image_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slipway/internal/test/testkit"
)

// A stranger types what the tutorial says, and nothing else, into an empty container.
func TestTutorialFirstContainer(t *testing.T) {
	testkit.Debian(t)
	const page, most = "docs/tutorial/first-container.md", 10
	blocks := testkit.Blocks(t, page, t.Name())
	var script strings.Builder
	commands := 0
	for i, b := range blocks {
		if b.Lang != "sh" {
			continue
		}
		commands += strings.Count(b.Text, "\n")
		fmt.Fprintf(&script, "{\n%s} >/out/%d 2>&1 || { echo the block ends with $?; cat /out/%[2]d; exit 1; }\n", b.Text, i)
	}
	if commands == 0 || commands > most {
		t.Errorf("the tutorial has %d commands, want at most %d", commands, most)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "script"), script.String())
	out := t.TempDir()
	c := testkit.Run(t, testkit.RunOptions{
		Image: testkit.DebianImage, Args: []string{"sh", "/in/script"},
		Flags: []string{"-v", testkit.Release(t) + ":/dist:ro", "-v", dir + ":/in:ro", "-v", out + ":/out", "-e", "DEBIAN_FRONTEND=noninteractive"},
	})
	if status := c.ExitStatus(t, 2*testkit.Patience); status != 0 {
		t.Fatalf("the commands end with %d", status)
	}
	for i := range blocks {
		if blocks[i].Lang != "output" {
			continue
		}
		got, err := os.ReadFile(filepath.Join(out, fmt.Sprint(i-1)))
		if err != nil {
			t.Fatalf("output of nothing: %v", err)
		}
		if !testkit.Matches(string(got), blocks[i].Text) {
			t.Errorf("%s shows\n%swhere it is\n%s", page, blocks[i].Text, got)
		}
	}
}
