package render

import "slipway/internal/redact"

// Redacted stands where a secret was.
const Redacted = redact.Mark

// Redactor removes secrets from text.
type Redactor = redact.Redactor

// NewRedactor returns a redactor of secrets.
func NewRedactor(secrets []string) *Redactor { return redact.New(secrets) }
