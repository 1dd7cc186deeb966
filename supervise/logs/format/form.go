package format

import (
	"strconv"
	"sync/atomic"
	"time"
)

// Form is how lines on the inherited outputs are written. The zero value leaves them as they
// come.
type Form struct {
	own     atomic.Pointer[Spec] // of the supervisor's own lines; nil: as they come
	any     bool
	scratch Scratch
}

// Set says how the supervisor's own lines are written, nil being as they come, and whether
// anybody's lines have a form.
func (f *Form) Set(own *Spec, any bool) {
	f.own.Store(own)
	f.any = any
}

// Any reports whether anybody's lines have a form.
func (f *Form) Any() bool { return f.any }

// Lines returns what writes the lines of a program.
func (f *Form) Lines(spec *Spec, out Out, now func() time.Time) *Lines {
	return New(spec, out, &f.scratch, now)
}

// Own returns what writes the supervisor's own lines to descriptor fd; nil: they stay as they
// are.
func (f *Form) Own(fd int, out Out, now func() time.Time) *Lines {
	if spec := f.ownSpec(fd); spec != nil {
		return f.Lines(spec, out, now)
	}
	return nil
}

// ownSpec is how the supervisor's own lines on descriptor fd are written.
func (f *Form) ownSpec(fd int) *Spec {
	own := f.own.Load()
	if own == nil {
		return nil
	}
	spec := *own
	spec.Stream = [...]string{1: "stdout", 2: "stderr"}[fd]
	return &spec
}

// Lost appends the line that stands for lost output on descriptor fd; a nil Form has it in
// plain words. It is called from any goroutine.
func (f *Form) Lost(b []byte, fd int, now func() time.Time, bytes, lines int64) []byte {
	if f != nil {
		if spec := f.ownSpec(fd); spec != nil {
			return spec.Lost(b, now, bytes, lines)
		}
	}
	b = append(b, "slipway: output lost here: "...)
	b = strconv.AppendInt(b, bytes, 10)
	b = append(b, " bytes in "...)
	b = strconv.AppendInt(b, lines, 10)
	return append(b, " lines\n"...)
}
