package etcd

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	clientv3 "go.etcd.io/etcd/client/v3"

	"slipway/internal/test/etcdtest"
	"slipway/sources"
	"slipway/sources/kv"
	"slipway/sources/protocol"
)

func written(words ...string) (out []kv.Pair) {
	for _, w := range words {
		key, text, _ := strings.Cut(w, "=")
		out = append(out, kv.Pair{Key: key, Value: sources.Value{Text: text}})
	}
	return out
}

func TestWrite(t *testing.T) {
	eachVersion(t, func(t *testing.T, version string) {
		s := etcdtest.Start(t, etcdtest.Options{Version: version})
		c := admin(t, s, "", "")
		r := Reader{Config: config(s, "/app/")}
		base := func() int64 {
			t.Helper()
			u, err := r.Snapshot(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			return u.Revision
		}
		write := func(q protocol.Writing) (revisions []int64, err error) {
			err = r.Write(context.Background(), q, func(rev int64) { revisions = append(revisions, rev) })
			return revisions, err
		}
		refused := func(t *testing.T, code string, q protocol.Writing, want string) {
			t.Helper()
			before := base()
			_, err := write(q)
			var e *Error
			if !errors.As(err, &e) || e.Code != code || !strings.Contains(err.Error(), want) {
				t.Errorf("error = %v, want %s with %q", err, code, want)
			}
			if now := base(); now != before {
				t.Errorf("revision %d after it, want %d: nothing was to be written", now, before)
			}
		}
		put(t, c, "/app/a=1", "/app/b=2", "/app/gone=3", "/other/x=1")
		t.Run("all of it is one revision", func(t *testing.T) {
			at := base()
			revs, err := write(protocol.Writing{Base: at, Keys: written("/app/a=2", "/app/new=1"), Deleted: []string{"/app/gone"}})
			if err != nil || len(revs) != 1 || revs[0] != at+1 {
				t.Fatalf("revisions %v, %v, want %d", revs, err, at+1)
			}
			u, err := r.Snapshot(context.Background())
			if got := strings.Join(keys(u), " "); err != nil || got != "/app/a=2 /app/b=2 /app/new=1" {
				t.Errorf("keys are %s, %v", got, err)
			}
		})
		for name, meanwhile := range map[string]func(){
			"another value":       func() { put(t, c, "/app/a=9") },
			"the same value":      func() { put(t, c, "/app/a=2") },
			"a key that is new":   func() { put(t, c, "/app/fresh=9") },
			"deleted":             func() { c.Delete(context.Background(), "/app/a") },
			"deleted and written": func() { c.Delete(context.Background(), "/app/a"); put(t, c, "/app/a=2") },
			"a key to be deleted": func() { put(t, c, "/app/b=9") },
		} {
			t.Run("changed meanwhile: "+name, func(t *testing.T) {
				put(t, c, "/app/a=2", "/app/b=2")
				c.Delete(context.Background(), "/app/fresh")
				at := base()
				meanwhile()
				refused(t, protocol.CodeConflict, protocol.Writing{Base: at, Keys: written("/app/a=3", "/app/fresh=3"), Deleted: []string{"/app/b"}}, "somebody else has changed meanwhile /app/")
			})
		}
		t.Run("another key changed meanwhile", func(t *testing.T) {
			put(t, c, "/app/a=2")
			at := base()
			put(t, c, "/app/unconcerned=9")
			if _, err := write(protocol.Writing{Base: at, Keys: written("/app/a=3")}); err != nil {
				t.Error(err)
			}
		})
		t.Run("compacted meanwhile", func(t *testing.T) {
			at := base()
			put(t, c, "/app/a=5", "/app/a=6")
			if _, err := c.Compact(context.Background(), base()); err != nil {
				t.Fatal(err)
			}
			refused(t, protocol.CodeConflict, protocol.Writing{Base: at, Keys: written("/app/a=3")}, "compacted")
		})
		t.Run("what is not read is not written", func(t *testing.T) {
			for _, key := range []string{"/other/x", "/app", "/app2/a", "/app/.slipway/slots/1"} {
				refused(t, protocol.CodeInvalid, protocol.Writing{Base: base(), Keys: written(key + "=1")}, key+" is not one of the keys that are read")
			}
		})
		var many []kv.Pair
		for i := range 250 {
			many = append(many, written(fmt.Sprintf("/app/many/%03d=%d", i, i))...)
		}
		t.Run("too many", func(t *testing.T) {
			refused(t, protocol.CodeTooLarge, protocol.Writing{Base: base(), Keys: many}, "128 by default")
			revs, err := write(protocol.Writing{Base: base(), Keys: many, Split: true})
			if err != nil || len(revs) != 3 {
				t.Errorf("revisions %v, %v, want three", revs, err)
			}
		})
		t.Run("too large", func(t *testing.T) {
			for _, size := range []int{1 << 20, 3 << 20} { // too much for the server, and for the client
				large := []kv.Pair{{Key: "/app/x", Value: sources.Value{Text: strings.Repeat("x", size)}}, {Key: "/app/y", Value: sources.Value{Text: strings.Repeat("y", 1<<19)}}, {Key: "/app/z", Value: sources.Value{Text: strings.Repeat("z", 1<<19)}}}
				refused(t, protocol.CodeTooLarge, protocol.Writing{Base: base(), Keys: large}, "1.5 MiB by default")
			}
			large := []kv.Pair{{Key: "/app/x", Value: sources.Value{Text: strings.Repeat("x", 1<<20)}}, {Key: "/app/y", Value: sources.Value{Text: strings.Repeat("y", 1<<20)}}}
			if revs, err := write(protocol.Writing{Base: base(), Keys: large, Split: true}); err != nil || len(revs) != 2 {
				t.Errorf("revisions %v, %v, want two", revs, err)
			}
		})
	})
}

// What slipway's own keys hold is no value: a snapshot does not have it, and a watch does
// not tell of it.
func TestOwnKeysAreNoValues(t *testing.T) {
	eachVersion(t, func(t *testing.T, version string) {
		s := etcdtest.Start(t, etcdtest.Options{Version: version})
		c := admin(t, s, "", "")
		put(t, c, "/app/a=1", "/app/.slipway/slots/1=x", "/app/.slipwayer=2", "/app/b/.slipway/x=1")
		for _, prefixes := range [][]string{{"/app/"}, {"/app/", "/none/"}} {
			r := Reader{Config: config(s, prefixes...)}
			ctx, cancel := context.WithCancelCause(context.Background())
			updates := make(chan protocol.Update, 100)
			done := make(chan error, 1)
			go func() {
				done <- r.Watch(ctx, func(u protocol.Update) error { updates <- u; return nil })
			}()
			if got := strings.Join(keys(<-updates), " "); got != "/app/.slipwayer=2 /app/a=1" {
				t.Errorf("the snapshot is %s", got)
			}
			if _, err := c.Txn(ctx).Then(clientv3.OpPut("/app/.slipway/slots/2", "x"), clientv3.OpDelete("/app/.slipway/slots/1")).Commit(); err != nil {
				t.Fatal(err)
			}
			put(t, c, "/app/a="+fmt.Sprint(len(prefixes)+1))
			for {
				u := <-updates
				if u.Kind == protocol.UpTo {
					continue
				}
				if got := strings.Join(keys(u), " "); !strings.HasSuffix(got, fmt.Sprintf("/app/a=%d", len(prefixes)+1)) || strings.Contains(got, "/slots") || len(u.Deleted) > 0 {
					t.Errorf("the first change is %s, deleted %v, want that of /app/a", got, u.Deleted)
				}
				break
			}
			cancel(errors.New("done"))
			<-done
			put(t, c, "/app/a=1")
		}
	})
}
