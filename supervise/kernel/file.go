package kernel

import (
	"time"

	"os"

	"golang.org/x/sys/unix"

	"slipway/internal/way"
)

// FileInfo is what is asked about a file. Two files are the same if Device and Inode are.
type FileInfo struct {
	Mode   uint32 // type and permissions, as in struct stat
	Size   int64  // bytes
	Inode  uint64
	Device uint64 // that holds the file
	Rdev   uint64 // that the file is, if it is one
	UID    int    // of the owner
	// Modified is when it was written last.
	Modified time.Time
}

// IsDir reports whether it is a directory.
func (i FileInfo) IsDir() bool { return i.Mode&unix.S_IFMT == unix.S_IFDIR }

// IsRegular reports whether it is a regular file.
func (i FileInfo) IsRegular() bool { return i.Mode&unix.S_IFMT == unix.S_IFREG }

// IsNull reports whether it is /dev/null, by whatever name.
func (i FileInfo) IsNull() bool {
	return i.Mode&unix.S_IFMT == unix.S_IFCHR && i.Rdev == unix.Mkdev(1, 3)
}

// Stat looks at a file, through symbolic links.
func (k *Linux) Stat(path string) (FileInfo, error) {
	var st unix.Stat_t
	if err := uninterrupted(func() error { return unix.Stat(path, &st) }); err != nil {
		return FileInfo{}, err
	}
	return fileInfo(&st), nil
}

// StatOpen looks at the file of a descriptor.
func (k *Linux) StatOpen(fd int) (FileInfo, error) {
	var st unix.Stat_t
	if err := uninterrupted(func() error { return unix.Fstat(fd, &st) }); err != nil {
		return FileInfo{}, err
	}
	return fileInfo(&st), nil
}

func fileInfo(st *unix.Stat_t) FileInfo {
	return FileInfo{Mode: st.Mode, Size: st.Size, Inode: st.Ino, Device: st.Dev, Rdev: st.Rdev, UID: int(st.Uid), Modified: time.Unix(st.Mtim.Unix())}
}

// ReadLink returns what a symbolic link says; EINVAL if the file is none.
func (k *Linux) ReadLink(path string) (string, error) {
	buf := make([]byte, unix.PathMax)
	n, err := unix.Readlink(path, buf)
	if err != nil {
		return "", err
	}
	return string(buf[:n]), nil
}

// MayExecute returns nil if the file may be executed by the user that we are, EACCES if
// not.
func (k *Linux) MayExecute(path string) error { return unix.Access(path, unix.X_OK) }

// OpenRead opens a file for reading and looks at what it is. Nothing is waited for: not
// the other end of a FIFO, and no terminal becomes ours.
func (k *Linux) OpenRead(path string) (fd int, info FileInfo, err error) {
	fd, err = k.OpenFile(path, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
	if err != nil {
		return -1, FileInfo{}, err
	}
	if info, err = k.StatOpen(fd); err != nil {
		unix.Close(fd)
		return -1, FileInfo{}, err
	}
	return fd, info, nil
}

// OpenLog is OpenRead for a log: what others can have put in its place is not read.
func (k *Linux) OpenLog(path string) (fd int, info FileInfo, err error) {
	if fd, err = way.File(path, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY, 0); err != nil {
		return -1, FileInfo{}, err
	}
	if info, err = k.StatOpen(fd); err != nil {
		unix.Close(fd)
	}
	return fd, info, err
}

// OpenFile opens a file as open(2) does, closed on exec. DevNull is never made. One that is
// opened for writing is not what others can have put in its place: see [way.File].
func (k *Linux) OpenFile(path string, flags int, mode uint32) (fd int, err error) {
	if path == DevNull {
		return openNull()
	}
	if flags&(unix.O_WRONLY|unix.O_RDWR) != 0 {
		return way.File(path, flags, mode)
	}
	err = uninterrupted(func() error {
		fd, err = unix.Open(path, flags|unix.O_CLOEXEC, mode)
		return err
	})
	return fd, err
}

// Position returns where the next read or write of a file begins.
func (k *Linux) Position(fd int) (int64, error) { return unix.Seek(fd, 0, 1) }

// Truncate empties the file of a descriptor.
func (k *Linux) Truncate(fd int) error {
	return uninterrupted(func() error { return unix.Ftruncate(fd, 0) })
}

// Rename gives a file another name, in place of a file that has it.
func (k *Linux) Rename(from, to string) error { return way.Rename(from, to) }

// Remove removes the name of a file, of whatever kind; not of a directory.
func (k *Linux) Remove(path string) error { return way.Remove(path) }

// WriteFile replaces the content of a file, which is made with mode if there is none. It
// is for small files of our own: nothing is durable. A FIFO that nobody reads is not waited for.
func (k *Linux) WriteFile(path string, data []byte, mode uint32) error {
	fd, err := k.OpenFile(path, unix.O_WRONLY|unix.O_CREAT|unix.O_TRUNC|unix.O_NONBLOCK|unix.O_NOCTTY, mode)
	if err != nil {
		return err
	}
	for len(data) > 0 && err == nil {
		var n int
		n, err = k.Write(fd, data)
		data = data[n:]
	}
	unix.Close(fd)
	return err
}

// MakeDir makes a directory that only its owner may change, parents as well.
// The error names the directory that could not be made.
func (k *Linux) MakeDir(path string) error { return way.MakeDirs(path, 0o755) }

// IsOwnDir reports whether a path is a directory, and no link to one, of the user that we
// are, in which nobody else can make anything.
func (k *Linux) IsOwnDir(path string) bool {
	var st unix.Stat_t
	err := unix.Lstat(path, &st)
	return err == nil && st.Mode&unix.S_IFMT == unix.S_IFDIR && int(st.Uid) == os.Geteuid() && st.Mode&0o022 == 0
}

// uninterrupted calls do again while a signal interrupts it.
func uninterrupted(do func() error) error {
	for {
		if err := do(); err != unix.EINTR {
			return err
		}
	}
}
