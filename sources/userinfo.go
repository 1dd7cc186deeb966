package sources

import "slipway/internal/redact"

// HasPassword reports whether a URL with a password is in text:
// postgres://me:PASSWORD@db/app, also one of a list. Such a value is a secret,
// whatever its variable is called and wherever it came from. A name alone
// (ssh://git@host) is none.
func HasPassword(text string) bool { return redact.HasPassword(text) }

// HidePasswords returns text with Redacted in place of the passwords in its URLs.
func HidePasswords(text string) string { return redact.HidePasswords(text) }

// Passwords returns the passwords in the URLs of text, as they are written.
func Passwords(text string) []string { return redact.Passwords(text) }
