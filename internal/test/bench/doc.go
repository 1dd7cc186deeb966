// Package bench measures slipway beside what Debian ships for the same work. It
// has no code of its own, only benchmarks:
//
//	make bench         print the tables
//	make bench-check   the same, and fail above the bounds that are promised
//
// A benchmark runs its subjects in turn, round by round, in a new random order
// each round, so that a busy moment of the machine hits them alike; what is
// compared is medians of one run. An iteration of the benchmark is one round.
//
// Every subject is PID 1 of a PID namespace of its own, as in a container, and
// its programs are a helper without a C library (testdata/probe.c), compiled when
// needed, whose first instructions read the monotonic clock. So the figures
// contain nothing of the harness.
//
// Needs Linux on amd64 or arm64, root, gcc, and the peers: supervisor, s6, runit,
// gettext-base.
package bench
