package render

import (
	"io/fs"
	"slices"
)

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

// Recorder reads each file once, and knows afterwards which were asked for: what was
// made of them changes when they do. It is used by one goroutine.
type Recorder struct {
	from  Files
	files map[string]readFile
}

type readFile struct {
	text []byte
	err  error
}

var _ Files = (*Recorder)(nil)

// Record returns a recorder of what is read from files.
func Record(files Files) *Recorder { return &Recorder{from: files, files: map[string]readFile{}} }

// ReadDir implements [Files].
func (r *Recorder) ReadDir(name string) ([]string, error) { return r.from.ReadDir(name) }

// Mode implements [Files].
func (r *Recorder) Mode(name string) (fs.FileMode, error) { return r.from.Mode(name) }

// ReadFile implements [Files].
func (r *Recorder) ReadFile(name string) ([]byte, error) {
	f, ok := r.files[name]
	if !ok {
		f.text, f.err = r.from.ReadFile(name)
		r.files[name] = f
	}
	return f.text, f.err
}

// Names are the files that were asked for, those that are not there included, sorted.
func (r *Recorder) Names() []string {
	names := make([]string, 0, len(r.files))
	for name := range r.files {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
