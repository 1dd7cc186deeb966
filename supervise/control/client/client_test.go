package client

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"slipway/supervise/control"
	"slipway/supervise/control/controltest"
)

// connect returns a client of a PID 1 that answers with handlers.
func connect(t *testing.T, handlers map[string]controltest.Handler) *Client {
	t.Helper()
	conn, f, err := controltest.Pair()
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- controltest.Serve(conn, true, handlers) }()
	c, err := FromFile(f)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Close()
		_ = conn.Close()
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return c
}

// running is the answer of a supervisor that runs.
func running() control.Value {
	state := control.NewState(control.MoodRunning)
	return control.Encode(&state)
}

func ctx(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func TestFaultsKeepTheirCode(t *testing.T) {
	m := &controltest.Model{Mood: control.MoodRunning}
	c := connect(t, m.Handlers())
	_, err := c.Call(ctx(t), control.OpProcessGet, control.String("nosuch"))
	if !errors.Is(err, &control.Fault{Code: control.BadName}) || err.Error() != "BAD_NAME: nosuch" {
		t.Errorf("err = %v, want BAD_NAME: nosuch", err)
	}
	_, err = c.Call(ctx(t), control.OpProcessGet)
	if !errors.Is(err, &control.Fault{Code: control.IncorrectParameters}) {
		t.Errorf("err = %v, want INCORRECT_PARAMETERS", err)
	}
	_, err = c.Call(ctx(t), control.OpBoot)
	if !errors.Is(err, &control.Fault{Code: control.NotOffered}) {
		t.Errorf("err = %v, want NOT_OFFERED", err)
	}
}

func TestLogsTravelAsDescriptors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(path, []byte("hello\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	m := &controltest.Model{Mood: control.MoodRunning, Logfile: path}
	c := connect(t, m.Handlers())
	for range 100 { // a leak of descriptors would show as EMFILE in a longer run; the order is what matters here
		info, f, err := OpenLog(ctx(t), c, "", "")
		if err != nil || f == nil {
			t.Fatalf("OpenLog = %v, %v", f, err)
		}
		text, _ := io.ReadAll(f)
		_ = f.Close()
		if string(text) != "hello\n" || info.Size != 6 || !info.Regular {
			t.Errorf("log %q, info %+v", text, info)
		}
	}
}

func TestCallsDoNotWaitForEachOther(t *testing.T) {
	release := make(chan struct{})
	c := connect(t, map[string]controltest.Handler{
		control.OpWaitIdle: func(*controltest.Call) (control.Value, *os.File, error) {
			<-release
			return control.Bool(true), nil, nil
		},
		control.OpState: func(*controltest.Call) (control.Value, *os.File, error) {
			return running(), nil, nil
		},
	})
	waited := make(chan error, 1)
	go func() {
		_, err := c.Call(ctx(t), control.OpWaitIdle)
		waited <- err
	}()
	if m, err := State(ctx(t), c); err != nil || m != control.MoodRunning {
		t.Errorf("State = %v, %v", m, err)
	}
	close(release)
	if err := <-waited; err != nil {
		t.Error(err)
	}
}

func TestCancelReachesTheSupervisor(t *testing.T) {
	withdrawn := make(chan struct{})
	short, cancel := context.WithCancel(context.Background())
	defer cancel()
	c := connect(t, map[string]controltest.Handler{
		control.OpWaitIdle: func(call *controltest.Call) (control.Value, *os.File, error) {
			cancel()
			<-call.Done
			close(withdrawn)
			return control.Bool(true), nil, nil
		},
	})
	if _, err := c.Call(short, control.OpWaitIdle); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v, want context.Canceled", err)
	}
	select {
	case <-withdrawn:
	case <-time.After(time.Minute):
		t.Error("the handler was not told")
	}
}

func TestStream(t *testing.T) {
	send := func(n int) map[string]controltest.Handler {
		return map[string]controltest.Handler{
			control.OpEventStream: func(call *controltest.Call) (control.Value, *os.File, error) {
				for i := range n {
					if !call.Chunk(control.Encode(&control.Event{Serial: int64(i)})) {
						return control.Value{}, nil, control.NewFault(control.Cancelled, "")
					}
				}
				return control.Bool(true), nil, nil
			},
		}
	}
	t.Run("all chunks in order", func(t *testing.T) {
		c := connect(t, send(500))
		var next int64
		err := c.Stream(ctx(t), func(v control.Value) error {
			if e := control.Read[control.Event](v); e.Serial != next {
				t.Errorf("serial %d, want %d", e.Serial, next)
			}
			next++
			return nil
		}, control.OpEventStream, control.List())
		if err != nil || next != 500 {
			t.Errorf("%d chunks, %v, want 500", next, err)
		}
	})
	t.Run("the consumer stops", func(t *testing.T) {
		c := connect(t, send(100))
		stop := errors.New("enough")
		err := c.Stream(ctx(t), func(control.Value) error { return stop }, control.OpEventStream, control.List())
		if !errors.Is(err, stop) {
			t.Errorf("err = %v, want %v", err, stop)
		}
	})
	t.Run("a sleeping consumer is dropped, other calls go on", func(t *testing.T) {
		h := send(3 * streamBuffer)
		h[control.OpState] = func(*controltest.Call) (control.Value, *os.File, error) {
			return running(), nil, nil
		}
		c := connect(t, h)
		chunks := 0
		err := c.Stream(ctx(t), func(v control.Value) error {
			if chunks++; chunks > 20 {
				return nil
			}
			// By the time this is answered the reader has passed all chunks.
			for range 20 {
				if _, err := State(ctx(t), c); err != nil {
					return err
				}
			}
			return nil
		}, control.OpEventStream, control.List())
		if err != nil && !errors.Is(err, &control.Fault{Code: control.TooSlow}) {
			t.Errorf("err = %v, want TOO_SLOW or none", err)
		}
		if _, err := State(ctx(t), c); err != nil {
			t.Errorf("the connection is gone: %v", err)
		}
	})
}

func TestGone(t *testing.T) {
	conn, f, err := controltest.Pair()
	if err != nil {
		t.Fatal(err)
	}
	c, err := FromFile(f)
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(10*time.Millisecond, func() { _ = conn.Close() })
	if _, err := c.Call(ctx(t), control.OpState); !errors.Is(err, &control.Fault{Code: control.Gone}) {
		t.Errorf("open call: %v, want GONE", err)
	}
	if _, err := c.Call(ctx(t), control.OpState); !errors.Is(err, &control.Fault{Code: control.Gone}) {
		t.Errorf("later call: %v, want GONE", err)
	}
	_ = c.Close()
}

func TestLargeAnswers(t *testing.T) {
	m := &controltest.Model{Mood: control.MoodRunning}
	for i := range 3000 {
		p := &controltest.Process{}
		p.Name = strings.Repeat("x", i%50) + "p"
		m.Processes = append(m.Processes, p)
	}
	c := connect(t, m.Handlers())
	ps, err := Processes(ctx(t), c)
	if err != nil || len(ps) != 3000 {
		t.Errorf("%d processes, %v", len(ps), err)
	}
}
