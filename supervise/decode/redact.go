package decode

import (
	"slices"
	"strings"

	"slipway/supervise/config"
	"slipway/supervise/dialect"
)

// redacted stands where a secret was; package sources has the same.
const redacted = "«redacted»"

// hidePasswords takes the passwords out of URLs, as HidePasswords of package sources
// does, which nothing here may import.
func hidePasswords(text string) string {
	for at := 0; ; {
		i := strings.Index(text[at:], "://")
		if i < 0 {
			return text
		}
		at += i + len("://")
		end := len(text)
		if n := strings.IndexAny(text[at:], "/?#\\\"'`<> \t\r\n"); n >= 0 {
			end = at + n
		}
		host := strings.LastIndexByte(text[at:end], '@')
		if host < 0 {
			continue
		}
		if colon := strings.IndexByte(text[at:at+host], ':'); colon >= 0 && colon+1 < host {
			text = text[:at+colon+1] + redacted + text[at+host:]
		}
	}
}

// err gives the problems in the order of the files, or nil, without secrets: a value
// that is not what a key wants is shown, and %(ENV_NAME)s may have put a secret there.
func (d *decoder) err() error {
	hide := d.hide()
	for _, p := range d.bad.List {
		p.Text, p.Hint = hide(p.Text), hide(p.Hint)
	}
	return d.bad.Err(d.doc.Files)
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

// hide takes the values of secret variables, and passwords of URLs, out of a text. A
// value of fewer than four bytes goes only where it is quoted, lest every 1 goes.
func (d *decoder) hide() func(string) string {
	names := slices.Clone(d.in.Secrets)
	for _, s := range d.sections("env:") {
		if k := s.Key("secret"); k != nil {
			if yes, ok := config.ParseBool(k.Value); yes || !ok {
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
		quoted := dialect.Quote(v)
		pairs = append(pairs, quoted, dialect.Quote(redacted))
		if len(v) >= 4 {
			pairs = append(pairs, v, redacted, quoted[1:len(quoted)-1], redacted)
		}
	}
	replacer := strings.NewReplacer(pairs...)
	return func(text string) string { return hidePasswords(replacer.Replace(text)) }
}
