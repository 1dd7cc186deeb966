package config

import (
	"slices"
	"strings"
)

// redacted stands where a secret was; package sources has the same.
const redacted = "«redacted»"

// err gives the problems in the order of the files, or nil, without secrets: a value
// that is not what a key wants is shown, and %(ENV_NAME)s may have put a secret there.
func (d *decoder) err() error {
	hide := d.redactor()
	for _, p := range d.bad.list {
		p.Text, p.Hint = hide.Replace(p.Text), hide.Replace(p.Hint)
	}
	return d.bad.err(d.doc.Files)
}

// redactNotes takes secrets out of what is worth a warning.
func (d *decoder) redactNotes() {
	hide := d.redactor()
	for i := range d.cfg.Warnings {
		d.cfg.Warnings[i] = hide.Replace(d.cfg.Warnings[i])
	}
	for i := range d.cfg.Notes {
		n := &d.cfg.Notes[i]
		n.Text, n.Hint = hide.Replace(n.Text), hide.Replace(n.Hint)
	}
}

// redactor takes the values of secret variables out of a text. One of fewer than four
// bytes goes only where it is quoted, lest every 1 goes.
func (d *decoder) redactor() *strings.Replacer {
	names := slices.Clone(d.in.Secrets)
	for _, s := range d.sections("env:") {
		if k := s.Key("secret"); k != nil {
			if yes, ok := parseBool(k.Value); yes || !ok {
				names = append(names, s.Name[len("env:"):])
			}
		}
	}
	var values []string
	for _, name := range names {
		if v := d.environ[name]; v != "" {
			values = append(values, v)
		}
	}
	slices.SortFunc(values, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, v := range values {
		quoted := quote(v)
		pairs = append(pairs, quoted, quote(redacted))
		if len(v) >= 4 {
			pairs = append(pairs, v, redacted, quoted[1:len(quoted)-1], redacted)
		}
	}
	return strings.NewReplacer(pairs...)
}
