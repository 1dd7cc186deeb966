package oomscore

import (
	"os"
	"path/filepath"
	"testing"
)

// The lowest score that the kernel takes is found, wherever its bound is.
func TestLeast(t *testing.T) {
	for given := -1000; given <= 1000; given += 125 {
		for bound := -1000; bound <= given; bound += 5 {
			score := given
			got := least(given, func(n int) bool {
				if n < bound {
					return false
				}
				score = n
				return true
			})
			if got != bound || score != bound {
				t.Errorf("given %d, bound %d: least is %d, set to %d", given, bound, got, score)
			}
		}
	}
}

// A fork falls into the time in which the score is the one that was given.
func TestLend(t *testing.T) {
	name := filepath.Join(t.TempDir(), "score")
	has := func(want string) {
		t.Helper()
		if got, _ := os.ReadFile(name); string(got)[:len(want)] != want {
			t.Errorf("the score is %q, want %q", got, want)
		}
	}
	if err := os.WriteFile(name, []byte("-500\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := lower(name) // a file of a disk takes everything
	has("-1000")
	s.Lend()
	has("-500")
	s.Keep()
	has("-1000")
}

// Where there is no score, or it cannot be lowered, nothing is done.
func TestNothingToLower(t *testing.T) {
	name := filepath.Join(t.TempDir(), "score")
	for _, text := range []string{"-1000\n", "", "many\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if s := lower(name); s != nil {
			t.Errorf("%q was lowered", text)
		}
	}
	s := lower(filepath.Join(t.TempDir(), "none"))
	s.Lend()
	s.Keep()
	if s != nil {
		t.Error("what is not there was lowered")
	}
}
