package launch

import (
	"context"
	"errors"
	"io/fs"
	"slices"

	"slipway/sources"
	"slipway/sources/envfile"
	"slipway/sources/environ"
	"slipway/sources/link"
	"slipway/sources/secretdir"
	"slipway/sources/secretfile"
	"slipway/supervise/config"
)

// readValues is step 3.
func (im *Image) readValues(ctx context.Context, in config.Input) error {
	decoded, err := config.DecodeSources(im.Document, in)
	if err != nil {
		return err
	}
	settings := decoded.Slipway
	var layers []sources.Layer
	var errs []error
	for _, name := range settings.Sources {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		layer, notes, err := im.readSource(name, decoded, layers)
		layers = append(layers, layer)
		errs = append(errs, err)
		for _, n := range notes {
			im.Notes = append(im.Notes, Note{Text: n.String(), Hint: n.Hint})
		}
	}
	if err := errors.Join(errs...); err != nil {
		return &ValueError{err}
	}
	im.layers = layers
	im.merge()
	if err := im.contract(decoded.Envs, im.system); err != nil {
		return &ValueError{err}
	}
	im.decide(settings)
	return nil
}

// ValueError says that a source holds something that is no value.
type ValueError struct{ Err error }

func (e *ValueError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *ValueError) Unwrap() error { return e.Err }

// readSource reads one source by its name in [slipway] sources; weaker are the
// layers below it. A source that is not configured is empty.
func (im *Image) readSource(name string, c *config.Config, weaker []sources.Layer) (sources.Layer, []sources.Note, error) {
	switch name {
	case environ.Source:
		layer, notes := environ.Capture(im.Captured)
		return layer, notes, nil
	case envfile.Source:
		layer, notes, err := envfile.Read(c.Slipway.EnvDir)
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return layer, notes, err
	case secretdir.Source:
		return readSecrets(c, weaker)
	}
	return sources.Layer{Source: name}, nil, nil
}

// readSecrets reads the folders of secrets, and over them the files that variables
// of the weaker sources name.
func readSecrets(c *config.Config, weaker []sources.Layer) (sources.Layer, []sources.Note, error) {
	dirs, notes, err := secretdir.Read(c.Slipway.SecretDirs, secretdir.Options{})
	files, more, ferr := secretfile.Read(sources.Merge(weaker...), secretfile.Options{
		Dirs: c.Slipway.SecretDirs,
		Declared: func(name string) bool {
			return slices.ContainsFunc(c.Envs, func(r config.EnvRule) bool { return r.Name == name })
		},
	})
	layer := sources.Layer{Source: secretdir.Source, Vars: append(dirs.Vars, files.Vars...)}
	layer, dropped := sources.Protect(layer, c.Slipway.AllowSet)
	return layer, slices.Concat(notes, more, dropped), errors.Join(err, ferr)
}

// merge lays the layers over each other and finds the peers.
func (im *Image) merge() {
	im.Values = sources.Merge(im.layers...)
	im.Peers = link.Parse(im.Values.Vars(), link.Own{Hostname: hostname(im.system)})
	if secrets := im.Peers.Secrets(); len(secrets) > 0 {
		im.Values = im.Values.Taint(secrets...)
	}
}

// decide says what programs see of the values.
func (im *Image) decide(s config.Slipway) {
	im.programs = im.Values
	if s.CleanLinks {
		im.programs = im.programs.Without(im.Peers.Injected()...)
	}
	im.Environ = im.programs.Environ()
}

// ProgramNames are the names of the variables that programs get, sorted.
func (im *Image) ProgramNames() []string { return im.programs.Names() }
