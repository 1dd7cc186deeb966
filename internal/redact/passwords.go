package redact

import "strings"

// HasPassword reports whether a URL with a password is in text:
// postgres://me:PASSWORD@db/app, also one of a list. A name alone (ssh://git@host) is none.
func HasPassword(text string) bool {
	_, _, ok := nextPassword(text, 0)
	return ok
}

// HidePasswords returns text with Mark in place of the passwords in its URLs.
func HidePasswords(text string) string {
	from, to, ok := nextPassword(text, 0)
	if !ok {
		return text
	}
	var b strings.Builder
	at := 0
	for ; ok; from, to, ok = nextPassword(text, at) {
		b.WriteString(text[at:from])
		b.WriteString(Mark)
		at = to
	}
	b.WriteString(text[at:])
	return b.String()
}

// Passwords returns the passwords in the URLs of text, as they are written.
func Passwords(text string) []string {
	var out []string
	for from, to, ok := nextPassword(text, 0); ok; from, to, ok = nextPassword(text, to) {
		out = append(out, text[from:to])
	}
	return out
}

// nextPassword returns where the next password stands in text, from an offset on.
func nextPassword(text string, at int) (from, to int, ok bool) {
	for {
		i := strings.Index(text[at:], "://")
		if i < 0 {
			return 0, 0, false
		}
		at += i + len("://")
		authority := text[at:]
		if end := strings.IndexAny(authority, "/?#\\\"'`<> \t\r\n"); end >= 0 {
			authority = authority[:end]
		}
		host := strings.LastIndexByte(authority, '@')
		if host < 0 {
			continue
		}
		if colon := strings.IndexByte(authority[:host], ':'); colon >= 0 && colon+1 < host {
			return at + colon + 1, at + host, true
		}
	}
}
