//go:build linux

package logs

// ring keeps the most recent max bytes of what is written to it. It takes memory
// as bytes arrive, and none before.
type ring struct {
	max  int
	buf  []byte
	next int  // where the oldest byte is, and the next one goes, when buf is full
	cut  bool // something older was dropped
}

func (r *ring) write(p []byte) {
	if len(p) >= r.max {
		r.cut = r.cut || len(r.buf) > 0 || len(p) > r.max
		r.buf = r.buf[:0]
		r.grow(r.max)
		r.buf = append(r.buf, p[len(p)-r.max:]...)
		r.next = 0
		return
	}
	if n := min(r.max-len(r.buf), len(p)); n > 0 {
		r.grow(n)
		r.buf = append(r.buf, p[:n]...)
		p = p[n:]
	}
	for len(p) > 0 {
		r.cut = true
		n := copy(r.buf[r.next:], p)
		r.next = (r.next + n) % r.max
		p = p[n:]
	}
}

// grow makes room for n bytes, doubling, never beyond max.
func (r *ring) grow(n int) {
	need := len(r.buf) + n
	if need <= cap(r.buf) {
		return
	}
	buf := make([]byte, len(r.buf), min(max(need, 2*cap(r.buf), 64), r.max))
	copy(buf, r.buf)
	r.buf = buf
}

// bytes returns what is kept, oldest first, in memory of its own.
func (r *ring) bytes() []byte {
	all := make([]byte, 0, len(r.buf))
	return append(append(all, r.buf[r.next:]...), r.buf[:r.next]...)
}

// reset forgets everything, the memory included.
func (r *ring) reset() { *r = ring{max: r.max} }
