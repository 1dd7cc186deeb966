package system

import "testing"

func TestFindCommand(t *testing.T) {
	there := map[string]bool{"/opt/bin/java": true, "/usr/bin/java": true, "/usr/bin/sh": true, "bin/own": true, "/sh": true}
	exists := func(file string) bool { return there[file] }
	for _, tt := range []struct {
		word, path, want string
		found            bool
	}{
		{"java", "/opt/bin:/usr/bin", "/opt/bin/java", true},
		{"sh", "/opt/bin:/usr/bin", "/usr/bin/sh", true},
		{"sh", "/opt/bin", "sh", false},
		{"sh", ":/usr/bin", "/usr/bin/sh", true},
		{"bin/own", "/usr/bin", "bin/own", true},
		{"/usr/bin/none", "/usr/bin", "/usr/bin/none", false},
	} {
		if file, found := FindCommand(tt.word, tt.path, exists); file != tt.want || found != tt.found {
			t.Errorf("FindCommand(%q, %q) = %q, %v, want %q, %v", tt.word, tt.path, file, found, tt.want, tt.found)
		}
	}
}
