package way

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// LinkError says that a link on the way to a file is not followed. It is an ELOOP.
type LinkError struct {
	Link string // as it was met
	UID  int    // of whoever made it
}

func (e *LinkError) Error() string {
	return "the symbolic link " + e.Link + " of uid " + strconv.Itoa(e.UID) + " is not followed: others can change it"
}

// Unwrap returns ELOOP, as the kernel says it.
func (e *LinkError) Unwrap() error { return unix.ELOOP }

const maxLinks = 40 // as the kernel

// Folder opens the folder that holds a file. dir is for *at calls with the name base, and
// is closed by [Close]. What base is has not been looked at.
func Folder(file string) (dir int, base string, err error) {
	end := strings.TrimRight(file, "/")
	i := strings.LastIndexByte(end, '/')
	base = end[i+1:]
	if base == "" || base == "." || base == ".." {
		return unix.AT_FDCWD, file, nil // there is no way to a root
	}
	if i < 0 {
		return unix.AT_FDCWD, base, nil
	}
	dir, err = Open(file[:i+1])
	return dir, base, err
}

// Close closes what Folder or Open returned.
func Close(dir int) {
	if dir >= 0 {
		unix.Close(dir) //nolint:errcheck // it holds nothing
	}
}

// Open opens a folder, for *at calls only.
func Open(folder string) (int, error) {
	how := unix.OpenHow{Flags: unix.O_PATH | unix.O_DIRECTORY | unix.O_CLOEXEC, Resolve: unix.RESOLVE_NO_SYMLINKS}
	for {
		fd, err := unix.Openat2(unix.AT_FDCWD, folder, &how)
		switch err { //nolint:errorlint // a bare errno
		case unix.EINTR:
			continue
		case unix.ELOOP, unix.ENOSYS, unix.EPERM, unix.EAGAIN: // a link, an old kernel, a filter of calls
			fd, _, err := walk(folder)
			return fd, err
		}
		return fd, err
	}
}

// walk opens a folder name by name. It is settled if only root or we can have the same names
// lead somewhere else: each name on the way is in a folder that is closed.
func walk(folder string) (at int, settled bool, err error) {
	at, err = begin(folder)
	if err != nil {
		return -1, false, err
	}
	settled = true
	seen, links := "", 0
	for rest := folder; ; {
		name := ""
		if name, rest, _ = strings.Cut(strings.TrimLeft(rest, "/"), "/"); name == "" {
			return at, settled, nil
		}
		settled = settled && isClosed(at)
		next, to, err := step(at, name, seen+"/"+name)
		if err == nil && to != "" {
			if links++; links > maxLinks {
				err = unix.ELOOP
			}
			rest = to + "/" + rest
			if next = at; err == nil && to[0] == '/' {
				next, err = begin(to)
				seen = ""
			}
		} else {
			seen += "/" + name
		}
		if next != at || err != nil {
			Close(at)
		}
		if err != nil {
			return -1, false, err
		}
		at = next
	}
}

func isClosed(folder int) bool {
	var st unix.Stat_t
	return unix.Fstat(folder, &st) == nil && closed(&st)
}

func begin(path string) (int, error) {
	start := "."
	if strings.HasPrefix(path, "/") {
		start = "/"
	}
	return openat(unix.AT_FDCWD, start)
}

func openat(at int, name string) (int, error) {
	for {
		fd, err := unix.Openat(at, name, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
		if err != unix.EINTR { //nolint:errorlint // a bare errno
			return fd, err
		}
	}
}

// step opens a name in a folder, or says where the link of that name leads.
func step(at int, name, shown string) (fd int, to string, err error) {
	if fd, err = openat(at, name); err != nil {
		return -1, "", err
	}
	var st, holder unix.Stat_t
	if err = unix.Fstat(fd, &st); err == nil {
		err = unix.Fstat(at, &holder)
	}
	switch {
	case err != nil:
	case st.Mode&unix.S_IFMT == unix.S_IFDIR:
		return fd, "", nil
	case st.Mode&unix.S_IFMT != unix.S_IFLNK:
		err = unix.ENOTDIR
	case !ours(&st) || !closed(&holder):
		err = &LinkError{Link: shown, UID: int(st.Uid)}
	default:
		buf, n := make([]byte, unix.PathMax), 0
		if n, err = unix.Readlinkat(fd, "", buf); err == nil && n == 0 {
			err = unix.ENOENT
		}
		to = string(buf[:max(n, 0)])
	}
	Close(fd)
	return -1, to, err
}

// closed says whether only root or we can put another link in place of one of ours. The
// sticky bit of /tmp does it; a group that root or we are in may write.
func closed(folder *unix.Stat_t) bool {
	if !ours(folder) {
		return false
	}
	if folder.Mode&unix.S_ISVTX != 0 {
		return true
	}
	group := folder.Mode&0o020 == 0 || folder.Gid == 0 || int(folder.Gid) == os.Getegid()
	return folder.Mode&0o002 == 0 && group
}
