// Package containers holds the tests of what only a container makes real: no
// root, no writable path, a user id that no file knows, a signal that arrives
// before anything has started, links that an engine has made. It has no code of
// its own.
//
// The image is made from nothing: the two executables, a static busybox, and the
// configuration of the test.
package containers
