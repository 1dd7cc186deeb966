package render

import (
	"io/fs"
	"slices"
	"testing"
)

// counted are files that count how often each is read.
type counted map[string]int

func (counted) ReadDir(string) ([]string, error) { return nil, nil }
func (counted) Mode(string) (fs.FileMode, error) { return 0, nil }
func (c counted) ReadFile(name string) ([]byte, error) {
	c[name]++
	if name == "absent" {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return []byte(name), nil
}

func TestRecorder(t *testing.T) {
	files := counted{}
	r := Record(files)
	for range 2 {
		for _, name := range []string{"b", "absent", "a"} {
			text, err := r.ReadFile(name)
			if (err != nil) != (name == "absent") || err == nil && string(text) != name {
				t.Errorf("ReadFile(%s) = %q, %v", name, text, err)
			}
		}
	}
	for name, n := range files {
		if n != 1 {
			t.Errorf("%s was read %d times, want once", name, n)
		}
	}
	if got, want := r.Names(), []string{"a", "absent", "b"}; !slices.Equal(got, want) {
		t.Errorf("Names = %q, want %q", got, want)
	}
}
