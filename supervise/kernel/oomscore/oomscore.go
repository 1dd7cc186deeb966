// Package oomscore keeps the supervisor from being what the kernel kills where memory runs
// out, and its children from having that. The score is inherited at a fork, so for that moment
// the supervisor has the one that it was given. Written with CAP_SYS_RESOURCE it also is the
// least that a child may take without.
package oomscore

import (
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// file is where a process has its score.
const file = "/proc/self/oom_score_adj"

// never is the score of a process that is not killed.
const never = -1000

// Score is that of a process that has lowered it. It is not for use at the same time.
type Score struct {
	fd         int
	given, own []byte
}

// Lower lowers the score of this process as far as it may, and returns nil where it may not,
// or there is none: a nil Score does nothing.
func Lower() *Score { return lower(file) }

func lower(file string) *Score {
	fd, err := unix.Open(file, unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	var text [16]byte
	n, err := unix.Pread(fd, text[:], 0)
	given, bad := strconv.Atoi(strings.TrimSpace(string(text[:max(n, 0)])))
	if err == nil && bad == nil {
		if own := least(given, func(score int) bool { return write(fd, digits(score)) }); own < given {
			return &Score{fd, digits(given), digits(own)}
		}
	}
	unix.Close(fd)
	return nil
}

// least sets the lowest score that set takes, and returns it: the kernel has a bound for those
// without CAP_SYS_RESOURCE, and does not tell which. What it was is taken.
func least(given int, set func(score int) bool) int {
	if given <= never || set(never) {
		return never
	}
	refused, taken := never, given
	for taken-refused > 1 {
		if middle := refused + (taken-refused)/2; set(middle) {
			taken = middle
		} else {
			refused = middle
		}
	}
	return taken
}

func digits(score int) []byte { return strconv.AppendInt(nil, int64(score), 10) }

func write(fd int, score []byte) bool {
	_, err := unix.Pwrite(fd, score, 0)
	return err == nil
}

// Lend has a child that is forked now get the score that the supervisor was given.
func (s *Score) Lend() {
	if s != nil {
		write(s.fd, s.given)
	}
}

// Keep ends Lend.
func (s *Score) Keep() {
	if s != nil {
		write(s.fd, s.own)
	}
}
