package supervise

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"slipway/supervise/config"
	"slipway/supervise/control"
)

// few lets the supervisor have no more descriptors than it has now and n others.
func (x *simulation) few(n int) {
	x.t.Helper()
	if err := x.m.SetLimit(unix.RLIMIT_NOFILE, uint64(len(x.m.Descriptors())+n), 1024); err != nil {
		x.t.Fatal(err)
	}
}

// F67: a client opens logs and never reads the answers. What waits for it is bounded, and
// so are all such clients.
func TestF67LogsThatNobodyReceives(t *testing.T) {
	simulated(t, Run, func(x *simulation) *config.Config {
		return x.config(0, x.playing("a", "print 1 hello", "pause"))
	}, func(x *simulation) {
		x.printed("a", "hello")
		for range 8 {
			before := len(x.m.Descriptors())
			c := x.dial()
			for range 4000 {
				c.call(control.OpProcessOpenLog, control.String("a"), control.String("stdout"))
			}
			x.settle()
			if grown := len(x.m.Descriptors()) - before; grown > 1+control.MaxFiles/4 {
				t.Errorf("a client that does not read takes %d descriptors, want %d at most", grown, 1+control.MaxFiles/4)
			}
			x.ask(control.Success, control.OpState)
		}
		for _, c := range x.clients[1:] {
			c.conn.Close()
		}
	})
}

// Clients take what descriptors there are. A program that dies is started again all the
// same, somebody can ask, and the listener does not spin: it rests, and wakes up when there
// are descriptors.
func TestF67DescriptorsRunOut(t *testing.T) {
	simulated(t, Run, func(x *simulation) *config.Config {
		return x.config(0, x.playing("a", "print 1 hello", "sleep 30s", "exit 1"))
	}, func(x *simulation) {
		x.sleep(2 * time.Second)
		x.ask(control.Success, control.OpState)
		x.few(30)
		var busy []*simClient
		for range 30 {
			c := x.dial()
			c.call(control.OpWaitIdle) // answered at once
			c.call(control.OpEventStream, control.Strings(nil))
			busy = append(busy, c)
		}
		x.settle()
		spawns := x.m.Spawns()
		x.sleep(time.Minute)
		if got := x.m.Spawns(); got <= spawns {
			t.Error("the program was not started again")
		}
		x.says("cannot serve another client of the control socket: descriptors are kept for programs")
		for _, c := range busy {
			c.conn.Close()
		}
		x.settle()
		x.sleep(2 * time.Second)
		last := x.dial()
		call := last.call(control.OpState)
		x.sleep(10 * time.Millisecond)
		if last.receive(t); call.answer == nil || call.answer.Fault != nil {
			t.Error("nobody is served when there are descriptors again")
		}
	})
}

// Whatever accept fails with, the listener rests until something is free, a second at most.
func TestF67ListenerRests(t *testing.T) {
	for _, err := range []syscall.Errno{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, syscall.EPERM} {
		t.Run(unix.ErrnoName(err), func(t *testing.T) {
			simulated(t, Run, func(x *simulation) *config.Config {
				return x.config(0, x.playing("a", "pause"))
			}, func(x *simulation) {
				first := x.dial()
				x.settle()
				for range 5 { // while the loop tries, nothing settles
					x.m.Fail("Accept", err)
				}
				began := time.Now()
				c := x.dial()
				call := c.call(control.OpState)
				x.until("the call is answered", func() bool { c.receive(t); return call.answer != nil })
				if took := time.Since(began); took < time.Second || took > 7*time.Second {
					t.Errorf("answered after %v, want 5 rests of a second", took)
				}
				x.m.Fail("Accept", err)
				c = x.dial()
				call = c.call(control.OpState)
				x.sleep(10 * time.Millisecond)
				first.conn.Close() // there is a descriptor
				x.sleep(10 * time.Millisecond)
				if c.receive(t); call.answer == nil {
					t.Error("the listener sleeps on when there is a descriptor")
				}
				if n := strings.Count(x.file("log"), "cannot serve another client"); n != 1 {
					t.Errorf("said %d times, want once", n)
				}
			})
		})
	}
}
