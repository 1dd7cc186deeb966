// Package testkit is what tests share that need more than Go: the product's
// executables, Docker, a PID namespace, Debian's peers.
//
// A test that needs something says so with Need. A run that asks for nothing
// uses Go and the system, even where more is installed: it is quick, and means
// the same on every machine. What it leaves out is skipped with a reason. Where
// SLIPWAY_REQUIRE=all is set, as .ci/run does, an absent thing is a failure, so
// that a green run means that everything was run.
//
// Whatever a helper starts (container, image, process) ends with the test, by
// its id, and every wait is bounded. Nothing but tests may import this package.
package testkit
