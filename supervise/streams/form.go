package streams

import (
	"slices"
	"strings"
	"unicode/utf8"

	"slipway/supervise/config"
	"slipway/supervise/logs/format"
)

// maxWidth is how wide names are made at most for the sake of others.
const maxWidth = 24

// form is what the lines of all programs have in common.
type form struct {
	width int  // of names; 0: no format has names
	plain bool // no colour
}

// Configure sets what the lines of programs that are started from now on have in common.
// Own is the name of the supervisor itself, as which it speaks; environ is where NO_COLOR may
// be.
func (m *Maker) Configure(c *config.Config, own string, pid int, environ []string) {
	m.Strip = c.Supervisord.StripANSI
	m.form = form{plain: slices.ContainsFunc(environ, func(v string) bool { return len(v) > 9 && strings.HasPrefix(v, "NO_COLOR=") })}
	named := c.Slipway.Log.Spec() != nil
	for _, p := range c.Processes() {
		if p.Log.Spec() != nil {
			named = true
			m.form.width = max(m.form.width, utf8.RuneCountInString(p.FullName()))
		}
	}
	if !named {
		m.Targets.Form().Set(nil, false)
		return
	}
	spec := c.Slipway.Log.Spec()
	if spec != nil {
		m.form.width = max(m.form.width, len(own))
	}
	m.form.width = min(m.form.width, maxWidth)
	if spec != nil {
		m.named(spec, own, "", 2)
		spec.Levels, spec.PID = true, pid
	}
	m.Targets.Form().Set(spec, true)
}

// named gives a form the name of whose lines it is for. Fd is where they go.
func (m *Maker) named(s *format.Spec, name, stream string, fd int) {
	s.Program, s.Stream, s.Width = name, stream, m.form.width
	s.Colour = s.Style == format.Prefix && !m.form.plain && m.Kernel.Stdio(fd).Terminal
}

// lines is the form of the lines of an output; nil: it stays as it comes.
func (m *Maker) lines(p *Owner, stderr bool) *format.Spec {
	s := p.Config.Log.Spec()
	if s == nil || p.Config.Relay == config.RelayNo {
		return nil
	}
	stream, fd := "stdout", 1
	if stderr {
		stream, fd = "stderr", 2
	}
	m.named(s, p.Config.FullName(), stream, fd)
	return s
}
