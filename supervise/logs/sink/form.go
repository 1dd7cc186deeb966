//go:build linux

package sink

import "slipway/supervise/logs/format"

// Form is how lines on the inherited outputs are written.
func (t *Targets) Form() *format.Form { return &t.form }

// Lines returns what writes lines of a program to s.
func (t *Targets) Lines(spec *format.Spec, s *Source) *format.Lines {
	return t.form.Lines(spec, s, t.sys.Now)
}

// Own returns what writes the supervisor's own lines to s; nil: they stay as they are.
func (t *Targets) Own(s *Source) *format.Lines { return t.form.Own(s.w.fd, s, t.sys.Now) }

// areOne reports whether standard output and standard error are one file, as after 2>&1, and
// lines have a form, which two writers would tear.
func (t *Targets) areOne() bool {
	if !t.form.Any() {
		return false
	}
	out, err := t.sys.Stat("/proc/self/fd/1")
	other, err2 := t.sys.Stat("/proc/self/fd/2")
	return err == nil && err2 == nil && out.Inode == other.Inode && out.Device == other.Device
}
