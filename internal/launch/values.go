package launch

import (
	"context"
	"errors"
	"net"
	"slices"

	"slipway/sources"
	"slipway/sources/datafile"
	"slipway/sources/gather"
	"slipway/sources/link"
	"slipway/sources/resolve"
	"slipway/supervise/config"
	"slipway/supervise/decode"
	"slipway/supervise/dialect"
)

// readValues does steps 3 and 4: all sources, merged; the contract; the peers.
func (im *Image) readValues(ctx context.Context, o Options, in decode.Input) error {
	decoded, err := decode.DecodeSources(im.Document, in)
	if err != nil {
		return err
	}
	if err := im.gather(ctx, o, decoded); err != nil {
		return &ValueError{err}
	}
	if err := im.contract(decoded.Envs, o.Offline); err != nil {
		return &ValueError{err}
	}
	if err := im.findPeers(ctx, o, decoded.Links); err != nil {
		return &ValueError{err}
	}
	im.decide(decoded.Slipway)
	return nil
}

// ValueError is what is wrong with a source or a value; it may join several problems.
type ValueError struct{ Err error }

func (e *ValueError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *ValueError) Unwrap() error { return e.Err }

// gather reads all sources.
func (im *Image) gather(ctx context.Context, o Options, c *config.Config) error {
	outside := &outside{captured: im.Captured, etcd: c.Etcd, programs: c.Sources, offline: o.Offline, say: o.Say}
	im.outside = outside
	request := im.request(c.Slipway)
	request.Declared = func(name string) bool {
		return slices.ContainsFunc(c.Envs, func(r config.EnvRule) bool { return r.Name == name })
	}
	values, err := gather.Read(ctx, gather.Plan{
		Order:   c.Slipway.Sources,
		Request: request,
		Allow:   c.Slipway.AllowSet,
		Secret:  config.SecretVariables(),
		Outside: outside.source,
		Own:     im.own(),
	})
	for _, n := range values.Notes {
		im.Notes = append(im.Notes, Note{Text: n.String(), Hint: n.Hint})
	}
	im.layers, im.Values, im.Links, im.store = values.Layers, values.View, values.Links, values.Store
	if !outside.found {
		im.store = nil
	}
	if err == nil && o.Fixtures != "" {
		err = im.addFixtures(o.Fixtures, c.Etcd)
	}
	var terr error
	im.tree, terr = datafile.Read(c.Slipway.Data, "")
	return errors.Join(err, terr)
}

// request is what the sources are told of the container.
func (im *Image) request(s config.Slipway) gather.Request {
	return gather.Request{Environ: im.Captured, EnvDir: s.EnvDir, SecretDirs: s.SecretDirs}
}

// relayer lays other layers over each other, weakest first, and finds the peers anew.
func (im *Image) relayer(layers []sources.Layer) {
	im.layers = layers
	im.Values = sources.Merge(layers...)
	im.Links = link.Parse(im.Values.Vars(), im.own())
	im.Values = im.Values.Taint(im.Links.Secrets()...).Taint(config.SecretVariables()...)
}

// own is what the container knows of itself, which link variables are told apart by.
func (im *Image) own() link.Own { return link.Own{Hostname: hostname(im.system)} }

// findPeers resolves the [link:NAME] sections, and gives programs the variables that
// docker run --link would have set for those that ask for it.
func (im *Image) findPeers(ctx context.Context, o Options, declared []config.LinkRule) error {
	rules := make([]resolve.Rule, len(declared))
	for i, r := range declared {
		rules[i] = resolve.Rule{
			Name: r.Name, Port: r.Port, Proto: r.Protocol, Required: r.Required, Wait: r.Wait, Export: r.Export,
			Host: r.Host, Service: r.Service, Origin: origin(r.Pos),
		}
	}
	r := resolve.Resolver{View: im.Values, Links: im.Links, Store: im.store, Note: o.Say}
	if o.Offline {
		for i := range rules {
			rules[i].Required, rules[i].Wait = false, 0
		}
		r.LookupHost = func(context.Context, string) ([]string, error) { return nil, errOffline }
	} else {
		r.LookupHost, r.LookupSRV, r.Dial = net.DefaultResolver.LookupHost, net.DefaultResolver.LookupSRV, answers
	}
	var err error
	if im.resolved, err = r.All(ctx, rules); err != nil {
		return err
	}
	im.Peers = im.resolved.All()
	if exported := im.resolved.Export(hostname(im.system)); len(exported.Vars) > 0 {
		im.layers = append([]sources.Layer{exported}, im.layers...)
		im.Values = im.Values.Below(exported)
		im.Links = link.Parse(im.Values.Vars(), im.own())
	}
	return nil
}

var errOffline = errors.New("DNS is not asked by a check")

// answers reports whether somebody accepts a connection.
func answers(ctx context.Context, network, addr string) error {
	conn, err := new(net.Dialer).DialContext(ctx, network, addr)
	if err != nil {
		return err
	}
	return conn.Close()
}

func origin(p dialect.Pos) sources.Origin {
	return sources.Origin{File: p.File, Line: p.Line, Col: p.Col}
}

// decide says what programs see of the values.
func (im *Image) decide(s config.Slipway) {
	im.programs = im.Values
	if s.CleanLinks { // what a link exports was asked for
		injected := slices.DeleteFunc(im.Links.Injected(), func(name string) bool {
			e, _ := im.Values.Lookup(name)
			return e.Value.Origin.Source == resolve.Exported
		})
		im.programs = im.programs.Without(injected...)
	}
	im.Environ = im.programs.Environ()
}

// ProgramNames are the names of the variables that programs get, sorted.
func (im *Image) ProgramNames() []string { return im.programs.Names() }
