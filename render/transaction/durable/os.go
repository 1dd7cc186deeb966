package durable

import (
	"errors"
	"io/fs"
	"os"
	"sort"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"slipway/internal/way"
)

// OS is the real file system.
type OS struct{}

var _ FS = OS{}

func info(fi os.FileInfo) Info {
	i := Info{Mode: fi.Mode(), Size: fi.Size()}
	if st, ok := fi.Sys().(*syscall.Stat_t); ok {
		i.UID, i.GID = int(st.Uid), int(st.Gid)
		i.Dev, i.Ino = uint64(st.Dev), st.Ino //nolint:unconvert // Dev is int32 on Darwin
	}
	return i
}

func infoOf(st *unix.Stat_t) Info {
	i := Info{Mode: fs.FileMode(st.Mode & 0o777), Size: st.Size, UID: int(st.Uid), GID: int(st.Gid)}
	i.Dev, i.Ino = uint64(st.Dev), st.Ino //nolint:unconvert // Dev is int32 on Darwin
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFDIR:
		i.Mode |= fs.ModeDir
	case unix.S_IFLNK:
		i.Mode |= fs.ModeSymlink
	case unix.S_IFIFO:
		i.Mode |= fs.ModeNamedPipe
	case unix.S_IFSOCK:
		i.Mode |= fs.ModeSocket
	case unix.S_IFBLK:
		i.Mode |= fs.ModeDevice
	case unix.S_IFCHR:
		i.Mode |= fs.ModeDevice | fs.ModeCharDevice
	}
	for bit, mode := range map[uint32]fs.FileMode{unix.S_ISUID: fs.ModeSetuid, unix.S_ISGID: fs.ModeSetgid, unix.S_ISVTX: fs.ModeSticky} {
		if uint32(st.Mode)&bit != 0 { //nolint:unconvert // Mode is uint16 on Darwin
			i.Mode |= mode
		}
	}
	return i
}

// Lstat implements [FS].
func (OS) Lstat(name string) (Info, error) {
	var st unix.Stat_t
	err := inFolder("lstat", name, func(dir int, base string) error {
		return unix.Fstatat(dir, base, &st, unix.AT_SYMLINK_NOFOLLOW)
	})
	if err != nil {
		return Info{}, err
	}
	return infoOf(&st), nil
}

// Stat implements [FS].
func (OS) Stat(name string) (Info, error) {
	fi, err := os.Stat(name)
	if err != nil {
		return Info{}, err
	}
	return info(fi), nil
}

// Mode is the type and the permission bits of what is behind name, for those who only
// read: symbolic links are followed.
func (OS) Mode(name string) (fs.FileMode, error) {
	fi, err := os.Stat(name)
	if err != nil {
		return 0, err
	}
	return fi.Mode(), nil
}

// Readlink implements [FS].
func (OS) Readlink(name string) (string, error) { return os.Readlink(name) }

// ReadFile implements [FS]. Regular files are read without the poller, with
// which os.ReadFile needs twice the time for a small file.
func (OS) ReadFile(name string) ([]byte, error) {
	fd, err := openFD(name, os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	var st syscall.Stat_t
	if err := syscall.Fstat(fd, &st); err != nil || st.Mode&syscall.S_IFMT != syscall.S_IFREG {
		syscall.Close(fd)
		return os.ReadFile(name) // a pipe may block, a directory has its own error
	}
	defer syscall.Close(fd)
	return readAll(fd, name, st.Size)
}

// ReadState implements [FS].
func (OS) ReadState(name string) ([]byte, Info, error) {
	// O_NONBLOCK: the open of a FIFO, and of some devices, waits for the other side.
	fd, err := openHere(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, Info{}, err
	}
	f := os.NewFile(uintptr(fd), name)
	defer f.Close()
	fi, err := f.Stat()
	if err != nil || !fi.Mode().IsRegular() {
		return nil, infoOrNone(fi, err), err
	}
	text, err := readAll(fd, name, fi.Size())
	return text, info(fi), err
}

func infoOrNone(fi os.FileInfo, err error) Info {
	if err != nil {
		return Info{}
	}
	return info(fi)
}

func readAll(fd int, name string, size int64) ([]byte, error) {
	buf := make([]byte, 0, size+512) // files of /proc and growing ones are longer than they say
	for {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := syscall.Read(fd, buf[len(buf):cap(buf)])
		switch {
		case err == syscall.EINTR: //nolint:errorlint // a bare errno
		case err != nil:
			return nil, &fs.PathError{Op: "read", Path: name, Err: err}
		case n == 0:
			return buf, nil
		default:
			buf = buf[:len(buf)+n]
		}
	}
}

// inFolder does something with the last name of a path, in the folder that holds it, which
// nobody can swap meanwhile.
func inFolder(op, name string, do func(dir int, base string) error) error {
	dir, base, err := way.Folder(name)
	if err != nil {
		return &fs.PathError{Op: op, Path: name, Err: err}
	}
	defer way.Close(dir)
	for {
		if err = do(dir, base); err != syscall.EINTR { //nolint:errorlint // a bare errno
			return syscallErr(op, name, err)
		}
	}
}

// openHere opens the last name of a path in the folder that holds it.
func openHere(name string, flag int, perm uint32) (fd int, err error) {
	err = inFolder("open", name, func(dir int, base string) error {
		fd, err = unix.Openat(dir, base, flag|unix.O_CLOEXEC|unix.O_NOFOLLOW, perm)
		return err
	})
	return fd, err
}

func openFD(name string, flag int, perm uint32) (int, error) {
	for {
		fd, err := syscall.Open(name, flag|syscall.O_CLOEXEC, perm)
		if err == nil {
			return fd, nil
		}
		if err != syscall.EINTR { //nolint:errorlint // a bare errno
			return -1, &fs.PathError{Op: "open", Path: name, Err: err}
		}
	}
}

// ReadDir implements [FS].
func (OS) ReadDir(name string) ([]string, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	names, err := f.Readdirnames(-1)
	sort.Strings(names)
	return names, err
}

// Create implements [FS].
//
// A file that is open for writing in a process cannot be executed, and a
// program forked in that moment inherits the descriptor until its exec: so
// executing the file just written fails with ETXTBSY although its writer has
// closed it (golang/go#22315; 86 of 200 under a fork storm, 0 of 200 with the
// lock). Holding the read side of syscall.ForkLock from open to close makes
// that impossible, and costs nothing when nobody forks.
func (OS) Create(name string, perm uint32) (File, error) {
	f, err := open(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, perm, perm&0o111 != 0)
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Overwrite implements [FS].
func (o OS) Overwrite(name string) (File, error) {
	fi, err := o.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !fi.Mode.IsRegular() {
		return nil, &fs.PathError{Op: "open", Path: name, Err: syscall.EINVAL}
	}
	// O_NONBLOCK: a FIFO may have taken its place meanwhile.
	f, err := open(name, os.O_WRONLY|syscall.O_NONBLOCK, 0, fi.Perm()&0o111 != 0)
	if err != nil {
		return nil, err
	}
	var st unix.Stat_t
	if err = unix.Fstat(f.fd, &st); err == nil && st.Mode&unix.S_IFMT != unix.S_IFREG {
		err = syscall.EINVAL
	}
	if err != nil {
		f.Close() //nolint:errcheck // nothing was written
		return nil, syscallErr("open", name, err)
	}
	return f, nil
}

func open(name string, flag int, perm uint32, executable bool) (*file, error) {
	if executable {
		syscall.ForkLock.RLock()
	}
	// The plain call, not os.OpenFile: a regular file needs no poller, and 1,000 of
	// them are opened in one render.
	fd, err := openHere(name, flag, perm)
	if err != nil {
		if executable {
			syscall.ForkLock.RUnlock()
		}
		return nil, err
	}
	return &file{fd: fd, name: name, locked: executable}, nil
}

// Mkdir implements [FS].
func (OS) Mkdir(name string, perm uint32) error {
	return inFolder("mkdir", name, func(dir int, base string) error {
		if err := unix.Mkdirat(dir, base, perm); err != nil {
			return err
		}
		fd, err := unix.Openat(dir, base, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
		if err != nil {
			return err
		}
		defer unix.Close(fd)
		return unix.Fchmod(fd, perm) // whatever the umask is
	})
}

// Rename implements [FS].
func (OS) Rename(from, to string) error {
	return between("rename", from, to, func(d1 int, b1 string, d2 int, b2 string) error {
		return unix.Renameat(d1, b1, d2, b2)
	})
}

// between does something with the last names of two paths.
func between(op, from, to string, do func(d1 int, b1 string, d2 int, b2 string) error) error {
	err := inFolder(op, from, func(d1 int, b1 string) error {
		return inFolder(op, to, func(d2 int, b2 string) error { return do(d1, b1, d2, b2) })
	})
	if err == nil {
		return nil
	}
	for p := (*fs.PathError)(nil); errors.As(err, &p); {
		err = p.Err
	}
	return &os.LinkError{Op: op, Old: from, New: to, Err: err}
}

// Link implements [FS].
func (OS) Link(from, to string) error {
	return between("link", from, to, func(d1 int, b1 string, d2 int, b2 string) error {
		return unix.Linkat(d1, b1, d2, b2, 0)
	})
}

// Symlink implements [FS].
func (OS) Symlink(to, name string) error {
	return inFolder("symlink", name, func(dir int, base string) error { return unix.Symlinkat(to, dir, base) })
}

// Remove implements [FS].
func (OS) Remove(name string) error {
	return inFolder("remove", name, func(dir int, base string) error {
		err := unix.Unlinkat(dir, base, 0)
		if err == nil || err == unix.ENOENT { //nolint:errorlint // a bare errno
			return err
		}
		// As os.Remove: the second error counts, unless it says that it is no folder.
		if second := unix.Unlinkat(dir, base, unix.AT_REMOVEDIR); second != unix.ENOTDIR { //nolint:errorlint // a bare errno
			return second
		}
		return err
	})
}

// Lock implements [FS] with flock(2).
func (OS) Lock(name string) (func() error, error) {
	if fi, err := os.Stat(name); err == nil && fi.IsDir() {
		return lockDir(name)
	}
	fd, err := openHere(name, os.O_CREATE|os.O_RDWR|syscall.O_NONBLOCK, 0o600)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), name)
	for {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
		if err != syscall.EINTR { //nolint:errorlint // a bare errno
			break
		}
	}
	if err != nil {
		f.Close()
		return nil, &fs.PathError{Op: "flock", Path: name, Err: err}
	}
	return f.Close, nil
}

// dirLockWait is how long the lock on a directory is waited for.
const dirLockWait = time.Minute

// lockDir locks a directory, for which it need not be writable. Whoever may read it
// can hold that lock, programs of other users as well, so the wait has an end.
func lockDir(name string) (func() error, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_DIRECTORY, 0)
	if err != nil {
		return nil, err
	}
	end, tick := time.After(dirLockWait), time.NewTicker(10*time.Millisecond)
	defer tick.Stop()
	for {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch err { //nolint:errorlint // a bare errno
		case nil:
			return f.Close, nil
		case syscall.EINTR, syscall.EWOULDBLOCK:
		default:
			f.Close()
			return nil, &fs.PathError{Op: "flock", Path: name, Err: err}
		}
		select {
		case <-tick.C:
		case <-end:
			f.Close()
			return nil, &fs.PathError{Op: "flock", Path: name, Err: syscall.EWOULDBLOCK}
		}
	}
}

func syscallErr(op, name string, err error) error {
	if err == nil {
		return nil
	}
	return &fs.PathError{Op: op, Path: name, Err: err}
}

// file is an open descriptor that is not registered with the poller.
type file struct {
	fd     int
	name   string
	locked bool // holds the read side of syscall.ForkLock
}

func (f *file) Write(p []byte) (int, error) {
	done := 0
	for done < len(p) {
		n, err := syscall.Write(f.fd, p[done:])
		if err == syscall.EINTR { //nolint:errorlint // a bare errno
			continue
		}
		if err == nil && n == 0 {
			err = syscall.EIO
		}
		if err != nil {
			return done, &fs.PathError{Op: "write", Path: f.name, Err: err}
		}
		done += n
	}
	return done, nil
}

func (f *file) Chmod(perm uint32) error {
	return syscallErr("chmod", f.name, syscall.Fchmod(f.fd, perm))
}

func (f *file) Chown(uid, gid int) error {
	return syscallErr("chown", f.name, syscall.Fchown(f.fd, uid, gid))
}

func (f *file) Truncate(size int64) error {
	return syscallErr("truncate", f.name, syscall.Ftruncate(f.fd, size))
}

func (f *file) Sync() error { return syscallErr("fsync", f.name, syscall.Fsync(f.fd)) }

func (f *file) CopyAttrs(from string) error { return copyAttrs(f.fd, f.name, from) }

func (f *file) Close() error {
	err := syscall.Close(f.fd)
	if f.locked {
		f.locked = false
		syscall.ForkLock.RUnlock()
	}
	if err == syscall.EINTR { //nolint:errorlint // a bare errno; the descriptor is gone all the same
		err = nil
	}
	return syscallErr("close", f.name, err)
}
