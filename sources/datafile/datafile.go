package datafile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"slipway/sources/internal/smallfile"
)

// MaxSize is the size of the largest file that is read, in bytes.
const MaxSize = 16 << 20

// Error is what is wrong with a file.
type Error struct {
	File      string
	Line, Col int // count from 1; 0 when unknown
	Text      string
}

// Error names the place as precisely as it is known.
func (e *Error) Error() string {
	at := e.File
	if e.Line > 0 {
		at += fmt.Sprintf(":%d", e.Line)
		if e.Col > 0 {
			at += fmt.Sprintf(":%d", e.Col)
		}
	}
	return "cannot parse " + at + ": " + e.Text
}

// Read reads files into one tree, a branch for each. root is put before every
// path; it is for tests and --root. The error joins those of all files; the tree
// has the good ones.
func Read(files []string, root string) (map[string]any, error) {
	tree := map[string]any{}
	by := map[string]string{}
	var errs []error
	for _, file := range files {
		name := Name(file)
		if other := by[name]; other != "" {
			errs = append(errs, fmt.Errorf("cannot read %s as .Data.%s: %s is that already", file, name, other))
			continue
		}
		by[name] = file
		data, err := read(filepath.Join(root, file))
		if err != nil {
			errs = append(errs, fmt.Errorf("cannot read %s: %w", file, err))
			continue
		}
		branch, err := Parse(file, data)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		tree[name] = branch
	}
	return tree, errors.Join(errs...)
}

func read(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && strings.ContainsAny(path, "*?["):
		return nil, fmt.Errorf("%w; patterns are not known here: name each file", smallfile.Cause(err))
	case err != nil:
		return nil, smallfile.Cause(err)
	case info.IsDir():
		return nil, errors.New("it is a folder: name each of its files")
	case !info.Mode().IsRegular():
		return nil, smallfile.ErrNotRegular
	case info.Size() > MaxSize:
		return nil, fmt.Errorf("it has %d bytes, more than %d", info.Size(), MaxSize)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, smallfile.Cause(err)
	}
	return data, nil
}

// Name is the branch of a file: its name up to the extension.
func Name(file string) string {
	base := filepath.Base(file)
	return strings.TrimSuffix(base, filepath.Ext(base))
}

// Parse reads the text of a file, whose extension says the format.
func Parse(file string, data []byte) (any, error) {
	var tree any
	var err error
	switch ext := strings.ToLower(filepath.Ext(file)); ext {
	case ".json":
		tree, err = parseJSON(data)
	case ".yaml", ".yml":
		tree, err = parseYAML(data)
	case ".toml":
		tree, err = parseTOML(data)
	case ".properties":
		tree, err = parseProperties(data)
	default:
		return nil, &Error{File: file, Text: fmt.Sprintf("expected the extension .json, .yaml, .toml or .properties, got %q", ext)}
	}
	var e *Error
	if errors.As(err, &e) {
		e.File = file
	}
	return tree, err
}

// position is the line and column, from 1, of an offset.
func position(data []byte, offset int) (line, col int) {
	before := string(data[:min(max(offset, 0), len(data))])
	return 1 + strings.Count(before, "\n"), len(before) - strings.LastIndexByte(before, '\n')
}
