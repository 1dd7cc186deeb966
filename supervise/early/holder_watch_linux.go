//go:build linux && (amd64 || arm64)

package early

import (
	"syscall"
	"unsafe"

	"slipway/supervise/holder"
)

// root and name are what a holder's directory and command are afterwards.
var (
	root = [2]byte{'/'}
	name = [len(holder.Name) + 1]byte{'s', 'l', 'i', 'p', 'w', 'a', 'y', '-', 'h', 'o', 'l', 'd', 'e', 'r'}
)

// settle gives up what is the program's: its descriptors, its directory, and the strings of
// its arguments and environment, which lie above sp, and would be there for all to read in
// /proc as long as it runs.
//
//go:nosplit
//go:norace
func (h *holderMemory) settle(sp unsafe.Pointer) {
	if sys(syscallCloseRange, 0, h.channel-1, 0, 0, 0) < 0 {
		for fd := uintptr(0); fd < h.channel; fd++ {
			sys(syscall.SYS_CLOSE, fd, 0, 0, 0, 0)
		}
	}
	sys(syscallCloseRange, h.channel+1, ^uintptr(0), 0, 0, 0)
	sys(syscall.SYS_CHDIR, uintptr(unsafe.Pointer(&root)), 0, 0, 0, 0)
	sys(syscall.SYS_PRCTL, prSetName, uintptr(unsafe.Pointer(&name)), 0, 0, 0)
	page, top := bounds(sp)
	if top == 0 {
		return
	}
	own := unsafe.Add(unsafe.Pointer(h), memorySize) // what is above is the arguments'
	edge := (uintptr(own) + page - 1) &^ (page - 1)
	for at := own; uintptr(at) < edge && uintptr(at) < top; at = unsafe.Add(at, 1) {
		*(*byte)(at) = 0
	}
	// Not only emptied: of a process without arguments ps shows the name.
	if top > edge && sys(syscall.SYS_MUNMAP, edge, top-edge, 0, 0, 0) < 0 {
		sys(syscall.SYS_MADVISE, edge, top-edge, syscall.MADV_DONTNEED, 0, 0)
	}
	h.shrink(page)
}

// codePages is how many pages the code of a holder takes, up to the one in which systemCall ends.
const codePages = 3

// shrink gives back the pages of the executable. With each that was needed the kernel has
// mapped its neighbours; from here on it can do so only within the code of a holder. A
// holder writes to none of the data, but the kernel has, where their zeros begin: in the last
// page of the file, and on some machines in the first page behind it.
//
//go:nosplit
//go:norace
func (h *holderMemory) shrink(page uintptr) {
	text := uintptr(textStart()) &^ (page - 1)
	end := (uintptr(bssEnd()) + page - 1) &^ (page - 1)
	code := uintptr(codeEnd())&^(page-1) - (codePages-1)*page
	sys(syscall.SYS_MADVISE, text, code-text, syscall.MADV_RANDOM, 0, 0)
	sys(syscall.SYS_MADVISE, code+codePages*page, end-code-codePages*page, syscall.MADV_RANDOM, 0, 0)
	sys(syscall.SYS_MADVISE, text, end-text, syscall.MADV_DONTNEED, 0, 0)
}

// textStart is where the executable's code begins.
func textStart() unsafe.Pointer

// codeEnd lies in the last page of a holder's code.
func codeEnd() unsafe.Pointer

// bssEnd is where the executable's zeros end, the last of its data.
func bssEnd() unsafe.Pointer

// memorySize is what the entry sets aside, in bytes; the next page begins behind it.
const memorySize = 2048

// The entries of the auxiliary vector that are of use here.
const (
	auxPage = 6
	auxPath = 31 // of the executable: the last string of all
)

// bounds returns the size of a page, and where the strings end; 0 if nobody says.
//
//go:nosplit
//go:norace
func bounds(sp unsafe.Pointer) (page, top uintptr) {
	at := unsafe.Add(sp, 8*(*(*uintptr)(sp)+2))
	for *(*uintptr)(at) != 0 { // the environment
		at = unsafe.Add(at, 8)
	}
	for at = unsafe.Add(at, 8); *(*uintptr)(at) != 0; at = unsafe.Add(at, 16) {
		value := unsafe.Add(at, 8)
		switch *(*uintptr)(at) {
		case auxPage:
			page = *(*uintptr)(value)
		case auxPath:
			end := *(*unsafe.Pointer)(value)
			for *(*byte)(end) != 0 {
				end = unsafe.Add(end, 1)
			}
			top = uintptr(end)
		}
	}
	if page == 0 {
		return 0, 0
	}
	return page, (top + page - 1) &^ (page - 1)
}

// watch is the rest of a holder's life.
//
//go:nosplit
//go:norace
func (h *holderMemory) watch() {
	h.signals = uintptr(sys(syscall.SYS_SIGNALFD4, ^uintptr(0), uintptr(unsafe.Pointer(&h.mask)), 8, signalFlags, 0))
	h.polled[0].fd, h.polled[0].events = int32(h.signals), pollIn
	h.polled[1].fd, h.polled[1].events = int32(h.channel), pollIn
	for {
		h.children()
		sys(syscall.SYS_PPOLL, uintptr(unsafe.Pointer(&h.polled)), 2, 0, 0, 0)
		h.received()
		if h.polled[1].gotten != 0 {
			h.told()
		}
	}
}

// children takes the news of all children.
//
//go:nosplit
//go:norace
func (h *holderMemory) children() {
	for !h.asking {
		pid := h.wait(syscall.WNOHANG | syscall.WUNTRACED | syscall.WCONTINUED | waitAll)
		status := h.status
		switch {
		case pid == -int(syscall.ECHILD):
			h.say(holder.Empty, 0, 0, 0)
			exit(0)
		case pid <= 0:
			return
		case int32(pid) != h.main:
		case status == 0xffff:
			h.say(holder.Continued, h.main, 0, 0)
		case status&0xff == 0x7f:
			h.say(holder.Stopped, h.main, status>>8&0xff, 0)
		default:
			h.ended(status)
		}
	}
}

// ended is the end of the main process. What it has left was given to us before it could
// be seen dead, so the answer is exact.
//
//go:nosplit
//go:norace
func (h *holderMemory) ended(status int32) {
	pid := h.main
	h.main = 0
	left := 1
	for left > 0 { // not those who have died as well
		left = h.wait(syscall.WNOHANG | waitAll)
	}
	if left < 0 {
		h.say(holder.Died, pid, status, 0)
		exit(0)
	}
	h.say(holder.Died, pid, status, 1)
	h.asking = h.supplied
}

// wait takes a status into h.status, and returns whose it is, 0, or an error number
// below zero.
//
//go:nosplit
//go:norace
func (h *holderMemory) wait(options uintptr) int {
	return sys(syscall.SYS_WAIT4, ^uintptr(0), uintptr(unsafe.Pointer(&h.status)), options, 0, 0)
}

// received tells PID 1 of the signals that somebody has sent to us on purpose: for a
// program, we are its parent. The kernel's own are not passed on, nor those of PID 1.
//
//go:nosplit
//go:norace
func (h *holderMemory) received() {
	for sys(syscall.SYS_READ, h.signals, uintptr(unsafe.Pointer(&h.info)), unsafe.Sizeof(h.info), 0, 0) > 0 {
		info := unsafe.Pointer(&h.info)
		sig := *(*int32)(info)
		code := *(*int32)(unsafe.Add(info, 8))
		from := *(*int32)(unsafe.Add(info, 12))
		switch syscall.Signal(sig) {
		case syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGUSR1, syscall.SIGUSR2:
			if code <= 0 && h.supplied && int(from) != sys(syscall.SYS_GETPPID, 0, 0, 0, 0, 0) {
				h.say(holder.Received, from, sig, 0)
			}
		}
	}
}

// told does what PID 1 asks for.
//
//go:nosplit
//go:norace
func (h *holderMemory) told() {
	for {
		n := h.receive()
		switch {
		case n == -int(syscall.EAGAIN) || n == -int(syscall.EINTR):
			return
		case n < holder.Size:
			h.abandoned()
			return
		}
		pid, a := h.in.PID, h.in.A
		switch h.in.Kind {
		case holder.Signal:
			if h.main != 0 {
				h.signal(uintptr(a), h.in.B)
			}
		case holder.Main:
			h.choose(pid)
		case holder.Go:
			h.asking = false
		case holder.Leave:
			exit(0)
		}
	}
}

//go:nosplit
//go:norace
func (h *holderMemory) receive() int {
	n, _, errno := syscall.RawSyscall6(syscall.SYS_RECVFROM, h.channel, uintptr(unsafe.Pointer(&h.in)), holder.Size, syscall.MSG_DONTWAIT, 0, 0)
	if errno != 0 {
		return -int(errno)
	}
	return int(n)
}

// signal signals the main process, which nobody but us reaps: the number is its own.
//
//go:nosplit
//go:norace
func (h *holderMemory) signal(sig uintptr, group int32) {
	to := uintptr(h.main)
	n := -int(syscall.ESRCH)
	if group != 0 {
		n = sys(syscall.SYS_KILL, -to, sig, 0, 0, 0)
	}
	if n == -int(syscall.ESRCH) {
		n = sys(syscall.SYS_KILL, to, sig, 0, 0, 0)
	}
	if n < 0 && n != -int(syscall.ESRCH) {
		h.say(holder.Refused, h.main, int32(holder.Signal), int32(-n))
	}
}

// choose makes one of our children the main process.
//
//go:nosplit
//go:norace
func (h *holderMemory) choose(pid int32) {
	n := sys(syscall.SYS_WAITID, waitByPID, uintptr(pid), 0, syscall.WNOHANG|syscall.WEXITED|keepZombie|waitAll, 0)
	// While we ask, nobody is reaped: who was a child then is one, if waitid is refused.
	if n == -int(syscall.ECHILD) || n < 0 && !h.asking {
		h.say(holder.Refused, pid, int32(holder.Main), int32(-n))
		return
	}
	h.main, h.asking = pid, false
	h.say(holder.Chosen, pid, 0, 0)
}

// abandoned is the end of PID 1, or of its interest.
//
//go:nosplit
//go:norace
func (h *holderMemory) abandoned() {
	h.supplied, h.asking = false, false
	h.polled[1].fd = -1
	if h.death != 0 && h.main != 0 {
		sys(syscall.SYS_KILL, uintptr(h.main), uintptr(h.death), 0, 0, 0)
	}
}
