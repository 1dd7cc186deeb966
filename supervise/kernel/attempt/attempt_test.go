//go:build linux

package attempt

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"slipway/internal/test/testkit"
)

// pipe returns a pipe that blocks, as a container's standard output is.
func pipe(t *testing.T) (r, w int) {
	t.Helper()
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(p[0]); unix.Close(p[1]) })
	return p[0], p[1]
}

// canTry skips a test where the kernel does not know whether a pipe would block.
func canTry(t *testing.T) {
	t.Helper()
	testkit.Need(t, testkit.Linux)
	_, w := pipe(t)
	if _, err := (Writes{}).TryWrite(w, []byte("x")); err == unix.EOPNOTSUPP {
		t.Skip("pipes cannot be tried here; Linux can since 6.4")
	}
}

// A pipe that blocks takes what it has room for, and then nothing, at once.
func TestTryWrite(t *testing.T) {
	canTry(t)
	r, w := pipe(t)
	var k Writes
	want := strings.Repeat("0123456789abcdef", 1<<14) // more than a pipe holds
	done := 0
	for {
		n, err := k.TryWrite(w, []byte(want[done:]))
		done += n
		if err == unix.EAGAIN {
			break
		}
		if err != nil || n <= 0 {
			t.Fatalf("TryWrite = %d, %v", n, err)
		}
	}
	if done == 0 || done == len(want) {
		t.Fatalf("%d of %d bytes were taken, want a part", done, len(want))
	}
	if n, err := unix.FcntlInt(uintptr(w), unix.F_GETFL, 0); err != nil || n&unix.O_NONBLOCK != 0 {
		t.Errorf("the flags of the pipe are %#x, %v, want that it blocks", n, err)
	}
	got := make([]byte, done)
	if n, err := unix.Read(r, got); err != nil || string(got[:n]) != want[:n] {
		t.Fatalf("%d bytes are read, %v, want what was written", n, err)
	}
	if n, err := k.TryWrite(w, []byte("more")); n != 4 || err != nil {
		t.Errorf("with room again TryWrite = %d, %v, want 4", n, err)
	}
	if n, err := k.TryWrite(w, nil); n != 0 || err != nil {
		t.Errorf("of nothing TryWrite = %d, %v", n, err)
	}
	unix.Close(r)
	if n, err := k.TryWrite(w, []byte("x")); n > 0 || err != unix.EPIPE {
		t.Errorf("without a reader TryWrite = %d, %v, want %v", n, err, unix.EPIPE)
	}
}

// A file is written at its position, not at a place of its own.
func TestTryWriteGoesOn(t *testing.T) {
	testkit.Need(t, testkit.Linux)
	path := t.TempDir() + "/file"
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var want bytes.Buffer
	for _, line := range []string{"one\n", "two\n"} {
		io.WriteString(f, line)
		want.WriteString(line)
		switch n, err := (Writes{}).TryWrite(int(f.Fd()), []byte(line)); err {
		case nil:
			want.WriteString(line[:n])
		case unix.EAGAIN, unix.EOPNOTSUPP: // as the file system likes
		default:
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != want.String() {
		t.Errorf("the file has %q, %v, want %q", got, err, want.String())
	}
}
