// Package unnoticed tests that clients do not notice what is done to the programs behind
// sockets that the supervisor holds: real servers, a real supervisor, and clients that ask
// without a pause.
package unnoticed
