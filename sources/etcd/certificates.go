package etcd

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"maps"
	"time"

	"slipway/sources/protocol"
)

// certificate is one that contact depends on.
type certificate struct {
	what       string // for people: whose it is
	from, till time.Time
}

// longestNotice is how long before the end of a certificate people are told at most. Those
// that renew themselves do it earlier: 30 days of 90, a third of what lives shorter.
const longestNotice = 21 * 24 * time.Hour

// due reports whether people are to be told of the end of c.
func (c certificate) due(now time.Time) bool {
	notice := min(c.till.Sub(c.from)/5, longestNotice)
	return !now.Before(c.till.Add(-notice))
}

// certificates are those that were seen, by where. What cannot be looked at now, because a
// server is away, is as it was seen last.
type certificates struct {
	seen map[string][]certificate
	told map[string]time.Time // what people were told of, until it is renewed
}

// news takes down what was seen, and returns what is to be said of it at a time. What has no
// list could not be looked at.
func (s *certificates) news(seen map[string][]certificate, now time.Time) (out []protocol.Update) {
	if s.told == nil {
		s.seen, s.told = map[string][]certificate{}, map[string]time.Time{}
	}
	for where, list := range s.seen {
		switch now, ok := seen[where]; {
		case !ok: // it is none of the servers any more
			delete(s.seen, where)
		case now == nil:
			seen[where] = list
		}
	}
	maps.Copy(s.seen, seen)
	due := map[string]time.Time{}
	for _, list := range s.seen {
		for _, c := range list {
			if at, ok := due[c.what]; c.due(now) && (!ok || c.till.Before(at)) {
				due[c.what] = c.till
			}
		}
	}
	for what, at := range due {
		if !s.told[what].Equal(at) {
			s.told[what] = at
			out = append(out, protocol.Update{Kind: protocol.Expiring, Text: what, Until: at})
		}
	}
	for what := range s.told {
		if _, ok := due[what]; !ok {
			delete(s.told, what)
			out = append(out, protocol.Update{Kind: protocol.Expiring, Text: what})
		}
	}
	return out
}

// Endings are the certificates that are about to end, of those that the last reading has seen.
func (r *Reader) Endings() []protocol.Update {
	seen := maps.Clone(r.seen)
	if r.CertFile != "" && seen != nil {
		seen[r.CertFile] = r.own()
	}
	var s certificates
	return s.news(seen, r.clock())
}

func (r *Reader) clock() time.Time {
	if r.now != nil {
		return r.now()
	}
	return time.Now()
}

// examine looks at the certificates that there are now: those of the client in its file, and
// those of each server, with the authorities that they are trusted by, in a handshake. It
// returns nil where there are none.
func (r *Reader) examine(ctx context.Context) map[string][]certificate {
	endpoints, err := r.endpoints(ctx)
	if err != nil || !r.secure(endpoints) {
		return nil
	}
	seen := map[string][]certificate{}
	if r.CertFile != "" {
		seen[r.CertFile] = r.own()
	}
	conf, noTLS := r.tls()
	for _, e := range endpoints {
		seen[e] = nil
		if noTLS != nil {
			continue
		}
		if t, err := r.shake(ctx, e, conf); err == nil { // else what reads says why
			seen[e] = ofServer(e, t.ConnectionState())
			t.Close()
		}
	}
	return seen
}

// own are the certificates of the client, as they are in its file.
func (r *Reader) own() (out []certificate) {
	pair, err := tls.LoadX509KeyPair(r.CertFile, r.KeyFile)
	if err != nil {
		return nil
	}
	for i, der := range pair.Certificate {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return nil
		}
		what := "the client certificate " + r.CertFile
		if i > 0 {
			what = fmt.Sprintf("the authority %q in %s", name(c), r.CertFile)
		}
		out = append(out, certificate{what, c.NotBefore, c.NotAfter})
	}
	return out
}

// ofServer are those of the chain that a server is trusted by; of several, of the one that
// lasts longest.
func ofServer(endpoint string, s tls.ConnectionState) (out []certificate) {
	var best []*x509.Certificate
	for _, chain := range s.VerifiedChains {
		if best == nil || end(chain).After(end(best)) {
			best = chain
		}
	}
	for i, c := range best {
		what := "the certificate of " + endpoint
		if i > 0 {
			what = fmt.Sprintf("the authority %q of the certificate of %s", name(c), endpoint)
		}
		out = append(out, certificate{what, c.NotBefore, c.NotAfter})
	}
	return out
}

// end is when a chain is valid no more.
func end(chain []*x509.Certificate) time.Time {
	first := chain[0].NotAfter
	for _, c := range chain[1:] {
		if c.NotAfter.Before(first) {
			first = c.NotAfter
		}
	}
	return first
}

// name is how people call a certificate.
func name(c *x509.Certificate) string {
	if c.Subject.CommonName != "" {
		return c.Subject.CommonName
	}
	return c.Subject.String()
}
