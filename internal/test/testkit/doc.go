// Package testkit is what tests share that need more than Go: the product's
// executables, Docker, a PID namespace, Debian's peers.
//
// A test that needs something says so with Need. On a developer's machine an
// absent thing skips the test with a reason and with what would bring it; where
// SLIPWAY_REQUIRE=all is set, as .ci/run does, the absence is a failure, so that
// a green run means that everything was run.
//
// Whatever a helper starts (container, image, process) ends with the test, by
// its id, and every wait is bounded. Nothing but tests may import this package.
package testkit
