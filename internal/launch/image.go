package launch

import (
	"context"
	"slices"

	"slipway/render/transaction"
	"slipway/supervise/config"
)

// Image is all that was read: the configuration of all layers, the values, and, once
// they are asked for, the templates.
type Image struct {
	*Decided
	Document *Document
	Config   *config.Config
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
	values, err := doc.values(ctx, settings, o)
	if err != nil {
		return nil, &ValueError{err}
	}
	im, err := doc.image(values.decide())
	if err != nil {
		return nil, err
	}
	im.from = values
	return im, context.Cause(ctx)
}

// values does steps 3 and 4. What is known of secrets is told also where it fails.
func (d *Document) values(ctx context.Context, settings *config.Config, o Options) (*peered, error) {
	gathered, err := d.gather(ctx, settings, o)
	merged, wrong := gathered.merge()
	o.reached(merged.known(merged.values))
	if err == nil {
		err = wrong
	}
	if err != nil {
		return nil, err
	}
	checked, err := merged.check()
	o.reached(checked.known(checked.values))
	if err != nil {
		return nil, err
	}
	peered, err := checked.findPeers(ctx, o)
	if err != nil {
		return nil, err
	}
	o.reached(peered.known(peered.values))
	return peered, nil
}

// image gives the document its meaning under the values.
func (d *Document) image(values *Decided) (*Image, error) {
	c, err := d.decode(values.Environ, values.secretNames())
	if err != nil {
		return nil, err
	}
	im := &Image{Decided: values, Document: d, Config: c, templates: discoverOnce(c)}
	for _, w := range c.Warnings {
		im.ConfigNotes = append(im.ConfigNotes, Note{Text: w})
	}
	for _, n := range c.Notes {
		im.ConfigNotes = append(im.ConfigNotes, Note{Place: n.Pos.String(), Text: n.Text, Hint: n.Hint})
	}
	return im, nil
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
