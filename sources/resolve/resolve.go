package resolve

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"slipway/sources"
	"slipway/sources/kv"
	"slipway/sources/link"
)

// Rule is a peer that an image declares.
type Rule struct {
	Name     string
	Port     int    // 0: whatever the source says
	Proto    string // "" is tcp
	Required bool
	Wait     time.Duration // 0: do not wait until it answers
	Export   bool
	Host     string // the name in DNS, "" is Name
	Service  string // an SRV record, _http._tcp.example.org
	Resolve  bool   // take the addresses that DNS has, not the name
	Origin   sources.Origin
}

func (r Rule) proto() string {
	if r.Proto == "" {
		return "tcp"
	}
	return r.Proto
}

func (r Rule) host() string {
	if r.Host == "" {
		return r.Name
	}
	return r.Host
}

// Peer is an address that was found.
type Peer struct {
	Name string
	Host string // IPv6 without brackets
	Port int
	// Exposed is the port that it is asked for by; Port differs where a person
	// redirected it.
	Exposed int
	Proto   string
	Source  string // how it was found, for people
	Note    string // what a person should know about it, or ""
	Self    bool   // it is the container that asks
	Partial bool   // its variables are incomplete, or were set by hand in part
	Origin  sources.Origin
	// All are those that the name stands for in DNS, sorted, itself among them; nil where it
	// stands for one.
	All []Peer
}

// Followed reports whether what DNS says of the peer may change what is rendered: it has the
// addresses, or the target of a service. A name stays the same.
func (r Rule) Followed() bool { return r.Resolve || r.Service != "" }

// Addr is Host and Port as dialers take them, IPv6 in brackets.
func (p Peer) Addr() string { return net.JoinHostPort(p.Host, strconv.Itoa(p.Port)) }

// URL is Proto://Addr.
func (p Peer) URL() string { return p.Proto + "://" + p.Addr() }

// Names are looked up in DNS. The addresses and records are sorted, so that another order is no
// other answer.
type Names interface {
	LookupHost(ctx context.Context, host string) ([]string, error)
	LookupSRV(ctx context.Context, service, proto, name string) (string, []*net.SRV, error)
}

// Resolver finds peers. Functions that are nil leave out their step, Dial the
// wait; a *net.Resolver and a *net.Dialer have them all.
type Resolver struct {
	View  *sources.View
	Links *link.Set
	Store *kv.Store

	LookupHost func(ctx context.Context, host string) ([]string, error)
	LookupSRV  func(ctx context.Context, service, proto, name string) (string, []*net.SRV, error)
	// Names looks up those of Followed rules, instead of the two above; may be nil.
	Names Names
	// Dial reports whether a peer answers.
	Dial func(ctx context.Context, network, addr string) error
	// Note is called with what an operator should know while it is waited.
	Note func(text string)
	// Attempt limits one lookup and one dial; 0 is 5 s.
	Attempt time.Duration
}

// NotFound says that a peer is not known, and where it was looked for.
type NotFound struct {
	Rule  Rule
	Tried []string // one reason for each step
	hint  string
}

// Error names the peer, the rule and every step.
func (e *NotFound) Error() string {
	return fmt.Sprintf("cannot find peer %q, which %s declares: %s", e.Rule.Name, e.Rule.Origin, strings.Join(e.Tried, "; "))
}

// Hint says what to do, or is empty.
func (e *NotFound) Hint() string { return e.hint }

// NoAnswer says that a peer is known and did not answer in time.
type NoAnswer struct {
	Rule  Rule
	Tried []string // the addresses, with what they said
}

// Error names the peer, the time and every address.
func (e *NoAnswer) Error() string {
	return fmt.Sprintf("cannot reach peer %q within %v: %s", e.Rule.Name, e.Rule.Wait, strings.Join(e.Tried, "; "))
}

// pauses between two rounds of a wait.
const (
	firstPause   = 50 * time.Millisecond
	longestPause = time.Second
)

// Resolve finds the peer of a rule. ok is false, without an error, when it is
// neither known nor required. The error is a *NotFound, a *NoAnswer (only if it
// is required), or the context's.
func (r *Resolver) Resolve(ctx context.Context, rule Rule) (p Peer, ok bool, err error) {
	if rule.Wait <= 0 || r.Dial == nil || rule.proto() != "tcp" {
		found, why := r.known(ctx, rule, true)
		return r.first(ctx, rule, found, why)
	}
	wait, cancel := context.WithTimeout(ctx, rule.Wait)
	defer cancel()
	said := false
	for pause := firstPause; ; pause = min(pause*2, longestPause) {
		found, why := r.known(wait, rule, false)
		p, tried := r.answering(wait, found)
		if tried == nil {
			return p, true, nil
		}
		if !said && r.Note != nil {
			said = true
			r.Note(fmt.Sprintf("waiting up to %v for %s: %s", rule.Wait, rule.Name, strings.Join(append(tried, why...), "; ")))
		}
		select {
		case <-wait.Done():
			if ctx.Err() != nil {
				return Peer{}, false, context.Cause(ctx)
			}
			return r.unanswered(ctx, rule, found, why, tried)
		case <-time.After(pause):
		}
	}
}

// first takes the first peer that is known.
func (r *Resolver) first(ctx context.Context, rule Rule, found []Peer, why []string) (Peer, bool, error) {
	switch {
	case len(found) > 0:
		return found[0], true, nil
	case ctx.Err() != nil:
		return Peer{}, false, context.Cause(ctx)
	case !rule.Required:
		return Peer{}, false, nil
	}
	return Peer{}, false, r.notFound(rule, why)
}

func (r *Resolver) notFound(rule Rule, why []string) error {
	e := &NotFound{Rule: rule, Tried: why}
	var l *link.NotFound
	if r.Links != nil {
		if _, err := r.Links.Link(rule.Name, rule.Port, rule.Proto); errors.As(err, &l) {
			e.hint = l.Hint()
		}
	}
	if rule.Port == 0 && rule.Service == "" {
		e.hint = "declare the port, so that the DNS name can be used"
	}
	return e
}

// unanswered is the end of a wait.
func (r *Resolver) unanswered(ctx context.Context, rule Rule, found []Peer, why, tried []string) (Peer, bool, error) {
	if len(found) == 0 {
		return r.first(ctx, rule, found, why)
	}
	if rule.Required {
		return Peer{}, false, &NoAnswer{Rule: rule, Tried: tried}
	}
	p := found[0]
	p.Note = fmt.Sprintf("it did not answer within %v", rule.Wait)
	return p, true, nil
}

// answering dials peers in order and returns the first that answers; tried is
// nil then, else what each said.
func (r *Resolver) answering(ctx context.Context, found []Peer) (Peer, []string) {
	tried := []string{}
	for i, p := range found {
		attempt, cancel := context.WithTimeout(ctx, r.attempt())
		err := r.Dial(attempt, p.Proto, p.Addr())
		cancel()
		if err == nil {
			if i > 0 {
				p.Note = fmt.Sprintf("taken because %s (%s) does not answer", found[0].Addr(), found[0].Source)
			}
			return p, nil
		}
		tried = append(tried, fmt.Sprintf("%s (%s): %v", p.Addr(), p.Source, err))
	}
	return Peer{}, tried
}

func (r *Resolver) attempt() time.Duration {
	if r.Attempt > 0 {
		return r.Attempt
	}
	return 5 * time.Second
}

// known returns what the steps know, in their order, and why the others do not.
// only stops at the first one that knows.
func (r *Resolver) known(ctx context.Context, rule Rule, only bool) (found []Peer, why []string) {
	for _, step := range []func(context.Context, Rule) (Peer, error){r.explicit, r.variables, r.stored, r.named} {
		p, err := step(ctx, rule)
		if err != nil {
			why = append(why, err.Error())
			continue
		}
		name := func(p *Peer) {
			p.Name, p.Proto = rule.Name, rule.proto()
			if p.Exposed = rule.Port; p.Exposed == 0 {
				p.Exposed = p.Port
			}
		}
		name(&p)
		for i := range p.All {
			name(&p.All[i])
		}
		all := p.All
		if len(all) == 0 {
			all = []Peer{p}
		}
		for _, one := range all { // each may be the one that answers
			one.All = p.All
			if !slices.ContainsFunc(found, func(q Peer) bool { return q.Addr() == one.Addr() }) {
				found = append(found, one)
			}
		}
		if only {
			break
		}
	}
	return found, why
}

// explicit takes what a person said. A value of another shape is not meant.
func (r *Resolver) explicit(_ context.Context, rule Rule) (Peer, error) {
	a := link.Alias(rule.Name)
	absent := fmt.Errorf("no variable %s_URL, %s_ADDR or %s_HOST", a, a, a)
	if r.View == nil {
		return Peer{}, absent
	}
	for _, suffix := range []string{"_URL", "_ADDR", "_HOST"} {
		e, ok := r.View.Lookup(a + suffix)
		if !ok || e.Value.Text == "" {
			continue
		}
		host, port, ok := address(e.Value.Text, suffix)
		if !ok {
			continue
		}
		if port == 0 && suffix == "_HOST" {
			text, _, _ := r.View.Get(a + "_PORT")
			port = number(text)
		}
		if port == 0 {
			port = rule.Port
		}
		if port == 0 {
			return Peer{}, fmt.Errorf("%s names no port and none is declared", e.Name)
		}
		return Peer{Host: host, Port: port, Source: "variable " + e.Name, Origin: e.Value.Origin}, nil
	}
	return Peer{}, absent
}

// variables takes link and service variables.
func (r *Resolver) variables(_ context.Context, rule Rule) (Peer, error) {
	if r.Links == nil {
		return Peer{}, errors.New("no link or service variables")
	}
	p, err := r.Links.Link(rule.Name, rule.Port, rule.Proto)
	if err != nil {
		_, text, _ := strings.Cut(err.Error(), ": ")
		return Peer{}, errors.New(text)
	}
	return fromLink(p), nil
}

// stored takes the key links/NAME.
func (r *Resolver) stored(_ context.Context, rule Rule) (Peer, error) {
	key := "links/" + rule.Name
	v, ok := r.Store.Lookup(key)
	if !ok {
		return Peer{}, fmt.Errorf("no key %s", key)
	}
	host, port, ok := address(strings.TrimSpace(v.Text), "_URL")
	if !ok {
		host, port, ok = address(strings.TrimSpace(v.Text), "_ADDR")
	}
	if port == 0 {
		port = rule.Port
	}
	if !ok || port == 0 {
		return Peer{}, fmt.Errorf("key %s is no host:port", key)
	}
	return Peer{Host: host, Port: port, Source: "key " + key, Origin: v.Origin}, nil
}

// named asks DNS.
func (r *Resolver) named(ctx context.Context, rule Rule) (Peer, error) {
	ctx, cancel := context.WithTimeout(ctx, r.attempt())
	defer cancel()
	hosts, services := r.LookupHost, r.LookupSRV
	if r.Names != nil && rule.Followed() {
		hosts, services = r.Names.LookupHost, r.Names.LookupSRV
	}
	switch {
	case rule.Service != "" && services == nil, rule.Service == "" && hosts == nil:
		return Peer{}, errors.New("DNS is not asked")
	case rule.Service != "":
		_, records, err := services(ctx, "", "", rule.Service)
		if err != nil {
			return Peer{}, fmt.Errorf("DNS: %w", err)
		}
		return service(rule.Service, records)
	case rule.Port == 0:
		return Peer{}, errors.New("DNS knows no port and none is declared")
	}
	addresses, err := hosts(ctx, rule.host())
	if err != nil {
		return Peer{}, fmt.Errorf("DNS: %w", err)
	}
	if !rule.Resolve {
		addresses = []string{rule.host()}
	}
	return among(addresses, func(host string) Peer {
		return Peer{Host: host, Port: rule.Port, Source: "DNS", Origin: sources.Origin{Source: "DNS"}}
	}), nil
}

// among is the first of peers, which knows the others.
func among[T any](of []T, peer func(T) Peer) Peer {
	all := make([]Peer, len(of))
	for i, x := range of {
		all[i] = peer(x)
	}
	first := all[0]
	if len(all) > 1 {
		first.All = all
	}
	return first
}

// service is that of the best SRV record, which knows those of the others: the one of the least
// priority, of those the one of the most weight, of those the first by name. Chance would render
// another file at each look.
func service(name string, records []*net.SRV) (Peer, error) {
	if len(records) == 0 {
		return Peer{}, fmt.Errorf("DNS: no record for %s", name)
	}
	records = slices.SortedFunc(slices.Values(records), func(a, b *net.SRV) int {
		return cmp.Or(cmp.Compare(a.Priority, b.Priority), cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.Target, b.Target), cmp.Compare(a.Port, b.Port))
	})
	return among(records, func(r *net.SRV) Peer {
		return Peer{Host: strings.TrimSuffix(r.Target, "."), Port: int(r.Port), Source: "DNS service " + name, Origin: sources.Origin{Source: "DNS"}}
	}), nil
}
