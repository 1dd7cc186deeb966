package way

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// FileError says that what stands at the name of a file is not taken for it.
type FileError struct {
	Name string
	Why  string
}

func (e *FileError) Error() string {
	return "the file " + strconv.Quote(e.Name) + " is not used: " + e.Why
}

// Unwrap returns ELOOP, as for a link.
func (e *FileError) Unwrap() error { return unix.ELOOP }

// tries bounds how often a file is opened again that others change at the same time.
const tries = 100

// File opens a file as open(2) does, closed on exec, but for what others can have put in its
// place. In a folder that others can write, /tmp among them, that is a link of theirs, another
// name of a file that lies elsewhere, and what is no file: a FIFO or a device, unless root or we
// made it. What is refused is not changed, and not made empty. In a folder of root's or ours,
// and of /proc, all is as always.
func File(file string, flags int, mode uint32) (int, error) {
	for range maxLinks {
		dir, base, err := Folder(file)
		if err != nil {
			return -1, err
		}
		fd, to, err := last(dir, base, file, flags, mode)
		Close(dir)
		if to == "" {
			return fd, err
		}
		if to[0] != '/' {
			to = file[:strings.LastIndexByte(strings.TrimRight(file, "/"), '/')+1] + to
		}
		file = to
	}
	return -1, unix.ELOOP
}

// last opens the last name of a way in its folder, or says where the link of that name leads.
func last(dir int, base, shown string, flags int, mode uint32) (fd int, to string, err error) {
	holder, err := folderOf(dir)
	if err != nil {
		return -1, "", err
	}
	sole := private(&holder)
	for range tries {
		fd, err := -1, error(unix.ELOOP)
		var st unix.Stat_t
		if sole || unix.Fstatat(dir, base, &st, unix.AT_SYMLINK_NOFOLLOW) != nil || !isLink(&st) {
			if err := taken(&st, shown); err != nil { // before it is opened: a FIFO blocks, a device acts
				return -1, "", err
			}
			fd, err = again(func() (int, error) {
				return unix.Openat(dir, base, flags&^unix.O_TRUNC|unix.O_NOFOLLOW|unix.O_CLOEXEC, mode)
			})
		}
		switch {
		case err == unix.ELOOP: //nolint:errorlint // a bare errno
			to, err := linkAt(dir, base, shown, &holder)
			if err == nil && isProc(dir) { // such a link leads to more than its text says
				fd, err = again(func() (int, error) { return unix.Openat(dir, base, flags|unix.O_CLOEXEC, mode) })
				return fd, "", err
			}
			return -1, to, err
		case err != nil:
			return -1, "", err
		}
		same := true
		if !sole {
			same, err = stillThere(fd, dir, base, shown)
		}
		if err == nil && same && flags&unix.O_TRUNC != 0 {
			err = empty(fd)
		}
		if err == nil && same {
			return fd, "", nil
		}
		unix.Close(fd) //nolint:errcheck // nothing was written
		if err != nil {
			return -1, "", err
		}
	}
	return -1, "", &FileError{shown, "others change it faster than it can be opened"}
}

// stillThere says whether a name is that of an open file, and its only one. One look at the
// name tells both at the same moment: a file that lies elsewhere has a second name then.
func stillThere(fd, dir int, base, shown string) (bool, error) {
	var is, named unix.Stat_t
	if err := unix.Fstat(fd, &is); err != nil {
		return false, err
	}
	if err := unix.Fstatat(dir, base, &named, unix.AT_SYMLINK_NOFOLLOW); err != nil || named.Ino != is.Ino || named.Dev != is.Dev {
		return false, nil //nolint:nilerr // it is looked for again
	}
	return true, taken(&named, shown)
}

// taken says why what stands in a folder of others is not taken for a file, nil if it is.
func taken(st *unix.Stat_t, shown string) error {
	switch kind := st.Mode & unix.S_IFMT; {
	case kind == 0, kind == unix.S_IFDIR: // there is none; it cannot be written
		return nil
	case kind != unix.S_IFREG && !ours(st):
		return &FileError{shown, "it is no regular file, and uid " + strconv.Itoa(int(st.Uid)) + " has made it"}
	case st.Nlink > 1:
		return &FileError{shown, "it has another name as well, and others can have made this one"}
	}
	return nil
}

// folderOf looks at an open folder.
func folderOf(dir int) (st unix.Stat_t, err error) {
	if dir < 0 {
		return st, unix.Stat(".", &st)
	}
	return st, unix.Fstat(dir, &st)
}

func isLink(st *unix.Stat_t) bool { return st.Mode&unix.S_IFMT == unix.S_IFLNK }

// linkAt is what a link says that may be followed.
func linkAt(dir int, base, shown string, holder *unix.Stat_t) (string, error) {
	fd, err := openat(dir, base)
	if err != nil {
		return "", err
	}
	defer Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return "", err
	}
	if !isLink(&st) {
		return "", &FileError{shown, "others change it faster than it can be opened"}
	}
	if !ours(&st) || !closed(holder) {
		return "", &LinkError{Link: shown, UID: int(st.Uid)}
	}
	buf := make([]byte, unix.PathMax)
	n, err := unix.Readlinkat(fd, "", buf)
	if err == nil && n == 0 {
		err = unix.ENOENT
	}
	return string(buf[:max(n, 0)]), err
}

// isProc says whether a folder is of /proc, which nobody but the kernel writes.
func isProc(dir int) bool {
	var fs unix.Statfs_t
	return dir >= 0 && unix.Fstatfs(dir, &fs) == nil && fs.Type == unix.PROC_SUPER_MAGIC
}

// empty truncates a regular file.
func empty(fd int) error {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil || st.Mode&unix.S_IFMT != unix.S_IFREG {
		return err
	}
	_, err := again(func() (int, error) { return 0, unix.Ftruncate(fd, 0) })
	return err
}

func again(do func() (int, error)) (int, error) {
	for {
		if n, err := do(); err != unix.EINTR { //nolint:errorlint // a bare errno
			return n, err
		}
	}
}

// Rename gives a file another name, in place of a file that has it, as rename(2) does; links on
// the way that others can change are not followed.
func Rename(from, to string) error {
	old, oldBase, err := Folder(from)
	if err != nil {
		return err
	}
	defer Close(old)
	dir, base, err := Folder(to)
	if err != nil {
		return err
	}
	defer Close(dir)
	return unix.Renameat(old, oldBase, dir, base)
}

// Remove removes the name of a file, as unlink(2) does; links on the way that others can change
// are not followed.
func Remove(file string) error {
	dir, base, err := Folder(file)
	if err != nil {
		return err
	}
	defer Close(dir)
	return unix.Unlinkat(dir, base, 0)
}

// MakeDirs makes a folder and those above it that are not there, as mkdir -p does; links on the
// way that others can change are not followed, and one in its place is none. The error is a
// PathError.
func MakeDirs(folder string, mode uint32) error {
	dir, base, err := Folder(folder)
	if err == unix.ENOENT { //nolint:errorlint // a bare errno
		end := strings.TrimRight(folder, "/")
		if err = MakeDirs(end[:strings.LastIndexByte(end, '/')+1], mode); err != nil {
			return err
		}
		dir, base, err = Folder(folder)
	}
	if err == nil {
		defer Close(dir)
		err = unix.Mkdirat(dir, base, mode)
	}
	if err == unix.EEXIST { //nolint:errorlint // a bare errno
		var fd int
		if fd, err = Open(strings.TrimRight(folder, "/") + "/"); err == nil {
			Close(fd)
		}
	}
	if err != nil {
		return &os.PathError{Op: "mkdir", Path: folder, Err: err}
	}
	return nil
}

// Own opens a file for reading whose content is trusted: a regular file that root or we have
// made, which is not waited for if it is something else.
func Own(file string) (int, error) {
	fd, err := File(file, unix.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return -1, err
	}
	var st unix.Stat_t
	err = unix.Fstat(fd, &st)
	switch {
	case err != nil:
	case st.Mode&unix.S_IFMT != unix.S_IFREG:
		err = &FileError{file, "it is no regular file"}
	case !ours(&st):
		err = &FileError{file, "it belongs to uid " + strconv.Itoa(int(st.Uid))}
	default:
		return fd, nil
	}
	unix.Close(fd) //nolint:errcheck // nothing was written
	return -1, err
}

// Bind gives a unix socket the name of a file, which it makes, as bind(2) does; links on the way
// that others can change are not followed. Where others can change the way, the name that the
// kernel remembers is that of the open folder, [BoundBelow] and a number, with the last name: it
// needs /proc. Everywhere else it is file.
func Bind(socket int, file string) error {
	i := strings.LastIndexByte(file, '/')
	if i < 0 || file[i+1:] == "" {
		return unix.Bind(socket, &unix.SockaddrUnix{Name: file})
	}
	dir, settled, err := walk(file[:i+1])
	if err != nil {
		return err
	}
	defer Close(dir)
	if !settled {
		file = BoundBelow + strconv.Itoa(dir) + file[i:]
	}
	return unix.Bind(socket, &unix.SockaddrUnix{Name: file})
}

// BoundBelow is how the names of sockets begin that were bound in an open folder.
const BoundBelow = "/proc/self/fd/"

// OwnSocket gives the file of a socket its owner, unless that is below zero, and its mode: the
// file itself, and not what others have put in its place.
func OwnSocket(file string, uid, gid int, mode uint32) error {
	dir, base, err := Folder(file)
	if err != nil {
		return err
	}
	defer Close(dir)
	holder, err := folderOf(dir)
	if err != nil {
		return err
	}
	fd, err := openat(dir, base)
	if err != nil {
		return err
	}
	defer Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFSOCK {
		return unix.ENOTSOCK
	}
	if !private(&holder) {
		if same, err := stillThere(fd, dir, base, file); err != nil || !same {
			return &FileError{file, "others have put another socket in its place"}
		}
	}
	// The group, then the mode, then the owner: after that only CAP_FOWNER could set a mode.
	if gid >= 0 {
		if err := unix.Fchownat(fd, "", -1, gid, unix.AT_EMPTY_PATH); err != nil {
			return err
		}
	}
	if st.Mode&0o7777 != mode {
		err = unix.Chmod("/proc/self/fd/"+strconv.Itoa(fd), mode)
		if err == unix.ENOENT && private(&holder) { //nolint:errorlint // a bare errno: there is no /proc
			err = unix.Fchmodat(dir, base, mode, 0)
		}
	}
	if err == nil && uid >= 0 {
		err = unix.Fchownat(fd, "", uid, -1, unix.AT_EMPTY_PATH)
	}
	return err
}

// private says whether only root or we can make a name in a folder. In /tmp everybody can, and
// the sticky bit keeps others from changing it only.
func private(folder *unix.Stat_t) bool { return folder.Mode&unix.S_ISVTX == 0 && closed(folder) }

func ours(st *unix.Stat_t) bool { return st.Uid == 0 || int(st.Uid) == os.Geteuid() }
