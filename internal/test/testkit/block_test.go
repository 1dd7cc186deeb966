package testkit

import "testing"

func TestMatches(t *testing.T) {
	for _, tt := range []struct {
		name, got, want string
		matches         bool
	}{
		{"same", "a\nb\n", "a\nb\n", true},
		{"more", "a\nb\n", "a\n", false},
		{"less", "a\n", "a\nb\n", false},
		{"lines left out", "a\nb\nc\n", "a\n...\nc\n", true},
		{"no line left out", "a\nc\n", "a\n...\nc\n", true},
		{"the rest of a line", "web  RUNNING  12\n", "web  RUNNING  ...\n", true},
		{"another line", "web  FATAL\n", "web  RUNNING  ...\n", false},
		{"all left out", "a\nb\n", "...\n", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Matches(tt.got, tt.want); got != tt.matches {
				t.Errorf("Matches(%q, %q) = %v, want %v", tt.got, tt.want, got, tt.matches)
			}
		})
	}
}
