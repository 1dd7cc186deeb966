package secretdir

import (
	"path/filepath"
	"strings"
	"testing"

	"slipway/sources"
)

// A byte order mark is a part of a password that nobody sees: it is said.
func TestByteOrderMarkIsSaid(t *testing.T) {
	root := t.TempDir()
	put(t, filepath.Join(root, "s"), map[string]string{"marked": "\ufeffpw\n", "plain": "pw", "inside": "p\ufeffw", "none": "", "short": "\xef\xbb"})
	layer, notes, err := Read([]string{"/s"}, Options{Root: root})
	if err != nil || len(notes) != 1 || notes[0].Name != "MARKED" || !strings.Contains(notes[0].Text, "byte order mark") || strings.Contains(notes[0].String(), "pw") {
		t.Fatalf("notes = %v, %v, want one about MARKED", notes, err)
	}
	if text, _, _ := sources.Merge(layer).Get("MARKED"); text != "\ufeffpw" {
		t.Errorf("the value is %q, want it as it is in the file", text)
	}
}
