package handoff

import (
	"errors"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// seals make the snapshot immutable, for whoever holds it.
const seals = unix.F_SEAL_SEAL | unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_WRITE

// Memory returns a sealed file in memory with these contents, readable from its
// start. errors.ErrUnsupported comes where the kernel has no memfd.
func Memory(contents []byte) (*os.File, error) {
	fd, err := unix.MemfdCreate("slipway-boot", unix.MFD_ALLOW_SEALING|unix.MFD_CLOEXEC)
	if errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EPERM) { // EPERM: a seccomp profile
		return nil, fmt.Errorf("cannot keep the boot snapshot in memory: %w", errors.ErrUnsupported)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot keep the boot snapshot in memory: %w", err)
	}
	f := os.NewFile(uintptr(fd), "slipway-boot")
	if err := fill(f, contents); err != nil {
		_ = f.Close() // nothing was kept
		return nil, fmt.Errorf("cannot keep the boot snapshot in memory: %w", err)
	}
	return f, nil
}

func fill(f *os.File, contents []byte) error {
	if _, err := f.Write(contents); err != nil {
		return err
	}
	if _, err := f.Seek(0, 0); err != nil {
		return err
	}
	_, err := unix.FcntlInt(f.Fd(), unix.F_ADD_SEALS, seals)
	return err
}

// closeOnExec marks every descriptor from 3 up to be closed by execve, and those
// of keep to stay open. close_range is of Linux 5.11; before that /proc knows them.
func closeOnExec(keep []int) error {
	if err := unix.CloseRange(3, ^uint(0)>>1, unix.CLOSE_RANGE_CLOEXEC); err != nil {
		if err := markListed("/proc/self/fd"); err != nil {
			return err
		}
	}
	for _, fd := range keep {
		if _, err := unix.FcntlInt(uintptr(fd), unix.F_SETFD, 0); err != nil {
			return fmt.Errorf("cannot keep descriptor %d open: %w", fd, err)
		}
	}
	return nil
}

func markListed(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("cannot list the open descriptors: %w", err)
	}
	for _, e := range entries {
		if fd, err := strconv.Atoi(e.Name()); err == nil && fd >= 3 {
			unix.CloseOnExec(fd) // one that was the listing itself is gone already
		}
	}
	return nil
}
