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
	if commands := tutorial(t, "first-container.md"); commands > 10 {
		t.Errorf("the tutorial has %d commands, want at most 10", commands)
	}
}

// The image of somebody who has supervisord.
func TestTutorialSupervisord(t *testing.T) {
	if commands := tutorial(t, "supervisord.md"); commands > 12 {
		t.Errorf("the tutorial has %d commands, want at most 12", commands)
	}
}

// A key of etcd is followed.
func TestTutorialEtcd(t *testing.T) { tutorial(t, "etcd.md") }

// tutorial types the blocks of a page that are the test's into one shell of an empty Debian
// container with a release, compares what they print, and returns the number of their lines.
func tutorial(t *testing.T, page string) (commands int) {
	t.Helper()
	testkit.Debian(t)
	page = filepath.Join("docs/tutorial", page)
	blocks := testkit.Blocks(t, page, t.Name())
	var script strings.Builder
	for i, b := range blocks {
		if b.Lang != "sh" {
			continue
		}
		commands += strings.Count(b.Text, "\n")
		fmt.Fprintf(&script, "{\n%s} >/out/%d 2>&1 || { echo the block ends with $?; cat /out/%[2]d; exit 1; }\n", b.Text, i)
	}
	if commands == 0 {
		t.Fatalf("%s has no block that is marked test=%s", page, t.Name())
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "script"), script.String())
	write(t, filepath.Join(dir, "dpkg"), "force-unsafe-io\n") // the container is thrown away
	out := t.TempDir()
	c := testkit.Run(t, testkit.RunOptions{
		Image: testkit.DebianImage, Args: []string{"sh", "/in/script"},
		Flags: []string{"-v", testkit.Release(t) + ":/dist:ro", "-v", dir + ":/in:ro",
			"-v", dir + "/dpkg:/etc/dpkg/dpkg.cfg.d/test:ro", "-v", out + ":/out", "-e", "DEBIAN_FRONTEND=noninteractive"},
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
	return commands
}
