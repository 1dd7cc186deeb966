package etcd

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	clientv3 "go.etcd.io/etcd/client/v3"

	"slipway/internal/test/etcdtest"
	"slipway/internal/test/testkit"
	"slipway/sources/protocol"
)

var errEnough = errors.New("enough")

// Many stand in line for two slots: never more than two hold one, and each has its turn, also
// when contact is lost meanwhile.
func TestHold(t *testing.T) {
	eachVersion(t, func(t *testing.T, version string) {
		s := etcdtest.Start(t, etcdtest.Options{Version: version})
		c := admin(t, s, "", "")
		const slots, many = 2, 12
		var holding, most, turns atomic.Int64
		var all sync.WaitGroup
		for i := range many {
			all.Go(func() {
				r := Reader{Config: config(s, "/app/")}
				ctx, cancel := context.WithCancelCause(context.Background())
				defer cancel(nil)
				err := r.Hold(ctx, slots, func(turn protocol.Turn, _ string) {
					if turn != protocol.Held {
						return
					}
					now := holding.Add(1)
					for m := most.Load(); now > m && !most.CompareAndSwap(m, now); m = most.Load() {
					}
					put(t, c, fmt.Sprintf("/app/turn/%d=x", i)) // it takes a moment
					turns.Add(1)
					holding.Add(-1)
					cancel(errEnough)
				})
				if !errors.Is(err, errEnough) {
					t.Errorf("Hold = %v, want the cause of the context", err)
				}
			})
		}
		all.Wait()
		if most.Load() > slots || turns.Load() != many {
			t.Errorf("%d held a slot at one time, %d had a turn, want %d and %d", most.Load(), turns.Load(), slots, many)
		}
		left, err := c.Get(context.Background(), "/app/.slipway/", clientv3.WithPrefix())
		if err != nil || len(left.Kvs) != 0 {
			t.Errorf("%v is left, %v", left.Kvs, err)
		}
	})
}

// waiter is somebody in a line.
type waiter struct {
	turns chan string
	end   func()
}

func stand(t *testing.T, c Config, slots int) *waiter {
	t.Helper()
	ctx, cancel := context.WithCancelCause(context.Background())
	w := &waiter{turns: make(chan string, 100)}
	ended := make(chan error, 1)
	go func() { // ends with ctx; end waits
		r := Reader{Config: c}
		err := r.Hold(ctx, slots, func(turn protocol.Turn, text string) {
			w.turns <- fmt.Sprint(turn, " ", text)
		})
		w.turns <- "ended " + err.Error()
		ended <- err
	}()
	w.end = sync.OnceFunc(func() { cancel(errEnough); <-ended })
	t.Cleanup(w.end)
	return w
}

func (w *waiter) next(t *testing.T, want string) {
	t.Helper()
	got := ""
	testkit.Eventually(t, testkit.Patience, want, func() error {
		select {
		case got = <-w.turns:
		default:
		}
		if !strings.HasPrefix(got, want) {
			return fmt.Errorf("the last turn is %q", got)
		}
		return nil
	})
}

func TestHoldGoesOn(t *testing.T) {
	eachVersion(t, func(t *testing.T, version string) {
		s := etcdtest.Start(t, etcdtest.Options{Version: version})
		c := admin(t, s, "", "")
		queued, held, away := fmt.Sprint(protocol.Queued), fmt.Sprint(protocol.Held), fmt.Sprint(protocol.Away)
		t.Run("a holder that dies", func(t *testing.T) {
			lease, err := c.Grant(context.Background(), 2)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.Put(context.Background(), "/app/.slipway/slots/1/dead", "x", clientv3.WithLease(lease.ID)); err != nil {
				t.Fatal(err)
			}
			w := stand(t, config(s, "/app/"), 1)
			w.next(t, queued)
			w.next(t, held)
			w.end()
		})
		t.Run("contact is lost", func(t *testing.T) {
			wire := etcdtest.Connect(t, s)
			conf := config(s, "/app/")
			conf.Endpoints = []string{wire.Endpoint}
			wire.Cut()
			w := stand(t, conf, 1)
			w.next(t, away+" cannot read etcd at "+wire.Endpoint)
			wire.Mend()
			w.next(t, held)
			w.end()
		})
		t.Run("the user may not write there", func(t *testing.T) {
			ctx := context.Background()
			for _, step := range []func() error{
				func() error { _, err := c.UserAdd(ctx, "root", "rootpw"); return err },
				func() error { _, err := c.RoleAdd(ctx, "root"); return err },
				func() error { _, err := c.UserGrantRole(ctx, "root", "root"); return err },
				func() error { _, err := c.UserAdd(ctx, "app", "pw"); return err },
				func() error { _, err := c.RoleAdd(ctx, "app"); return err },
				func() error {
					_, err := c.RoleGrantPermission(ctx, "app", "/app/", clientv3.GetPrefixRangeEnd("/app/"), clientv3.PermissionType(clientv3.PermRead))
					return err
				},
				func() error { _, err := c.UserGrantRole(ctx, "app", "app"); return err },
				func() error { _, err := c.AuthEnable(ctx); return err },
			} {
				if err := step(); err != nil {
					t.Fatal(err)
				}
			}
			conf := config(s, "/app/")
			conf.User, conf.Password = "app", "pw"
			w := stand(t, conf, 1)
			w.next(t, "ended cannot write to etcd at "+s.Endpoint+`: the user "app" may not write below /app/.slipway/slots/`)
			root := admin(t, s, "root", "rootpw")
			if _, err := root.RoleGrantPermission(ctx, "app", "/app/.slipway/", clientv3.GetPrefixRangeEnd("/app/.slipway/"), clientv3.PermissionType(clientv3.PermReadWrite)); err != nil {
				t.Fatal(err)
			}
			w = stand(t, conf, 1)
			w.next(t, held)
		})
	})
}
