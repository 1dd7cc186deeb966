package early

import "sync/atomic"

// Linked reports whether the process began at our entry: only then can its executable be a
// holder, and only then did it hear signals from its first instruction on.
func Linked() bool { return atomic.LoadUint64(&noted)&linked != 0 }
