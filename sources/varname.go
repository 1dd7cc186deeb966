package sources

// VarName makes the name of a variable from that of a file or key: upper case, _
// for everything that is no letter and no digit, and _ before a digit at the
// start. It is "" when s has no letter and no digit.
func VarName(s string) string {
	out := make([]byte, 0, len(s)+1)
	plain := false
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z':
			c -= 'a' - 'A'
			plain = true
		case c >= 'A' && c <= 'Z':
			plain = true
		case c >= '0' && c <= '9':
			if plain = true; i == 0 {
				out = append(out, '_')
			}
		default:
			c = '_'
		}
		out = append(out, c)
	}
	if !plain {
		return ""
	}
	return string(out)
}
