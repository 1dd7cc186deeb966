package launch

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"

	"slipway/render/transaction"
	"slipway/supervise/control"
)

// Runtime is the folder of what is kept between renders: that of the configuration or,
// where that cannot be written, the one of the user in /tmp, where the control socket
// goes as well. With a random user id, or a read-only root, that is the usual case, and
// without any folder nothing could be owed to programs.
func (im *Image) Runtime() string { return runtimeFolder(im.Config.Slipway.Runtime) }

func runtimeFolder(dir string) string {
	// One that this user has used must not be passed over. What another user has kept, such
	// as root in an earlier container with the same volume, is nothing to go on from.
	if used(transaction.ManifestFile(dir)) || writable(dir) {
		return absolute(dir)
	}
	if own := filepath.Dir(control.Places("", os.Geteuid(), 0)[1]); ours(own) || missing(own) && writable(own) {
		return own
	}
	return absolute(dir)
}

// makeRuntime makes the folder in /tmp if it is to be used. Somebody else may have been
// quicker: then nothing is kept.
func makeRuntime(opts *transaction.Options) {
	if opts.Runtime != filepath.Dir(control.Places("", os.Geteuid(), 0)[1]) {
		return
	}
	if err := os.Mkdir(opts.Runtime, 0o700); err != nil && !ours(opts.Runtime) {
		opts.Runtime = ""
	}
}

// writable reports whether a file can be made in a folder, or the folder itself.
func writable(dir string) bool {
	for {
		info, err := os.Stat(dir)
		if err == nil {
			return info.IsDir() && unix.Access(dir, unix.W_OK|unix.X_OK) == nil
		}
		parent := filepath.Dir(dir)
		if !errors.Is(err, fs.ErrNotExist) || parent == dir {
			return false
		}
		dir = parent
	}
}

// used reports whether there is a file, and it is this user's.
func used(path string) bool {
	info, err := os.Stat(path)
	if err != nil {
		return false
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(st.Uid) == os.Geteuid()
}

func missing(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// ours reports whether a folder is this user's, and nobody else can write there.
func ours(dir string) bool {
	info, err := os.Lstat(dir)
	if err != nil || !info.IsDir() || info.Mode().Perm()&0o022 != 0 {
		return false
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(st.Uid) == os.Geteuid()
}
