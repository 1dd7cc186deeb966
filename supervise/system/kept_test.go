package system

import (
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"syscall"
	"testing"
)

// A pipe is read once, and keeps its text for whoever asks again; a file is read anew.
func TestKeeping(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := w.WriteString("[program:a]\n"); err != nil {
		t.Fatal(err)
	}
	w.Close()
	pipe := "/dev/fd/" + strconv.Itoa(int(r.Fd()))
	file := filepath.Join(t.TempDir(), "a.conf")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("one")
	kept := Kept{}
	read := func(path, want string) {
		t.Helper()
		s := Unix("").Keeping(kept)
		if got, err := s.ReadFile(path); string(got) != want || err != nil {
			t.Errorf("ReadFile(%s) = %q, %v, want %q", path, got, err, want)
		}
		if !s.Exists(path) {
			t.Errorf("%s does not exist", path)
		}
	}
	read(pipe, "[program:a]\n")
	read(file, "one")
	write("two")
	kept = DecodeKept(kept.Encode()) // the next stage
	r.Close()
	read(pipe, "[program:a]\n")
	read(file, "two")
	if got := kept.Names(); !reflect.DeepEqual(got, []string{pipe}) {
		t.Errorf("kept: %q, want the pipe", got)
	}
}

// What cannot be read is not kept.
func TestKeepingErrors(t *testing.T) {
	kept := Kept{}
	path := filepath.Join(t.TempDir(), "none")
	if _, err := Unix("").Keeping(kept).ReadFile(path); err == nil || len(kept) > 0 {
		t.Errorf("error %v, kept %v", err, kept)
	}
	if err := syscall.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Unix("").Keeping(kept).ReadFile(path); err == nil || len(kept) > 0 {
		t.Errorf("a folder: error %v, kept %v", err, kept)
	}
}

func TestKeptCrosses(t *testing.T) {
	for _, k := range []Kept{{}, {"/a": ""}, {"/dev/stdin": "x\x00y\n", "/dev/fd/3": "12\x00"}} {
		if got := DecodeKept(k.Encode()); !reflect.DeepEqual(got, k) {
			t.Errorf("crossed: %q, want %q", got, k)
		}
	}
	for _, bad := range []string{"x", "x\x00", "x\x00y\x00", "x\x005\x00abc", "x\x00-1\x00"} {
		if got := DecodeKept([]byte(bad)); len(got) != 0 {
			t.Errorf("of %q: %q, want nothing", bad, got)
		}
	}
}
