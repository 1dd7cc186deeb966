package link

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slipway/internal/test/testkit"
	"slipway/sources"
)

func TestSynthesizeIsWhatDockerSets(t *testing.T) {
	peer := func(port int, proto string) Peer {
		return Peer{Host: "10.0.0.7", Port: port, Exposed: port, Proto: proto}
	}
	got := sources.Merge(sources.Layer{Vars: Synthesize("my-es", "web", []Peer{
		peer(9301, "tcp"), peer(53, "udp"), peer(9300, "tcp"), peer(9302, "tcp"), peer(9200, "tcp"),
	}, sources.Origin{})}).Environ()
	want := []string{
		"MY_ES_NAME=/web/my-es",
		"MY_ES_PORT=tcp://10.0.0.7:9200",
	}
	for _, p := range []int{9200, 9300, 9301, 9302} {
		want = append(want,
			fmt.Sprintf("MY_ES_PORT_%d_TCP=tcp://10.0.0.7:%d", p, p), fmt.Sprintf("MY_ES_PORT_%d_TCP_ADDR=10.0.0.7", p),
			fmt.Sprintf("MY_ES_PORT_%d_TCP_PORT=%d", p, p), fmt.Sprintf("MY_ES_PORT_%d_TCP_PROTO=tcp", p))
	}
	want = append(want,
		"MY_ES_PORT_53_UDP=udp://10.0.0.7:53", "MY_ES_PORT_53_UDP_ADDR=10.0.0.7", "MY_ES_PORT_53_UDP_PORT=53", "MY_ES_PORT_53_UDP_PROTO=udp",
		"MY_ES_PORT_9300_TCP_START=tcp://10.0.0.7:9300", "MY_ES_PORT_9300_TCP_END=tcp://10.0.0.7:9302",
		"MY_ES_PORT_9300_TCP_PORT_START=9300", "MY_ES_PORT_9300_TCP_PORT_END=9302")
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("variables (-want +got):\n%s", diff)
	}
	if got := Synthesize("es", "web", nil, sources.Origin{}); got != nil {
		t.Errorf("no ports give %v", got)
	}
}

// What is synthesised is read back as what it was made from.
func TestSynthesizeThenParse(t *testing.T) {
	hosts := []string{"10.0.0.7", "fd00::7", "es.example", "host-1"}
	for seed := range uint64(testkit.Repeat(t, 500)) {
		r := rand.New(rand.NewPCG(seed, 2))
		var want []Peer
		name := []string{"es", "my-es", "es_2", "web-port-80-tcp", "es.local", "foo-service", "9p"}[r.IntN(7)]
		host := hosts[r.IntN(len(hosts))]
		for range 1 + r.IntN(5) {
			p := Peer{Host: host, Port: 1 + r.IntN(20), Proto: []string{"tcp", "udp", "sctp"}[r.IntN(3)]}
			p.Exposed = p.Port
			if !slices.ContainsFunc(want, func(q Peer) bool { return q.portProto() == p.portProto() }) {
				want = append(want, p)
			}
		}
		vs := Synthesize(name, "web", want, sources.Origin{})
		s := Parse(vs, Own{})
		got := s.All()
		if len(got) != len(want) {
			t.Fatalf("seed %d: %d peers, want %d\n%v", seed, len(got), len(want), vs)
		}
		for _, w := range want {
			p, err := s.Link(name, w.Port, w.Proto)
			if err != nil || p.Addr() != w.Addr() || p.Name != name || p.Partial {
				t.Fatalf("seed %d: Link(%q, %s) = %+v, %v, want %s", seed, name, w.portProto(), p, err, w.Addr())
			}
		}
		if inj := s.Injected(); len(inj) != len(vs) {
			t.Fatalf("seed %d: %d of %d variables are told from a person's", seed, len(inj), len(vs))
		}
	}
}

func TestClassTexts(t *testing.T) {
	s := Parse(vars(
		dockerLink("es", "172.17.0.2", "9200/tcp", "9300/tcp"), "ES_ENV_JAVA_OPTS=-Xmx1g",
		"ES_PORT_9200_TCP_START=tcp://172.17.0.2:9200 ES_PORT_9200_TCP_END=tcp://172.17.0.2:9201 ES_PORT_9200_TCP_PORT_START=9200 ES_PORT_9200_TCP_PORT_END=9201",
		kubeService("kubernetes", "10.96.0.1", "443/tcp/https"), "OTHER=1"), Own{})
	for name, want := range map[string]string{
		"ES_NAME":                       `name of link "es"`,
		"ES_PORT":                       `first port of link "es"`,
		"ES_PORT_9200_TCP":              `port 9200/tcp of link "es"`,
		"ES_PORT_9200_TCP_ADDR":         `address of port 9200/tcp of link "es"`,
		"ES_PORT_9200_TCP_PORT":         `number of port 9200/tcp of link "es"`,
		"ES_PORT_9200_TCP_PROTO":        `protocol of port 9200/tcp of link "es"`,
		"ES_PORT_9200_TCP_START":        `first of the ports from port 9200/tcp on of link "es"`,
		"ES_PORT_9200_TCP_PORT_END":     `last of the ports from port 9200/tcp on of link "es"`,
		"ES_ENV_JAVA_OPTS":              `variable JAVA_OPTS of the container of link "es"`,
		"KUBERNETES_SERVICE_HOST":       `address of service "kubernetes"`,
		"KUBERNETES_SERVICE_PORT":       `first declared port of service "kubernetes"`,
		"KUBERNETES_SERVICE_PORT_HTTPS": `port named https of service "kubernetes"`,
		"OTHER":                         "",
		"ABSENT":                        "",
	} {
		if got := s.Class(name).Text; got != want {
			t.Errorf("Class(%s).Text = %q, want %q", name, got, want)
		}
	}
	if p, err := s.Link("kubernetes", 443, ""); err != nil || p.PortName != "https" {
		t.Errorf("Link(kubernetes, 443) = %+v, %v, want the port name https", p, err)
	}
}

func TestRedirectedByHand(t *testing.T) {
	for _, row := range []struct{ name, by, addr, note string }{
		{"address and port", "DB_PORT_5432_TCP_ADDR=db.example DB_PORT_5432_TCP_PORT=15432", "db.example:15432", "the variables disagree: DB_PORT_5432_TCP names 172.17.0.5"},
		{"address", "DB_PORT_5432_TCP_ADDR=db.example", "db.example:5432", "the variables disagree: DB_PORT_5432_TCP names 172.17.0.5"},
		{"nothing that is an address", "DB_PORT_5432_TCP_ADDR=http://x", "172.17.0.5:5432", ""},
		{"nothing", "", "172.17.0.5:5432", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			p, err := Parse(vars(dockerLink("db", "172.17.0.5", "5432/tcp"), row.by), Own{}).Link("db", 5432, "")
			if err != nil || p.Addr() != row.addr || p.Note != row.note {
				t.Errorf("Link = %s, note %q, %v, want %s, note %q", p.Addr(), p.Note, err, row.addr, row.note)
			}
		})
	}
}

func TestValueShapes(t *testing.T) {
	for _, row := range []struct {
		in   string
		want string // "" when it is no URL
	}{
		{"tcp://10.0.0.1:80", "tcp 10.0.0.1 80"},
		{"udp://[fd00::1]:53", "udp fd00::1 53"},
		{"tcp://fd00::1:80", "tcp fd00::1 80"},
		{"sctp://es:1", "sctp es 1"},
		{"tcp://[10.0.0.1]:80", ""},
		{"tcp://10.0.0.1", ""},
		{"tcp://10.0.0.1:0", ""},
		{"tcp://10.0.0.1:080", ""},
		{"tcp://10.0.0.1:65536", ""},
		{"tcp://10.0.0.1:80/", ""},
		{"http://10.0.0.1:80", ""},
		{"tcp://:80", ""},
		{"tcp://a b:80", ""},
		{"tcp://[fd00::1:80", ""},
		{"tcp://12:80", ""},
		{"6379", ""},
		{"", ""},
	} {
		got := ""
		if u, ok := asURL(row.in); ok {
			got = fmt.Sprint(u.proto, " ", u.host, " ", u.port)
		}
		if got != row.want {
			t.Errorf("asURL(%q) = %q, want %q", row.in, got, row.want)
		}
	}
}

// FuzzParse checks that whatever an environment holds, peers can be dialled and
// asked for again, and that every classified variable exists.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		dockerLink("es", "172.17.0.2", "9200/tcp", "53/udp"), kubeService("foo", "10.96.0.1", "8080/tcp/80-tcp"), kubeService("foo-service", "fd00::2", "80/tcp"),
		dockerLink("web-port-80-tcp", "172.17.0.3", "9000/tcp") + " " + dockerLink("web", "172.17.0.3", "80/tcp"),
		"_PORT=tcp://a:1 A_ENV_B_ENV_C=1 A_SERVICE_PORT_SERVICE_PORT_X=1 _NAME=/a/", "A_PORT_1_TCP_PORT_1_TCP_ADDR=a A_NAME=/x/a A_ENV_=1",
	} {
		f.Add(strings.ReplaceAll(s, " ", "\n"))
	}
	f.Fuzz(func(t *testing.T, text string) {
		defer testkit.Timed(t, len(text))()
		vs := vars(text)
		s := Parse(vs, Own{Hostname: "h"})
		for _, p := range s.All() {
			if p.Host == "" || p.Port < 1 || p.Port > 65535 || p.Exposed < 1 || !knownProto(p.Proto) {
				t.Errorf("peer %+v", p)
			}
			if strings.Contains(p.Host, ":") {
				if _, err := netip.ParseAddrPort(p.Addr()); err != nil {
					t.Errorf("address of %+v: %v", p, err)
				}
			}
			if q, err := s.Link(p.Alias, p.Exposed, p.Proto); err != nil || q.Alias == p.Alias && q.Addr() != p.Addr() {
				t.Errorf("Link(%q, %d, %q) = %+v, %v, want %+v", p.Alias, p.Exposed, p.Proto, q, err, p)
			}
		}
		known := sources.Merge(sources.Layer{Vars: vs})
		for _, n := range append(s.Injected(), s.Secrets()...) {
			if _, ok := known.Lookup(n); !ok || s.Class(n).Kind == User {
				t.Errorf("%s is classified and %v", n, s.Class(n))
			}
		}
		s.Links("a", 1, "")
	})
}

func BenchmarkParse(b *testing.B) {
	for _, row := range []struct{ vars, peers int }{{500, 0}, {500, 200}, {500, 5000}} {
		var lines []string
		for i := range row.peers {
			lines = append(lines, kubeService(fmt.Sprintf("svc-%d", i), fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255), "80/tcp"))
		}
		for i := range row.vars {
			lines = append(lines, fmt.Sprintf("APP_SETTING_%d=value-%d", i, i))
		}
		vs := vars(lines...)
		b.Run(fmt.Sprintf("%d variables and %d peers", row.vars, row.peers), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if s := Parse(vs, Own{}); len(s.All()) != row.peers {
					b.Fatalf("%d peers, want %d", len(s.All()), row.peers)
				}
			}
		})
	}
}

// manyPorts are families of one alias with n ports, by what their members say.
func manyPorts(n int) map[string][]sources.Var {
	row := func(format string, more ...string) []sources.Var {
		lines := more
		for i := range n {
			lines = append(lines, strings.ReplaceAll(format, "N", strconv.Itoa(1+i)))
		}
		return vars(lines...)
	}
	return map[string][]sources.Var{
		"whole":                  row("A_PORT_N_TCP=tcp://10.0.0.7:N A_PORT_N_TCP_ADDR=10.0.0.7 A_PORT_N_TCP_PORT=N A_PORT_N_TCP_PROTO=tcp"),
		"addresses":              row("A_PORT_N_TCP_ADDR=10.0.0.7"),
		"protocols, no host":     row("A_PORT_N_TCP_PROTO=tcp A_PORT_N_UDP_PROTO=udp"),
		"protocols of a service": row("A_PORT_N_TCP_PROTO=tcp A_SERVICE_PORT_N=N", "A_SERVICE_HOST=10.0.0.7"),
		"named service ports":    row("A_SERVICE_PORT_P-N=N", "A_SERVICE_HOST=10.0.0.7 A_SERVICE_PORT=1"),
	}
}

func TestPortsAreReadInLinearTime(t *testing.T) {
	const n = 400
	few, many := manyPorts(n), manyPorts(16*n)
	for name := range few {
		t.Run(name, func(t *testing.T) {
			read := func(vs []sources.Var) func() { return func() { Parse(vs, Own{}).Injected() } }
			testkit.WantLinear(t, read(few[name]), read(many[name]))
		})
	}
}

func BenchmarkParsePorts(b *testing.B) {
	for name, vs := range manyPorts(16_000) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Parse(vs, Own{})
			}
		})
	}
}

func TestLastValueOfANameCounts(t *testing.T) {
	for _, row := range [][]sources.Var{
		vars("A_PORT_1_TCP_ADDR=x A_PORT_1_TCP_ADDR=y"),
		vars("B_PORT_1_TCP_ADDR=z A_PORT_1_TCP_ADDR=x A_PORT_1_TCP_ADDR=y"),
		vars("A_PORT_1_TCP_ADDR=x A_PORT_1_TCP_ADDR=w A_PORT_1_TCP_ADDR=y B_PORT_1_TCP_ADDR=z"),
	} {
		p, err := Parse(row, Own{}).Link("a", 1, "")
		if err != nil || p.Host != "y" {
			t.Errorf("Link = %q, %v, want y", p.Host, err)
		}
	}
}
