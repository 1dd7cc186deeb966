package bus

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"slipway/supervise/events"
	"slipway/supervise/kernel/kerneltest"
	"slipway/supervise/loop"
	"slipway/supervise/loop/looptest"
)

// journal notes what a bus says, a line each.
type journal struct{ lines []string }

func (j *journal) Debug(...string)       {}
func (j *journal) Warn(parts ...string)  { j.lines = append(j.lines, strings.Join(parts, "")) }
func (j *journal) Error(parts ...string) { j.lines = append(j.lines, strings.Join(parts, "")) }

// ear is a member that notes the payloads it is given.
type ear struct {
	*Member
	got []string
	bad bool // cannot be written to
}

func newEar(name string) *ear {
	e := &ear{}
	e.Member = &Member{Name: name, CanTake: func() bool { return true }, Write: func(b []byte) error {
		if e.bad {
			return errors.New("broken pipe")
		}
		_, payload, _ := strings.Cut(string(b), "\n")
		e.got = append(e.got, payload)
		return nil
	}}
	return e
}

// onBus runs a test of a bus with one pool in a bubble.
func onBus(t *testing.T, size int, types []events.Type, test func(b *Bus, l *loop.Loop, p *Pool, log *journal, one, two *ear)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		m := kerneltest.New(t)
		l, log := loop.New(m, m), &journal{}
		one, two := newEar("one"), newEar("two")
		p := &Pool{Pool: &events.Pool{Name: "ears", Size: size, Subscribed: events.SetOf(types...)}, Members: []*Member{one.Member, two.Member}}
		b := New(Options{Loop: l, Log: log, Pools: func(do func(*Pool)) { do(p) }})
		test(b, l, p, log, one, two)
	})
}

var remote = []events.Type{events.RemoteCommunication}

func send(b *Bus, data string) { b.Emit(events.Remote("t", data)) }

func (e *ear) check(t *testing.T, want ...string) {
	t.Helper()
	for i, data := range want {
		want[i] = "type:t\n" + data
	}
	if !slices.Equal(e.got, want) {
		t.Errorf("%s was given %q, want %q", e.Name, e.got, want)
	}
}

// An event waits until a listener is ready, and one that was handled does not come again.
func TestEventsWaitForAListener(t *testing.T) {
	onBus(t, 10, remote, func(b *Bus, _ *loop.Loop, p *Pool, _ *journal, one, two *ear) {
		send(b, "a")
		send(b, "b")
		one.check(t)
		b.Heard(p, one.Member, []byte("READY\n"))
		one.check(t, "a")
		b.Heard(p, one.Member, []byte("RESULT 2\nOKREADY\n"))
		one.check(t, "a", "b")
		b.Gone(p, one.Member)
		b.Heard(p, two.Member, []byte("READY\n"))
		two.check(t, "b") // which had no answer
	})
}

// What a listener refuses, or dies over, or cannot be written, goes to the next one.
func TestNoEventIsLostWithAListener(t *testing.T) {
	for _, tt := range []struct {
		name string
		lose func(b *Bus, p *Pool, one *ear)
	}{
		{"refused", func(b *Bus, p *Pool, one *ear) { b.Heard(p, one.Member, []byte("RESULT 4\nFAIL")) }},
		{"bad result", func(b *Bus, p *Pool, one *ear) { b.Heard(p, one.Member, []byte("RESULT x\n")) }},
		{"died", func(b *Bus, p *Pool, one *ear) { b.Gone(p, one.Member) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onBus(t, 10, remote, func(b *Bus, _ *loop.Loop, p *Pool, _ *journal, one, two *ear) {
				b.Heard(p, one.Member, []byte("READY\n"))
				send(b, "a")
				send(b, "b")
				tt.lose(b, p, one)
				b.Heard(p, two.Member, []byte("READY\n"))
				two.check(t, "a")
				b.Heard(p, two.Member, []byte("RESULT 2\nOKREADY\n"))
				two.check(t, "a", "b")
			})
		})
	}
	t.Run("cannot be written", func(t *testing.T) {
		onBus(t, 10, remote, func(b *Bus, _ *loop.Loop, p *Pool, _ *journal, one, two *ear) {
			one.CanTake = func() bool { return !one.bad }
			one.bad = true
			b.Heard(p, two.Member, []byte("READY\n"))
			one.CanTake, one.bad = func() bool { return len(two.got) == 0 && !one.bad }, false
			b.Heard(p, one.Member, []byte("READY\n"))
			one.Write = func([]byte) error { one.bad = true; return errors.New("broken pipe") }
			send(b, "a")
			two.check(t, "a")
		})
	})
}

// A full buffer drops the oldest event, and says so.
func TestOverflowIsSaid(t *testing.T) {
	onBus(t, 2, remote, func(b *Bus, _ *loop.Loop, p *Pool, log *journal, one, _ *ear) {
		for _, data := range []string{"a", "b", "c"} {
			send(b, data)
		}
		if want := []string{"pool ears event buffer overflowed, discarding event 0"}; !slices.Equal(log.lines, want) {
			t.Errorf("the log has %q, want %q", log.lines, want)
		}
		b.Heard(p, one.Member, []byte("READY\n"))
		one.check(t, "b")
	})
}

// Nothing is made for nobody: no event, and no tick that would wake the loop.
func TestTicksForWhoeverWantsThem(t *testing.T) {
	onBus(t, 10, remote, func(b *Bus, _ *loop.Loop, _ *Pool, _ *journal, _, _ *ear) {
		if b.Arm(); b.tick.IsSet() || b.Wants(events.Tick5) || !b.Wants(events.RemoteCommunication) {
			t.Error("the clock ticks, and nobody listens")
		}
		stop := b.Follow(events.SetOf(events.Tick5), func(Seen) {})
		if stop(); b.Wants(events.Tick5) {
			t.Error("somebody who has gone wants ticks")
		}
	})
	onBus(t, 10, []events.Type{events.Tick5}, func(b *Bus, l *loop.Loop, p *Pool, _ *journal, _, _ *ear) {
		b.Arm()
		looptest.Run(l, 11*time.Second)
		if p.Len() != 2 {
			t.Errorf("%d ticks of five seconds in eleven, want 2", p.Len())
		}
	})
	// Who wants them more often than those before is not kept waiting.
	onBus(t, 100, []events.Type{events.Tick60}, func(b *Bus, l *loop.Loop, p *Pool, _ *journal, _, _ *ear) {
		b.Arm()
		var got []events.Type
		b.Follow(events.SetOf(events.Tick5), func(s Seen) { got = append(got, s.Event.Type) })
		looptest.Run(l, 61*time.Second)
		if len(got) != 12 || p.Len() != 1 {
			t.Errorf("in 61 seconds %d ticks of five and %d of sixty, want 12 and 1", len(got), p.Len())
		}
	})
}

// A listener that refuses whatever it gets has it again, and not as fast as it can refuse.
func TestRefusingWithoutEnd(t *testing.T) {
	onBus(t, 10, remote, func(b *Bus, l *loop.Loop, p *Pool, log *journal, one, _ *ear) {
		p.Members = p.Members[:1]
		b.Heard(p, one.Member, []byte("READY\n"))
		send(b, "a")
		refuse := func(times int) {
			for range times {
				if before := len(one.got); one.Member.protocol.State() == events.Busy {
					b.Heard(p, one.Member, []byte("RESULT 4\nFAILREADY\n"))
				} else if looptest.Run(l, refusePause); len(one.got) == before && one.Member.protocol.State() == events.Ready {
					t.Fatal("it does not get the event again")
				}
			}
		}
		refuse(mostRefused)
		if len(one.got) != mostRefused {
			t.Errorf("refused %d times, it has had the event %d times, want as often: it is to wait for the next", mostRefused, len(one.got))
		}
		began := l.Now()
		refuse(20) // ten of them are waits
		if d := l.Now().Sub(began); d < 9*refusePause {
			t.Errorf("it has refused ten more within %v, want a pause before each", d)
		}
		looptest.Run(l, refusePause) // it has the event once more
		b.Heard(p, one.Member, []byte("RESULT 2\nOKREADY\n"))
		n := len(one.got)
		send(b, "b")
		if len(one.got) != n+1 {
			t.Errorf("one that has handled an event does not get the next at once")
		}
		if len(log.lines) > 3*mostRefused {
			t.Errorf("%d lines are logged", len(log.lines))
		}
	})
}

// What is lost stays so until another process comes.
func TestLost(t *testing.T) {
	onBus(t, 10, remote, func(b *Bus, _ *loop.Loop, p *Pool, _ *journal, one, _ *ear) {
		b.Heard(p, one.Member, []byte("READY\n"))
		if one.IsLost() {
			t.Error("one that follows the protocol is lost")
		}
		b.Heard(p, one.Member, []byte("chatter"))
		if !one.IsLost() {
			t.Error("one that prints what nobody asked for is not lost")
		}
		b.Gone(p, one.Member)
		if one.IsLost() {
			t.Error("a new process is lost")
		}
	})
}
