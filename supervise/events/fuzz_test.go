package events

import (
	"bytes"
	"testing"

	"slipway/internal/test/testkit"
)

// What a listener prints means the same however it is cut into reads, and no more is kept of it
// than one answer.
func FuzzListener(f *testing.F) {
	for _, s := range []string{"READY\nRESULT 2\nOKREADY\n", "RESULT 4\nFAIL", "READY\nREADY\n", "RESULT x\n", "READY\nRESULT 99999999999999999999\n"} {
		f.Add([]byte(s), 3)
	}
	f.Fuzz(func(t *testing.T, text []byte, cut int) {
		defer testkit.Timed(t, len(text))()
		course := func(parts ...[]byte) (kinds []OutcomeKind, state ListenerState) {
			var l Listener
			for _, p := range parts {
				for len(p) > 0 { // an event is sent as soon as the listener is ready
					if l.State() == Ready {
						l.Send(&Envelope{})
					}
					n := 1
					for _, o := range l.Feed(p[:n]) {
						kinds = append(kinds, o.Kind)
					}
					p = p[n:]
				}
			}
			if len(l.in) > maxResult+maxResultRow {
				t.Fatalf("%d bytes are kept", len(l.in))
			}
			return kinds, l.State()
		}
		cut = min(max(cut, 0), len(text))
		whole, state := course(text)
		parts, same := course(text[:cut], text[cut:])
		if state != same || len(whole) != len(parts) {
			t.Fatalf("%q means %v and %v", text, whole, parts)
		}
		var l Listener
		l.Feed(bytes.Clone(text)) // all at once, without an event
	})
}
