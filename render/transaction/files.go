package transaction

import (
	"slipway/render"
	"slipway/render/transaction/durable"
)

// Made is a file that is in place, and what it is made of.
type Made struct {
	File     string   `json:"file"`
	Template string   `json:"template,omitempty"`
	Secret   bool     `json:"secret,omitempty"` // it holds one
	Notify   []string `json:"notify,omitempty"`
	// Revision is the newest of those of its values, 0 where none has one.
	Revision int64           `json:"revision,omitempty"`
	Values   []render.Origin `json:"values"`
}

// Files are the files that were made, by name, as the manifest has them.
func Files(fsys durable.FS, opts Options) ([]Made, error) {
	m, err := readManifest(fsys, opts)
	if err != nil {
		return nil, err
	}
	out := []Made{}
	for _, dest := range m.dests() {
		f := m.Files[dest]
		made := Made{File: dest, Template: f.Template, Secret: f.Secret, Notify: f.Notify, Values: f.Values}
		if made.Values == nil {
			made.Values = []render.Origin{}
		}
		for _, v := range f.Values {
			made.Revision = max(made.Revision, v.Revision)
		}
		out = append(out, made)
	}
	return out, nil
}
