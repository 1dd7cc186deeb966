package etcd

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.etcd.io/etcd/api/v3/mvccpb"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"

	"slipway/internal/test/etcdtest"
	"slipway/internal/test/testkit"
	"slipway/sources"
	"slipway/sources/kv"
	"slipway/sources/protocol"
	"slipway/sources/sourcetest"
)

// eachVersion runs a test against each server.
func eachVersion(t *testing.T, f func(t *testing.T, version string)) {
	for _, v := range etcdtest.Versions() {
		t.Run("etcd "+v, func(t *testing.T) { f(t, v) })
	}
}

// admin is a client of a server that tests write with.
func admin(t testing.TB, s *etcdtest.Server, user, password string) *clientv3.Client {
	t.Helper()
	cfg := clientv3.Config{Endpoints: []string{s.Endpoint}, DialTimeout: 10 * time.Second, Username: user, Password: password, Logger: zap.NewNop()}
	if s.Files.CA != "" {
		c := Config{CAFile: s.Files.CA, CertFile: s.Files.ClientCert, KeyFile: s.Files.ClientKey}
		var err error
		if cfg.TLS, err = c.tls(); err != nil {
			t.Fatal(err)
		}
	}
	c, err := clientv3.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func put(t testing.TB, c *clientv3.Client, words ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), testkit.Patience)
	defer cancel()
	for _, w := range words {
		key, text, _ := strings.Cut(w, "=")
		if _, err := c.Put(ctx, key, text); err != nil {
			t.Fatal(err)
		}
	}
}

func keys(u protocol.Update) []string {
	var out []string
	for _, p := range u.Keys {
		out = append(out, p.Key+"="+p.Value.String())
	}
	return out
}

func config(s *etcdtest.Server, prefixes ...string) Config {
	return Config{Endpoints: []string{s.Endpoint}, Prefixes: prefixes, Timeout: 5 * time.Second, CAFile: s.Files.CA}
}

func TestPrefixesEndAtABoundaryAndPagesAreOneRevision(t *testing.T) {
	eachVersion(t, func(t *testing.T, version string) {
		s := etcdtest.Start(t, etcdtest.Options{Version: version})
		c := admin(t, s, "", "")
		put(t, c, "/app=self", "/app/a=1", "/app/b/c=2", "/app2/x=no", "/app-x=no", "/app.y=no", "/appz=no", "/secret/pw=hunter2", "/other/z=3", "bare=4")
		for _, row := range []struct {
			name     string
			prefixes []string
			want     []string
		}{
			{"with a slash", []string{"/app/"}, []string{"/app/a=1", "/app/b/c=2", "/secret/pw=«redacted»"}},
			{"without", []string{"/app"}, []string{"/app=self", "/app/a=1", "/app/b/c=2", "/secret/pw=«redacted»"}},
			{"one in the other", []string{"/app/", "/app/b/", "/app/"}, []string{"/app/a=1", "/app/b/c=2", "/secret/pw=«redacted»"}},
			{"a single key", []string{"/app/a", "bare"}, []string{"/app/a=1", "bare=4", "/secret/pw=«redacted»"}},
			{"nothing there", []string{"/none/"}, []string{"/secret/pw=«redacted»"}},
		} {
			t.Run(row.name, func(t *testing.T) {
				cfg := config(s, row.prefixes...)
				cfg.SecretPrefixes = []string{"/secret/"}
				r := Reader{Config: cfg}
				u, err := r.Snapshot(context.Background())
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(row.want, keys(u)); diff != "" {
					t.Errorf("keys (-want +got):\n%s", diff)
				}
			})
		}
		t.Run("everything", func(t *testing.T) {
			r := Reader{Config: config(s, "/", "/app")}
			u, err := r.Snapshot(context.Background())
			if err != nil || len(u.Keys) != 10 {
				t.Errorf("%d keys, %v, want 10", len(u.Keys), err)
			}
		})
		t.Run("pages at one revision, whatever is written meanwhile", func(t *testing.T) { onePicture(t, s, c) })
	})
}

// onePicture reads 2,500 keys in pages of 1,000 while a writer changes all of
// them by one transaction, over and over, and compacts: every picture shows one
// generation.
func onePicture(t *testing.T, s *etcdtest.Server, c *clientv3.Client) {
	ctx, cancel := context.WithCancel(context.Background())
	write := func(gen int) int64 {
		var last int64
		for from := 0; from < 2500; from += 100 { // transactions hold 128 operations
			var ops []clientv3.Op
			for i := from; i < from+100; i++ {
				ops = append(ops, clientv3.OpPut(fmt.Sprintf("/many/%04d", i), fmt.Sprint(gen)))
			}
			resp, err := c.Txn(ctx).Then(ops...).Commit()
			if err != nil {
				return 0
			}
			last = resp.Header.Revision
		}
		return last
	}
	write(0)
	done := make(chan struct{})
	go func() { // ends with ctx; the test waits for done
		defer close(done)
		for gen := 1; ctx.Err() == nil; gen++ {
			write(gen)
		}
	}()
	defer func() { cancel(); <-done }()
	for range 10 {
		r := Reader{Config: config(s, "/many/")}
		compacted := false
		r.revisions = func(rev int64) {
			if !compacted { // under the first page's feet
				compacted = true
				put(t, c, "/app/tick=1")
				c.Compact(ctx, rev+1)
			}
		}
		u, err := r.Snapshot(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if len(u.Keys) != 2500 {
			t.Fatalf("%d keys, want 2500", len(u.Keys))
		}
		// Batches are written in order, so of one revision the generations
		// never rise from key to key, and differ by one at most.
		for i := 1; i < len(u.Keys); i++ {
			a, b := u.Keys[i-1].Value.Text, u.Keys[i].Value.Text
			if len(a) == len(b) && a < b {
				t.Fatalf("revision %d: %s is of generation %s, %s of %s", u.Revision, u.Keys[i-1].Key, a, u.Keys[i].Key, b)
			}
		}
	}
}

func TestAuthAndTLS(t *testing.T) {
	eachVersion(t, func(t *testing.T, version string) {
		s := etcdtest.Start(t, etcdtest.Options{Version: version, TLS: true, ClientCert: false})
		root := admin(t, s, "", "")
		put(t, root, "/app/a=1", "/other/b=2", "/app=self")
		ctx := context.Background()
		for _, step := range []func() error{
			func() error { _, err := root.UserAdd(ctx, "root", "rootpw"); return err },
			func() error { _, err := root.RoleAdd(ctx, "root"); return err },
			func() error { _, err := root.UserGrantRole(ctx, "root", "root"); return err },
			func() error { _, err := root.UserAdd(ctx, "app", "hunter2"); return err },
			func() error { _, err := root.RoleAdd(ctx, "app"); return err },
			func() error {
				_, err := root.RoleGrantPermission(ctx, "app", "/app/", clientv3.GetPrefixRangeEnd("/app/"), clientv3.PermissionType(clientv3.PermRead))
				return err
			},
			func() error { _, err := root.UserGrantRole(ctx, "app", "app"); return err },
			func() error { _, err := root.AuthEnable(ctx); return err },
		} {
			if err := step(); err != nil {
				t.Fatal(err)
			}
		}
		dir := t.TempDir()
		file := func(name, text string) string {
			path := filepath.Join(dir, name)
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			return path
		}
		good := config(s, "/app/")
		good.User, good.Password = "app", "hunter2"
		for _, row := range []struct {
			name string
			with func(c *Config)
			code string // "" when it works
			want string
		}{
			{"right", func(*Config) {}, "", ""},
			{"from files", func(c *Config) {
				c.User, c.Password, c.UserFile, c.PasswordFile = "", "", file("user", "app\n"), file("pw", "hunter2\n")
			}, "", ""},
			{"the key /app may not be read, those below may", func(c *Config) { c.Prefixes = []string{"/app"} }, "", ""},
			{"server name", func(c *Config) { c.ServerName = "etcd.test" }, "", ""},
			{"wrong password", func(c *Config) { c.Password = "hunter3" }, "denied", `the user "app" or the password is wrong`},
			{"no user", func(c *Config) { c.User, c.Password = "", "" }, "denied", "the cluster wants a user and a password, and none are set"},
			{"other prefix", func(c *Config) { c.Prefixes = []string{"/other/"} }, "denied", `the user "app" may not read this: /other/: `},
			{"other server name", func(c *Config) { c.ServerName = "elsewhere" }, "unavailable", "TLS: tls: failed to verify certificate: x509: certificate is valid for etcd.test, not elsewhere"},
			{"no authority", func(c *Config) { c.CAFile = "" }, "unavailable", "TLS: tls: failed to verify certificate: x509: certificate signed by unknown authority"},
			{"not TLS", func(c *Config) {
				c.Endpoints = []string{strings.Replace(s.Endpoint, "https", "http", 1)}
				c.CAFile = ""
			}, "timeout", "it accepts connections and answers no read within"},
			{"empty authority", func(c *Config) { c.CAFile = file("empty.pem", "") }, "invalid", "ca_file: no certificate in "},
			{"empty password file", func(c *Config) { c.Password, c.PasswordFile = "", file("none", "\n") }, "invalid", "password_file: "},
		} {
			t.Run(row.name, func(t *testing.T) {
				r := Reader{Config: good}
				r.Timeout = 3 * time.Second
				row.with(&r.Config)
				u, err := r.Snapshot(ctx)
				if row.code == "" {
					if err != nil || cmp.Diff([]string{"/app/a=1"}, keys(u)) != "" {
						t.Errorf("keys = %v, %v, want /app/a=1", keys(u), err)
					}
					return
				}
				var e *Error
				if !errors.As(err, &e) || e.Code != row.code || !strings.Contains(e.Error(), row.want) || !strings.Contains(e.Error(), r.Endpoints[0]) {
					t.Errorf("error = %v, want %s, %q and the endpoint", err, row.code, row.want)
				}
				if strings.Contains(fmt.Sprint(err), "hunter") {
					t.Errorf("error shows the password: %v", err)
				}
			})
		}
		t.Run("a watch of the key /app, which may not be read, and of those below", func(t *testing.T) {
			r := Reader{Config: good}
			r.Prefixes = []string{"/app"}
			l := start(t, &r, usualPace(r.Timeout))
			put(t, admin(t, s, "root", "rootpw"), "/app/a=2")
			testkit.Eventually(t, testkit.Patience, "a change", l.has("/app/a", "2"))
			if l.said(protocol.Lost, 1)() == nil {
				t.Errorf("contact was lost: %v", l.kinds)
			}
		})
	})
}

func TestClientCertificate(t *testing.T) {
	eachVersion(t, func(t *testing.T, version string) {
		s := etcdtest.Start(t, etcdtest.Options{Version: version, TLS: true, ClientCert: true})
		put(t, admin(t, s, "", ""), "/app/a=1")
		r := Reader{Config: config(s, "/app/")}
		r.Timeout = 3 * time.Second
		if _, err := r.Snapshot(context.Background()); err == nil || !strings.Contains(err.Error(), "TLS: ") || !strings.Contains(err.Error(), "certificate") {
			t.Errorf("without a certificate: %v, want an error about it", err)
		}
		r.CertFile, r.KeyFile = s.Files.ClientCert, s.Files.ClientKey
		if u, err := r.Snapshot(context.Background()); err != nil || len(u.Keys) != 1 {
			t.Errorf("with a certificate: %d keys, %v", len(u.Keys), err)
		}
	})
}

// The server comes up while it is waited for, with a user and without one alike.
func TestServerAwayAtFirst(t *testing.T) {
	for _, user := range []string{"", "root"} {
		t.Run("user="+user, func(t *testing.T) {
			etcdtest.Executable(t, "debian")
			port := testkit.FreePort(t)
			var notes []string
			noted := make(chan struct{}, 100)
			r := Reader{Config: Config{Endpoints: []string{fmt.Sprintf("http://127.0.0.1:%d", port)}, Prefixes: []string{"/app/"}, Timeout: 3 * time.Second, StartTimeout: time.Minute}}
			if user != "" {
				r.User, r.Password = user, "pw"
			}
			r.Note = func(text string) { notes = append(notes, text); noted <- struct{}{} }
			type result struct {
				u   protocol.Update
				err error
			}
			got := make(chan result, 1)
			go func() { // ends when the snapshot comes or fails; the test waits for got
				u, err := r.Snapshot(context.Background())
				got <- result{u, err}
			}()
			<-noted
			s := etcdtest.Start(t, etcdtest.Options{Version: "debian", Port: port})
			res := <-got
			if res.err != nil {
				t.Fatalf("Snapshot from %s: %v", s.Endpoint, res.err)
			}
			if len(notes) == 0 || !strings.Contains(notes[0], "connection refused") || !strings.Contains(notes[0], r.Endpoints[0]) {
				t.Errorf("notes = %q, want the endpoint and its cause", notes)
			}
		})
	}
}

func TestNoServer(t *testing.T) {
	port := testkit.FreePort(t)
	silent, err := net.Listen("tcp", "127.0.0.1:0") // accepts, by its backlog, and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	refused, mute := fmt.Sprintf("http://127.0.0.1:%d", port), "http://"+silent.Addr().String()
	for _, user := range []string{"", "app"} {
		for _, row := range []struct {
			name      string
			endpoints []string
			code      string
			want      string
		}{
			{"refused", []string{refused}, "unavailable", "cannot read etcd at " + refused + ": dial tcp 127.0.0.1:" + fmt.Sprint(port) + ": connect: connection refused"},
			{"two", []string{refused, "http://etcd.invalid:2379"}, "unavailable", refused + ": dial tcp"},
			{"no answer", []string{mute}, "timeout", "cannot read etcd at " + mute + ": it accepts connections and answers no read within 300ms"},
		} {
			t.Run(row.name+" user="+user, func(t *testing.T) {
				r := Reader{Config: Config{Endpoints: row.endpoints, Prefixes: []string{"/"}, Timeout: 300 * time.Millisecond, User: user, Password: user}}
				for _, tries := range []time.Duration{0, 500 * time.Millisecond} {
					r.StartTimeout = tries
					start := time.Now()
					_, err := r.Snapshot(context.Background())
					var e *Error
					if !errors.As(err, &e) || e.Code != row.code || !strings.HasPrefix(e.Error(), row.want) && !strings.Contains(e.Error(), row.want) {
						t.Errorf("error = %v, want %s: %s", err, row.code, row.want)
					}
					if d := time.Since(start); d > time.Minute {
						t.Errorf("took %v", d)
					}
				}
			})
		}
	}
	t.Run("cancelled at once", func(t *testing.T) {
		for _, e := range []string{refused, mute} {
			for _, user := range []string{"", "app"} {
				ctx, cancel := context.WithCancel(context.Background())
				time.AfterFunc(50*time.Millisecond, cancel)
				r := Reader{Config: Config{Endpoints: []string{e}, Prefixes: []string{"/"}, Timeout: 30 * time.Second, StartTimeout: time.Minute, User: user, Password: user}}
				start := time.Now()
				if _, err := r.Snapshot(ctx); !errors.Is(err, context.Canceled) {
					t.Errorf("error = %v, want context.Canceled", err)
				}
				if d := time.Since(start); d > 20*time.Second {
					t.Errorf("took %v, want less than the time limit of 30 s", d)
				}
			}
		}
	})
}

func TestSRV(t *testing.T) {
	s := etcdtest.Start(t, etcdtest.Options{Version: "debian"})
	put(t, admin(t, s, "", ""), "/app/a=1")
	r := Reader{Config: Config{SRV: "example.test", Prefixes: []string{"/app/"}, Timeout: 3 * time.Second}}
	r.Lookup = func(_ context.Context, service, _, name string) (string, []*net.SRV, error) {
		if service == "etcd-client" && name == "example.test" {
			return "", []*net.SRV{{Target: "127.0.0.1.", Port: uint16(s.Port)}}, nil
		}
		return "", nil, &net.DNSError{Err: "no such host", Name: service, IsNotFound: true}
	}
	if u, err := r.Snapshot(context.Background()); err != nil || len(u.Keys) != 1 {
		t.Errorf("Snapshot = %d keys, %v, want 1", len(u.Keys), err)
	}
	r.SRV = "other.test"
	if _, err := r.Snapshot(context.Background()); err == nil || !strings.Contains(err.Error(), "no SRV record names a server") {
		t.Errorf("error = %v, want one about SRV", err)
	}
}

func TestFromRequest(t *testing.T) {
	set := func(words ...string) protocol.Request {
		var q protocol.Request
		for _, w := range words {
			name, text, _ := strings.Cut(w, "=")
			q.Settings = append(q.Settings, protocol.Setting{Name: name, Text: text})
		}
		return q
	}
	c, err := FromRequest(set("endpoints=http://a:1 http://b:2", "endpoints=http://c:3", "prefix=/app/,/b", "secret_prefix=/s/", "start=require", "start_timeout=90s", "export=/app/", "watch=true"))
	if err != nil || len(c.Endpoints) != 3 || len(c.Prefixes) != 2 || c.StartTimeout != 90*time.Second || c.Timeout != DefaultTimeout {
		t.Errorf("FromRequest = %+v, %v", c, err)
	}
	if c, _ := FromRequest(set("endpoints=http://a:1", "prefix=/", "start=optional")); c.StartTimeout != 0 {
		t.Errorf("optional tries for %v, want once", c.StartTimeout)
	}
	for _, row := range []struct {
		name string
		q    protocol.Request
		want []string
	}{
		{"nothing", set(), []string{"endpoints: expected the URL of a server", "prefix: expected what to read"}},
		{"several", set("endpoints=etcd http://a http://a:1/x ftp://b:1", "prefix=/", "timeout=soon", "start_timeout=-1s", "colour=red"), []string{
			`timeout: expected a duration such as 5s, got "soon"`, "start_timeout: expected", "colour: no such setting of etcd",
			`endpoints: expected a URL or host:port, got "etcd"`, "endpoints: expected http://host:port and nothing else", `got "ftp"`,
		}},
		{"half", set("endpoints=http://a:1 https://b:2", "prefix=/", "user=x", "cert_file=y"), []string{"some with TLS and some without", "cert_file and key_file belong", "user and password belong"}},
		{"no effect", set("endpoints=http://a:1", "prefix=/", "ca_file=y"), []string{"have no effect on endpoints without https"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := FromRequest(row.q)
			for _, w := range row.want {
				if !strings.Contains(fmt.Sprint(err), w) {
					t.Errorf("error lacks %q:\n%v", w, err)
				}
			}
		})
	}
}

func TestConformance(t *testing.T) {
	s := etcdtest.Start(t, etcdtest.Options{Version: "debian"})
	c := admin(t, s, "", "")
	for _, secret := range []bool{false, true} {
		n := 0
		sourcetest.Run(t, sourcetest.Subject{
			Source: "etcd", Secret: secret, Places: true,
			Put: func(t *testing.T, vars map[string]string) sourcetest.Read {
				n++
				prefix := fmt.Sprintf("/conformance/%t/%d/", secret, n)
				for name, text := range vars {
					if _, err := c.Put(context.Background(), prefix+strings.ToLower(name), text); err != nil {
						t.Fatal(err)
					}
				}
				cfg := config(s, prefix)
				if secret {
					cfg.SecretPrefixes = []string{prefix}
				}
				return func() (sources.Layer, []sources.Note, error) {
					r := Reader{Config: cfg}
					u, err := r.Snapshot(context.Background())
					if err != nil {
						return sources.Layer{}, nil, err
					}
					l, err := kv.New("etcd", u.Revision, []string{prefix}, u.Keys).Export([]string{prefix})
					return l, nil, err
				}
			},
		})
	}
}

// A page has about four MiB, whatever the size of a value.
func TestNextLimit(t *testing.T) {
	for _, row := range []struct {
		name  string
		keys  int
		bytes int // of each
		want  int
	}{
		{"tiny ones", 1000, 1, largestPage},
		{"small ones", 1000, 1 << 10, 4096},
		{"large ones", 1000, 1 << 20, 10},
		{"empty ones", 3, 0, largestPage},
	} {
		t.Run(row.name, func(t *testing.T) {
			page := slices.Repeat([]*mvccpb.KeyValue{{Value: make([]byte, row.bytes)}}, row.keys)
			if got := nextLimit(page); got != row.want {
				t.Errorf("nextLimit = %d, want %d", got, row.want)
			}
		})
	}
}
