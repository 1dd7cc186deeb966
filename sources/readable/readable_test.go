package readable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	root := t.TempDir()
	put := func(name, text string) {
		t.Helper()
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	link := func(to, name string) {
		t.Helper()
		if err := os.Symlink(to, filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	put("open/a", "a\n")
	put("open/sub/b", "b\x00")
	put("open/big", strings.Repeat("x", 1<<20+1))
	put("open2/c", "c")
	put("secrets/..v1/key", "key")
	put("elsewhere/d", "d")
	link("..v1", "secrets/..data")
	link("..data/key", "secrets/key")
	link("../elsewhere/d", "open/out")
	link("../secrets/key", "open/secret")
	link("sub/b", "open/in")
	link(filepath.Join(root, "open"), "alias")
	folders := Folders{Open: []string{filepath.Join(root, "open"), filepath.Join(root, "alias")}, Secret: []string{filepath.Join(root, "secrets")}}
	for _, r := range []struct {
		file   string
		want   string
		secret bool
		err    string // a part of it
		absent bool
	}{
		{file: "open/a", want: "a\n"},
		{file: "open/sub/../a", want: "a\n"},
		{file: "open/sub/b", want: "b\x00"},
		{file: "open/in", want: "b\x00"},
		{file: "alias/a", want: "a\n"},
		{file: "secrets/key", want: "key", secret: true},
		{file: "open/secret", want: "key", secret: true},
		{file: "open/gone", absent: true},
		{file: "open", err: "below no folder"},
		{file: "open/../elsewhere/d", err: "below no folder"},
		{file: "open2/c", err: "below no folder"},
		{file: "open/out", err: "it is a link to "},
		{file: "open/sub", err: "not a regular file"},
		{file: "open/big", err: "more than 1048576 bytes"},
	} {
		text, secret, err := folders.Read(filepath.Join(root, "open") + "/../" + r.file)
		switch {
		case r.absent && !errors.Is(err, fs.ErrNotExist):
			t.Errorf("%s: %v, want that it is not there", r.file, err)
		case r.err != "" && (err == nil || !strings.Contains(err.Error(), r.err) || errors.Is(err, fs.ErrNotExist)):
			t.Errorf("%s: %v, want %s", r.file, err, r.err)
		case r.err == "" && !r.absent && (err != nil || string(text) != r.want || secret != r.secret):
			t.Errorf("%s = %q, %t, %v, want %q, %t", r.file, text, secret, err, r.want, r.secret)
		}
	}
	var refused *RefusedError
	if _, _, err := folders.Read("open/a"); !errors.As(err, &refused) || !strings.Contains(refused.Hint(), filepath.Join(root, "open")) {
		t.Errorf("a relative path: %v, want it refused, with the folders", err)
	}
}
