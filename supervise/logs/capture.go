//go:build linux

package logs

import "bytes"

// The tokens of capture mode. Neither has a proper border: "<" occurs at its
// beginning only. So what is withheld at the end of a read is always the beginning
// of the token, and if it does not go on the whole of it is text.
const (
	beginToken = "<!--XSUPERVISOR:BEGIN-->"
	endToken   = "<!--XSUPERVISOR:END-->"
)

// capture cuts out what is between the tokens. The original withholds the last 24
// bytes of any output, and loses them when the program ends; here only the real
// beginning of a token waits, and Flush lets it go.
type capture struct {
	on      bool // between the tokens
	matched int  // bytes of the expected token that were seen and are withheld
	kept    ring // the captured text, the most recent part of it
}

func newCapture(maxbytes int64) *capture {
	const most = 64 << 20 // an event of that size is a mistake
	return &capture{kept: ring{max: int(min(maxbytes, most))}}
}

func (c *capture) token() string {
	if c.on {
		return endToken
	}
	return beginToken
}

func (c *capture) feed(s *Stream, p []byte) {
	for len(p) > 0 {
		token := c.token()
		if c.matched > 0 {
			n := commonPrefix(token[c.matched:], p)
			c.matched += n
			p = p[n:]
			switch {
			case c.matched == len(token):
				c.toggle(s)
			case len(p) > 0:
				c.refuse(s)
			}
			continue
		}
		at := bytes.Index(p, []byte(token))
		if at < 0 {
			c.matched = prefixAtEnd(token, p)
			s.text(p[:len(p)-c.matched], c.on)
			return
		}
		s.text(p[:at], c.on)
		p = p[at+len(token):]
		c.toggle(s)
	}
}

// refuse lets go of a token's beginning that did not become one.
func (c *capture) refuse(s *Stream) {
	text := c.token()[:c.matched]
	c.matched = 0
	s.text([]byte(text), c.on)
}

// toggle is what a token does.
func (c *capture) toggle(s *Stream) {
	s.flushEscape(c.on)
	c.matched = 0
	c.on = !c.on
	if c.on {
		return
	}
	if s.hooks.Captured != nil {
		s.hooks.Captured(c.kept.bytes())
	}
	c.kept.reset()
}

func (c *capture) flush(s *Stream) {
	if c.matched > 0 {
		c.refuse(s)
	}
	s.flushEscape(c.on)
	if !c.on {
		return
	}
	c.on = false
	if text := c.kept.bytes(); len(text) > 0 {
		s.deliver(text)
	}
	c.kept.reset()
}

// commonPrefix returns how many bytes token and p have in common at the start.
func commonPrefix(token string, p []byte) int {
	n := 0
	for n < len(token) && n < len(p) && token[n] == p[n] {
		n++
	}
	return n
}

// prefixAtEnd returns the length of the longest beginning of token, short of all
// of it, that p ends with.
func prefixAtEnd(token string, p []byte) int {
	end := p[max(0, len(p)-len(token)+1):]
	at := bytes.LastIndexByte(end, token[0])
	if at < 0 || commonPrefix(token, end[at:]) < len(end)-at {
		return 0
	}
	return len(end) - at
}
