// Package waiter waits for files in place of `slipway watch`, which renders and is large. The
// watcher becomes the waiter by execve when nothing is left to do, and hands it its connection
// to the supervisor and a list of what it follows. The waiter becomes the watcher again when one of
// these files is another than in the list. It is the same process all the while, so the
// supervisor does not notice.
//
// It keeps nothing but the list: a change that nobody has told it of is found by comparing, every
// 30 s, and right after it began. It must not link what the supervisor does not, and never
// writes.
package waiter
