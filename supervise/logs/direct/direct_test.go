package direct

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"slipway/supervise/kernel"
	"slipway/supervise/loop"
)

// far is a descriptor that takes room bytes, and a loop that watches it.
type far struct {
	got    bytes.Buffer
	room   int
	err    error // in place of taking anything
	always bool  // it cannot be watched
	owner  loop.FDOwner
	calls  int // of Own and Disown
}

func (f *far) TryWrite(_ int, p []byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	n := min(f.room, len(p))
	f.room -= n
	f.got.Write(p[:n])
	if n == 0 {
		return 0, unix.EAGAIN
	}
	return n, nil
}

func (f *far) Own(_ int, owner loop.FDOwner, m kernel.Mode) error {
	f.calls++
	if f.always || m != kernel.Writable {
		return unix.EPERM
	}
	f.owner = owner
	return nil
}

func (f *far) Disown(int) {
	f.calls++
	f.owner = nil
}

// told is who is told.
type told struct{}

func (told) OnReadable(int, kernel.Mode) {}

// What is given to a Way in pieces of any size arrives, in order, whatever is taken at a time,
// and the memory for what is left is used again.
func TestQueue(t *testing.T) {
	f := &far{}
	w := To(1, f, f)
	var left, want []byte
	for i := range 4000 {
		p := []byte(strings.Repeat(string(rune('a'+i%26)), 1+i*7%300))
		want = append(want, p...)
		if len(left) == 0 {
			n, err := w.Write(p)
			if err != nil {
				t.Fatal(err)
			}
			p = p[n:]
		}
		if len(p) > 0 {
			left = w.Queue(left, p)
		}
		f.room += 150 + i%3 // about what comes
		n, err := w.Write(left)
		if len(left) > 0 && err != nil {
			t.Fatal(err)
		}
		left = left[n:]
	}
	f.room = len(left)
	if n, err := w.Write(left); n != len(left) || err != nil {
		t.Fatalf("Write = %d, %v, want %d", n, err, len(left))
	}
	if !bytes.Equal(f.got.Bytes(), want) {
		t.Errorf("%d bytes have arrived that are not the %d that were given", f.got.Len(), len(want))
	}
	if most := 64 << 10; cap(w.base) > most {
		t.Errorf("what is left takes %d bytes of memory, want %d at most", cap(w.base), most)
	}
}

func TestWriteErrors(t *testing.T) {
	other := errors.New("other")
	rows := []struct {
		name string
		err  error
		want error
		good bool
	}{
		{"takes nothing at present", unix.EAGAIN, nil, true},
		{"would have to wait to know", unix.EOPNOTSUPP, nil, false},
		{"no reader", unix.EPIPE, unix.EPIPE, true},
		{"anything else", other, other, true},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			f := &far{err: row.err}
			w := To(1, f, f)
			if n, err := w.Write([]byte("x")); n != 0 || err != row.want || w.Good() != row.good {
				t.Errorf("Write = %d, %v and good = %v, want 0, %v and %v", n, err, w.Good(), row.want, row.good)
			}
		})
	}
	var none Way
	if none.Good() {
		t.Error("a way to nowhere is good")
	}
}

func TestWatch(t *testing.T) {
	f := &far{}
	w := To(1, f, f)
	for i, want := range []bool{false, true, true, false, false, true} {
		if !w.Watch(told{}, want) || (f.owner != nil) != want {
			t.Errorf("step %d: watched = %v, want %v", i, f.owner != nil, want)
		}
	}
	if f.calls != 3 {
		t.Errorf("the loop was called %d times, want once for each change, 3", f.calls)
	}
	w.End()
	if w.Good() || !w.Watch(told{}, false) || f.owner != nil {
		t.Error("the loop watches what has ended")
	}
	f.always = true
	if w = To(1, f, f); w.Watch(told{}, true) {
		t.Error("a file that is always ready is watched")
	}
}
