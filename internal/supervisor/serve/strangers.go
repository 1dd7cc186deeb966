package serve

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
)

// A browser makes requests for any page that it shows. What it sends with them tells whose
// page that is: Origin with everything that acts, Sec-Fetch-Site where the address counts
// as safe, and Host, the name that the page's address has. A page of a stranger can have
// the address of this server by a name of its own (DNS rebinding). It cannot have a name
// that nobody can register, nor an address.
//
// Programs send neither Origin nor Sec-Fetch-Site, and go on working.

// foreign says why a request is none that this server's own pages, or a program, would
// make; "" if it is one.
func (s *site) foreign(r *http.Request) string {
	if !s.info.Unix && !s.isKnown(r.Host) {
		return "the server is not known as " + r.Host + ". Use its address, or list the name: [slipway] http_hosts = " + hostname(r.Host)
	}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return "" // acts on nothing, and no other page can read the answer
	}
	for _, site := range r.Header.Values("Sec-Fetch-Site") {
		if site != "same-origin" && site != "none" {
			return "a page of another site has made it"
		}
	}
	for _, origin := range r.Header.Values("Origin") {
		if !s.isOwn(origin, r.Host) {
			return "a page of " + origin + " has made it, not one of this server. Behind a proxy list the proxy's name: [slipway] http_hosts"
		}
	}
	return ""
}

// isKnown reports whether the name in a request's address is one that no stranger can have.
func (s *site) isKnown(host string) bool {
	name := hostname(host)
	if _, err := netip.ParseAddr(name); err == nil || name == "" {
		return true
	}
	if !strings.Contains(name, ".") {
		return true // localhost, containers and services: nobody can register it
	}
	for _, private := range []string{".localhost", ".local", ".internal"} {
		if strings.HasSuffix(name, private) {
			return true
		}
	}
	own, err := os.Hostname()
	return err == nil && strings.EqualFold(name, own) || s.isListed(name) || slices.Contains(s.info.Hosts, "*")
}

func (s *site) isListed(name string) bool {
	return slices.ContainsFunc(s.info.Hosts, func(h string) bool { return strings.EqualFold(h, name) })
}

// isOwn reports whether an origin is that of the server's own pages.
func (s *site) isOwn(origin, host string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return false // null: a page that hides where it is from
	}
	if strings.EqualFold(u.Host, host) || s.isListed(hostname(u.Host)) {
		return true
	}
	// A port that the scheme implies may be written or not.
	port := map[string]string{"http": ":80", "https": ":443"}[u.Scheme]
	return strings.EqualFold(strings.TrimSuffix(u.Host, port), strings.TrimSuffix(host, port))
}

// hostname is the name of HOST[:PORT], without the dot that may end it.
func hostname(host string) string {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.TrimSuffix(strings.TrimPrefix(name, "["), "]")
	return strings.ToLower(strings.TrimSuffix(name, "."))
}

// guarded sets what keeps a browser from making anything else of an answer than what it
// is, whatever is in it.
func guarded(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}
