package redact

// form is a way to write the whole of a secret that no reading of a text undoes.
type form struct {
	digits string // that bytes are written with; "" for the bytes themselves
	bits   int    // that one of digits stands for
	phase  int    // of base64: how many bytes stand before the secret in a group of three
}

const (
	letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	std     = letters + "+/"
	inURLs  = letters + "-_"
)

var forms = []form{
	{},
	{std, 6, 0}, {std, 6, 1}, {std, 6, 2},
	{inURLs, 6, 0}, {inURLs, 6, 1}, {inURLs, 6, 2},
	{"0123456789abcdef", 4, 0}, {"0123456789ABCDEF", 4, 0},
}

// text is the form of a secret, or its first limit bytes; all of them if limit is negative.
// Of base64 it is the digits that the secret alone decides.
func (f form) text(secret string, limit int) []byte {
	if f.digits == "" {
		if limit >= 0 && limit < len(secret) {
			secret = secret[:limit]
		}
		return []byte(secret)
	}
	var out []byte
	// What stands before the secret has 8*phase bits; the digit that shares them is not its.
	skip := (f.bits - 8*f.phase%f.bits) % f.bits
	var have uint
	bits := 0
	for i := range len(secret) {
		have, bits = have<<8|uint(secret[i]), bits+8
		if skip > 0 {
			bits -= skip
			have, skip = have&(1<<bits-1), 0
		}
		for bits >= f.bits {
			bits -= f.bits
			out = append(out, f.digits[have>>bits])
			have &= 1<<bits - 1
			if len(out) == limit {
				return out
			}
		}
	}
	return out
}

// widen takes in the digits of base64 that hold some bits of the secret, and the padding.
func (f form) widen(text string, s span, secret string) span {
	if f.bits != 6 {
		return s
	}
	if f.phase != 0 && s.from > 0 && isDigit(text[s.from-1]) {
		s.from--
	}
	if (f.phase+len(secret))%3 != 0 && s.to < len(text) && isDigit(text[s.to]) {
		s.to++
	}
	for s.to < len(text) && text[s.to] == '=' {
		s.to++
	}
	return s
}

// isDigit reports whether c is one of base64.
func isDigit(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '+' || c == '/' || c == '-' || c == '_'
}
