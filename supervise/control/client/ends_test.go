package client

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"slipway/internal/test/testkit"
	"slipway/supervise/control"
	"slipway/supervise/control/controltest"
)

// A stream ends when nobody wants it any more, and the supervisor is told.
func TestStreamEndsWithItsContext(t *testing.T) {
	withdrawn := make(chan struct{})
	c := connect(t, map[string]controltest.Handler{
		control.OpEventStream: func(call *controltest.Call) (control.Value, *os.File, error) {
			call.Chunk(control.Encode(&control.Event{Serial: 1}))
			<-call.Done
			close(withdrawn)
			return control.Bool(true), nil, nil
		},
	})
	short, cancel := context.WithCancel(ctx(t))
	defer cancel()
	err := c.Stream(short, func(control.Value) error { cancel(); return nil }, control.OpEventStream, control.List())
	if !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v, want context.Canceled", err)
	}
	select {
	case <-withdrawn:
	case <-time.After(testkit.Patience):
		t.Error("the handler was not told")
	}
}

// A supervisor that reads no more is gone, also for the calls that are open.
func TestGoneForWriting(t *testing.T) {
	conn, f, err := controltest.Pair()
	if err != nil {
		t.Fatal(err)
	}
	c, err := FromFile(f)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	defer c.Close()
	if err := conn.CloseRead(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := c.Call(ctx(t), control.OpState); !errors.Is(err, &control.Fault{Code: control.Gone}) {
			t.Errorf("err = %v, want GONE", err)
		}
	}
}

func TestLogOfAProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(path, []byte("hello\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	asked := make(chan []string, 1)
	c := connect(t, map[string]controltest.Handler{
		control.OpProcessOpenLog: func(call *controltest.Call) (control.Value, *os.File, error) {
			asked <- []string{call.Args[0].Str(), call.Args[1].Str()}
			f, err := os.Open(path)
			return control.Encode(&control.LogInfo{Path: path, Regular: true, Size: 6}), f, err
		},
	})
	info, f, err := OpenLog(ctx(t), c, "web", "stderr")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if text, _ := io.ReadAll(f); string(text) != "hello\n" || info.Path != path || info.Size != 6 {
		t.Errorf("log %q, info %+v", text, info)
	}
	if got, want := <-asked, []string{"web", "stderr"}; !reflect.DeepEqual(got, want) {
		t.Errorf("asked for %q, want %q", got, want)
	}
}

func TestReread(t *testing.T) {
	want := control.RereadResult{Added: []string{"a"}, Changed: []string{"b", "c"}, Removed: []string{"d"}}
	m := &controltest.Model{Mood: control.MoodRunning, Reread: want}
	if got, err := Reread(ctx(t), connect(t, m.Handlers())); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("reread = %+v, %v, want %+v", got, err, want)
	}
}
