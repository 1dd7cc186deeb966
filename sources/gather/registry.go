package gather

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"

	"slipway/sources"
	"slipway/sources/credentials"
	"slipway/sources/envfile"
	"slipway/sources/environ"
	"slipway/sources/secretdir"
	"slipway/sources/secretfile"
)

// Source is the row of a source that slipway knows by itself. Its folder below
// sources and its row are all that a source consists of: the order of reading, the
// watcher, the messages and the reference page follow from the row.
type Source struct {
	// Name is what the option sources of [slipway] calls it.
	Name string
	// Doc says in one sentence where the values come from.
	Doc string
	// Needs says which settings and variables the source takes; "" for none.
	Needs string
	// Default: the source is read unless the option sources says otherwise, at the
	// place that its row has among the others.
	Default bool
	// Foreign: the values come neither from the image nor from the container's own
	// environment, so they may not set protected names.
	Foreign bool
	// Files are the names that origins of its values bear if those stand in files, which
	// can change. None: the values stay as they are.
	Files []string
	// Read reads the source. The error joins those of all its parts, and the layer has
	// what could be read. nil: a source program of the same name is run.
	Read func(*Request) (sources.Layer, []sources.Note, error)
	// Watch returns the files and folders that a change shows in, which need not exist;
	// nil for none.
	Watch func(*Request) []string
}

// Request is what a source is told of the container.
type Request struct {
	// Environ is the captured environment.
	Environ []string
	// EnvDir and SecretDirs are the options env_dir and secret_dirs.
	EnvDir     string
	SecretDirs []string
	// Root is put before every path that is read, for --root; the paths that are
	// shown do not have it, but for those of env files.
	Root string
	// Declared reports whether the image declares a variable; may be nil.
	Declared func(name string) bool
	// Weaker is the view of the sources before this one, if there is a variable among
	// them whose name is of interest; else an empty one. Merging is dear.
	Weaker func(interesting func(name string) bool) *sources.View
}

// Registry lists the sources, those of the default order weakest first.
func Registry() []Source {
	return []Source{
		{
			Name: envfile.Source, Default: true, Files: []string{envfile.Source},
			Doc:   "The `*.env` files of the image's layers, in the order of their names.",
			Needs: "`env_dir` of `[slipway]`",
			Read:  readEnvFiles,
			Watch: func(r *Request) []string { return []string{r.EnvDir} },
		},
		{
			Name: "etcd", Default: true, Foreign: true,
			Doc:   "Keys of etcd, read by the program `slipway-source-etcd`. Without `[etcd]` there are none.",
			Needs: "`[etcd]`",
		},
		{
			Name: environ.Source, Default: true,
			Doc: "The environment that the container was started with, captured once.",
			Read: func(r *Request) (sources.Layer, []sources.Note, error) {
				layer, notes := environ.Capture(r.Environ)
				return layer, notes, nil
			},
		},
		{
			Name: secretdir.Source, Default: true, Foreign: true, Files: []string{secretdir.Source, secretfile.Source},
			Doc:   "Folders with one file per secret, and over them the files that variables such as `DB_PASSWORD_FILE` name.",
			Needs: "`secret_dirs` of `[slipway]`",
			Read:  readSecrets,
			Watch: func(r *Request) []string { return r.SecretDirs },
		},
		{
			Name: credentials.Source, Foreign: true, Files: []string{credentials.Source},
			Doc:   "The folder that `CREDENTIALS_DIRECTORY` names, with one file per secret: what systemd and other container managers hand over.",
			Needs: "`CREDENTIALS_DIRECTORY` of the environment",
			Read: func(r *Request) (sources.Layer, []sources.Note, error) {
				return credentials.Read(r.Environ, r.Root)
			},
			Watch: func(r *Request) []string { return []string{credentials.Folder(r.Environ)} },
		},
	}
}

// Names are the names of the sources that slipway knows by itself.
func Names() []string {
	var names []string
	for _, s := range Registry() {
		names = append(names, s.Name)
	}
	return names
}

// FileOrigins are the names that the origins of values bear if those stand in files,
// which can change.
func FileOrigins() []string {
	var names []string
	for _, s := range Registry() {
		names = append(names, s.Files...)
	}
	return names
}

// Watched returns the files and folders in which a change of the values would show. They
// need not exist.
func Watched(order []string, r Request) []string {
	var paths []string
	for _, name := range order {
		if s, ok := lookup(name); ok && s.Watch != nil {
			paths = append(paths, s.Watch(&r)...)
		}
	}
	return paths
}

// lookup returns the row of a source.
func lookup(name string) (Source, bool) {
	for _, s := range Registry() {
		if s.Name == name {
			return s, true
		}
	}
	return Source{}, false
}

func readEnvFiles(r *Request) (sources.Layer, []sources.Note, error) {
	if r.EnvDir == "" {
		return sources.Layer{Source: envfile.Source}, nil, nil
	}
	layer, notes, err := envfile.Read(filepath.Join(r.Root, r.EnvDir))
	if errors.Is(err, fs.ErrNotExist) && len(layer.Vars) == 0 {
		err = nil
	}
	return layer, notes, err
}

// secretFiles say which variables name a file.
func (r *Request) secretFiles() secretfile.Options {
	return secretfile.Options{Declared: r.Declared, Dirs: r.SecretDirs, Root: r.Root}
}

// IgnoredFile says why a variable NAME_FILE that is set does not give name its value, "" if
// there is none, or it does.
func IgnoredFile(order []string, r Request, view *sources.View, name string) string {
	if s, ok := lookup(secretdir.Source); ok && !slices.Contains(order, s.Name) {
		if _, _, set := view.Get(name + "_FILE"); set {
			return name + "_FILE is set, and does not count: sources of [slipway] does not name " + s.Name
		}
		return ""
	}
	return r.secretFiles().Ignored(view, name)
}

// readSecrets reads the folders, and over them the files that variables name.
func readSecrets(r *Request) (sources.Layer, []sources.Note, error) {
	dirs, notes, err := secretdir.Read(r.SecretDirs, secretdir.Options{Root: r.Root})
	files, more, ferr := secretfile.Read(r.Weaker(secretfile.Names), r.secretFiles())
	layer := sources.Layer{Source: secretdir.Source, Vars: append(dirs.Vars, files.Vars...), Files: append(dirs.Files, files.Files...)}
	return layer, append(notes, more...), errors.Join(err, ferr)
}
