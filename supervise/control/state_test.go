package control

import "testing"

// The words are Supervisor's, and its clients compare them.
func TestWordsOfStates(t *testing.T) {
	for state, want := range map[ProcessState]string{
		0: "STOPPED", 10: "STARTING", 20: "RUNNING", 30: "BACKOFF", 40: "STOPPING", 100: "EXITED", 200: "FATAL", 1000: "UNKNOWN",
	} {
		if got := state.String(); got != want {
			t.Errorf("state %d = %s, want %s", state, got, want)
		}
	}
	for mood, want := range map[Mood]string{-1: "SHUTDOWN", 0: "RESTARTING", 1: "RUNNING", 2: "FATAL"} {
		if got := mood.String(); got != want {
			t.Errorf("mood %d = %s, want %s", mood, got, want)
		}
	}
}
