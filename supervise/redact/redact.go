// Package redact takes secrets out of texts that name a place in a configuration. It does
// what package sources does, which nothing below supervise may import.
package redact

import (
	"slices"
	"strings"

	"slipway/supervise/dialect"
)

// redacted stands where a secret was; package sources has the same.
const redacted = "«redacted»"

// passwords takes the passwords out of URLs, as HidePasswords of package sources does.
func passwords(text string) string {
	for at := 0; ; {
		i := strings.Index(text[at:], "://")
		if i < 0 {
			return text
		}
		at += i + len("://")
		end := len(text)
		if n := strings.IndexAny(text[at:], "/?#\\\"'`<> \t\r\n"); n >= 0 {
			end = at + n
		}
		host := strings.LastIndexByte(text[at:end], '@')
		if host < 0 {
			continue
		}
		if colon := strings.IndexByte(text[at:at+host], ':'); colon >= 0 && colon+1 < host {
			text = text[:at+colon+1] + redacted + text[at+host:]
		}
	}
}

// Hider takes these values, and passwords of URLs, out of a text. A value of fewer than four
// bytes goes only where it is quoted, lest every 1 goes.
func Hider(values []string) func(string) string {
	slices.SortFunc(values, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, v := range values {
		quoted := dialect.Quote(v)
		pairs = append(pairs, quoted, dialect.Quote(redacted))
		if len(v) >= 4 {
			pairs = append(pairs, v, redacted, quoted[1:len(quoted)-1], redacted)
		}
	}
	replacer := strings.NewReplacer(pairs...)
	return func(text string) string { return passwords(replacer.Replace(text)) }
}
