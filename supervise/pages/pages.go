// Package pages gives memory back that only the start of the supervisor has needed: the
// pages of the executable, of which reading a configuration and starting programs touch
// four fifths, and waiting one fifth. They are the kernel's: clean, and a copy of the file.
// Given back, each comes again with the first access, without a read of the disk while the
// kernel still has it. What it costs is a fault of about a microsecond for 64 KiB. What it
// brings is that PID 1 is small for as long as nothing happens, and that the kernel may use
// the memory for something else, which it does not do lightly with mapped pages.
//
// Nothing that the process has written is touched.
package pages

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// GiveBack gives back the code and the constants of the executable. Where that is not known,
// or refused, nothing happens.
func GiveBack() {
	code, constants := ranges()
	for _, r := range whole(code, constants, uintptr(syscall.Getpagesize())) {
		unix.Syscall(unix.SYS_MADVISE, r.from, r.to-r.from, unix.MADV_DONTNEED) //nolint:errcheck // nothing is lost
	}
}

// span is a range of addresses.
type span struct{ from, to uintptr }

// whole gives the parts of ranges that are whole pages. code are the instructions; constants
// stand in memory as they stand in the file only where the executable has the addresses that
// it was linked for, in the lowest 4 GiB. Of another one (go build -buildmode=pie) they have
// been relocated, and would come back as they were before.
func whole(code, constants span, size uintptr) []span {
	list := []span{code}
	if code.to>>32 == 0 {
		list = append(list, constants)
	}
	for i, r := range list {
		list[i] = span{(r.from + size - 1) &^ (size - 1), r.to &^ (size - 1)}
		if list[i].to < list[i].from {
			list[i].to = list[i].from
		}
	}
	return list
}
