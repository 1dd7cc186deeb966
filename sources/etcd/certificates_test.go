package etcd

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slipway/internal/test/etcdtest"
	"slipway/internal/test/testkit"
	"slipway/sources/protocol"
)

// day is the time of a test, in days.
func day(n float64) time.Time { return time.Unix(0, 0).Add(time.Duration(n * 24 * float64(time.Hour))) }

// Notice comes well before the end, and after those that renew themselves have done it.
func TestNotice(t *testing.T) {
	for _, row := range []struct{ days, quiet, due float64 }{
		{3650, 21.1, 20.9}, {365, 21.1, 20.9}, {90, 18.1, 17.9}, {1, 0.21, 0.19},
	} {
		c := certificate{"x", day(0), day(row.days)}
		if c.due(day(row.days - row.quiet)) {
			t.Errorf("of one that lives %v days people are told %v days before its end", row.days, row.quiet)
		}
		if !c.due(day(row.days - row.due)) {
			t.Errorf("of one that lives %v days people are not told %v days before its end", row.days, row.due)
		}
	}
	if !(certificate{"x", day(0), day(10)}).due(day(100)) {
		t.Error("of one that has ended people are not told")
	}
}

func TestCertificateNews(t *testing.T) {
	var s certificates
	want := func(now float64, seen map[string][]certificate, want ...string) {
		t.Helper()
		var got []string
		for _, u := range s.news(seen, day(now)) {
			text := u.Text
			if !u.Until.IsZero() {
				text += fmt.Sprint(" ", u.Until.Sub(day(0)).Hours()/24)
			}
			got = append(got, text)
		}
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("day %v (-want +got):\n%s", now, diff)
		}
	}
	type seen = map[string][]certificate
	a, ca := certificate{"server a", day(0), day(100)}, certificate{"authority", day(0), day(1000)}
	b := certificate{"server b", day(50), day(150)}
	want(1, seen{"a": {a, ca}, "b": {b, ca}})
	want(85, seen{"a": {a, ca}, "b": {b, ca}}, "server a 100")
	want(86, seen{"a": {a, ca}, "b": {b, ca}})
	want(101, seen{"a": nil, "b": {b, ca}}) // a refuses, and is not looked at
	want(140, seen{"a": nil, "b": {b, ca}}, "server b 150")
	a.till = day(400)
	want(141, seen{"a": {a, ca}, "b": nil}, "server a")
	want(142, seen{"a": {a, ca}}, "server b") // it is none of the servers any more
	want(990, seen{"a": nil}, "authority 1000", "server a 400")
}

// Of several chains it is the one that lasts longest by which a server is trusted.
func TestChainThatLasts(t *testing.T) {
	c := func(name string, till float64) *x509.Certificate {
		return &x509.Certificate{Subject: pkix.Name{CommonName: name}, NotBefore: day(0), NotAfter: day(till)}
	}
	leaf := c("leaf", 100)
	got := ofServer("https://e:2379", tls.ConnectionState{VerifiedChains: [][]*x509.Certificate{
		{leaf, c("old", 10)}, {leaf, c("middle", 200), c("root", 300)}, {leaf, c("new", 50)},
	}})
	want := []certificate{
		{"the certificate of https://e:2379", day(0), day(100)},
		{`the authority "middle" of the certificate of https://e:2379`, day(0), day(200)},
		{`the authority "root" of the certificate of https://e:2379`, day(0), day(300)},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(certificate{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A watch tells of the certificates on both sides that are about to end, and that
// they were renewed, without a new connection of its own.
func TestWatchTellsOfCertificates(t *testing.T) {
	s := etcdtest.Start(t, etcdtest.Options{Version: "debian", TLS: true, ClientCert: true})
	put(t, admin(t, s, "", ""), "/app/a=1")
	conf := config(s, "/app/")
	conf.CertFile, conf.KeyFile = filepath.Join(t.TempDir(), "c.pem"), filepath.Join(t.TempDir(), "c.key")
	copyFile(t, s.Files.ClientCert, conf.CertFile)
	copyFile(t, s.Files.ClientKey, conf.KeyFile)
	var mu sync.Mutex
	told, now := map[string]time.Time{}, time.Now().Add(-time.Minute)
	r := &Reader{Config: conf, now: func() time.Time { mu.Lock(); defer mu.Unlock(); return now }}
	p := usualPace(DefaultTimeout)
	p.certificates = 20 * time.Millisecond
	l := start(t, r, p)
	l.mu.Lock()
	l.also = func(u protocol.Update) {
		mu.Lock()
		defer mu.Unlock()
		if u.Kind == protocol.Expiring {
			told[u.Text] = u.Until
			if u.Until.IsZero() {
				delete(told, u.Text)
			}
		}
	}
	l.mu.Unlock()
	has := func(want ...string) {
		t.Helper()
		testkit.Eventually(t, testkit.Patience, fmt.Sprint("it tells of ", want), func() error {
			mu.Lock()
			defer mu.Unlock()
			var got []string
			for what := range told {
				got = append(got, what)
			}
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				return fmt.Errorf("it tells of %q", got)
			}
			return nil
		})
	}
	has()
	mu.Lock()
	now = time.Now().Add(24 * time.Hour) // those of tests end then
	mu.Unlock()
	server, authority, client := "the certificate of "+s.Endpoint, `the authority "test authority" of the certificate of `+s.Endpoint, "the client certificate "+conf.CertFile
	has(server, authority, client)
	// A server reads its certificate for each handshake, and a client that of its file.
	etcdtest.CertificatesFor(t, filepath.Dir(s.Files.CA), time.Now().Add(-time.Hour), time.Now().Add(1000*24*time.Hour))
	copyFile(t, s.Files.ClientCert, conf.CertFile)
	copyFile(t, s.Files.ClientKey, conf.KeyFile)
	has()
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
