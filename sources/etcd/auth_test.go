package etcd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"slipway/internal/test/etcdtest"
	"slipway/internal/test/testkit"
	"slipway/sources/protocol"
)

// onlooker watches, and knows what it was told.
type onlooker struct {
	t     *testing.T
	mu    sync.Mutex // updates come on a goroutine of their own
	state protocol.State
	lost  string
}

func look(t *testing.T, conf Config) *onlooker {
	t.Helper()
	o := &onlooker{t: t}
	ctx, cancel := context.WithCancelCause(context.Background())
	ended := make(chan error, 1)
	go func() { // ends with ctx; the cleanup waits
		r := Reader{Config: conf}
		ended <- r.watch(ctx, func(u protocol.Update) error {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.state.Apply(u)
			switch u.Kind {
			case protocol.Lost:
				o.lost = u.Text
			case protocol.Regained, protocol.Whole:
				o.lost = ""
			}
			return nil
		}, pace{watchdog: time.Second, entropy: time.Hour, quiet: 10 * time.Millisecond, certificates: time.Hour})
	}()
	t.Cleanup(func() { cancel(errEnough); <-ended })
	return o
}

// sees waits until a key has a value, and there is contact.
func (o *onlooker) sees(key, text string) {
	o.t.Helper()
	testkit.Eventually(o.t, testkit.Patience, key+" is "+text, func() error {
		o.mu.Lock()
		defer o.mu.Unlock()
		if o.lost != "" {
			return errors.New(o.lost)
		}
		for _, p := range o.state.Snapshot().Keys {
			if p.Key == key && p.Value.Text == text {
				return nil
			}
		}
		return fmt.Errorf("keys are %v", keys(o.state.Snapshot()))
	})
}

// loses waits until contact is lost.
func (o *onlooker) loses() {
	o.t.Helper()
	testkit.Eventually(o.t, testkit.Patience, "contact is lost", func() error {
		o.mu.Lock()
		defer o.mu.Unlock()
		if o.lost == "" {
			return errors.New("it is there")
		}
		return nil
	})
}

// What a user may, and how it logs in, changes while keys are watched: tokens end over and
// over, the user is removed and comes back with another password, its role is taken away and
// given back. Each time the watch goes on by itself.
func TestAuthenticationChanges(t *testing.T) {
	eachVersion(t, func(t *testing.T, version string) {
		const ttl = time.Second
		s := etcdtest.Start(t, etcdtest.Options{Version: version, Args: []string{"--auth-token-ttl", "1"}})
		open := admin(t, s, "", "")
		ctx := context.Background()
		do := func(steps ...func() error) {
			t.Helper()
			for _, step := range steps {
				if err := step(); err != nil {
					t.Fatal(err)
				}
			}
		}
		put(t, open, "/app/a=1")
		do(
			func() error { _, err := open.UserAdd(ctx, "root", "rootpw"); return err },
			func() error { _, err := open.RoleAdd(ctx, "root"); return err },
			func() error { _, err := open.UserGrantRole(ctx, "root", "root"); return err },
			func() error { _, err := open.UserAdd(ctx, "app", "one"); return err },
			func() error { _, err := open.RoleAdd(ctx, "app"); return err },
			func() error {
				_, err := open.RoleGrantPermission(ctx, "app", "/app/", clientv3.GetPrefixRangeEnd("/app/"), clientv3.PermissionType(clientv3.PermRead))
				return err
			},
			func() error { _, err := open.UserGrantRole(ctx, "app", "app"); return err },
			func() error { _, err := open.AuthEnable(ctx); return err },
		)
		conf := config(s, "/app/")
		conf.User, conf.PasswordFile = "app", filepath.Join(t.TempDir(), "password")
		conf.Timeout = 2 * time.Second
		password := func(text string) {
			t.Helper()
			if err := os.WriteFile(conf.PasswordFile, []byte(text+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		password("one")
		// As root, with a login of its own each time: its tokens end as well.
		as := func(f func(c *clientv3.Client) error) {
			t.Helper()
			c := admin(t, s, "root", "rootpw")
			defer c.Close()
			if err := f(c); err != nil {
				t.Fatal(err)
			}
		}
		write := func(text string) {
			t.Helper()
			as(func(c *clientv3.Client) error { _, err := c.Put(ctx, "/app/a", text); return err })
		}
		o := look(t, conf)
		o.sees("/app/a", "1")
		began := time.Now()
		for n := 1; n <= 3; n++ {
			testkit.Eventually(t, testkit.Patience, "another token is over", func() error {
				if time.Since(began) < time.Duration(n)*ttl*3/2 {
					return errors.New("not yet")
				}
				return nil
			})
			write(fmt.Sprint("token ", n))
			o.sees("/app/a", fmt.Sprint("token ", n))
		}
		as(func(c *clientv3.Client) error { _, err := c.UserDelete(ctx, "app"); return err })
		o.loses()
		as(func(c *clientv3.Client) error {
			_, err := c.UserAdd(ctx, "app", "two")
			if err == nil {
				_, err = c.UserGrantRole(ctx, "app", "app")
			}
			return err
		})
		password("two")
		write("another password")
		o.sees("/app/a", "another password")
		as(func(c *clientv3.Client) error { _, err := c.UserRevokeRole(ctx, "app", "app"); return err })
		o.loses()
		as(func(c *clientv3.Client) error { _, err := c.UserGrantRole(ctx, "app", "app"); return err })
		write("a role again")
		o.sees("/app/a", "a role again")
	})
}

// Authority and certificates are replaced in their files: the server comes back with others,
// and so does the watch.
func TestCertificatesChange(t *testing.T) {
	eachVersion(t, func(t *testing.T, version string) {
		s := etcdtest.Start(t, etcdtest.Options{Version: version, TLS: true, ClientCert: true})
		put(t, admin(t, s, "", ""), "/app/a=1")
		conf := config(s, "/app/")
		conf.CertFile, conf.KeyFile, conf.Timeout = s.Files.ClientCert, s.Files.ClientKey, 2*time.Second
		o := look(t, conf)
		o.sees("/app/a", "1")
		s.Stop()
		o.loses()
		etcdtest.Certificates(t, filepath.Dir(s.Files.CA))
		s.Run()
		put(t, admin(t, s, "", ""), "/app/a=2")
		o.sees("/app/a", "2")
	})
}

// Contact that is lost between the first reading and the watch is found again, and said to be.
func TestContactIsLostAtOnce(t *testing.T) {
	s := etcdtest.Start(t, etcdtest.Options{Version: "debian"})
	c := admin(t, s, "", "")
	put(t, c, "/app/a=1")
	wire := etcdtest.Connect(t, s)
	conf := config(s, "/app/")
	conf.Endpoints = []string{wire.Endpoint}
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	var kinds []protocol.Kind
	r := Reader{Config: conf}
	err := r.Watch(ctx, func(u protocol.Update) error {
		kinds = append(kinds, u.Kind)
		switch {
		case len(kinds) == 1:
			wire.Cut()
		case u.Kind == protocol.Lost:
			put(t, c, "/app/a=2")
			wire.Mend()
		case u.Kind == protocol.Regained:
			return errEnough
		case u.Kind == protocol.Whole || u.Kind == protocol.Partial:
			return errors.New("a change is told, and not that contact is back")
		}
		return nil
	})
	if !errors.Is(err, errEnough) {
		t.Errorf("Watch = %v, want that contact is back; the updates are %v", err, kinds)
	}
}
