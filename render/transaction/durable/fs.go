package durable

import (
	"io/fs"
)

// Info is what a transaction needs to know of a file. Mode holds the type and
// the permission bits, set-id and sticky bits included, as in [fs.FileMode].
type Info struct {
	Mode fs.FileMode
	Size int64
	UID  int
	GID  int
	Dev  uint64
	Ino  uint64
}

// Perm returns the permission bits as chmod(2) takes them, set-id and sticky
// bits included.
func (i Info) Perm() uint32 {
	p := uint32(i.Mode.Perm())
	if i.Mode&fs.ModeSetuid != 0 {
		p |= 0o4000
	}
	if i.Mode&fs.ModeSetgid != 0 {
		p |= 0o2000
	}
	if i.Mode&fs.ModeSticky != 0 {
		p |= 0o1000
	}
	return p
}

// FS is every file operation of a transaction. Errors are [*fs.PathError] or
// [*os.LinkError], so that [errors.Is] finds the errno.
type FS interface {
	// Lstat and Stat describe a file; Stat follows symbolic links.
	Lstat(name string) (Info, error)
	Stat(name string) (Info, error)
	Readlink(name string) (string, error)
	ReadFile(name string) ([]byte, error)
	// ReadState reads a file that must be a regular one, and describes what it read, by one
	// descriptor. It does not follow a link (ELOOP) and does not wait: of what is no
	// regular file it returns the description alone.
	ReadState(name string) ([]byte, Info, error)
	// ReadDir returns the names in a directory, sorted.
	ReadDir(name string) ([]string, error)

	// Create makes a new file and fails with EEXIST if there is one. perm is
	// given as chmod(2) takes it; an executable one holds off forks until Close.
	Create(name string, perm uint32) (File, error)
	// Overwrite opens an existing regular file for writing, keeping its bytes.
	Overwrite(name string) (File, error)
	Mkdir(name string, perm uint32) error
	Rename(from, to string) error
	// Link makes to another name of the file from.
	Link(from, to string) error
	// Symlink makes the symbolic link name to the path to.
	Symlink(to, name string) error
	Remove(name string) error
	// Lock takes the advisory lock on the file name, which it makes when it is
	// missing, and waits for another holder. The lock ends with the process at the
	// latest. A directory can be locked as well, with no right to write in it; after
	// a minute the error is EWOULDBLOCK.
	Lock(name string) (unlock func() error, err error)
	// SyncFS makes everything written so far to the file system that holds
	// name durable.
	SyncFS(name string) error
}

// File is an open file. Chmod and Chown act on the open file, never by name.
type File interface {
	Write(p []byte) (int, error)
	Chmod(perm uint32) error
	Chown(uid, gid int) error
	// CopyAttrs copies the extended attributes (SELinux label, ACLs, capabilities) of the
	// file named from. Attributes that the file system or this user may not set are left out.
	CopyAttrs(from string) error
	Truncate(size int64) error
	Sync() error
	Close() error
}
