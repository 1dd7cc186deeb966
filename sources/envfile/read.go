package envfile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"slipway/sources"
)

// Source is the name of this source.
const Source = "env.d"

// Read reads one file, or all files *.env of a directory in the order of their
// names. Errors of all files are joined, in that order. An absent path is an
// error that wraps fs.ErrNotExist: whether it may be absent is the caller's to
// know.
func Read(path string) (sources.Layer, []sources.Note, error) {
	info, err := os.Stat(path)
	if err != nil {
		return sources.Layer{Source: Source}, nil, fmt.Errorf("cannot read env files: %w", err)
	}
	files := []string{path}
	if info.IsDir() {
		if files, err = list(path); err != nil {
			return sources.Layer{Source: Source}, nil, err
		}
	}
	return readAll(files, !info.IsDir())
}

func list(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir) // sorted by name
	if err != nil {
		return nil, fmt.Errorf("cannot read env files: %w", err)
	}
	var files []string
	for _, e := range entries {
		if !e.IsDir() && strings.HasSuffix(e.Name(), ".env") {
			files = append(files, filepath.Join(dir, e.Name()))
		}
	}
	return files, nil
}

// readAll reads files. One that was asked for by its own name may be a FIFO.
func readAll(files []string, asked bool) (sources.Layer, []sources.Note, error) {
	all := sources.Layer{Source: Source}
	var notes []sources.Note
	var errs []error
	for _, file := range files {
		if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() && !asked { // a FIFO would block
			errs = append(errs, fmt.Errorf("cannot read env file: %s is not a regular file", file))
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			errs = append(errs, fmt.Errorf("cannot read env file: %w", err))
			continue
		}
		layer, n, err := Parse(file, data)
		if err != nil {
			errs = append(errs, err)
		}
		all.Vars = append(all.Vars, layer.Vars...)
		notes = append(notes, n...)
	}
	return all, notes, errors.Join(errs...)
}
