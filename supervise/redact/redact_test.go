package redact

import "testing"

func TestHidePasswords(t *testing.T) {
	for text, want := range map[string]string{
		`got "http://me:hunter2@host/"`:      `got "http://me:«redacted»@host/"`,
		`a://b:c@d,e://f:g@h`:                `a://b:«redacted»@d,e://f:«redacted»@h`,
		`tcp://127.0.0.1:80 ssh://git@host/`: `tcp://127.0.0.1:80 ssh://git@host/`,
	} {
		if got := Hider(nil)(text); got != want {
			t.Errorf("Hider(nil)(%q) = %q, want %q", text, got, want)
		}
	}
}
