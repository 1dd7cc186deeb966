package control

import "errors"

// FrameKind tells what a frame is.
type FrameKind uint8

// The kinds of frames. Their numbers are on the wire.
const (
	FrameRequest FrameKind = iota + 1
	FrameCancel
	FrameChunk
	FrameReply
	FrameFault
)

// Bounds of the protocol.
const (
	// MaxRequest bounds a frame that PID 1 reads, in bytes. The largest
	// honest one is standard input for a program, which XML-RPC bounds by
	// its own limit of 1 MiB on a body.
	MaxRequest = 2 << 20
	// MaxAnswer bounds a frame that a client reads, in bytes. The
	// configuration of 10,000 processes fits.
	MaxAnswer = 32 << 20
	// headerLen is the length of a frame's length.
	headerLen = 4
	// flagDescriptor marks a reply with which a descriptor travels.
	flagDescriptor = 1
)

// Frame is one message, of any kind.
type Frame struct {
	Kind   FrameKind
	ID     uint64
	Method string  // request
	Args   []Value // request
	Value  Value   // chunk, reply
	// HasFD says that the reply's descriptor is the next one in the order
	// of arrival on this connection.
	HasFD bool
	Fault *Fault // fault
}

// errFrame is what a peer gets disconnected for.
var (
	errFrameLen   = errors.New("cannot read frame: it is longer than allowed")
	errFrameKind  = errors.New("cannot read frame: unknown kind")
	errFrameTrail = errors.New("cannot read frame: bytes after its end")
)

// AppendFrame appends the encoding of f, its length first.
func AppendFrame(b []byte, f Frame) []byte {
	start := len(b)
	b = append(b, 0, 0, 0, 0, byte(f.Kind))
	b = appendUvarint(b, f.ID)
	switch f.Kind {
	case FrameRequest:
		b = appendString(b, f.Method)
		b = appendUvarint(b, uint64(len(f.Args)))
		for _, v := range f.Args {
			b = appendValue(b, v)
		}
	case FrameChunk:
		b = appendValue(b, f.Value)
	case FrameReply:
		flags := byte(0)
		if f.HasFD {
			flags = flagDescriptor
		}
		b = append(b, flags)
		b = appendValue(b, f.Value)
	case FrameFault:
		b = appendUvarint(b, uint64(f.Fault.Code))
		b = appendString(b, f.Fault.Detail)
	}
	n := len(b) - start - headerLen
	b[start], b[start+1], b[start+2], b[start+3] = byte(n>>24), byte(n>>16), byte(n>>8), byte(n)
	return b
}

// parseFrame reads the payload of one frame.
func parseFrame(p []byte) (Frame, error) {
	r := reader{p: p}
	f := Frame{Kind: FrameKind(r.byte()), ID: r.uvarint()}
	switch f.Kind {
	case FrameRequest:
		f.Method = r.string()
		for n := r.count(); n > 0 && r.err == nil; n-- {
			f.Args = append(f.Args, r.value(0))
		}
	case FrameCancel:
	case FrameChunk:
		f.Value = r.value(0)
	case FrameReply:
		f.HasFD = r.byte()&flagDescriptor != 0
		f.Value = r.value(0)
	case FrameFault:
		code := Code(r.uvarint())
		f.Fault = &Fault{Code: code, Detail: r.string()}
	default:
		r.fail(errFrameKind)
	}
	if r.err == nil && len(r.p) > 0 {
		r.fail(errFrameTrail)
	}
	return f, r.err
}

// Decoder cuts a stream of bytes into frames. Its buffer holds at most one
// unfinished frame and shrinks again after a large one.
type Decoder struct {
	Max int // longest frame accepted, in bytes; 0 means MaxRequest
	// Hold reports before each frame whether it is to wait for the next Feed, which may be
	// one of nothing; nil: never.
	Hold func() bool
	buf  []byte
}

// Feed takes the bytes that were read and calls do for every frame that they
// complete. It returns the first error of the stream; after that the peer is not
// to be trusted any more and its connection must be closed. p may be reused.
func (d *Decoder) Feed(p []byte, do func(Frame)) error {
	if len(d.buf) > 0 {
		p = append(d.buf, p...)
		d.buf = p
	}
	rest, err := d.frames(p, do)
	switch {
	case err != nil || len(rest) == 0:
		d.buf = nil
	case len(d.buf) > 0 && len(rest) == len(d.buf):
		// The one frame is still unfinished; it stays where it is.
	default:
		d.buf = append([]byte(nil), rest...)
	}
	return err
}

func (d *Decoder) frames(p []byte, do func(Frame)) (rest []byte, err error) {
	limit := d.Max
	if limit == 0 {
		limit = MaxRequest
	}
	for len(p) >= headerLen {
		n := int(p[0])<<24 | int(p[1])<<16 | int(p[2])<<8 | int(p[3])
		if n < 0 || n > limit {
			return nil, errFrameLen
		}
		if len(p) < headerLen+n || d.Hold != nil && d.Hold() {
			return p, nil
		}
		f, err := parseFrame(p[headerLen : headerLen+n])
		if err != nil {
			return nil, err
		}
		do(f)
		p = p[headerLen+n:]
	}
	return p, nil
}

// Buffered returns how many bytes of an unfinished frame are held.
func (d *Decoder) Buffered() int { return len(d.buf) }
