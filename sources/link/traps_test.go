package link

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slipway/sources"
)

// vars makes variables of "NAME=value" lines; later ones replace earlier ones.
func vars(lines ...string) []sources.Var {
	var out []sources.Var
	for _, l := range lines {
		for _, l := range strings.Fields(l) {
			name, text, _ := strings.Cut(l, "=")
			out = append(out, sources.Var{Name: name, Value: sources.Value{Text: text, Origin: sources.Origin{Source: "environment"}}})
		}
	}
	return out
}

// dockerLink is what Docker sets for a link: ports are "9200/tcp", ascending.
func dockerLink(alias, ip string, ports ...string) string {
	a := Alias(alias)
	out := []string{a + "_NAME=/web/" + alias}
	for i, p := range ports {
		port, proto, _ := strings.Cut(p, "/")
		url := proto + "://" + ip + ":" + port
		if i == 0 {
			out = append(out, a+"_PORT="+url)
		}
		base := a + "_PORT_" + port + "_" + strings.ToUpper(proto)
		out = append(out, base+"="+url, base+"_ADDR="+ip, base+"_PORT="+port, base+"_PROTO="+proto)
	}
	return strings.Join(out, " ")
}

// kubeService is what a kubelet sets for a service: ports are "9200/tcp" or
// "9200/tcp/name", in the order of their declaration.
func kubeService(name, ip string, ports ...string) string {
	a := Alias(name)
	var heads, named, all []string
	for i, p := range ports {
		f := append(strings.Split(p, "/"), "")
		port, proto := f[0], f[1]
		url := proto + "://" + ip + ":" + port
		if strings.Contains(ip, ":") {
			url = proto + "://[" + ip + "]:" + port
		}
		if i == 0 {
			heads = []string{a + "_SERVICE_HOST=" + ip, a + "_SERVICE_PORT=" + port, a + "_PORT=" + url}
		}
		if f[2] != "" {
			named = append(named, a+"_SERVICE_PORT_"+Alias(f[2])+"="+port)
		}
		base := a + "_PORT_" + port + "_" + strings.ToUpper(proto)
		all = append(all, base+"="+url, base+"_PROTO="+proto, base+"_PORT="+port, base+"_ADDR="+ip)
	}
	return strings.Join(append(append(heads, named...), all...), " ")
}

// peers lists peers as "ALIAS exposed/proto address [kind]".
func peers(ps []Peer) []string {
	var out []string
	for _, p := range ps {
		s := fmt.Sprintf("%s %s %s", p.Alias, p.portProto(), p.Addr())
		if p.Kind == Service {
			s += " service"
		}
		out = append(out, s)
	}
	return out
}

// The traps of the two conventions, in the order of our reference notes.
func TestTraps(t *testing.T) {
	for _, row := range []struct {
		name  string
		vars  []sources.Var
		own   Own
		peers []string         // all that are found
		kinds map[string]Kind  // of variables
		check func(*Set) error // more
	}{
		{
			name:  "1 A_PORT set by a person is a number",
			vars:  vars("REDIS_PORT=6379 QUEUE_PORT=tcp://10.0.0.12:5672"),
			peers: []string{"QUEUE 5672/tcp 10.0.0.12:5672"},
			kinds: map[string]Kind{"REDIS_PORT": User, "QUEUE_PORT": Link},
		},
		{
			name:  "2 a family is partly replaced by hand",
			vars:  vars("DB_PORT=5432 DB_PORT_5432_TCP_ADDR=172.17.0.5 MQ_PORT=amqp MQ_PORT_5672_TCP=tcp://172.17.0.6:5672"),
			peers: []string{"DB 5432/tcp 172.17.0.5:5432", "MQ 5672/tcp 172.17.0.6:5672"},
			kinds: map[string]Kind{"DB_PORT": User, "DB_PORT_5432_TCP_ADDR": Link, "MQ_PORT": User},
		},
		{
			name:  "3 A_NAME set by a person is no path of two segments",
			vars:  vars(dockerLink("db", "172.17.0.5", "5432/tcp"), "DB_NAME=mydb CACHE_NAME=/web/cache LOG_NAME=/var/log/app VOL_NAME=/mnt/data"),
			peers: []string{"DB 5432/tcp 172.17.0.5:5432"},
			kinds: map[string]Kind{"DB_NAME": User, "CACHE_NAME": Link, "LOG_NAME": User, "VOL_NAME": User},
		},
		{
			name: "4 A_ENV needs a proven alias and is secret",
			vars: vars(dockerLink("db", "172.17.0.5", "5432/tcp"), kubeService("api", "10.96.0.9", "80/tcp"), "DB_ENV_POSTGRES_PASSWORD=hunter2 APP_ENV_FILE=/etc/app API_ENV_NAME=prod"),
			peers: []string{
				"API 80/tcp 10.96.0.9:80 service", "DB 5432/tcp 172.17.0.5:5432",
			},
			kinds: map[string]Kind{"DB_ENV_POSTGRES_PASSWORD": Environment, "APP_ENV_FILE": User, "API_ENV_NAME": User},
			check: func(s *Set) error { return same(s.Secrets(), "DB_ENV_POSTGRES_PASSWORD") },
		},
		{
			name: "5 an alias contains _PORT_, read from right to left",
			vars: vars(dockerLink("web", "172.17.0.2", "80/tcp"), dockerLink("web-port-80-tcp", "172.17.0.3", "9000/tcp")),
			peers: []string{
				"WEB 80/tcp 172.17.0.2:80", "WEB_PORT_80_TCP 9000/tcp 172.17.0.3:9000",
			},
			check: func(s *Set) error { // as the value is a URL, it is the first port of the longer alias
				return sameText(s.Class("WEB_PORT_80_TCP_PORT").Text, `first port of link "web-port-80-tcp"`)
			},
		},
		{
			name: "5 an alias contains _PORT_, the shorter written last",
			vars: vars(dockerLink("web-port-80-tcp", "172.17.0.3", "9000/tcp"), dockerLink("web", "172.17.0.2", "80/tcp")),
			peers: []string{
				"WEB 80/tcp 172.17.0.2:80", "WEB_PORT_80_TCP 9000/tcp 172.17.0.3:9000",
			},
			check: func(s *Set) error {
				return sameText(s.Class("WEB_PORT_80_TCP_PORT").Text, `number of port 80/tcp of link "web"`)
			},
		},
		{
			name: "6 services foo and foo-service",
			vars: vars(kubeService("foo", "10.96.0.1", "8080/tcp/80-tcp"), kubeService("foo-service", "10.96.0.2", "80/tcp")),
			peers: []string{
				"FOO 8080/tcp 10.96.0.1:8080 service", "FOO_SERVICE 80/tcp 10.96.0.2:80 service",
			},
		},
		{
			name: "6 services foo-service and foo",
			vars: vars(kubeService("foo-service", "10.96.0.2", "80/tcp"), kubeService("foo", "10.96.0.1", "8080/tcp/80-tcp")),
			peers: []string{
				"FOO 8080/tcp 10.96.0.1:8080 service", "FOO_SERVICE 80/tcp 10.96.0.2:80 service",
			},
			check: func(s *Set) error {
				return sameText(s.Class("FOO_SERVICE_PORT_80_TCP").Text, `port named 80_tcp of service "foo"`)
			},
		},
		{
			name:  "7 dashes collapse, dots stay",
			vars:  vars(dockerLink("a-b", "172.17.0.2", "80/tcp"), dockerLink("es.local", "172.17.0.3", "9200/tcp")),
			peers: []string{"A_B 80/tcp 172.17.0.2:80", "ES.LOCAL 9200/tcp 172.17.0.3:9200"},
			check: func(s *Set) error {
				for _, name := range []string{"a-b", "a_b", "A_B"} {
					if _, err := s.Link(name, 80, ""); err != nil {
						return err
					}
				}
				p, err := s.Link("es.local", 9200, "")
				return errors.Join(err, sameText(p.Name, "es.local"))
			},
		},
		{
			name:  "8 a name starts with a digit",
			vars:  vars(kubeService("1st", "10.96.0.1", "80/tcp"), kubeService("_2nd", "10.96.0.2", "80/tcp"), kubeService("x_y", "10.96.0.3", "80/tcp")),
			peers: []string{"1ST 80/tcp 10.96.0.1:80 service", "X_Y 80/tcp 10.96.0.3:80 service", "_2ND 80/tcp 10.96.0.2:80 service"},
			check: func(s *Set) error {
				var errs []error
				for name, alias := range map[string]string{"1st": "1ST", "2nd": "_2ND", "x.y": "X_Y"} { // as older kubelets wrote them
					p, err := s.Link(name, 80, "")
					errs = append(errs, err, sameText(p.Alias, alias))
				}
				return errors.Join(errs...)
			},
		},
		{
			name: "9 the first port differs between producers",
			vars: vars(dockerLink("es", "172.17.0.2", "9200/tcp", "9300/tcp"), kubeService("se", "10.96.0.1", "9300/tcp", "9200/tcp")),
			peers: []string{
				"ES 9200/tcp 172.17.0.2:9200", "ES 9300/tcp 172.17.0.2:9300",
				"SE 9200/tcp 10.96.0.1:9200 service", "SE 9300/tcp 10.96.0.1:9300 service",
			},
			check: func(s *Set) error {
				_, err := s.Link("se", 0, "")
				return sameText(fmt.Sprint(err), `cannot find peer "se": it exposes 9200/tcp, 9300/tcp, and none was asked for`)
			},
		},
		{
			name: "10 replicas are enumerated by number, one container once",
			vars: vars(dockerLink("es", "172.17.0.2", "9200/tcp"), dockerLink("es_1", "172.17.0.2", "9200/tcp"), dockerLink("es_10", "172.17.0.5", "9200/tcp"),
				dockerLink("es_2", "172.17.0.3", "9200/tcp"), dockerLink("es_3", "172.17.0.4", "9300/tcp"), dockerLink("es_x", "172.17.0.9", "9200/tcp")),
			check: func(s *Set) error {
				return same(peers(s.Links("es", 9200, "")), "ES 9200/tcp 172.17.0.2:9200", "ES_2 9200/tcp 172.17.0.3:9200", "ES_10 9200/tcp 172.17.0.5:9200")
			},
		},
		{
			name:  "11 addresses are those of the start, and say so",
			vars:  vars(dockerLink("es", "172.17.0.2", "9200/tcp")),
			peers: []string{"ES 9200/tcp 172.17.0.2:9200"},
			check: func(s *Set) error {
				p, err := s.Link("es", 9200, "tcp")
				return errors.Join(err, sameText(p.Source(), "docker link variables, fixed at container start"))
			},
		},
		{
			name:  "12 what producers injected can be kept from programs",
			vars:  vars(dockerLink("es", "172.17.0.2", "9200/tcp"), kubeService("db", "10.96.0.1", "5432/tcp"), "ES_ENV_A=1 ES_URL=x DB_NAME=mydb PAYMENT_SERVICE_HOST=pay PAYMENT_SERVICE_PORT=80 MQ_PORT_5672_TCP_ADDR=mq"),
			peers: []string{"DB 5432/tcp 10.96.0.1:5432 service", "ES 9200/tcp 172.17.0.2:9200", "MQ 5672/tcp mq:5672", "PAYMENT 80/tcp pay:80 service"},
			check: func(s *Set) error {
				return same(s.Injected(),
					"DB_PORT", "DB_PORT_5432_TCP", "DB_PORT_5432_TCP_ADDR", "DB_PORT_5432_TCP_PORT", "DB_PORT_5432_TCP_PROTO", "DB_SERVICE_HOST", "DB_SERVICE_PORT",
					"ES_ENV_A", "ES_NAME", "ES_PORT", "ES_PORT_9200_TCP", "ES_PORT_9200_TCP_ADDR", "ES_PORT_9200_TCP_PORT", "ES_PORT_9200_TCP_PROTO")
			},
		},
		{
			name:  "13 IPv6 is bare in ADDR and bracketed in URLs",
			vars:  vars(kubeService("es", "fd00::12", "9200/tcp"), "DB_PORT_5432_TCP=tcp://fd00::5:5432"),
			peers: []string{"DB 5432/tcp [fd00::5]:5432", "ES 9200/tcp [fd00::12]:9200 service"},
			check: func(s *Set) error {
				p, err := s.Link("es", 9200, "")
				return errors.Join(err, sameText(p.Host, "fd00::12"), sameText(p.URL(), "tcp://[fd00::12]:9200"))
			},
		},
		{
			name: "14 a container is linked to itself",
			vars: vars(dockerLink("app", "172.17.0.9", "9200/tcp"), dockerLink("search", "172.17.0.2", "9200/tcp"), kubeService("web", "10.96.0.1", "9200/tcp"),
				"JOB_1_NAME=/proj_job_run_1/job_1 JOB_1_PORT_9200_TCP_ADDR=172.17.0.3"),
			own: Own{Hostname: "web-7d4b9cdf5-x2x9z", Addresses: []string{"127.0.0.1", "172.17.0.9"}},
			check: func(s *Set) error {
				return same(peers(s.Exposing(9200, "")), "SEARCH 9200/tcp 172.17.0.2:9200")
			},
		},
		{
			name:  "15 one port with two protocols",
			vars:  vars(dockerLink("dns", "172.17.0.2", "53/tcp", "53/udp")),
			peers: []string{"DNS 53/tcp 172.17.0.2:53", "DNS 53/udp 172.17.0.2:53"},
			check: func(s *Set) error {
				p, err := s.Link("dns", 53, "")
				u, err2 := s.Link("dns", 53, "udp")
				return errors.Join(err, err2, sameText(p.Note, "port 53 is exposed as tcp and udp; tcp was taken"), sameText(u.URL(), "udp://172.17.0.2:53"))
			},
		},
		{
			name:  "16 the alias is known and the port not exposed",
			vars:  vars(dockerLink("db", "172.17.0.5"), "DB_ENV_A=1", dockerLink("es", "172.17.0.2", "9300/tcp"), dockerLink("search", "172.17.0.3", "9200/tcp")),
			peers: []string{"ES 9300/tcp 172.17.0.2:9300", "SEARCH 9200/tcp 172.17.0.3:9200"},
			check: func(s *Set) error {
				_, noPort := s.Link("db", 5432, "")
				_, other := s.Link("es", 9200, "tcp")
				_, unknown := s.Link("serach", 9200, "")
				return errors.Join(
					sameText(fmt.Sprint(noPort), `cannot find peer "db" at port 5432: alias known, port not exposed; it exposes none`),
					sameText(fmt.Sprint(other), `cannot find peer "es" at port 9200/tcp: alias known, port not exposed; it exposes 9300/tcp`),
					sameText(hint(other), "port 9200 is exposed by search"),
					sameText(fmt.Sprint(unknown), `cannot find peer "serach" at port 9200: no link or service of that name; known are db, es, search`),
					sameText(hint(unknown), `did you mean "search"?`),
				)
			},
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := Parse(row.vars, row.own)
			if row.peers != nil {
				if diff := cmp.Diff(row.peers, peers(s.All())); diff != "" {
					t.Errorf("peers (-want +got):\n%s", diff)
				}
			}
			for name, want := range row.kinds {
				if got := s.Class(name); got.Kind != want {
					t.Errorf("%s is %v, want %v", name, got, want)
				}
			}
			if row.check != nil {
				if err := row.check(s); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func same(got []string, want ...string) error {
	if diff := cmp.Diff(want, got); diff != "" {
		return fmt.Errorf("(-want +got):\n%s", diff)
	}
	return nil
}

func sameText(got, want string) error {
	if got != want {
		return fmt.Errorf("got %q, want %q", got, want)
	}
	return nil
}

func hint(err error) string {
	var e *NotFound
	if errors.As(err, &e) {
		return e.Hint()
	}
	return "no hint in " + fmt.Sprint(err)
}
