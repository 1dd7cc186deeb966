package resolve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"slipway/sources"
	"slipway/sources/kv"
	"slipway/sources/link"
)

// world is what a resolver may ask.
type world struct {
	env   string // "NAME=text NAME=text"
	keys  string // "key=text key=text"
	names string // in DNS
	srv   []*net.SRV
	up    func(addr string) bool // nil: everything answers
}

func (w world) resolver() *Resolver {
	l := sources.Layer{Source: "environment"}
	for _, f := range strings.Fields(w.env) {
		name, text, _ := strings.Cut(f, "=")
		l.Vars = append(l.Vars, sources.Var{Name: name, Value: sources.Value{Text: text, Origin: sources.Origin{Source: "environment"}}})
	}
	view := sources.Merge(l)
	var pairs []kv.Pair
	for _, f := range strings.Fields(w.keys) {
		key, text, _ := strings.Cut(f, "=")
		pairs = append(pairs, kv.Pair{Key: "/app/" + key, Value: sources.Value{Text: text}})
	}
	return &Resolver{
		View:  view,
		Links: link.Parse(view.Vars(), link.Own{}),
		Store: kv.New("etcd", 1, []string{"/app/"}, pairs),
		LookupHost: func(_ context.Context, host string) ([]string, error) {
			for _, n := range strings.Fields(w.names) {
				if n == host {
					return []string{"10.9.9.9"}, nil
				}
			}
			return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
		},
		LookupSRV: func(_ context.Context, _, _, name string) (string, []*net.SRV, error) {
			if w.srv == nil {
				return "", nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
			}
			return "", w.srv, nil
		},
		Dial: func(_ context.Context, _, addr string) error {
			if w.up == nil || w.up(addr) {
				return nil
			}
			return errors.New("connection refused")
		},
	}
}

const (
	docker = "ES_NAME=/web/es ES_PORT=tcp://10.0.0.7:9200 ES_PORT_9200_TCP=tcp://10.0.0.7:9200 ES_PORT_9200_TCP_ADDR=10.0.0.7 ES_PORT_9200_TCP_PORT=9200 ES_PORT_9200_TCP_PROTO=tcp "
	kube   = "ES_SERVICE_HOST=10.96.0.1 ES_SERVICE_PORT=9200 "
)

func TestOrder(t *testing.T) {
	all := world{env: docker, keys: "links/es=kv.example:9201", names: "es"}
	for _, row := range []struct {
		name string
		w    world
		rule Rule
		want string // address and source
	}{
		{"a URL", world{env: docker + "ES_URL=http://user:pw@es.example/x"}, Rule{Port: 9200}, "es.example:80 variable ES_URL"},
		{"a URL with a port", world{env: docker + "ES_URL=https://[fd00::1]:9243"}, Rule{Port: 9200}, "[fd00::1]:9243 variable ES_URL"},
		{"a URL of an unknown scheme", world{env: "ES_URL=es://es.example"}, Rule{Port: 9200}, "es.example:9200 variable ES_URL"},
		{"an address", world{env: docker + "ES_ADDR=es.example:9300"}, Rule{Port: 9200}, "es.example:9300 variable ES_ADDR"},
		{"an address without port", world{env: docker + "ES_ADDR=es.example"}, Rule{Port: 9200}, "es.example:9200 variable ES_ADDR"},
		{"host and port", world{env: "ES_HOST=es.example ES_PORT=9300"}, Rule{Port: 9200}, "es.example:9300 variable ES_HOST"},
		{"a bare IPv6 host", world{env: "ES_HOST=fd00::1"}, Rule{Port: 9200}, "[fd00::1]:9200 variable ES_HOST"},
		{"a host beside the port of a link", world{env: docker + "ES_HOST=es.example"}, Rule{Port: 9200}, "es.example:9200 variable ES_HOST"},
		{"no address in the variable", world{env: docker + "ES_URL=9200 ES_ADDR=a/b ES_HOST=http://x"}, Rule{Port: 9200}, "10.0.0.7:9200 docker link variables, fixed at container start"},
		{"a link", all, Rule{Port: 9200}, "10.0.0.7:9200 docker link variables, fixed at container start"},
		{"a service", world{env: kube, keys: "links/es=kv.example:9201", names: "es"}, Rule{Port: 9200}, "10.96.0.1:9200 kubernetes service variables, fixed at container start"},
		{"a key", world{keys: "links/es=kv.example:9201", names: "es"}, Rule{Port: 9200}, "kv.example:9201 key links/es"},
		{"a key that is a URL", world{keys: "links/es=http://kv.example:9201/"}, Rule{Port: 9200}, "kv.example:9201 key links/es"},
		{"a name", world{names: "es"}, Rule{Port: 9200}, "es:9200 DNS"},
		{"another name", world{names: "es.prod"}, Rule{Port: 9200, Host: "es.prod"}, "es.prod:9200 DNS"},
		{"an SRV record", world{srv: []*net.SRV{{Target: "b.", Port: 2, Priority: 1}, {Target: "a.", Port: 1, Weight: 1}, {Target: "c.", Port: 3, Weight: 9}}}, Rule{Service: "_es._tcp.x"}, "c:3 DNS service _es._tcp.x"},
		{"a link whose port is not declared", all, Rule{}, "10.0.0.7:9200 docker link variables, fixed at container start"},
		{"neither known nor required", world{}, Rule{Port: 9200}, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			row.rule.Name = "es"
			p, ok, err := row.w.resolver().Resolve(context.Background(), row.rule)
			got := ""
			if ok {
				got = p.Addr() + " " + p.Source
			}
			if err != nil || got != row.want {
				t.Errorf("Resolve = %q, %v, want %q", got, err, row.want)
			}
		})
	}
}

func TestNotFoundSaysWhereItWasLookedFor(t *testing.T) {
	r := world{env: "ES_PORT_9300_TCP_ADDR=10.0.0.7 OTHER_PORT_9200_TCP_ADDR=10.0.0.8"}.resolver()
	rule := Rule{Name: "es", Port: 9200, Required: true, Origin: sources.Origin{File: "app.conf", Line: 3}}
	_, _, err := r.Resolve(context.Background(), rule)
	var e *NotFound
	want := `cannot find peer "es", which app.conf:3 declares: no variable ES_URL, ES_ADDR or ES_HOST; alias known, port not exposed; it exposes 9300/tcp; no key links/es; DNS: lookup es: no such host`
	if !errors.As(err, &e) || e.Error() != want || e.Hint() != "port 9200 is exposed by other" {
		t.Errorf("error = %v\nhint %q\nwant %s", err, e.Hint(), want)
	}
	_, _, err = world{}.resolver().Resolve(context.Background(), Rule{Name: "es", Required: true})
	if !errors.As(err, &e) || e.Hint() != "declare the port, so that the DNS name can be used" {
		t.Errorf("error = %v", err)
	}
}

func TestWait(t *testing.T) {
	type result struct {
		addr, note string
		took       time.Duration
	}
	for _, row := range []struct {
		name  string
		w     func(since func() time.Duration) world
		rule  Rule
		want  result
		error string
	}{
		{
			name: "it answers at once",
			w:    func(func() time.Duration) world { return world{env: docker} },
			rule: Rule{Wait: time.Minute},
			want: result{addr: "10.0.0.7:9200"},
		},
		{
			name: "it comes up later",
			w: func(since func() time.Duration) world {
				return world{env: docker, up: func(string) bool { return since() >= 10*time.Second }}
			},
			rule: Rule{Wait: time.Minute},
			want: result{addr: "10.0.0.7:9200", took: 10 * time.Second},
		},
		{
			name: "it moved, and its name knows where",
			w: func(func() time.Duration) world {
				return world{env: docker, names: "es", up: func(addr string) bool { return addr == "es:9200" }}
			},
			rule: Rule{Wait: time.Minute},
			want: result{addr: "es:9200", note: "taken because 10.0.0.7:9200 (docker link variables, fixed at container start) does not answer"},
		},
		{
			name:  "it never answers",
			w:     func(func() time.Duration) world { return world{env: docker, up: func(string) bool { return false }} },
			rule:  Rule{Wait: 30 * time.Second, Required: true},
			want:  result{took: 30 * time.Second},
			error: `cannot reach peer "es" within 30s: 10.0.0.7:9200 (docker link variables, fixed at container start): connection refused`,
		},
		{
			name: "it never answers and is not required",
			w:    func(func() time.Duration) world { return world{env: docker, up: func(string) bool { return false }} },
			rule: Rule{Wait: 30 * time.Second},
			want: result{addr: "10.0.0.7:9200", note: "it did not answer within 30s", took: 30 * time.Second},
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				r := row.w(func() time.Duration { return time.Since(start) }).resolver()
				row.rule.Name, row.rule.Port = "es", 9200
				p, ok, err := r.Resolve(context.Background(), row.rule)
				if text := fmt.Sprint(err); row.error == "" && err != nil || row.error != "" && text != row.error {
					t.Errorf("error = %v, want %q", err, row.error)
				}
				got := result{note: p.Note}
				if ok {
					got.addr = p.Addr()
				}
				if got.addr != row.want.addr || got.note != row.want.note {
					t.Errorf("Resolve = %+v, want %+v", got, row.want)
				}
				if took := time.Since(start); took < row.want.took || took > row.want.took+2*time.Second {
					t.Errorf("took %v, want about %v", took, row.want.took)
				}
			})
		})
	}
}

func TestAllWaitSideBySideAndJoinTheirErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := world{names: "a b", up: func(string) bool { return false }}.resolver()
		start := time.Now()
		var rules []Rule
		for _, n := range []string{"a", "b", "c"} {
			rules = append(rules, Rule{Name: n, Port: 1, Wait: 10 * time.Second, Required: true})
		}
		_, err := r.All(context.Background(), rules)
		if n := strings.Count(fmt.Sprint(err), "cannot "); n != 3 {
			t.Errorf("%d errors, want 3:\n%v", n, err)
		}
		if took := time.Since(start); took > 12*time.Second {
			t.Errorf("took %v, want 10 s", took)
		}
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(time.Second, cancel)
		if _, err := r.All(ctx, rules); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v, want context.Canceled", err)
		}
	})
}

func TestPeers(t *testing.T) {
	r := world{env: docker + "DB_PORT_5432_TCP_ADDR=10.0.0.8", names: "cache"}.resolver()
	ps, err := r.All(context.Background(), []Rule{
		{Name: "es", Port: 9200, Export: true}, {Name: "cache", Port: 6379, Export: true, Origin: sources.Origin{File: "app.conf", Line: 2}}, {Name: "none", Port: 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, p := range ps.All() {
		all = append(all, p.Name+" "+p.URL())
	}
	if diff := cmp.Diff([]string{"cache tcp://cache:6379", "db tcp://10.0.0.8:5432", "es tcp://10.0.0.7:9200"}, all); diff != "" {
		t.Errorf("peers (-want +got):\n%s", diff)
	}
	for _, row := range []struct {
		name string
		port int
		want string
	}{{"cache", 0, "cache:6379"}, {"cache", 6379, "cache:6379"}, {"CACHE", 6379, "cache:6379"}, {"db", 5432, "10.0.0.8:5432"}, {"es", 9200, "10.0.0.7:9200"}, {"es", 1, ""}, {"none", 1, ""}} {
		p, err := ps.Link(row.name, row.port, "")
		if got := p.Addr(); err == nil && got != row.want || err != nil && row.want != "" {
			t.Errorf("Link(%q, %d) = %s, %v, want %q", row.name, row.port, got, err, row.want)
		}
		if n := len(ps.Links(row.name, row.port, "")); (n == 1) != (row.want != "") {
			t.Errorf("Links(%q, %d) has %d peers", row.name, row.port, n)
		}
	}
	exported := r.View.Below(ps.Export("web"))
	for name, want := range map[string]string{"CACHE_PORT_6379_TCP_ADDR": "cache", "CACHE_NAME": "/web/cache", "ES_PORT_9200_TCP_ADDR": "10.0.0.7"} {
		if got, _, _ := exported.Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if e, _ := exported.Lookup("ES_PORT_9200_TCP_ADDR"); e.Value.Origin.Source != "environment" || len(e.Shadowed) != 1 {
		t.Errorf("ES_PORT_9200_TCP_ADDR is %+v, want the one of the environment over the made one", e)
	}
}
