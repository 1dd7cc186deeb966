package render

import "io/fs"

// Files is what rendering reads of the file system: template folders, and the folders
// of other tools. It is handed in, so that the language cannot reach a file by itself.
// Errors are [*fs.PathError].
type Files interface {
	// ReadDir returns the names in a directory, sorted.
	ReadDir(name string) ([]string, error)
	ReadFile(name string) ([]byte, error)
	// Mode is the type and the permission bits of what is behind name: symbolic links
	// are followed.
	Mode(name string) (fs.FileMode, error)
}
