// Package control is the language that PID 1 and its clients speak: values,
// frames, the table of methods, the table of faults, and the answers as structs. What
// people see of the methods is in package surface.
//
// One connection carries any number of calls. A request frame holds an id that
// the client chose, a method name and arguments; frames that answer it carry the
// same id: chunks, while a stream lasts, and at last a reply or a fault. A client
// that is no longer interested sends a cancel frame. Every frame is its length
// (four bytes, big endian), then its kind, its id and its content, so nothing is
// ever escaped and program output of any kind passes unchanged.
//
//	request  id method args…     client → PID 1
//	cancel   id                  client → PID 1
//	chunk    id value            PID 1 → client
//	reply    id flags value      PID 1 → client; flag 1: a descriptor travels with it
//	fault    id code text        PID 1 → client
//
// The package never reads or writes a descriptor. PID 1's loop feeds a Conn with
// the bytes that it read and flushes the bytes that wait (see Conn); the client
// side is the package client. So there is no goroutine here, nothing blocks, and
// all of it can be tested with byte slices.
//
// Everything is bounded: the length of a frame, the depth of a value, the calls
// that one peer may have open, and the bytes that wait for a peer. A stream whose
// reader does not keep up is ended, it never makes a program wait.
//
// The package is linked into PID 1, so it uses neither fmt, encoding/* (which
// brings reflect) nor net.
package control
