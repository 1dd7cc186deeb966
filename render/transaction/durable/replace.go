package durable

import (
	"errors"
	"io/fs"
)

// Replace makes file hold text, by a rename: a reader sees the former text or the new one.
// The file is its owner's alone. With sync the text is durable before it takes its place.
// What a former call left that was killed is taken away.
func Replace(fsys FS, file string, text []byte, sync bool) error {
	temp := file + ".new"
	write := func() error {
		f, err := fsys.Create(temp, 0o600)
		if err != nil {
			return err
		}
		_, err = f.Write(text)
		if err == nil && sync {
			err = f.Sync()
		}
		return errors.Join(err, f.Close())
	}
	err := write()
	if errors.Is(err, fs.ErrExist) {
		if err = fsys.Remove(temp); err == nil {
			err = write()
		}
	}
	if err == nil {
		err = fsys.Rename(temp, file)
	}
	if err != nil {
		_ = fsys.Remove(temp) // the first error is the one to report
	}
	return err
}
