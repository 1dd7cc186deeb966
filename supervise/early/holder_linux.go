//go:build linux && (amd64 || arm64)

package early

import (
	"syscall"
	"unsafe"

	"slipway/supervise/holder"
)

// What follows runs where there is no Go runtime: [beHolder] is called by the entry, and the
// process ends in it. So it is Go only as far as that needs nobody: no stack that grows
// (nosplit; the linker proves that what is there is enough), no allocation (every address
// that is taken is one of memory that the entry has set aside), no interface, no slice that could be out of its
// bounds. The register of the goroutine is zero.

// asHolder is where the entry goes when it finds the name of a holder.
//
//lint:ignore U1000 called by the entry
func asHolder()

// holderMemory is what a holder knows. It lies on the stack, in pages that are its own anyway.
type holderMemory struct {
	nothing  [2]uint64 // see asHolder
	channel  uintptr   // the socket
	signals  uintptr   // the signalfd
	main     int32     // the main process; 0: none
	supplied bool      // somebody is at the other end of the socket
	asking   bool      // nobody is reaped until PID 1 has said who carries on
	death    uint32    // signal for the main process when PID 1 is gone
	lacks    refusal
	table    tableMemory

	status  int32
	mask    uint64
	polled  [2]pollFD
	out, in holder.Record
	header  [holder.HeaderSize / 4]uint32
	action  [4]uint64 // struct sigaction
	info    [128]byte // struct signalfd_siginfo
	group   controlGroup
	space   [1536]byte
}

// refusal is a call that we need and do not get.
type refusal struct {
	call  int32 // see holder.Needs; 0: there is none
	errno int32
}

// tableMemory is where the table is.
type tableMemory struct {
	rows     uintptr // how many
	at, data unsafe.Pointer
}

// controlGroup is that of the program.
type controlGroup struct {
	folder uintptr    // its descriptor; 0: there is none
	args   [11]uint64 // struct clone_args
}

type pollFD struct {
	fd             int32
	events, gotten int16
}

type tableRow struct {
	call  uintptr
	args  [6]uintptr
	marks uint64
}

// Numbers that package syscall does not have.
const (
	prSetDumpable  = 4
	prSetName      = 15
	prSetSubreaper = 36
	prGetSubreaper = 37

	cloneVfork   = 0x4000
	intoCgroup   = 0x200000000 // CLONE_INTO_CGROUP
	waitAll      = 0x40000000
	pollIn       = 1
	noSignal     = 0x4000 // MSG_NOSIGNAL
	signalFlags  = 0o2000000 | 0o4000
	blockSignals = 2          // SIG_SETMASK
	waitByPID    = 1          // P_PID
	keepZombie   = 0x01000000 // WNOWAIT

	syscallClone3     = 435
	syscallCloseRange = 436
)

//go:nosplit
//go:norace
func sys(nr, a, b, c, d, e uintptr) int {
	return systemCall(nr, a, b, c, d, e, 0)
}

// systemCall makes a system call, and returns its result or a negative error number. It is
// our own so that all code of a holder lies in few pages.
//
//go:noescape
func systemCall(nr, a, b, c, d, e, f uintptr) int

// beHolder is what a holder does. sp is where the kernel has put its arguments, h is zero.
//
//lint:ignore U1000 called by asHolder
//go:nosplit
//go:norace
func beHolder(sp unsafe.Pointer, h *holderMemory) {
	argc := *(*uintptr)(sp)
	if argc < 4 {
		exit(127)
	}
	argv := unsafe.Add(sp, 8)
	h.mask = ^uint64(0)
	sys(syscall.SYS_RT_SIGPROCMASK, blockSignals, uintptr(unsafe.Pointer(&h.mask)), 0, 8, 0)
	// SIGCHLD ignored would make the kernel drop every status.
	sys(syscall.SYS_RT_SIGACTION, uintptr(syscall.SIGCHLD), uintptr(unsafe.Pointer(&h.action)), 0, 8, 0)
	var rest unsafe.Pointer
	h.channel, rest = number(*(*unsafe.Pointer)(unsafe.Add(argv, 8)))
	if *(*byte)(rest) == ',' {
		h.group.folder, _ = number(unsafe.Add(rest, 1))
		sys(syscall.SYS_FCNTL, h.group.folder, syscall.F_SETFD, syscall.FD_CLOEXEC, 0, 0)
	}
	h.supplied = true
	sys(syscall.SYS_FCNTL, h.channel, syscall.F_SETFD, syscall.FD_CLOEXEC, 0, 0)
	if sys(syscall.SYS_GETEUID, 0, 0, 0, 0, 0) != 0 {
		// The program is the same user: it shall not be able to take over what
		// speaks for it. It gets a memory of its own by its execve.
		sys(syscall.SYS_PRCTL, prSetDumpable, 0, 0, 0, 0)
	}
	h.adopt()
	if h.need(); h.lacks.call != 0 {
		sys(syscall.SYS_PRCTL, prSetSubreaper, 0, 0, 0, 0) // it would outlive the execve
	}
	if errno := h.readTable(); errno != 0 {
		h.say(holder.Failed, 0, holder.RowTable, errno)
		exit(127)
	}
	if h.lacks.call != 0 {
		h.become(unsafe.Add(argv, 16), unsafe.Add(argv, 8*(argc+1)))
	}
	// With vfork's wait, and a memory of its own: when the call returns, the program has
	// been executed or has said why not.
	pid := h.cloneIntoCgroup()
	if pid < 0 {
		pid = sys(syscall.SYS_CLONE, cloneVfork|uintptr(syscall.SIGCHLD), 0, 0, 0, 0)
	} else {
		h.status |= holder.InCgroup
	}
	switch {
	case pid < 0:
		h.say(holder.Failed, 0, holder.RowFork, int32(-pid))
		exit(127)
	case pid == 0:
		h.become(unsafe.Add(argv, 16), unsafe.Add(argv, 8*(argc+1)))
	}
	h.main = int32(pid)
	if h.group.folder != 0 {
		sys(syscall.SYS_CLOSE, h.group.folder, 0, 0, 0, 0)
	}
	h.say(holder.Running, h.main, h.status, 0)
	h.settle(sp)
	h.watch()
}

// adopt has orphans come to us, and notes whether they do. Some kernels say so and do not.
//
//go:nosplit
//go:norace
func (h *holderMemory) adopt() {
	h.status = 0
	if sys(syscall.SYS_PRCTL, prSetSubreaper, 1, 0, 0, 0) < 0 {
		return
	}
	if sys(syscall.SYS_PRCTL, prGetSubreaper, uintptr(unsafe.Pointer(&h.status)), 0, 0, 0) < 0 {
		h.status = holder.Adopts
	}
}

// need makes each call that we cannot do without, and notes one that is refused: by a seccomp
// profile, of which the program is not to notice more than that it has no holder.
//
//go:nosplit
//go:norace
func (h *holderMemory) need() {
	n := sys(syscall.SYS_SIGNALFD4, ^uintptr(0), uintptr(unsafe.Pointer(&h.mask)), 8, signalFlags, 0)
	if n >= 0 {
		sys(syscall.SYS_CLOSE, uintptr(n), 0, 0, 0, 0)
	}
	h.needed(1, n)
	h.needed(2, sys(syscall.SYS_PPOLL, 0, 0, uintptr(unsafe.Pointer(&h.nothing)), 0, 0))
	n = systemCall(syscall.SYS_RECVFROM, h.channel, uintptr(unsafe.Pointer(&h.in)), holder.Size, syscall.MSG_DONTWAIT|syscall.MSG_PEEK, 0, 0)
	if n == -int(syscall.EAGAIN) {
		n = 0
	}
	h.needed(3, n)
	h.needed(4, systemCall(syscall.SYS_SENDTO, h.channel, uintptr(unsafe.Pointer(&h.out)), 0, noSignal, 0, 0))
	if n = sys(syscall.SYS_WAIT4, ^uintptr(0), 0, syscall.WNOHANG|waitAll, 0, 0); n == -int(syscall.ECHILD) {
		n = 0
	}
	h.needed(5, n)
}

//go:nosplit
//go:norace
func (h *holderMemory) needed(call int32, result int) {
	if result < 0 && h.lacks.call == 0 {
		h.lacks.call, h.lacks.errno = call, int32(-result)
	}
}

// number reads a decimal number, and returns what follows it.
//
//go:nosplit
//go:norace
func number(text unsafe.Pointer) (n uintptr, rest unsafe.Pointer) {
	for *(*byte)(text) >= '0' && *(*byte)(text) <= '9' {
		n = n*10 + uintptr(*(*byte)(text)-'0')
		text = unsafe.Add(text, 1)
	}
	return n, text
}

// cloneIntoCgroup makes the program's process within its control group, as vfork does. It
// returns a negative number where there is no group, or the kernel refuses.
//
//go:nosplit
//go:norace
func (h *holderMemory) cloneIntoCgroup() int {
	if h.group.folder == 0 {
		return -1
	}
	h.group.args[0], h.group.args[4], h.group.args[10] = cloneVfork|intoCgroup, uint64(syscall.SIGCHLD), uint64(h.group.folder)
	return sys(syscallClone3, uintptr(unsafe.Pointer(&h.group.args)), unsafe.Sizeof(h.group.args), 0, 0, 0)
}

// readTable reads what the program's process is to do, and returns an error number.
//
//go:nosplit
//go:norace
func (h *holderMemory) readTable() int32 {
	if errno := h.readAll(unsafe.Pointer(&h.header), holder.HeaderSize); errno != 0 {
		return errno
	}
	if h.header[0] != holder.Version {
		return int32(syscall.EPROTO)
	}
	size := uintptr(h.header[1])
	h.table.rows, h.death = uintptr(h.header[2]), h.header[3]
	h.table.at = unsafe.Pointer(&h.space)
	if size > unsafe.Sizeof(h.space) {
		at := sys(syscall.SYS_MMAP, 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE|syscall.MAP_ANON, ^uintptr(0))
		if at < 0 {
			return int32(-at)
		}
		h.table.at = *(*unsafe.Pointer)(unsafe.Pointer(&at))
	}
	h.table.data = unsafe.Add(h.table.at, h.table.rows*holder.RowSize)
	return h.readAll(h.table.at, size)
}

//go:nosplit
//go:norace
func (h *holderMemory) readAll(to unsafe.Pointer, size uintptr) int32 {
	for done := uintptr(0); done < size; {
		n := sys(syscall.SYS_READ, h.channel, uintptr(to)+done, size-done, 0, 0)
		if n == 0 {
			return int32(syscall.EPIPE)
		}
		if n < 0 {
			return int32(-n)
		}
		done += uintptr(n)
	}
	return 0
}

// become makes the process the program: a child of ours, or ourselves where we cannot be a
// holder. words are its path and its arguments.
//
//go:nosplit
//go:norace
func (h *holderMemory) become(words, environ unsafe.Pointer) {
	pid := int32(sys(syscall.SYS_GETPID, 0, 0, 0, 0, 0))
	h.say(holder.Born, pid, h.lacks.call, h.lacks.errno)
	for i := uintptr(0); i < h.table.rows; i++ {
		r := (*tableRow)(unsafe.Add(h.table.at, i*holder.RowSize))
		for at := uintptr(0); at < 6; at++ {
			if r.marks>>at&1 != 0 {
				arg := (*uintptr)(unsafe.Add(unsafe.Pointer(&r.args), at*8))
				*arg += uintptr(h.table.data)
			}
		}
		if r.marks>>holder.OpShift == holder.OpPID {
			*(*int32)(*(*unsafe.Pointer)(unsafe.Pointer(&r.args))) = pid
			continue
		}
		if r.marks>>holder.OpShift == holder.OpEnv {
			setNumber(environ, *(*unsafe.Pointer)(unsafe.Pointer(&r.args)), uint32(pid))
			continue
		}
		if n := call(r); n < 0 {
			h.say(holder.Failed, pid, int32(i), int32(-n))
			exit(127)
		}
	}
	if h.lacks.call != 0 && h.death != 0 {
		sys(syscall.SYS_PRCTL, syscall.PR_SET_PDEATHSIG, uintptr(h.death), 0, 0, 0)
	}
	h.mask = 0
	sys(syscall.SYS_RT_SIGPROCMASK, blockSignals, uintptr(unsafe.Pointer(&h.mask)), 0, 8, 0)
	errno := -sys(syscall.SYS_EXECVE, *(*uintptr)(words), uintptr(unsafe.Add(words, 8)), uintptr(environ), 0, 0)
	h.say(holder.Failed, pid, holder.RowExec, int32(errno))
	exit(127)
}

// setNumber writes a number as the value of the variable that begins with name, which has an
// equals sign at its end. What is there is longer.
//
//go:nosplit
//go:norace
func setNumber(environ, name unsafe.Pointer, n uint32) {
	for ; *(*unsafe.Pointer)(environ) != nil; environ = unsafe.Add(environ, 8) {
		at, of := *(*unsafe.Pointer)(environ), name
		for *(*byte)(of) != 0 && *(*byte)(at) == *(*byte)(of) {
			at, of = unsafe.Add(at, 1), unsafe.Add(of, 1)
		}
		if *(*byte)(of) != 0 {
			continue
		}
		unit := uint32(1)
		for n/unit >= 10 {
			unit *= 10
		}
		for ; unit > 0 && *(*byte)(at) != 0; unit /= 10 {
			*(*byte)(at) = byte('0' + n/unit%10)
			at = unsafe.Add(at, 1)
		}
		*(*byte)(at) = 0
	}
}

//go:nosplit
//go:norace
func call(r *tableRow) int {
	return systemCall(r.call, r.args[0], r.args[1], r.args[2], r.args[3], r.args[4], r.args[5])
}

// say writes a record. Nobody may be there to read it: of a write, that would be a signal.
//
//go:nosplit
//go:norace
func (h *holderMemory) say(kind holder.Kind, pid, a, b int32) {
	h.out.Kind, h.out.PID, h.out.A, h.out.B = kind, pid, a, b
	if systemCall(syscall.SYS_SENDTO, h.channel, uintptr(unsafe.Pointer(&h.out)), holder.Size, noSignal, 0, 0) < 0 {
		sys(syscall.SYS_WRITE, h.channel, uintptr(unsafe.Pointer(&h.out)), holder.Size, 0, 0)
	}
}

//go:nosplit
//go:norace
func exit(code uintptr) {
	for {
		sys(syscall.SYS_EXIT_GROUP, code, 0, 0, 0, 0)
	}
}
