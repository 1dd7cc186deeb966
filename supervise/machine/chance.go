package machine

import "time"

// Chance is a number from 0 to 1 that the programs of a container, and those of a fleet,
// have different ones of at any moment: what failed together is not started together. It
// follows from its arguments, so a simulated machine repeats it.
func Chance(name string, now time.Time) float64 {
	const offset, prime = 14695981039346656037, 1099511628211 // FNV-1a
	h := uint64(offset)
	for i := range len(name) {
		h = (h ^ uint64(name[i])) * prime
	}
	for n := uint64(now.UnixNano()); n > 0; n >>= 8 {
		h = (h ^ n&0xff) * prime
	}
	h ^= h >> 32
	return float64(h%1000) / 999
}
