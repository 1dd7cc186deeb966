package decode

import (
	"slices"

	"slipway/internal/redact"
	"slipway/supervise/config/text"
	"slipway/supervise/dialect"
)

// err gives the problems in the order of the files, or nil, without secrets: a value
// that is not what a key wants is shown, and %(ENV_NAME)s may have put a secret there.
func (d *decoder) err() error {
	hide := d.hide()
	for _, p := range d.Bad.List {
		p.Text, p.Hint = hide(p.Text), hide(p.Hint)
	}
	return d.Bad.Err(d.Doc.Files)
}

// redactNotes takes secrets out of what is worth a warning.
func (d *decoder) redactNotes() {
	hide := d.hide()
	for i := range d.cfg.Warnings {
		d.cfg.Warnings[i] = hide(d.cfg.Warnings[i])
	}
	for _, notes := range [][]dialect.Note{d.cfg.Notes, d.cfg.OtherNotes} {
		for i := range notes {
			n := &notes[i]
			n.Text, n.Hint = hide(n.Text), hide(n.Hint)
		}
	}
}

// hide takes the values of secret variables, and passwords of URLs, out of a text.
func (d *decoder) hide() func(string) string {
	names := slices.Clone(d.in.Secrets)
	for _, s := range d.sections("env:") {
		if k := s.Key("secret"); k != nil {
			if yes, ok := text.Bool(k.Value); yes || !ok {
				names = append(names, s.Name[len("env:"):])
			}
		}
	}
	var values []string
	for _, name := range names {
		if v := d.Environ[name]; v != "" {
			values = append(values, v)
		}
	}
	secrets := redact.New(values)
	return func(text string) string { return redact.HidePasswords(secrets.Redact(text)) }
}
