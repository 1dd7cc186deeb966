package config

// DecodeSources gives [slipway] and [etcd] their meaning and nothing else: what
// must be known before there are values under which Decode can give the rest its
// meaning. The error, if any, is a *Problems.
func DecodeSources(doc *Document, in Input) (*Config, error) {
	d := &decoder{doc: doc, in: in, sys: in.system(), cfg: new(Config)}
	d.environ = environMap(in.Environ)
	d.env = d.environ
	d.paths = paths{sys: d.sys, dir: d.sys.Getwd(), home: d.environ["HOME"]}
	d.host = d.sys.Hostname()
	d.slipwaySection()
	d.etcd()
	if err := d.bad.err(doc.Files); err != nil {
		return nil, err
	}
	return d.cfg, nil
}
