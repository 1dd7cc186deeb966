package dns

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"slipway/internal/test/testkit"
)

// server is a name server on loopback, over UDP and TCP.
type server struct {
	t    *testing.T
	addr string

	mu      sync.Mutex
	hosts   []string
	records []dnsmessage.SRVResource
	ttl     uint32
	code    dnsmessage.RCode
	cut     bool // over UDP, so that it is asked over TCP
	asked   int
}

func serve(t *testing.T) *server {
	t.Helper()
	s := &server{t: t, ttl: 3600}
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	tcp, err := net.Listen("tcp", udp.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	s.addr = udp.LocalAddr().String()
	t.Cleanup(func() { udp.Close(); tcp.Close() })
	go func() { // ends with the connection
		for b := make([]byte, 4096); ; {
			n, from, err := udp.ReadFrom(b)
			if err != nil {
				return
			}
			udp.WriteTo(s.answer(b[:n], true), from) //nolint:errcheck // it is asked again
		}
	}()
	go func() { // ends with the listener
		for {
			c, err := tcp.Accept()
			if err != nil {
				return
			}
			go func() { // ends with the connection
				defer c.Close()
				var size uint16
				if binary.Read(c, binary.BigEndian, &size) != nil {
					return
				}
				q := make([]byte, size)
				if _, err := io.ReadFull(c, q); err != nil {
					return
				}
				a := s.answer(q, false)
				c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(a))), a...)) //nolint:errcheck // as above
			}()
		}
	}()
	return s
}

func (s *server) set(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do()
}

func (s *server) answer(query []byte, udp bool) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	var p dnsmessage.Parser
	h, err := p.Start(query)
	q, qerr := p.Question()
	if err != nil || qerr != nil {
		s.t.Errorf("a question that is none: %v, %v", err, qerr)
		return nil
	}
	cut := s.cut && udp
	b := dnsmessage.NewBuilder(nil, dnsmessage.Header{ID: h.ID, Response: true, Authoritative: true, RecursionAvailable: true, Truncated: cut, RCode: s.code})
	name := dnsmessage.ResourceHeader{Name: q.Name, Class: dnsmessage.ClassINET, TTL: s.ttl}
	fail := func(err error) {
		if err != nil {
			s.t.Error(err)
		}
	}
	fail(b.StartQuestions())
	fail(b.Question(q))
	fail(b.StartAnswers())
	if s.code == dnsmessage.RCodeSuccess && !cut {
		for _, host := range s.hosts {
			switch a := netip.MustParseAddr(host); {
			case a.Is4() && q.Type == dnsmessage.TypeA:
				fail(b.AResource(name, dnsmessage.AResource{A: a.As4()}))
			case a.Is6() && q.Type == dnsmessage.TypeAAAA:
				fail(b.AAAAResource(name, dnsmessage.AAAAResource{AAAA: a.As16()}))
			}
		}
		for _, r := range s.records {
			if q.Type == dnsmessage.TypeSRV {
				fail(b.SRVResource(name, r))
			}
		}
	}
	out, err := b.Finish()
	fail(err)
	return out
}

// follow follows names at a server until the test ends.
func follow(t *testing.T, s *server) (f *Follower, changes chan struct{}, log *bytes.Buffer) {
	t.Helper()
	changes, log = make(chan struct{}, 100), &bytes.Buffer{}
	f = &Follower{Server: s.addr, Least: 20 * time.Millisecond, Log: slog.New(slog.NewTextHandler(log, nil)), Changed: func() { changes <- struct{}{} }}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- f.Run(ctx) }() // ends with cancel; the cleanup waits
	t.Cleanup(func() { cancel(); <-ended })
	return f, changes, log
}

func wantHosts(t *testing.T, f *Follower, want ...string) {
	t.Helper()
	if got, err := f.LookupHost(context.Background(), "db.example."); err != nil || !slices.Equal(got, want) {
		t.Errorf("addresses %v, %v, want %v", got, err, want)
	}
}

// waitFor waits until there was a change.
func waitFor(t *testing.T, changes chan struct{}, what string) {
	t.Helper()
	select {
	case <-changes:
	case <-time.After(testkit.Patience):
		t.Fatalf("no change: %s", what)
	}
}

// again waits until the server was asked again, twice: what the first time gave was looked at.
func (s *server) again(t *testing.T) {
	t.Helper()
	var before int
	s.set(func() { before = s.asked })
	testkit.Eventually(t, testkit.Patience, "it is asked again", func() error {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.asked < before+6 {
			return io.ErrNoProgress
		}
		return nil
	})
}

// Addresses are sorted, another order is no change, others are.
func TestAddressesAreFollowed(t *testing.T) {
	s := serve(t)
	s.set(func() { s.ttl, s.hosts = 0, []string{"10.0.0.10", "fd00::1", "10.0.0.9"} })
	f, changes, _ := follow(t, s)
	wantHosts(t, f, "10.0.0.9", "10.0.0.10", "fd00::1")
	s.set(func() { slices.Reverse(s.hosts) })
	s.again(t)
	if len(changes) > 0 {
		t.Error("another order is a change")
	}
	s.set(func() { s.hosts = []string{"10.0.0.9"} })
	waitFor(t, changes, "one address")
	wantHosts(t, f, "10.0.0.9")
	s.set(func() { s.cut, s.hosts = true, []string{"10.0.0.1"} })
	waitFor(t, changes, "over TCP")
	wantHosts(t, f, "10.0.0.1")
}

func TestServicesAreFollowed(t *testing.T) {
	s := serve(t)
	to := func(name string) dnsmessage.Name { return dnsmessage.MustNewName(name) }
	a := dnsmessage.SRVResource{Priority: 1, Weight: 5, Port: 80, Target: to("a.example.")}
	b := dnsmessage.SRVResource{Priority: 1, Weight: 5, Port: 81, Target: to("b.example.")}
	best := dnsmessage.SRVResource{Priority: 0, Weight: 1, Port: 82, Target: to("c.example.")}
	s.set(func() { s.ttl, s.records = 0, []dnsmessage.SRVResource{b, a} })
	f, changes, _ := follow(t, s)
	want := func(names ...string) {
		t.Helper()
		_, got, err := f.LookupSRV(context.Background(), "", "", "_http._tcp.example.")
		var targets []string
		for _, r := range got {
			targets = append(targets, strings.TrimSuffix(r.Target, ".example."))
		}
		if err != nil || !slices.Equal(targets, names) {
			t.Errorf("targets %v, %v, want %v", targets, err, names)
		}
	}
	want("a", "b")
	s.again(t) // Go's resolver shuffles
	if len(changes) > 0 {
		t.Error("another order is a change")
	}
	s.set(func() { s.records = append(s.records, best) })
	waitFor(t, changes, "a better one")
	want("c", "a", "b")
}

// What cannot be looked up again stays, and is said once; a name that is gone is a change.
func TestNoAnswerIsNoChange(t *testing.T) {
	s := serve(t)
	s.set(func() { s.ttl, s.hosts = 0, []string{"10.0.0.1"} })
	f, changes, log := follow(t, s)
	wantHosts(t, f, "10.0.0.1")
	s.set(func() { s.code = dnsmessage.RCodeServerFailure })
	testkit.Eventually(t, testkit.Patience, "it could not be looked up", func() error {
		f.mu.Lock()
		defer f.mu.Unlock()
		if !f.names[question{name: "db.example."}].failing {
			return io.ErrNoProgress
		}
		f.names[question{name: "db.example."}].until = time.Now() // not in 30 s
		return nil
	})
	wantHosts(t, f, "10.0.0.1")
	s.set(func() { s.code = dnsmessage.RCodeNameError })
	f.mu.Lock()
	f.added <- struct{}{}
	f.mu.Unlock()
	waitFor(t, changes, "the name is gone")
	if _, err := f.LookupHost(context.Background(), "db.example."); !gone(err) {
		t.Errorf("error %v, want that it is gone", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if n := strings.Count(log.String(), "cannot look up db.example., what was found stays in force"); n != 1 {
		t.Errorf("it is said %d times: %s", n, log)
	}
}

// An answer is believed as long as its TTL says, within bounds, and is not asked for again.
func TestTimeToLive(t *testing.T) {
	for name, row := range map[string]struct {
		ttl         uint32
		hosts       []string
		least, most time.Duration
	}{
		"none":            {0, []string{"10.0.0.1"}, 0, least},
		"a minute":        {60, []string{"10.0.0.1", "fd00::1"}, 55 * time.Second, time.Minute},
		"a week":          {7 * 24 * 3600, []string{"10.0.0.1"}, most - time.Minute, most},
		"no such address": {60, nil, Unknown - 5*time.Second, Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t)
			s.set(func() { s.ttl, s.hosts = row.ttl, row.hosts })
			f := &Follower{Server: s.addr}
			_, _ = f.LookupHost(context.Background(), "db.example.")
			if left := time.Until(f.next()); left < row.least || left > row.most {
				t.Errorf("it is looked at again after %v, want %v to %v", left, row.least, row.most)
			}
			var before int
			s.set(func() { before = s.asked })
			_, _ = f.LookupHost(context.Background(), "db.example.")
			s.set(func() {
				if s.asked != before {
					t.Error("it is asked again at once")
				}
			})
		})
	}
	t.Run("/etc/hosts", func(t *testing.T) {
		f := &Follower{Server: "127.0.0.1:1"}
		if got, err := f.LookupHost(context.Background(), "localhost"); err != nil || len(got) == 0 {
			t.Skipf("there is no localhost: %v, %v", got, err)
		}
		if left := time.Until(f.next()); left > Unknown || left < Unknown-5*time.Second {
			t.Errorf("it is looked at again after %v, want %v", left, Unknown)
		}
	})
}
