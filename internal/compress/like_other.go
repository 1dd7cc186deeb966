//go:build !linux

package compress

import "os"

func like(f *os.File, info os.FileInfo) error { return f.Chmod(info.Mode().Perm()) }

// Lowest does nothing here: only Linux has a supervisor.
func Lowest() {}
