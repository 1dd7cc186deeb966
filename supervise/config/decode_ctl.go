package config

import "slices"

// DecodeCtl gives [supervisorctl] its meaning and nothing else: supervisorctl works
// with a file whose programs are broken, which may be why it is called. Without the
// section it returns nil and no error.
func DecodeCtl(doc *Document, in Input) (*Supervisorctl, error) {
	d := &decoder{doc: doc, in: in, sys: in.system(), cfg: new(Config)}
	d.environ = environMap(in.Environ)
	d.env = d.environ
	d.paths = paths{sys: d.sys, dir: d.sys.Getwd(), home: d.environ["HOME"]}
	d.host = d.sys.Hostname()
	if len(doc.Files) > 0 {
		d.main = doc.Files[0]
	}
	d.cfg.Notes = slices.Clone(doc.Notes)
	d.supervisorctl()
	if p := d.cfg.CtlProblem; p != nil {
		return nil, p
	}
	return d.cfg.Ctl, nil
}
