package etcd

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"slipway/internal/fleet"
	"slipway/internal/test/etcdtest"
	"slipway/internal/test/testkit"
	"slipway/sources/protocol"
)

// troupe are members of a rollout.
type troupe struct {
	t  *testing.T
	mu sync.Mutex // turns come on goroutines of their own
	on map[int]string
	by map[int]*trouper
}

type trouper struct {
	outcome chan string
	end     func()
	ended   chan error
}

func (tr *troupe) join(i int, c Config, revision int64) {
	tr.t.Helper()
	ctx, cancel := context.WithCancelCause(context.Background())
	m := &trouper{outcome: make(chan string), ended: make(chan error, 1), end: func() { cancel(errEnough) }}
	tr.mu.Lock()
	tr.by[i], tr.on[i] = m, ""
	tr.mu.Unlock()
	go func() { // ends with ctx
		r := Reader{Config: c}
		err := r.Rollout(ctx, revision, m.outcome, func(turn protocol.Turn, text string) {
			tr.mu.Lock()
			defer tr.mu.Unlock()
			tr.on[i] = strings.TrimSpace(fmt.Sprint(map[protocol.Turn]string{protocol.Queued: "waits", protocol.Held: "acts", protocol.Stopped: "refused", protocol.Away: "away"}[turn], " ", text))
		})
		m.ended <- err
	}()
	tr.t.Cleanup(m.end)
}

// are waits until so many members are in a state, and returns them.
func (tr *troupe) are(n int, state string) (which []int) {
	tr.t.Helper()
	testkit.Eventually(tr.t, testkit.Patience, fmt.Sprint(n, " members: ", state), func() error {
		tr.mu.Lock()
		defer tr.mu.Unlock()
		which = nil
		for i, s := range tr.on {
			if strings.HasPrefix(s, state) {
				which = append(which, i)
			}
		}
		if len(which) != n {
			return fmt.Errorf("the states are %v", tr.on)
		}
		return nil
	})
	return which
}

func TestRollout(t *testing.T) {
	eachVersion(t, func(t *testing.T, version string) {
		s := etcdtest.Start(t, etcdtest.Options{Version: version})
		c := admin(t, s, "", "")
		change := func(text string) int64 {
			t.Helper()
			resp, err := c.Put(context.Background(), "/app/level", text)
			if err != nil {
				t.Fatal(err)
			}
			return resp.Header.Revision
		}
		conf := config(s, "/app/")
		conf.Shares, _ = fleet.ParseShares([]string{"1", "50%"})
		begin := func(t *testing.T, n int, revision int64) *troupe {
			tr := &troupe{t: t, on: map[int]string{}, by: map[int]*trouper{}}
			for i := range n {
				// At other revisions with the same content, too: what others write matters not.
				tr.join(i, conf, revision+int64(i%2))
			}
			return tr
		}
		settle := func(tr *troupe, which []int, why string) {
			for _, i := range which {
				tr.by[i].outcome <- why
			}
		}
		t.Run("share by share", func(t *testing.T) {
			at := change("one")
			put(t, c, "/other/x=1")
			tr := begin(t, 6, at)
			tr.are(5, "waits")
			first := tr.are(1, "acts")
			settle(tr, first, "")
			three := tr.are(3, "acts")
			tr.are(3, "waits")
			for _, i := range three {
				if i != first[0] {
					settle(tr, []int{i}, "")
				}
			}
			all := tr.are(6, "acts")
			for _, i := range all {
				if !strings.Contains(fmt.Sprint(three), fmt.Sprint(i)) {
					settle(tr, []int{i}, "")
				}
			}
			for i := range 6 {
				if err := <-tr.by[i].ended; err != nil {
					t.Errorf("member %d ends with %v", i, err)
				}
			}
		})
		t.Run("one that refuses stops it, until somebody takes that back", func(t *testing.T) {
			at := change("two")
			put(t, c, "/other/x=2")
			tr := begin(t, 4, at)
			first := tr.are(1, "acts")
			tr.are(3, "waits")
			settle(tr, first, "web did not come back healthy")
			tr.are(3, "refused web did not come back healthy (/app/.slipway/refused/")
			late := len(tr.on)
			tr.join(late, conf, at)
			tr.are(4, "refused web")
			for _, r := range []int64{at, at + 1} {
				if _, err := c.Delete(context.Background(), fmt.Sprintf("/app/.slipway/refused/%d", r)); err != nil {
					t.Fatal(err)
				}
			}
			tr.are(4, "waits")
			for i := range tr.by {
				tr.by[i].end()
			}
		})
		t.Run("one that waits and dies lets the others pass; one that acts does not", func(t *testing.T) {
			at := change("three")
			put(t, c, "/other/x=3")
			tr := begin(t, 3, at)
			first := tr.are(1, "acts")
			waiting := tr.are(2, "waits")
			tr.by[waiting[0]].end()
			tr.by[first[0]].end()
			if err := <-tr.by[first[0]].ended; !errors.Is(err, errEnough) {
				t.Errorf("it ends with %v", err)
			}
			<-tr.by[waiting[0]].ended
			got, err := c.Get(context.Background(), "/app/.slipway/rollout/", rangeOf("/app/.slipway/rollout/"))
			var values []string
			for _, p := range got.Kvs {
				if v := string(p.Value); v == "acts" || v == "waits" {
					values = append(values, v)
				}
			}
			if err != nil || len(values) < 2 {
				t.Errorf("tickets are %v, %v, want that of the one that acts, and of the one that waits", values, err)
			}
		})
		t.Run("the server is away for a while", func(t *testing.T) {
			wire := etcdtest.Connect(t, s)
			at := change("four")
			tr := &troupe{t: t, on: map[int]string{}, by: map[int]*trouper{}}
			far := conf
			far.Endpoints = []string{wire.Endpoint}
			far.Timeout = 2 * time.Second
			tr.join(0, far, at)
			tr.are(1, "acts")
			wire.Cut()
			tr.are(1, "away")
			go func() { tr.by[0].outcome <- "" }() // ends when it is in contact
			wire.Mend()
			if err := <-tr.by[0].ended; err != nil {
				t.Errorf("it ends with %v, want that all is well", err)
			}
		})
	})
}

func rangeOf(prefix string) clientv3.OpOption {
	return clientv3.WithRange(clientv3.GetPrefixRangeEnd(prefix))
}
