package testkit

import (
	"os"
	"strings"
	"testing"
)

// Section compares the part of a page between <!-- NAME --> and <!-- end of NAME --> with
// what it is to be, or, with update, writes it anew. It is for what a page shows and a
// program prints.
func Section(t testing.TB, file, name, want string, update bool) {
	t.Helper()
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(page), "<!-- "+name+" -->\n")
	got, after, ok2 := strings.Cut(rest, "<!-- end of "+name+" -->\n")
	switch {
	case !ok || !ok2:
		t.Fatalf("%s has no lines <!-- %s --> and <!-- end of %[2]s -->", file, name)
	case got == want:
	case update:
		text := before + "<!-- " + name + " -->\n" + want + "<!-- end of " + name + " -->\n" + after
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("%s is out of step; -update writes it anew. %s is\n%swant\n%s", file, name, got, want)
	}
}
