package link

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"slipway/sources"
)

// find returns the family of a name as people write it. Producers differ: older
// kubelets turned a dot into _ and put a _ before a digit.
func (s *Set) find(name string) *family {
	alias := Alias(name)
	undotted := strings.ReplaceAll(alias, ".", "_")
	for _, a := range [...]string{alias, undotted, "_" + undotted} {
		if f := s.families[a]; f != nil {
			return f
		}
	}
	return nil
}

// Link returns the peer of a name at a port. port 0 means its only port; proto
// "" prefers tcp, and the peer's Note says so when there was a choice. The error
// is a *NotFound.
func (s *Set) Link(name string, port int, proto string) (Peer, error) {
	f := s.find(name)
	if f == nil {
		return Peer{}, s.notFound(name, port, proto, nil)
	}
	var match []Peer
	for _, p := range f.peers { // tcp first
		if (port == 0 || p.Exposed == port) && (proto == "" || p.Proto == proto) {
			match = append(match, p)
		}
	}
	switch {
	case len(match) == 0:
		return Peer{}, s.notFound(name, port, proto, f)
	case len(match) > 1 && port == 0:
		return Peer{}, s.notFound(name, port, proto, f)
	case len(match) > 1:
		p := match[0]
		p.Note = fmt.Sprintf("port %d is exposed as %s; %s was taken", port, joinProtos(match), p.Proto)
		return p, nil
	}
	return match[0], nil
}

func joinProtos(peers []Peer) string {
	var out []string
	for _, p := range peers {
		out = append(out, p.Proto)
	}
	return strings.Join(out, " and ")
}

// Links returns the peers name, name_1, name_2, … at a port, by number. Compose
// linked one container under several aliases; an address that was listed
// already is left out. A family without the port is left out too, and none at
// all is not an error.
func (s *Set) Links(name string, port int, proto string) []Peer {
	base := Alias(name)
	if f := s.find(name); f != nil {
		base = f.alias
	}
	type numbered struct {
		n     int
		alias string
	}
	var found []numbered
	for _, a := range s.aliases {
		if b, n := cutNumber(a); a == base || n > 0 && b == base {
			if a == base {
				n = 0
			}
			found = append(found, numbered{n, a})
		}
	}
	slices.SortFunc(found, func(a, b numbered) int { return a.n - b.n })
	var out []Peer
	for _, f := range found {
		p, err := s.Link(f.alias, port, proto)
		same := func(q Peer) bool { return q.Addr() == p.Addr() && q.Proto == p.Proto }
		if err == nil && !slices.ContainsFunc(out, same) {
			out = append(out, p)
		}
	}
	return out
}

// NotFound says which peer is not known, and which are.
type NotFound struct {
	Name  string
	Port  int    // 0: any
	Proto string // "": any
	// Known is true when the name is known and the port is the matter.
	Known bool
	// Ports are those that the name exposes, "9200/tcp"; only if Known.
	Ports []string
	// Names are all known names, sorted.
	Names []string
	// Near is the known name that was most likely meant, or "".
	Near string
	// ExposedBy are the names that do expose the port, sorted.
	ExposedBy []string
}

func (s *Set) notFound(name string, port int, proto string, f *family) *NotFound {
	e := &NotFound{Name: name, Port: port, Proto: proto, Known: f != nil}
	if f != nil {
		for _, p := range f.peers {
			e.Ports = append(e.Ports, p.portProto())
		}
	}
	for _, a := range s.aliases {
		f := s.families[a]
		switch {
		case f.given != "":
			e.Names = append(e.Names, f.given)
		default:
			e.Names = append(e.Names, strings.ToLower(a))
		}
	}
	if f == nil {
		e.Near = sources.Nearest(strings.ToLower(strings.ReplaceAll(name, "-", "_")), e.Names)
	}
	if port != 0 {
		for _, p := range s.Exposing(port, proto) {
			if !slices.Contains(e.ExposedBy, p.Name) {
				e.ExposedBy = append(e.ExposedBy, p.Name)
			}
		}
	}
	return e
}

// Error says what was looked for and what is known instead.
func (e *NotFound) Error() string {
	port := ""
	if e.Port != 0 {
		port = " at port " + strconv.Itoa(e.Port)
		if e.Proto != "" {
			port += "/" + e.Proto
		}
	}
	head := fmt.Sprintf("cannot find peer %q%s: ", e.Name, port)
	switch {
	case e.Known && len(e.Ports) == 0:
		return head + "alias known, port not exposed; it exposes none"
	case e.Known && e.Port == 0:
		return head + "it exposes " + list(e.Ports) + ", and none was asked for"
	case e.Known:
		return head + "alias known, port not exposed; it exposes " + list(e.Ports)
	case len(e.Names) == 0:
		return head + "no link or service variables are set"
	default:
		return head + "no link or service of that name; known are " + list(e.Names)
	}
}

// Hint says what to do, or is empty.
func (e *NotFound) Hint() string {
	switch {
	case e.Near != "":
		return fmt.Sprintf("did you mean %q?", e.Near)
	case e.Known && e.Port == 0 && len(e.Ports) > 0:
		return "name the port"
	case len(e.ExposedBy) > 0:
		return fmt.Sprintf("port %d is exposed by %s", e.Port, list(e.ExposedBy))
	case e.Known:
		return "EXPOSE the port in the image of the peer, or declare it in the service"
	case len(e.Names) == 0:
		return "Docker 29 and later set no link variables, nor do user-defined networks: declare [link:" + e.Name + "] with a port, and its DNS name is used"
	default:
		return ""
	}
}

// list joins at most eight items.
func list(items []string) string {
	const most = 8
	if len(items) <= most {
		return strings.Join(items, ", ")
	}
	return strings.Join(items[:most], ", ") + fmt.Sprintf(" and %d more", len(items)-most)
}
