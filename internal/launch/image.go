package launch

import (
	"context"
	"errors"
	"slices"

	"slipway/internal/launch/sections"
	"slipway/render/transaction"
	"slipway/supervise/config"
	"slipway/supervise/dialect"
)

// Image is all that was read: the configuration of all layers, the values, and, once
// they are asked for, the templates.
type Image struct {
	*Decided
	Document *Document
	Config   *config.Config
	Files    *sections.Files
	// ConfigNotes are warnings about the configuration. The supervisor says them itself,
	// at every start and reload.
	ConfigNotes []Note

	from      *peered // the way of the values; nil for one that was resumed
	templates func() templates
}

// Load does the steps 1 to 4. The error is [dialect.Problems], a [*ValueError], or ctx's
// cause.
func Load(ctx context.Context, o Options) (*Image, error) {
	doc, err := Read(o)
	if err != nil {
		return nil, err
	}
	settings, err := doc.settings()
	if err != nil {
		return nil, err
	}
	values, err := doc.values(ctx, settings, o, valueError)
	if err != nil {
		return nil, err
	}
	im, err := doc.image(values.decide())
	if err != nil {
		return nil, values.hintVariables(err)
	}
	im.from = values
	if err := im.needed(values.files); err != nil {
		return nil, err
	}
	return im, context.Cause(ctx)
}

// valueError says that the values are wrong, nil if they are not.
func valueError(err error) error {
	if err == nil {
		return nil
	}
	return &ValueError{err}
}

// values does steps 3 and 4. What is known of secrets is told also where it fails. on is
// given what each step finds, and returns the error to end with: nil goes on with what is
// there, and with made-up values in the place of wrong ones.
func (d *Document) values(ctx context.Context, settings *sections.Sources, o Options, on func(error) error) (*peered, error) {
	gathered, err := d.gather(ctx, settings, o)
	merged, wrong := gathered.merge()
	o.reached(merged.known(merged.values, merged.notes))
	if err = on(errors.Join(err, wrong)); err != nil {
		return nil, err
	}
	checked, wrong := merged.check()
	o.reached(checked.known(checked.values, checked.notes))
	if err = on(wrong); err != nil {
		return nil, err
	}
	peered, wrong := checked.mended(wrong).findPeers(ctx, o)
	if err = on(wrong); err != nil {
		return nil, err
	}
	o.reached(peered.known(peered.values, peered.notes))
	return peered, nil
}

// image gives the document its meaning under the values. There is one also with an error,
// in which wrong settings have their defaults.
func (d *Document) image(values *Decided) (*Image, error) {
	c, files, err := sections.Read(d.Document, d.input(values.Environ, values.SecretNames()))
	d.place(&c.Slipway)
	for i := range files.Templates {
		files.Templates[i].Folder = d.Here
	}
	im := &Image{Decided: values, Document: d, Config: c, Files: files, templates: discoverOnce(c, files)}
	for _, w := range c.Warnings {
		im.ConfigNotes = append(im.ConfigNotes, Note{Text: w})
	}
	im.ConfigNotes = append(im.ConfigNotes, placed(c.Notes)...)
	return im.noting(append(placed(c.OtherNotes), d.addresses(values.Environ)...)), err
}

// placed are warnings about places of the configuration.
func placed(notes []dialect.Note) []Note {
	out := make([]Note, len(notes))
	for i, n := range notes {
		out[i] = Note{Place: n.Pos.String(), Text: n.Text, Hint: n.Hint}
	}
	return out
}

// AllNotes are both kinds, for commands after which no supervisor speaks.
func (im *Image) AllNotes() []Note { return append(slices.Clone(im.ConfigNotes), im.Notes...) }

// noting is the image with more notes.
func (im *Image) noting(notes []Note) *Image {
	out, values := *im, *im.Decided
	values.Notes = append(slices.Clip(values.Notes), notes...)
	out.Decided = &values
	return &out
}

// accounts lets render resolve owners as the configuration resolves users.
func (d *Document) accounts() transaction.Accounts {
	return transaction.Accounts{
		User: func(name string) (int, int, bool) {
			a, ok := d.system.UserByName(name)
			return a.UID, a.GID, ok
		},
		Group: d.system.GroupByName,
	}
}
