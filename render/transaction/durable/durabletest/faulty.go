// Package durabletest makes file operations fail, for the tests of those who
// write files.
package durabletest

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"slipway/render/transaction/durable"
)

// ErrKilled is what every operation returns after the process "was killed".
var ErrKilled = errors.New("killed")

// Faulty counts the operations on a file system and makes some of them fail.
type Faulty struct {
	durable.FS
	// FailAt is the operation that fails, counted from 1; 0 fails none.
	FailAt int
	// Err is what it fails with; nil is EIO.
	Err error
	// Kill makes it and all that follow fail with ErrKilled and without effect,
	// as if the process had been killed there.
	Kill bool
	// Half makes a write that fails write half of its bytes first.
	Half bool
	// Quick counts SyncFS and Sync without doing them.
	Quick bool

	Count int      // operations so far
	Log   []string // what they were
}

// step counts an operation and says whether it fails.
func (f *Faulty) step(op, name string) error {
	f.Count++
	f.Log = append(f.Log, fmt.Sprintf("%d %s %s", f.Count, op, name))
	switch {
	case f.Kill && f.FailAt > 0 && f.Count >= f.FailAt:
		return ErrKilled
	case f.Count == f.FailAt:
		err := f.Err
		if err == nil {
			err = syscall.EIO
		}
		return &fs.PathError{Op: op, Path: name, Err: err}
	}
	return nil
}

// Lstat implements [durable.FS].
func (f *Faulty) Lstat(name string) (durable.Info, error) {
	if err := f.step("lstat", name); err != nil {
		return durable.Info{}, err
	}
	return f.FS.Lstat(name)
}

// Stat implements [durable.FS].
func (f *Faulty) Stat(name string) (durable.Info, error) {
	if err := f.step("stat", name); err != nil {
		return durable.Info{}, err
	}
	return f.FS.Stat(name)
}

// Readlink implements [durable.FS].
func (f *Faulty) Readlink(name string) (string, error) {
	if err := f.step("readlink", name); err != nil {
		return "", err
	}
	return f.FS.Readlink(name)
}

// ReadFile implements [durable.FS].
func (f *Faulty) ReadFile(name string) ([]byte, error) {
	if err := f.step("read", name); err != nil {
		return nil, err
	}
	return f.FS.ReadFile(name)
}

// ReadState implements [durable.FS].
func (f *Faulty) ReadState(name string) ([]byte, durable.Info, error) {
	if err := f.step("read", name); err != nil {
		return nil, durable.Info{}, err
	}
	return f.FS.ReadState(name)
}

// ReadDir implements [durable.FS].
func (f *Faulty) ReadDir(name string) ([]string, error) {
	if err := f.step("readdir", name); err != nil {
		return nil, err
	}
	return f.FS.ReadDir(name)
}

// Create implements [durable.FS].
func (f *Faulty) Create(name string, perm uint32) (durable.File, error) {
	if err := f.step("create", name); err != nil {
		return nil, err
	}
	file, err := f.FS.Create(name, perm)
	if err != nil {
		return nil, err
	}
	return &faultyFile{File: file, fs: f, name: name}, nil
}

// Overwrite implements [durable.FS].
func (f *Faulty) Overwrite(name string) (durable.File, error) {
	if err := f.step("open", name); err != nil {
		return nil, err
	}
	file, err := f.FS.Overwrite(name)
	if err != nil {
		return nil, err
	}
	return &faultyFile{File: file, fs: f, name: name}, nil
}

// Mkdir implements [durable.FS].
func (f *Faulty) Mkdir(name string, perm uint32) error {
	if err := f.step("mkdir", name); err != nil {
		return err
	}
	return f.FS.Mkdir(name, perm)
}

// Rename implements [durable.FS].
func (f *Faulty) Rename(from, to string) error {
	if err := f.step("rename", to); err != nil {
		return err
	}
	return f.FS.Rename(from, to)
}

// Link implements [durable.FS].
func (f *Faulty) Link(from, to string) error {
	if err := f.step("link", to); err != nil {
		return err
	}
	return f.FS.Link(from, to)
}

// Symlink implements [durable.FS].
func (f *Faulty) Symlink(to, name string) error {
	if err := f.step("symlink", name); err != nil {
		return err
	}
	return f.FS.Symlink(to, name)
}

// Remove implements [durable.FS].
func (f *Faulty) Remove(name string) error {
	if err := f.step("remove", name); err != nil {
		return err
	}
	return f.FS.Remove(name)
}

// Lock implements [durable.FS]. Unlocking never fails: the kernel does it at the latest
// when the process ends.
func (f *Faulty) Lock(name string) (func() error, error) {
	if err := f.step("lock", name); err != nil {
		return nil, err
	}
	return f.FS.Lock(name)
}

// SyncFS implements [durable.FS].
func (f *Faulty) SyncFS(name string) error {
	if err := f.step("syncfs", name); err != nil {
		return err
	}
	if f.Quick {
		return nil
	}
	return f.FS.SyncFS(name)
}

type faultyFile struct {
	durable.File
	fs   *Faulty
	name string
}

func (f *faultyFile) Write(p []byte) (int, error) {
	if err := f.fs.step("write", f.name); err != nil {
		if f.fs.Half {
			f.File.Write(p[:len(p)/2]) //nolint:errcheck // the error to return is the injected one
		}
		return 0, err
	}
	return f.File.Write(p)
}

func (f *faultyFile) Chmod(perm uint32) error {
	if err := f.fs.step("chmod", f.name); err != nil {
		return err
	}
	return f.File.Chmod(perm)
}

func (f *faultyFile) Chown(uid, gid int) error {
	if err := f.fs.step("chown", f.name); err != nil {
		return err
	}
	return f.File.Chown(uid, gid)
}

func (f *faultyFile) CopyAttrs(from string) error {
	if err := f.fs.step("copyattrs", f.name); err != nil {
		return err
	}
	return f.File.CopyAttrs(from)
}

func (f *faultyFile) Truncate(size int64) error {
	if err := f.fs.step("truncate", f.name); err != nil {
		return err
	}
	return f.File.Truncate(size)
}

func (f *faultyFile) Sync() error {
	if err := f.fs.step("fsync", f.name); err != nil {
		return err
	}
	if f.fs.Quick {
		return nil
	}
	return f.File.Sync()
}

// Close always closes: a killed process has no open files either.
func (f *faultyFile) Close() error {
	failed := f.fs.step("close", f.name)
	if err := f.File.Close(); failed == nil {
		return err
	}
	return failed
}
