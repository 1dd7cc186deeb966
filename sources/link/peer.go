package link

import (
	"net"
	"strconv"

	"slipway/sources"
)

// Kind tells whose convention a variable follows.
type Kind uint8

// The kinds of variables and peers.
const (
	User        Kind = iota // nobody's: a person or an image set it
	Link                    // docker run --link
	Service                 // Kubernetes
	Environment             // the environment of a linked container, A_ENV_NAME
)

// String names the kind for people.
func (k Kind) String() string {
	switch k {
	case Link:
		return "docker link"
	case Service:
		return "kubernetes service"
	case Environment:
		return "docker link environment"
	default:
		return "user"
	}
}

// MarshalText returns what String returns.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Peer is one port of one container or service.
type Peer struct {
	// Alias begins the peer's variables: "ELASTICSEARCH".
	Alias string
	// Name is the alias as it was given where a variable tells ("es.local"),
	// else Alias in lower case.
	Name string
	// Host is an address, or a name where a person set it; IPv6 without
	// brackets.
	Host string
	// Port is where to connect. It is Exposed unless a person redirected it.
	Port int
	// Exposed is the port that the variables' names speak of, and that the peer
	// is asked for by.
	Exposed int
	Proto   string // tcp, udp or sctp
	// PortName is Kubernetes' name of the port, in lower case, or "".
	PortName string
	Kind     Kind // Link or Service
	// Self is true when the peer is the container that asks.
	Self bool
	// Partial is true when members of the family are missing or were replaced.
	Partial bool
	// Origin is the place of the variable that Host was read from.
	Origin sources.Origin
	// Note is what a person should know about the choice of this peer, or "".
	Note string
}

// Addr is Host and Port as dialers take them, IPv6 in brackets.
func (p Peer) Addr() string { return net.JoinHostPort(p.Host, strconv.Itoa(p.Port)) }

// URL is Proto://Addr.
func (p Peer) URL() string { return p.Proto + "://" + p.Addr() }

// Source says how the peer was found.
func (p Peer) Source() string { return p.Kind.String() + " variables, fixed at container start" }

func (p Peer) portProto() string { return strconv.Itoa(p.Exposed) + "/" + p.Proto }

// Class is what a variable is.
type Class struct {
	Kind  Kind
	Alias string // "" for User
	Port  int    // 0 when it is not about one port
	Proto string
	Text  string // for people: `address of port 9200/tcp of link "elasticsearch"`
}

// Own is what a container knows of itself, to tell a peer that is itself.
type Own struct {
	Hostname  string
	Addresses []string
}
