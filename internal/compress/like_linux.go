package compress

import (
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// like gives a file the owner, the mode and the time of another.
func like(f *os.File, info os.FileInfo) error {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	_ = f.Chown(int(st.Uid), int(st.Gid))
	if err := f.Chmod(info.Mode().Perm()); err != nil {
		return err
	}
	at := unix.NsecToTimeval(info.ModTime().UnixNano())
	return unix.Futimes(int(f.Fd()), []unix.Timeval{at, at})
}

// ioprio_set(2): of the calling thread, and the idle class.
const (
	ioprioThread = 1
	ioprioIdle   = 3 << 13
	lowest       = 19
)

// Lowest gives this process the lowest priority, on the processor and on the disk. Both belong
// to threads; those that come later have it of the one that makes them.
func Lowest() {
	tasks, _ := os.ReadDir("/proc/self/task")
	for _, t := range tasks {
		if id, err := strconv.Atoi(t.Name()); err == nil {
			_ = unix.Setpriority(unix.PRIO_PROCESS, id, lowest)
			_, _, _ = unix.Syscall(unix.SYS_IOPRIO_SET, ioprioThread, uintptr(id), ioprioIdle)
		}
	}
}
