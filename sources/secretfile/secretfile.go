// Package secretfile is the source of values that a variable names the file of:
//
//	DB_PASSWORD_FILE=/run/secrets/db_password    as the images of Docker's library do
//	FILE__DB_PASSWORD=/run/secrets/db_password   as those of linuxserver.io do
//
// Both give DB_PASSWORD the content of the file, as a secret, without the line
// breaks at its end, as the shell's $(cat FILE) does.
//
// FILE__ is unmistakable. _FILE is not: LOG_FILE and PID_FILE are paths, and not
// meant to be read. So NAME_FILE counts when the image declares NAME, or when
// the path lies in a folder of secrets. It never counts when it is no absolute
// path, or a setting of slipway's own.
package secretfile

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"slipway/sources"
	"slipway/sources/internal/smallfile"
)

// Source is the name of this source.
const Source = "secret files"

// Options say which variables count and where files are.
type Options struct {
	// Declared reports whether the image declares a variable ([env:NAME]).
	// nil: none.
	Declared func(name string) bool
	// Dirs are folders of secrets; a path below one of them counts.
	Dirs []string
	// Root is put before every path that is read; for tests and --root.
	Root string
}

// Names reports whether a variable of this name may name a file with a secret.
func Names(variable string) bool {
	return strings.HasPrefix(variable, "FILE__") || strings.HasSuffix(variable, "_FILE")
}

// Read reads the files that variables of view name. Every file that cannot be
// read is an error; the layer has the others.
func Read(view *sources.View, opts Options) (sources.Layer, []sources.Note, error) {
	layer := sources.Layer{Source: Source}
	var notes []sources.Note
	var errs []error
	for _, v := range view.Vars() {
		name, ok := opts.names(v)
		if !ok {
			continue
		}
		content, err := smallfile.Read(filepath.Join(opts.Root, v.Value.Text))
		if err != nil {
			errs = append(errs, fmt.Errorf("cannot read %s, which %s names: %w", v.Value.Text, v.Name, err))
			continue
		}
		origin := sources.Origin{Source: Source, File: v.Value.Text}
		file := sources.File{Name: name, Bytes: content.Bytes, Size: content.Size, Origin: origin}
		if content.Unfit != nil {
			file.Unfit = content.Unfit.Error()
			notes = append(notes, file.Note())
		} else {
			layer.Vars = append(layer.Vars, sources.Var{Name: name, Value: sources.Value{Text: content.Text(), Secret: true, Origin: origin}})
			if n, marked := file.MarkNote(); marked {
				notes = append(notes, n)
			}
		}
		layer.Files = append(layer.Files, file)
		if _, _, set := view.Get(name); set {
			notes = append(notes, sources.Note{Origin: v.Value.Origin, Name: name, Text: "set, and " + v.Name + " is too", Hint: "unset one of them"})
		}
	}
	return layer, notes, errors.Join(errs...)
}

// names returns the variable that v names the file of.
func (o Options) names(v sources.Var) (string, bool) {
	if !filepath.IsAbs(v.Value.Text) {
		return "", false
	}
	if name, ok := strings.CutPrefix(v.Name, "FILE__"); ok && name != "" {
		return name, true
	}
	name, ok := strings.CutSuffix(v.Name, "_FILE")
	if !ok || name == "" || strings.HasPrefix(name, "SLIPWAY_") { // SLIPWAY_ETCD_PASSWORD_FILE is a setting
		return "", false
	}
	if o.Declared != nil && o.Declared(v.Name) {
		return "", false // declared as what it is: a path
	}
	return name, o.Declared != nil && o.Declared(name) || o.inDirs(v.Value.Text)
}

// Ignored says why a variable that looks as if it named the file of name does not count, ""
// if there is none, or it counts.
func (o Options) Ignored(view *sources.View, name string) string {
	file := name + "_FILE"
	e, set := view.Lookup(file)
	if !set {
		return ""
	}
	if _, counts := o.names(sources.Var{Name: file, Value: e.Value}); counts {
		return ""
	}
	why := fmt.Sprintf("no [env:%s] declares %s, and %s is not below a secret folder (%s)", name, name, e.Value, strings.Join(o.Dirs, ", "))
	switch {
	case !filepath.IsAbs(e.Value.Text):
		why = fmt.Sprintf("%q is no absolute path", e.Value.String())
	case strings.HasPrefix(file, "SLIPWAY_"):
		why = "it is a setting of slipway's own"
	case o.Declared != nil && o.Declared(file):
		why = fmt.Sprintf("[env:%s] declares it as a path of its own", file)
	}
	return fmt.Sprintf("%s is set, and does not count: %s", file, why)
}

func (o Options) inDirs(path string) bool {
	path = filepath.Clean(path)
	for _, d := range o.Dirs {
		if rel, err := filepath.Rel(d, path); err == nil && rel != "." && rel != ".." && !strings.HasPrefix(rel, "../") {
			return true
		}
	}
	return false
}
