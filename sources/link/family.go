package link

import (
	"slices"
	"strings"

	"slipway/sources"
)

// family is what was read for one alias.
type family struct {
	alias     string
	given     string   // the alias as it was given, from A_NAME
	consumer  string   // from A_NAME
	first     hostPort // its port is 0 when there is none
	firstAt   *sources.Origin
	svcHost   string
	svcAt     *sources.Origin
	svcPort   int
	named     []namedPort
	endpoints []endpoint
	index     map[portKey]int // into endpoints; nil while they are few
	exposes   bool            // A_PORT_<P>_<T> or its address proves a link or a service
	env       bool            // has A_ENV_ members
	peers     []Peer

	// What settle finds out once, for all of the family's members.
	host     string // of any endpoint, for those that have no address of their own
	hostAt   *sources.Origin
	names    map[int]string // of named, by port
	produced bool           // so whole that a producer made it, not a person in imitation of one
}

// portKey names an endpoint.
type portKey struct {
	port  int
	proto string
}

// fewEndpoints is up to where looking through all is quicker than an index.
const fewEndpoints = 16

type namedPort struct {
	name string
	port int
}

// endpoint collects the members of a family that speak of one port.
type endpoint struct {
	port     int
	proto    string
	url      hostPort // A_PORT_P_T, else A_PORT_p_T_START
	urlAt    *sources.Origin
	addr     string
	addrAt   *sources.Origin
	number   int
	hasProto bool
	isPeer   bool
}

// endpoint returns the endpoint of a port, which is made if it is new.
func (f *family) endpoint(port int, proto string) *endpoint {
	if e := f.find(port, proto); e != nil {
		return e
	}
	f.endpoints = append(f.endpoints, endpoint{port: port, proto: proto})
	last := len(f.endpoints) - 1
	switch {
	case f.index != nil:
		f.index[portKey{port, proto}] = last
	case last >= fewEndpoints:
		f.index = make(map[portKey]int, 4*fewEndpoints)
		for i, e := range f.endpoints {
			f.index[portKey{e.port, e.proto}] = i
		}
	}
	return &f.endpoints[last]
}

// find returns the endpoint of a port, or nil.
func (f *family) find(port int, proto string) *endpoint {
	if f.index != nil {
		if i, ok := f.index[portKey{port, proto}]; ok {
			return &f.endpoints[i]
		}
		return nil
	}
	for i := range f.endpoints {
		if e := &f.endpoints[i]; e.port == port && e.proto == proto {
			return e
		}
	}
	return nil
}

// any reports whether a port has an endpoint of some protocol for which ok holds.
func (f *family) any(port int, ok func(*endpoint) bool) bool {
	for _, proto := range protos {
		if e := f.find(port, proto); e != nil && ok(e) {
			return true
		}
	}
	return false
}

// has reports whether a port is one of a peer. proto "" means any.
func (f *family) has(port int, proto string) bool {
	isPeer := func(e *endpoint) bool { return e.isPeer }
	if proto == "" {
		return f.any(port, isPeer)
	}
	e := f.find(port, proto)
	return e != nil && isPeer(e)
}

// add takes one reading into the family.
func (f *family) add(r reading, origin *sources.Origin) {
	switch r.role {
	case roleURL:
		e := f.endpoint(r.port, r.proto)
		e.url, e.urlAt, f.exposes = r.at, origin, true
	case roleStart:
		if e := f.endpoint(r.port, r.proto); e.url.host == "" {
			e.url, e.urlAt, f.exposes = r.at, origin, true
		}
	case roleAddr:
		e := f.endpoint(r.port, r.proto)
		e.addr, e.addrAt, f.exposes = r.at.host, origin, true
	case rolePort:
		f.endpoint(r.port, r.proto).number = r.at.port
	case roleProto:
		f.endpoint(r.port, r.proto).hasProto = true
	case roleFirst:
		f.first, f.firstAt = r.at, origin
	case roleName:
		f.given, f.consumer = r.label, r.at.host
	case roleHost:
		f.svcHost, f.svcAt = r.at.host, origin
	case roleService:
		f.svcPort = r.port
	case roleServiceFor:
		f.named = append(f.named, namedPort{strings.ToLower(r.label), r.port})
	case roleEnv:
		f.env = true
	}
}

// service reports whether the family is one of a Kubernetes service.
func (f *family) service() bool { return f.svcHost != "" && (f.svcPort != 0 || f.exposes) }

// linked reports whether A_ENV_ variables may belong to the alias: Kubernetes
// makes none.
func (f *family) linked() bool { return f.given != "" || f.exposes && !f.service() }

func (f *family) kind() Kind {
	if f.service() && f.given == "" {
		return Service
	}
	return Link
}

// settle decides which ports are peers, and builds them, ordered by protocol
// (tcp first) and port.
func (f *family) settle(own Own) {
	if f.first.port != 0 {
		f.endpoint(f.first.port, f.first.proto)
	}
	f.settleService()
	f.host, f.hostAt = f.anyAddress()
	if len(f.named) > 0 {
		f.names = make(map[int]string, len(f.named))
	}
	for _, n := range f.named {
		f.names[n.port] = n.name
	}
	f.produced = f.given != "" && f.env || slices.ContainsFunc(f.endpoints, func(e endpoint) bool { return e.whole() })
	for i := range f.endpoints {
		if p, ok := f.peer(&f.endpoints[i], own); ok {
			f.endpoints[i].isPeer = true
			f.peers = append(f.peers, p)
		}
	}
	slices.SortFunc(f.peers, func(a, b Peer) int {
		if a.Proto != b.Proto {
			return protoRank(a.Proto) - protoRank(b.Proto)
		}
		return a.Exposed - b.Exposed
	})
}

// settleService adds the ports that only A_SERVICE_… variables know. Such a port
// has no protocol in any variable; tcp is assumed, as everyone does.
func (f *family) settleService() {
	if !f.service() {
		return
	}
	whole := f.exposes // Kubernetes lists all ports in its A_PORT_… variables
	ports := f.named
	if f.svcPort != 0 {
		ports = append(slices.Clone(ports), namedPort{port: f.svcPort})
	}
	for _, n := range ports {
		known := f.any(n.port, func(*endpoint) bool { return true })
		if !known && (!whole || n.name == "") {
			f.endpoint(n.port, "tcp")
		}
	}
}

// protos are the protocols that members name, tcp first.
var protos = [...]string{"tcp", "udp", "sctp"}

func protoRank(p string) int { return slices.Index(protos[:], p) }

// peer builds the peer of an endpoint. What A_PORT_<P>_<T>_ADDR says holds over
// the URL: it is the name that software reads, so it is the one that people
// replace. An endpoint with no address of its own has the one of its family,
// because an alias is one container.
func (f *family) peer(e *endpoint, own Own) (Peer, bool) {
	host, origin := f.address(e)
	if host == "" {
		return Peer{}, false
	}
	p := Peer{Alias: f.alias, Name: f.given, Host: host, Port: e.port, Exposed: e.port, Proto: e.proto, Kind: f.kind(), Origin: *origin}
	if p.Name == "" {
		p.Name = strings.ToLower(f.alias)
	}
	switch {
	case e.number != 0:
		p.Port = e.number
	case e.url.host == host:
		p.Port = e.url.port
	}
	p.PortName = f.names[e.port]
	p.Partial = f.first.port == 0 || !e.whole()
	p.Self = f.isSelf(p, own)
	if e.addr != "" && e.url.host != "" && e.addr != e.url.host {
		p.Note = "the variables disagree: " + f.alias + "_PORT_" + strings.ToUpper(strings.ReplaceAll(p.portProto(), "/", "_")) + " names " + e.url.host
	}
	return p, true
}

func (f *family) address(e *endpoint) (string, *sources.Origin) {
	switch {
	case e.addr != "":
		return e.addr, e.addrAt
	case e.url.host != "":
		return e.url.host, e.urlAt
	case f.first.port != 0:
		return f.first.host, f.firstAt
	case f.service():
		return f.svcHost, f.svcAt
	}
	return f.host, f.hostAt
}

// anyAddress returns the first address that an endpoint of the family has.
func (f *family) anyAddress() (string, *sources.Origin) {
	for _, o := range f.endpoints {
		if o.addr != "" {
			return o.addr, o.addrAt
		}
		if o.url.host != "" {
			return o.url.host, o.urlAt
		}
	}
	return "", nil
}

// whole reports whether the endpoint is as a producer writes it.
func (e *endpoint) whole() bool {
	return e.url == hostPort{e.proto, e.addr, e.port} && e.number == e.port && e.hasProto
}

// isSelf tells the own container: by its address, as a pod of the service that
// asks (its name begins with that of its workload), or as a one-off container
// that Compose linked to the service it runs ("project_web_run_1" → web).
func (f *family) isSelf(p Peer, own Own) bool {
	if slices.Contains(own.Addresses, p.Host) {
		return true
	}
	if p.Kind == Service {
		return strings.HasPrefix(Alias(own.Hostname), f.alias+"_")
	}
	consumer := Alias(f.consumer)
	i := strings.LastIndex(consumer, "_RUN_")
	base, _ := cutNumber(f.alias)
	return i >= 0 && strings.HasSuffix("_"+consumer[:i], "_"+base)
}

// cutNumber cuts the _2 from ES_2.
func cutNumber(alias string) (base string, n int) {
	i := strings.LastIndexByte(alias, '_')
	if i <= 0 {
		return alias, 0
	}
	n, ok := asPort(alias[i+1:])
	if !ok {
		return alias, 0
	}
	return alias[:i], n
}
