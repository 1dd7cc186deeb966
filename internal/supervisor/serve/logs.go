package serve

import (
	"errors"
	"io"
	"os"
	"strings"

	"slipway/supervise/control"
	"slipway/supervise/control/client"
)

// maxRead bounds what one call reads of a log, in bytes. The original reads all
// of it into memory, several times.
const maxRead = 16 << 20

// text is a log as the read and tail methods see it: bytes with a size.
type text struct {
	io.ReaderAt
	size   int64
	close  func()
	budget *budget
}

// openText opens the log of a channel of a process, or the activity log if name is
// "". A log that is no regular file, such as /dev/stdout, consists of what PID 1
// still has in memory. The path is "" if there is no log.
func (c *call) openText(name, channel string) (t text, path string, err error) {
	if c.bad != nil {
		return text{}, "", c.bad
	}
	info, f, err := client.OpenLog(c.ctx, c.conf.Control, name, channel)
	if err != nil {
		return text{}, "", err
	}
	if f != nil {
		return text{ReaderAt: f, size: sizeOf(f, info.Size), close: func() { _ = f.Close() }, budget: c.budget}, info.Path, nil
	}
	if info.Path == "" {
		return text{}, "", nil
	}
	if name == "" {
		return text{}, info.Path, control.NewFault(control.Failed, "")
	}
	recent, err := c.recent(name, channel)
	return text{ReaderAt: strings.NewReader(recent), size: int64(len(recent)), close: func() {}, budget: c.budget}, info.Path, err
}

func sizeOf(f *os.File, fallback int64) int64 {
	if st, err := f.Stat(); err == nil {
		return st.Size()
	}
	return fallback
}

// recent returns the output that PID 1 keeps in memory.
func (c *call) recent(name, channel string) (string, error) {
	var b strings.Builder
	err := c.conf.Control.Stream(c.ctx, func(v control.Value) error {
		b.WriteString(v.Str())
		return nil
	}, control.OpProcessRecent, control.String(name), control.String(channel), control.Bool(false))
	if errors.Is(err, &control.Fault{Code: control.NotOffered}) {
		err = control.NewFault(control.Failed, "")
	}
	return b.String(), err
}

// span returns n bytes from offset on, as far as they exist.
func (t text) span(offset, n int64) (string, error) {
	n = min(n, t.size-offset, maxRead)
	if n <= 0 {
		return "", nil
	}
	if err := t.budget.take(n); err != nil {
		return "", err
	}
	var b strings.Builder // one copy, which io.ReadAll and string would not make do with
	b.Grow(int(n))
	if _, err := io.Copy(&b, io.NewSectionReader(t, offset, n)); err != nil {
		return "", control.NewFault(control.Failed, "")
	}
	return b.String(), nil
}

// read is the arithmetic of the read methods: a negative offset means the last
// bytes, length 0 everything from offset on.
func (t text) read(offset, length int64) (string, error) {
	switch {
	case length < 0 || offset < 0 && length != 0:
		return "", control.NewFault(control.BadArguments, "")
	case offset < 0:
		n := min(-offset, t.size, maxRead)
		if n < 0 { // -offset does not fit
			n = min(t.size, maxRead)
		}
		return t.span(t.size-n, n)
	case length == 0:
		length = maxRead
	}
	return t.span(offset, length)
}

// tail is the arithmetic of the tail methods. It looks odd and is Supervisor's:
// the answer is always the last length bytes, or none if offset is at the end.
func (t text) tail(offset, length int64) (chunk string, end int64, overflow bool, err error) {
	offset, length = max(offset, -maxRead), min(max(length, -maxRead), maxRead)
	if t.size-length > offset {
		overflow = true
		offset = t.size - 1
	}
	if offset > t.size-length {
		if offset > t.size-1 {
			length = 0
		}
		offset = t.size - length
	}
	chunk, err = t.span(max(0, offset), length)
	return chunk, t.size, overflow, err
}

func readMain(c *call) (any, error) {
	offset, length := c.num(0), c.num(1)
	t, path, err := c.openText("", "")
	return readText(t, path, err, offset, length)
}

func readText(t text, path string, err error, offset, length int64) (any, error) {
	if err != nil {
		return nil, err
	}
	if path == "" {
		return nil, control.NewFault(control.NoFile, "")
	}
	defer t.close()
	return unwrap(t.read(offset, length))
}

// unwrap turns a string and an error into an answer.
func unwrap(s string, err error) (any, error) { return s, err }

func readProcess(channel string) func(*call) (any, error) {
	return func(c *call) (any, error) {
		offset, length := c.num(1), c.num(2)
		name, err := c.single(0)
		if err != nil {
			return nil, err
		}
		t, path, err := c.openText(name, channel)
		return readText(t, path, badName(err, name), offset, length)
	}
}

func tailProcess(channel string) func(*call) (any, error) {
	return func(c *call) (any, error) {
		offset, length := c.num(1), c.num(2)
		name, err := c.single(0)
		if err != nil {
			return nil, err
		}
		t, path, err := c.openText(name, channel)
		if errors.Is(err, &control.Fault{Code: control.NoFile}) || err == nil && path == "" {
			return []any{"", int64(0), false}, nil
		}
		if err != nil {
			return nil, badName(err, name)
		}
		defer t.close()
		chunk, end, overflow, err := t.tail(offset, length)
		return []any{chunk, end, overflow}, err
	}
}
