package main

import (
	"slices"
	"strings"

	"slipway/internal/launch/sections"
	"slipway/internal/redact"
	"slipway/sources"
	"slipway/supervise/dialect"
)

// hider keeps what a configuration file says in plain text from being shown: passwords,
// and the variables of environment= that are declared secret or are called as secrets are.
type hider struct {
	declared []string
	settings []string // "source:NAME KEY", of source programs
}

func hiderOf(doc *dialect.Document) hider {
	var h hider
	for _, s := range doc.Sections {
		name, ok := strings.CutPrefix(s.Name, "env:")
		if k := s.Key("secret"); ok && k != nil && saysTrue(k.Value) {
			h.declared = append(h.declared, name)
		}
		if k := s.Key("secret"); k != nil && strings.HasPrefix(s.Name, "source:") {
			for _, word := range strings.FieldsFunc(k.Value, func(r rune) bool { return r == ',' || r == ' ' }) {
				h.settings = append(h.settings, s.Name+" "+word)
			}
		}
	}
	return h
}

// saysTrue is generous: what is no boolean is refused elsewhere, and hidden here.
func saysTrue(s string) bool {
	return !slices.Contains([]string{"false", "no", "off", "0", ""}, strings.ToLower(strings.TrimSpace(s)))
}

// value is the value of a key as it may be shown.
func (h hider) value(section string, k *dialect.Key) string {
	switch {
	case k.Value == "":
		return ""
	case sections.IsSecret(section, k.Name):
		return sources.Redacted
	case strings.HasPrefix(section, "source:") && (h.secret(k.Name) || slices.Contains(h.settings, section+" "+k.Name)):
		return sources.Redacted
	case k.Name == "environment" || k.Name == "environment+":
		return h.pairs(k.Value)
	case k.Name == "default" && strings.HasPrefix(section, "env:") && h.secret(section[len("env:"):]):
		return sources.Redacted
	}
	return sources.HidePasswords(k.Value)
}

// pairs hides the secret ones among KEY=value pairs. What cannot be told apart is hidden.
func (h hider) pairs(text string) string {
	vars, ok := dialect.Pairs(text)
	if !ok {
		return sources.Redacted
	}
	var values []string
	for _, v := range vars {
		if v.Value == "" || !h.secret(v.Name) {
			continue
		}
		if !strings.Contains(text, v.Value) { // it was written with escapes
			return sources.Redacted
		}
		values = append(values, v.Value)
	}
	return sources.HidePasswords(redact.Values(text, values))
}

// secret guesses by the name where nothing declares it.
func (h hider) secret(name string) bool {
	if slices.Contains(h.declared, name) {
		return true
	}
	name = strings.ToUpper(name)
	for _, word := range []string{"PASSWORD", "PASSWD", "PASSPHRASE", "SECRET", "TOKEN", "CREDENTIAL", "APIKEY", "API_KEY", "ACCESS_KEY", "PRIVATE_KEY"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}
