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
		layer, notes, err := im.readSource(name, settings)
		layers = append(layers, layer)
		errs = append(errs, err)
		for _, n := range notes {
			im.Notes = append(im.Notes, Note{Text: n.String(), Hint: n.Hint})
		}
	}
	if err := errors.Join(errs...); err != nil {
		return &ValueError{err}
	}
	im.merge(layers, settings)
	return nil
}

// ValueError says that a source holds something that is no value.
type ValueError struct{ Err error }

func (e *ValueError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *ValueError) Unwrap() error { return e.Err }

// readSource reads one source by its name in [slipway] sources. A source that is
// not configured is empty.
func (im *Image) readSource(name string, s config.Slipway) (sources.Layer, []sources.Note, error) {
	switch name {
	case environ.Source:
		layer, notes := environ.Capture(im.Captured)
		return layer, notes, nil
	case envfile.Source:
		layer, notes, err := envfile.Read(s.EnvDir)
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return layer, notes, err
	}
	return sources.Layer{Source: name}, nil, nil
}

// merge lays the layers over each other, finds the peers, and decides what the
// programs see.
func (im *Image) merge(layers []sources.Layer, s config.Slipway) {
	im.Values = sources.Merge(layers...)
	im.Peers = link.Parse(im.Values.Vars(), link.Own{Hostname: hostname(im.system)})
	if secrets := im.Peers.Secrets(); len(secrets) > 0 {
		im.Values = im.Values.Taint(secrets...)
	}
	programs := im.Values
	if s.CleanLinks {
		programs = programs.Without(im.Peers.Injected()...)
	}
	im.Environ = slices.Clip(programs.Environ())
	im.programs = programs
}

// ProgramNames are the names of the variables that programs get, sorted.
func (im *Image) ProgramNames() []string { return im.programs.Names() }
