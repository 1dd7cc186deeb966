// Package secretdir is the source of folders with one file per value: Docker's
// /run/secrets, mounted secrets and config maps of Kubernetes.
//
// The variable of a file is its name in upper case, with _ for everything that
// is no letter and no digit: db-password gives DB_PASSWORD. Two files that give
// one variable are an error, because which of them holds would be chance. Line
// breaks at the end of a file do not count. A file that can be no variable, such as a
// keystore, is none: it is among the files of the layer, which templates read. What is no
// file at all, such as a link that leads nowhere, is noted and stops nobody.
//
// Kubernetes replaces all files of a mounted volume at once, by one symbolic
// link ..data. So where ..data exists everything is read through the folder that
// it points to at one moment: no mixture of two versions is ever seen.
package secretdir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"slipway/sources"
	"slipway/sources/internal/smallfile"
)

// Source is the name of this source.
const Source = "secrets"

// attempts is how often a folder is read again because it changed meanwhile.
const attempts = 5

// Options tell what a folder is.
type Options struct {
	// Source is the name of the source, Source when "".
	Source string
	// Open is true when the values are no secrets: a config map.
	Open bool
	// Root is put before every path that is read; for tests and --root.
	Root string
}

// Read reads folders, later ones over earlier ones. An absent folder is an empty
// one: /run/secrets exists only where there are secrets. Every file that cannot
// be read is an error; the layer has the others.
func Read(dirs []string, opts Options) (sources.Layer, []sources.Note, error) {
	if opts.Source == "" {
		opts.Source = Source
	}
	layer := sources.Layer{Source: opts.Source}
	var notes []sources.Note
	var errs []error
	for _, dir := range dirs {
		read, n, err := readDir(dir, opts)
		layer.Vars, layer.Files = append(layer.Vars, read.Vars...), append(layer.Files, read.Files...)
		notes = append(notes, n...)
		if err != nil {
			errs = append(errs, err)
		}
	}
	return layer, notes, errors.Join(errs...)
}

// ofKubernetes is the folder that it mounts into /run/secrets of each container.
const ofKubernetes = "kubernetes.io"

// vanished says whether nothing has a path any more.
func vanished(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// nowhere notes of a folder that is not there that a link to it is.
func nowhere(from, shown string, opts Options) []sources.Note {
	for _, path := range []string{from, filepath.Join(opts.Root, shown), filepath.Join(opts.Root, shown, "..data")} {
		if info, err := os.Lstat(path); err == nil && info.Mode()&fs.ModeSymlink != 0 {
			if what := smallfile.NoFile(path); what != "" {
				return []sources.Note{{Origin: sources.Origin{Source: opts.Source, File: strings.TrimPrefix(path, opts.Root)}, Text: "no folder of files: " + what}}
			}
		}
	}
	return nil
}

// readDir reads one folder, again when its ..data moved meanwhile.
func readDir(dir string, opts Options) (layer sources.Layer, notes []sources.Note, err error) {
	for range attempts {
		from, link := current(filepath.Join(opts.Root, dir))
		layer, notes, err = readFiles(from, dir, opts)
		if _, now := current(filepath.Join(opts.Root, dir)); now == link {
			return layer, notes, err
		}
	}
	return sources.Layer{}, nil, fmt.Errorf("cannot read %s: it changes faster than it can be read", dir)
}

// current returns the folder that holds the files now, and what ..data says.
func current(dir string) (from, link string) {
	link, err := os.Readlink(filepath.Join(dir, "..data"))
	if err != nil {
		return dir, ""
	}
	if filepath.IsAbs(link) {
		return link, link
	}
	return filepath.Join(dir, link), link
}

// readFiles reads the files of the folder from; shown is the name of the folder
// for people.
func readFiles(from, shown string, opts Options) (sources.Layer, []sources.Note, error) {
	var layer sources.Layer
	entries, err := os.ReadDir(from) // sorted by name
	if errors.Is(err, fs.ErrNotExist) {
		return layer, nowhere(from, shown, opts), nil
	}
	if err != nil {
		return layer, nil, fmt.Errorf("cannot read %s: %w", shown, smallfile.Cause(err))
	}
	var notes []sources.Note
	var errs []error
	by := map[string]string{}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		path := filepath.Join(shown, e.Name())
		content, err := smallfile.Read(filepath.Join(from, e.Name()))
		name := sources.VarName(e.Name())
		origin := sources.Origin{Source: opts.Source, File: path}
		switch {
		case err != nil && (e.Name() == ofKubernetes && e.IsDir() || vanished(filepath.Join(from, e.Name()))):
		case err != nil && smallfile.NoFile(filepath.Join(from, e.Name())) != "":
			file := sources.File{Name: name, Origin: origin, Unfit: smallfile.NoFile(filepath.Join(from, e.Name())), Absent: true}
			notes = append(notes, file.Note())
			if by[name] == "" {
				layer.Files = append(layer.Files, file)
			}
		case err != nil:
			errs = append(errs, fmt.Errorf("cannot read %s: %w", path, err))
		case name == "":
			notes = append(notes, sources.Note{Origin: origin, Text: "ignored: its name has no letter and no digit"})
		case by[name] != "":
			errs = append(errs, fmt.Errorf("cannot take %s as %s: %s is that already", path, name, by[name]))
		default:
			by[name] = path
			file := sources.File{Name: name, Bytes: content.Bytes, Size: content.Size, Origin: origin}
			if content.Unfit != nil {
				file.Unfit = content.Unfit.Error()
				notes = append(notes, file.Note())
			} else {
				layer.Vars = append(layer.Vars, sources.Var{Name: name, Value: sources.Value{Text: content.Text(), Secret: !opts.Open, Origin: origin}})
				if n, marked := file.MarkNote(); marked {
					notes = append(notes, n)
				}
			}
			layer.Files = append(layer.Files, file)
		}
	}
	return layer, notes, errors.Join(errs...)
}
