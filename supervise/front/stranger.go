package front

import (
	"math/rand/v2"
	"strconv"
	"strings"
)

// Users that nobody is: what systemd gives to services for the time that they run, so that
// no system has accounts there. It ends below 65535, where the map of a user namespace may.
const (
	firstStranger = 61184
	lastStranger  = 65519
)

// stranger returns the number of a user, and group, that no account has and that our user
// namespace maps; another one each time. It reports false if there is none.
func stranger(k Kernel) (id int, ok bool) {
	uidMap, accounts := k.Users()
	taken := map[string]bool{}
	for line := range strings.Lines(accounts) {
		if f := strings.SplitN(line, ":", 4); len(f) > 3 {
			taken[f[2]] = true
		}
	}
	return strange(uidMap, taken)
}

// strange chooses a number from a uid_map: of the usual range, or else of the end of the
// last range that is mapped.
func strange(uidMap string, taken map[string]bool) (int, bool) {
	lo, hi := 0, 0
	for line := range strings.Lines(uidMap) {
		f := strings.Fields(line)
		if len(f) != 3 {
			continue
		}
		first, err1 := strconv.Atoi(f[0])
		count, err2 := strconv.Atoi(f[2])
		if err1 != nil || err2 != nil {
			continue
		}
		end := first + count // not of it
		if from, to := max(first, firstStranger), min(end, lastStranger+1); from < to {
			lo, hi = from, to
			break
		}
		// A map of a few users has accounts and nobody else; the end of a larger one is free.
		if from := max(first, end-4096, 1001); from < end && end > hi {
			lo, hi = from, end
		}
	}
	for try := 0; lo < hi && try < 64; try++ {
		if id := lo + rand.IntN(hi-lo); !taken[strconv.Itoa(id)] {
			return id, true
		}
	}
	return 0, false
}
