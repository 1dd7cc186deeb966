package config

import (
	"testing"

	"slipway/internal/test/testkit"
)

// What options have in words is read or refused.
func FuzzWords(f *testing.F) {
	for _, s := range []string{"tcp://127.0.0.1:1", "exec:true", "fd:3", "notify", "signal HUP", "command a b", "http://x/", "unexpected", "debug"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		defer testkit.Timed(t, len(text))()
		ParseProbe(text)
		ParseReload(text)
		ParseRestart(text)
		ParseLevel(text)
	})
}
