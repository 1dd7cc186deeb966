// Package durable is the seam through which rendering touches files: every
// file operation that a transaction makes is a method of [FS] or [File], so
// that a test can make each one of them fail, and nothing else in render opens
// a file for writing.
//
// The operations are small on purpose (create, write, chmod, rename, …): a crash
// between any two of them is a state that the transaction must survive, and a
// coarser seam would hide those states from the tests.
//
// [OS] is the real one. What it writes, it writes in a folder that it has opened by
// package way: a link that others can change is not followed on the way, and none at
// its end. And it keeps other goroutines from forking while a file that will
// be executable is open for writing (see [OS.Create]).
package durable
