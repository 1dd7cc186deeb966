package waiter

import (
	"os"
	"path/filepath"
	"testing"
)

func TestListTellsChanges(t *testing.T) {
	for _, change := range []struct {
		name string
		do   func(dir string) error
		want bool
	}{
		{"nothing", func(string) error { return nil }, false},
		{"a file's content", func(d string) error { return os.WriteFile(d+"/a", []byte("longer"), 0o644) }, true},
		{"a file's mode", func(d string) error { return os.Chmod(d+"/a", 0o600) }, true},
		{"a file is another of the same content", func(d string) error {
			if err := os.WriteFile(d+"/b", []byte("a"), 0o644); err != nil {
				return err
			}
			return os.Rename(d+"/b", d+"/a")
		}, true},
		{"a file goes", func(d string) error { return os.Remove(d + "/a") }, true},
		{"a new file", func(d string) error { return os.WriteFile(d+"/new", nil, 0o644) }, true},
		{"a link leads elsewhere", func(d string) error {
			if err := os.Remove(d + "/link"); err != nil {
				return err
			}
			return os.Symlink("sub", d+"/link")
		}, true},
		{"what was not there comes", func(d string) error { return os.Mkdir(d+"/none", 0o755) }, true},
		{"a file comes and goes", func(d string) error {
			if err := os.WriteFile(d+"/new", nil, 0o644); err != nil {
				return err
			}
			return os.Remove(d + "/new")
		}, false},
	} {
		t.Run(change.name, func(t *testing.T) {
			dir := t.TempDir()
			for _, err := range []error{os.WriteFile(dir+"/a", []byte("a"), 0o644), os.Mkdir(dir+"/sub", 0o755), os.Symlink("a", dir+"/link")} {
				if err != nil {
					t.Fatal(err)
				}
			}
			l := List{Slipway: "/bin/slipway"}
			for _, name := range []string{".", "a", "sub", "link", "none"} {
				l.Paths = append(l.Paths, filepath.Join(dir, name))
			}
			l.Take()
			read, ok := Decode(l.Encode())
			if !ok || read.Slipway != l.Slipway {
				t.Fatalf("Decode = %v, %t", read, ok)
			}
			if err := change.do(dir); err != nil {
				t.Fatal(err)
			}
			if got := read.Changed(); got != change.want {
				t.Errorf("Changed = %t, want %t", got, change.want)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, text := range []string{"", "/bin/slipway\x00/a", "\x00/a\x00-"} {
		if l, ok := Decode([]byte(text)); ok {
			t.Errorf("Decode(%q) = %v, want nothing", text, l)
		}
	}
}
