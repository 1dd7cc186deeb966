package testkit

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
)

// Repeat is how often a test does what it repeats: n times, or SLIPWAY_REPEAT
// times as often. A default run leaves it unset; CI sets a few, and a night many.
func Repeat(t testing.TB, n int) int {
	t.Helper()
	return n * int(number(t, "SLIPWAY_REPEAT", 1))
}

// Rounds is how often a test does what takes seconds to do in full: a few times in a
// default run, else n times as SLIPWAY_REPEAT says.
func Rounds(t testing.TB, few, n int) int {
	t.Helper()
	if Repeat(t, 1) == 1 {
		return few
	}
	return Repeat(t, n)
}

// Seed is the number that a test's random choices begin with, and is logged. It is
// 1 in a default run, which is the same each time. With SLIPWAY_REPEAT it is a new
// one each time; SLIPWAY_SEED sets it.
func Seed(t testing.TB) uint64 {
	t.Helper()
	seed := uint64(1)
	if os.Getenv("SLIPWAY_REPEAT") != "" {
		seed = rand.Uint64() >> 1
	}
	seed = number(t, "SLIPWAY_SEED", seed)
	t.Logf("seed %d (SLIPWAY_SEED=%[1]d makes the same choices again)", seed)
	return seed
}

// number is the value of an environment variable, or the default if it is unset.
func number(t testing.TB, name string, unset uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return unset
	}
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil || n == 0 {
		t.Fatalf("%s is %q, want a number from 1", name, text)
	}
	return n
}
