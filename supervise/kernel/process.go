package kernel

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Spawn forks and executes a command and returns its pid, which is also the number of its
// process group. When it returns, the command is being executed or there is no process.
// The error is a syscall.Errno: of the execve, or of one of the steps before it.
func (k *Linux) Spawn(c *Command) (int, error) {
	// A child gets the mask of the thread that forks. Whoever started this process
	// may have blocked signals; programs are to get theirs all the same.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.PthreadSigmask(unix.SIG_SETMASK, &unix.Sigset_t{}, nil); err != nil {
		return 0, err
	}
	attr := &syscall.ProcAttr{Dir: c.Dir, Env: c.Env, Files: make([]uintptr, len(c.Files))}
	for i, fd := range c.Files {
		attr.Files[i] = uintptr(fd)
	}
	// The signal comes when the thread that forks ends: the loop has the main one. It is set
	// after the identity, a change of which clears it.
	attr.Sys = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.Signal(c.DeathSignal)}
	if c.Foreground {
		attr.Sys.Foreground, attr.Sys.Ctty = true, 0
	}
	if c.Credential != nil {
		attr.Sys.Credential = credential(c.Credential)
		defer k.keepDumpable() // the child has cleared it for both
	}
	if c.Umask >= 0 {
		// The umask belongs to the whole process, but only its owner, the
		// loop, creates files.
		old := syscall.Umask(c.Umask)
		defer syscall.Umask(old)
	}
	k.score.Lend()
	defer k.score.Keep()
	return syscall.ForkExec(c.Path, c.Argv, attr)
}

func credential(c *Credential) *syscall.Credential {
	out := &syscall.Credential{Uid: uint32(c.UID), Gid: uint32(c.GID), Groups: make([]uint32, len(c.Groups))}
	for i, g := range c.Groups {
		out.Groups[i] = uint32(g)
	}
	return out
}

// Kill sends a signal to a process, to a process group as -pgid, or to everybody that we
// may signal but ourselves and PID 1 as -1. A pid must not have been reaped yet: until
// then its number is not reused. ESRCH: there is nobody; EPERM: nobody that we may signal.
func (k *Linux) Kill(pid int, sig syscall.Signal) error { return syscall.Kill(pid, sig) }

// siginfoPID is where struct siginfo has si_pid: after three ints, aligned for
// the pointers in its union.
const siginfoPID = (12 + unsafe.Sizeof(uintptr(0)) - 1) &^ (unsafe.Sizeof(uintptr(0)) - 1)

// Peek returns a child that has died and leaves it a zombie; 0 if there is none. It
// returns the same one until Reap is called. ECHILD: there are no children at all.
func (k *Linux) Peek() (int, error) {
	if k.noWaitid {
		return k.take()
	}
	var info unix.Siginfo
	for {
		err := unix.Waitid(unix.P_ALL, 0, &info, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil)
		if err == unix.EINTR {
			continue
		}
		if isRefused(err) {
			k.noWaitid = true
			return k.take()
		}
		if err != nil {
			return 0, err
		}
		return int(*(*int32)(unsafe.Add(unsafe.Pointer(&info), siginfoPID))), nil
	}
}

// Halted returns a child that has been stopped by a signal since it was asked last, 0 if
// there is none.
func (k *Linux) Halted() int {
	var info unix.Siginfo
	for {
		err := unix.Waitid(unix.P_ALL, 0, &info, unix.WSTOPPED|unix.WNOHANG, nil)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return 0
		}
		return int(*(*int32)(unsafe.Add(unsafe.Pointer(&info), siginfoPID)))
	}
}

// Reap takes the status of a child that Peek has returned. ECHILD: it is no child.
func (k *Linux) Reap(pid int) (Exit, error) {
	if pid == k.taken.pid {
		exit := k.taken.exit
		k.taken = taken{}
		return exit, nil
	}
	var ws syscall.WaitStatus
	for {
		_, err := syscall.Wait4(pid, &ws, syscall.WNOHANG, nil)
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			return Exit{}, err
		}
		break
	}
	return exitOf(ws), nil
}

// ExitOf reads the status of a wait that somebody else has made.
func ExitOf(status int32) Exit { return exitOf(syscall.WaitStatus(status)) }

func exitOf(ws syscall.WaitStatus) Exit {
	if ws.Signaled() {
		return Exit{Signal: int(ws.Signal()), Core: ws.CoreDump()}
	}
	return Exit{Code: ws.ExitStatus()}
}

// Children returns the pids of the children, in the order in which they became children,
// or nil if the kernel does not tell.
func (k *Linux) Children() []int {
	dir, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return nil
	}
	var pids []int
	for _, thread := range dir {
		for _, word := range strings.Fields(k.readProc("/proc/self/task/" + thread.Name() + "/children")) {
			if pid, err := strconv.Atoi(word); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

// Marked reports whether a process was started with all of the given "NAME=value" in its
// environment. A process that has overwritten its own is not recognised, nor
// is one for a moment after its Spawn: execve closes descriptors, by which Spawn sees that
// it has succeeded, before the kernel notes where the environment is.
func (k *Linux) Marked(pid int, vars []string) bool {
	env := "\x00" + k.readProc("/proc/"+strconv.Itoa(pid)+"/environ")
	for _, v := range vars {
		if !strings.Contains(env, "\x00"+v+"\x00") {
			return false
		}
	}
	return true
}

// Users is the map of our user namespace, and the lines of its accounts and groups.
func (k *Linux) Users() (uidMap, accounts string) {
	return k.readProc("/proc/self/uid_map"), k.readProc("/etc/passwd") + "\n" + k.readProc("/etc/group")
}

// readProc returns a file of /proc, up to 1 MiB, or "".
func (k *Linux) readProc(path string) string {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return ""
	}
	defer unix.Close(fd)
	var b strings.Builder
	buf := make([]byte, 4096)
	for b.Len() < 1<<20 {
		n, err := k.Read(fd, buf)
		b.Write(buf[:max(n, 0)])
		if n <= 0 || err != nil {
			break
		}
	}
	return b.String()
}
