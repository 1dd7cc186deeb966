//go:build linux

package sink

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// TestReopenKeepsWhatWaits: opening a FIFO anew, of which nobody reads, does not add a
// queue to the one that is there; a FIFO that has taken its place is a new one.
func TestReopenKeepsWhatWaits(t *testing.T) {
	b := newBench(t)
	path := b.path("fifo")
	makeFIFO := func() *os.File {
		if err := unix.Mkfifo(path, 0o600); err != nil {
			t.Fatal(err)
		}
		reader, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { reader.Close() })
		return reader
	}
	makeFIFO()
	f := b.File(path, Rotation{}, false).(*File)
	f.Write(make([]byte, 100<<10))
	first, fd := f.queue, f.fd
	for range 3 {
		f.Reopen()
	}
	if f.queue != first || f.fd != fd {
		t.Error("the same FIFO was opened anew")
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	makeFIFO()
	f.Reopen()
	if f.queue == first {
		t.Error("another FIFO was not opened")
	}
}
