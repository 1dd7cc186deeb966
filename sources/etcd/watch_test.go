package etcd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"slipway/internal/test/etcdtest"
	"slipway/internal/test/testkit"
	"slipway/sources/protocol"
)

// follower of a test: what a watch said, as a state and as a list.
type log struct {
	mu    sync.Mutex
	state protocol.State
	kinds []protocol.Kind
	also  func(protocol.Update)
	torn  string // a moment at which two keys of one transaction differed
}

func (l *log) emit(u protocol.Update) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state.Apply(u)
	l.kinds = append(l.kinds, u.Kind)
	if l.also != nil {
		l.also(u)
	}
	if m := l.lookup(); m["/a/twin"] != m["/b/twin"] {
		l.torn = fmt.Sprintf("revision %d: %s and %s", u.Revision, m["/a/twin"], m["/b/twin"])
	}
	return nil
}

func (l *log) lookup() map[string]string {
	m := map[string]string{}
	for _, p := range l.state.Snapshot().Keys {
		m[p.Key] = p.Value.Text
	}
	return m
}

func (l *log) has(key, text string) func() error {
	return func() error {
		l.mu.Lock()
		defer l.mu.Unlock()
		if got, ok := l.lookup()[key]; ok != (text != "") || got != text {
			return fmt.Errorf("%s is %q, want %q", key, got, text)
		}
		return nil
	}
}

func (l *log) said(k protocol.Kind, times int) func() error {
	return func() error {
		l.mu.Lock()
		defer l.mu.Unlock()
		n := 0
		for _, x := range l.kinds {
			if x == k {
				n++
			}
		}
		if n < times {
			return fmt.Errorf("kind %d was said %d times in %v, want %d", k, n, l.kinds, times)
		}
		return nil
	}
}

// start watches until the test ends.
func start(t *testing.T, r *Reader, p pace) *log {
	t.Helper()
	l := &log{}
	startLog(t, l, r, p)
	return l
}

// received is how many bytes a server has sent to its clients.
func received(t *testing.T, s *etcdtest.Server) float64 {
	t.Helper()
	resp, err := http.Get(s.Endpoint + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "\netcd_network_client_grpc_sent_bytes_total ")
	line, _, _ := strings.Cut(rest, "\n")
	n, err := strconv.ParseFloat(line, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func startLog(t *testing.T, l *log, r *Reader, p pace) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.watch(ctx, l.emit, p) }() // ends with cancel; the cleanup waits
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-done:
			if !errors.Is(err, context.Canceled) {
				t.Errorf("watch = %v, want context.Canceled", err)
			}
		case <-time.After(testkit.Patience):
			t.Error("the watch does not end")
		}
	})
	testkit.Eventually(t, testkit.Patience, "first snapshot", l.said(protocol.Whole, 1))
}

func TestWatch(t *testing.T) {
	eachVersion(t, func(t *testing.T, version string) {
		s := etcdtest.Start(t, etcdtest.Options{Version: version})
		c := admin(t, s, "", "")
		put(t, c, "/a/x=1", "/a/y=1", "/a2/x=no")

		t.Run("one range: a change is a change", func(t *testing.T) {
			l := start(t, &Reader{Config: config(s, "/a/")}, usualPace(DefaultTimeout))
			put(t, c, "/a/x=2", "/a2/x=3", "/a/z=9")
			testkit.Eventually(t, testkit.Patience, "put", l.has("/a/x", "2"))
			if _, err := c.Delete(context.Background(), "/a/y"); err != nil {
				t.Fatal(err)
			}
			testkit.Eventually(t, testkit.Patience, "delete", l.has("/a/y", ""))
			testkit.Eventually(t, testkit.Patience, "put of a new key", l.has("/a/z", "9"))
			if err := l.has("/a2/x", "")(); err != nil {
				t.Error(err)
			}
			if l.said(protocol.Whole, 2)() == nil {
				t.Errorf("a plain change led to a new snapshot: %v", l.kinds)
			}
		})
		t.Run("two ranges: a transaction is seen whole", func(t *testing.T) {
			put(t, c, "/b/x=1")
			l := start(t, &Reader{Config: config(s, "/a/", "/b/")}, usualPace(DefaultTimeout))
			for i := range 50 {
				text := fmt.Sprint(i)
				if _, err := c.Txn(context.Background()).Then(clientv3.OpPut("/a/twin", text), clientv3.OpPut("/b/twin", text)).Commit(); err != nil {
					t.Fatal(err)
				}
			}
			testkit.Eventually(t, testkit.Patience, "the last transaction", l.has("/b/twin", "49"))
			if l.torn != "" {
				t.Errorf("half a transaction was seen at %s", l.torn)
			}
		})
		t.Run("one prefix: a transaction across slipway's own keys is seen whole", func(t *testing.T) {
			const before, after = "/r/-twin", "/r/twin" // /r/.slipway/ is between them
			l := &log{}
			torn := ""
			l.also = func(u protocol.Update) {
				if m := l.lookup(); m[before] != m[after] {
					torn = fmt.Sprintf("revision %d: %q and %q", u.Revision, m[before], m[after])
				}
			}
			startLog(t, l, &Reader{Config: config(s, "/r/")}, usualPace(DefaultTimeout))
			for i := range 50 {
				text := fmt.Sprint(i)
				own := clientv3.OpPut("/r/.slipway/slots/1/x", text)
				ops := []clientv3.Op{clientv3.OpPut(before, text), own, clientv3.OpPut(after, text)}
				if i%10 == 9 {
					ops = []clientv3.Op{clientv3.OpDelete(before), own, clientv3.OpDelete(after)}
				}
				if _, err := c.Txn(context.Background()).Then(ops...).Commit(); err != nil {
					t.Fatal(err)
				}
			}
			put(t, c, before+"=last", after+"=last") // two revisions: torn between them
			testkit.Eventually(t, testkit.Patience, "the last transaction", l.has(after, "last"))
			testkit.Eventually(t, testkit.Patience, "the key before", l.has(before, "last"))
			if torn != "" && !strings.Contains(torn, "last") {
				t.Errorf("half a transaction was seen at %s", torn)
			}
			if err := l.has("/r/.slipway/slots/1/x", "")(); err != nil {
				t.Error(err)
			}
			put(t, c, "/r/-alone=1")
			testkit.Eventually(t, testkit.Patience, "a key before slipway's own alone", l.has("/r/-alone", "1"))
		})
		t.Run("what a fleet writes is not heard of", func(t *testing.T) {
			put(t, c, "/f/x=1")
			l := start(t, &Reader{Config: config(s, "/f/")}, usualPace(DefaultTimeout))
			before := received(t, s)
			for i := range 50 {
				put(t, c, fmt.Sprintf("/f/.slipway/rollout/x/tickets/%d=%s", i, strings.Repeat("x", 1000)))
			}
			put(t, c, "/f/x=2")
			testkit.Eventually(t, testkit.Patience, "what comes after it", l.has("/f/x", "2"))
			// The answers to the writer are small. A watch that hears of them has 50 KB.
			if sent := received(t, s) - before; sent > 20_000 {
				t.Errorf("the server has sent %.0f bytes", sent)
			}
		})
		t.Run("the server restarts", func(t *testing.T) {
			p := usualPace(DefaultTimeout)
			p.watchdog = time.Second
			r := &Reader{Config: config(s, "/a/")}
			r.Timeout = 2 * time.Second
			l := start(t, r, p)
			s.Stop()
			testkit.Eventually(t, testkit.Patience, "lost", l.said(protocol.Lost, 1))
			s.Run()
			testkit.Eventually(t, testkit.Patience, "back", l.said(protocol.Regained, 1))
			put(t, admin(t, s, "", ""), "/a/x=after")
			testkit.Eventually(t, testkit.Patience, "change after the restart", l.has("/a/x", "after"))
		})
	})
}

// A member that says nothing is noticed, although nothing is closed.
func TestWatchdogNoticesSilence(t *testing.T) {
	s := etcdtest.Start(t, etcdtest.Options{Version: "debian"})
	c := admin(t, s, "", "")
	put(t, c, "/a/x=1")
	r := &Reader{Config: config(s, "/a/")}
	r.Timeout = 500 * time.Millisecond
	p := usualPace(DefaultTimeout)
	p.watchdog = 300 * time.Millisecond
	l := start(t, r, p)
	resume := s.Pause()
	testkit.Eventually(t, testkit.Patience, "lost", l.said(protocol.Lost, 1))
	resume()
	testkit.Eventually(t, testkit.Patience, "back", l.said(protocol.Regained, 1))
	put(t, c, "/a/x=2")
	testkit.Eventually(t, testkit.Patience, "change", l.has("/a/x", "2"))
}

// The cluster is replaced by one with an older history, as a restore does. A
// watch at the old revision would be told nothing, for ever.
func TestReplacedHistory(t *testing.T) {
	s := etcdtest.Start(t, etcdtest.Options{Version: "debian"})
	c := admin(t, s, "", "")
	for i := range 50 {
		put(t, c, fmt.Sprintf("/a/x=%d", i))
	}
	put(t, c, "/a/gone=1")
	p := usualPace(DefaultTimeout)
	p.watchdog = 300 * time.Millisecond
	l := start(t, &Reader{Config: config(s, "/a/")}, p)
	s.Stop()
	other := etcdtest.Start(t, etcdtest.Options{Version: "debian", Port: s.Port})
	put(t, admin(t, other, "", ""), "/a/x=restored")
	testkit.Eventually(t, testkit.Patience, "the restored value", l.has("/a/x", "restored"))
	testkit.Eventually(t, testkit.Patience, "what the old history had", l.has("/a/gone", ""))
}

// What a watch missed is found by reading everything now and then.
func TestAntiEntropy(t *testing.T) {
	s := etcdtest.Start(t, etcdtest.Options{Version: "debian"})
	c := admin(t, s, "", "")
	put(t, c, "/a/x=1")
	r := &Reader{Config: config(s, "/a/")}
	var mu sync.Mutex
	var notes []string
	r.Note = func(text string) { mu.Lock(); notes = append(notes, text); mu.Unlock() }
	f := &follower{r: r, pace: usualPace(DefaultTimeout), emit: func(protocol.Update) error { return nil }}
	u, err := r.Snapshot(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	u.Keys[0].Value.Text = "stale" // as if an event had been lost
	if err := f.send(u); err != nil {
		t.Fatal(err)
	}
	if err := f.reread(context.Background(), c, "missed"); err != nil {
		t.Fatal(err)
	}
	if got := f.state.Snapshot().Keys[0].Value.Text; got != "1" || strings.Join(notes, "") != "missed" {
		t.Errorf("after reading everything x is %q, notes %q", got, notes)
	}
}

// A watch of what was compacted meanwhile says so, and goes on with a new reading.
func TestWatchOfACompactedHistory(t *testing.T) {
	s := etcdtest.Start(t, etcdtest.Options{Version: "debian"})
	c := admin(t, s, "", "")
	put(t, c, "/a/x=1")
	var notes []string
	r := &Reader{Config: config(s, "/a/"), Note: func(text string) { notes = append(notes, text) }}
	f := &follower{r: r, pace: usualPace(DefaultTimeout), emit: func(protocol.Update) error { return nil }}
	u, err := r.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := f.send(u); err != nil {
		t.Fatal(err)
	}
	put(t, c, "/a/x=2", "/a/x=3")
	if _, err := c.Compact(t.Context(), u.Revision+2); err != nil {
		t.Fatal(err)
	}
	if err := f.listen(t.Context(), c); !errors.Is(err, errRelist) {
		t.Errorf("listen = %v, want that everything is read anew", err)
	}
	want := fmt.Sprintf("the history was compacted up to revision %d before it was followed so far; everything is read anew", u.Revision+2)
	if len(notes) != 1 || notes[0] != want {
		t.Errorf("the notes are %q, want %q", notes, want)
	}
}

func TestWatchEndsWithItsCaller(t *testing.T) {
	s := etcdtest.Start(t, etcdtest.Options{Version: "debian"})
	enough := errors.New("enough")
	r := &Reader{Config: config(s, "/a/")}
	if err := r.Watch(context.Background(), func(protocol.Update) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("Watch = %v, want enough", err)
	}
}
