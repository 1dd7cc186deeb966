//go:build !linux || (!amd64 && !arm64)

package early

import (
	"syscall"
	"time"
)

// Linked reports whether the process began at our entry: there is none here.
func Linked() bool { return false }

// CatchAll does nothing here, and says so.
func CatchAll(wake int) bool { return false }

// Catch does nothing here, and says so.
func Catch(wake int) bool { return false }

// Release does nothing: the runtime has all signals.
func Release() {}

// Take has nothing here.
func Take(list []syscall.Signal) (all []syscall.Signal, age time.Duration) { return list, 0 }

// Hold does nothing here, and says so.
func Hold() bool { return false }

// Unhold does nothing here.
func Unhold() {}
