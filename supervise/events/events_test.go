package events

import (
	"reflect"
	"strings"
	"testing"
)

func TestSubscriptions(t *testing.T) {
	for _, row := range []struct {
		name      string
		subscribe []string
		raised    Type
		want      bool
	}{
		{"abstract covers its concrete types", []string{"PROCESS_STATE"}, ProcessStateFatal, true},
		{"EVENT covers all", []string{"EVENT"}, Tick3600, true},
		{"concrete covers itself only", []string{"TICK_5"}, Tick60, false},
		{"names in any case", []string{"process_log_stdout"}, ProcessLogStdout, true},
		{"no type covers another family", []string{"PROCESS_LOG"}, ProcessCommunicationStdout, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			var subscribed []Type
			for _, n := range row.subscribe {
				typ, ok := ParseType(n)
				if !ok {
					t.Fatalf("ParseType(%q) knows no such type", n)
				}
				subscribed = append(subscribed, typ)
			}
			if got := SetOf(subscribed...).Has(row.raised); got != row.want {
				t.Errorf("SetOf(%v).Has(%v) = %v, want %v", row.subscribe, row.raised, got, row.want)
			}
		})
	}
}

func TestAbstractTypesAreNeverInASet(t *testing.T) {
	s := SetOf(Any)
	for typ := Any; typ < typeCount; typ++ {
		if got, want := s.Has(typ), !types[typ].abstract; got != want {
			t.Errorf("SetOf(Any).Has(%v) = %v, want %v", typ, got, want)
		}
	}
}

func TestPayloads(t *testing.T) {
	p := Process{Name: "cat", Group: "pets", PID: 42}
	for _, row := range []struct {
		name string
		ev   Event
		want string
	}{
		{"starting", StateChange(ProcessStateStarting, p, "STOPPED", 0, false), "processname:cat groupname:pets from_state:STOPPED tries:0"},
		{"running", StateChange(ProcessStateRunning, p, "STARTING", 0, false), "processname:cat groupname:pets from_state:STARTING pid:42"},
		{"backoff", StateChange(ProcessStateBackoff, p, "STARTING", 2, false), "processname:cat groupname:pets from_state:STARTING tries:2"},
		{"exited expected", StateChange(ProcessStateExited, p, "RUNNING", 0, true), "processname:cat groupname:pets from_state:RUNNING expected:1 pid:42"},
		{"exited unexpected", StateChange(ProcessStateExited, p, "RUNNING", 0, false), "processname:cat groupname:pets from_state:RUNNING expected:0 pid:42"},
		{"stopped", StateChange(ProcessStateStopped, p, "STOPPING", 0, false), "processname:cat groupname:pets from_state:STOPPING pid:42"},
		{"fatal", StateChange(ProcessStateFatal, p, "BACKOFF", 3, false), "processname:cat groupname:pets from_state:BACKOFF"},
		{"log", Log(p, false, []byte("miau\n")), "processname:cat groupname:pets pid:42 channel:stdout\nmiau\n"},
		{"communication", Communication(p, true, []byte("psst")), "processname:cat groupname:pets pid:42\npsst"},
		{"remote", Remote("fish", "two"), "type:fish\ntwo"},
		{"supervisor", SupervisorState(true), ""},
		{"group", Group(true, "pets"), "groupname:pets\n"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := string(row.ev.Payload); got != row.want {
				t.Errorf("payload = %q, want %q", got, row.want)
			}
		})
	}
}

func TestTicks(t *testing.T) {
	for _, row := range []struct {
		name      string
		last, now int64
		want      []string
	}{
		{"inside a period", 61, 64, nil},
		{"at the boundary", 64, 65, []string{"TICK_5 when:65"}},
		{"several periods", 59, 60, []string{"TICK_5 when:60", "TICK_60 when:60"}},
		{"one of each after a pause", 10, 7300, []string{"TICK_5 when:7300", "TICK_60 when:7260", "TICK_3600 when:7200"}},
		{"clock went backwards", 7300, 10, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			var got []string
			for _, ev := range Ticks(row.last, row.now) {
				got = append(got, ev.Type.String()+" "+string(ev.Payload))
			}
			if !reflect.DeepEqual(got, row.want) {
				t.Errorf("Ticks(%d, %d) = %q, want %q", row.last, row.now, got, row.want)
			}
		})
	}
	if at, ok := NextTick(SetOf(Tick60, Tick3600), 3601); at != 3660 || !ok {
		t.Errorf("NextTick = %d, %v, want 3660, true", at, ok)
	}
	if _, ok := NextTick(SetOf(ProcessLog), 3601); ok {
		t.Error("NextTick of a subscription without ticks = true, want false")
	}
}

func TestPoolNumbersAndDrops(t *testing.T) {
	var s Serials
	a := &Pool{Name: "a", Identifier: "supervisor", Size: 2, Subscribed: SetOf(Tick)}
	b := &Pool{Name: "b", Identifier: "supervisor", Size: 2, Subscribed: SetOf(ProcessGroup, Tick5)}
	offer := func(ev Event) (dropped []int) {
		r := s.Raise(ev)
		for _, p := range []*Pool{a, b} {
			if d := p.Offer(r); d != nil {
				dropped = append(dropped, d.Serial)
			}
		}
		return dropped
	}
	offer(Event{Type: ProcessLogStdout}) // nobody: no serial
	offer(Event{Type: Tick5})            // serial 0, both
	offer(Event{Type: Tick60})           // serial 1, a
	if got, want := offer(Event{Type: Tick5}), []int{0}; !reflect.DeepEqual(got, want) {
		t.Errorf("dropped serials = %v, want %v", got, want)
	}
	e := a.Next()
	if got, want := string(a.Message(e)), "ver:3.0 server:supervisor serial:1 pool:a poolserial:1 eventname:TICK_60 len:0\n"; got != want {
		t.Errorf("message = %q, want %q", got, want)
	}
	a.Requeue(e)
	if got := a.Next(); got != e {
		t.Errorf("after Requeue the front is %v, want %v", got, e)
	}
	if first := b.Next(); first.Serial != 0 || first.PoolSerial != 0 {
		t.Errorf("pool b starts with serial %d/%d, want 0/0", first.Serial, first.PoolSerial)
	}
}

func TestHeaderCountsBytes(t *testing.T) {
	p := &Pool{Name: "p", Identifier: "id", Size: 1, Subscribed: SetOf(Any)}
	var s Serials
	p.Offer(s.Raise(Remote("t", "ü")))
	if got := string(p.Message(p.Next())); !strings.Contains(got, " len:9\n") {
		t.Errorf("message = %q, want len:9 (bytes)", got)
	}
}

func TestListenerProtocol(t *testing.T) {
	e := &Envelope{Serial: 7}
	type kinds = []OutcomeKind
	for _, row := range []struct {
		name  string
		busy  bool
		in    string
		want  kinds
		state ListenerState
	}{
		{"ready", false, "READY\n", kinds{BecameReady}, Ready},
		{"incomplete ready", false, "READ", nil, Acknowledged},
		{"noise instead of ready", false, "hello!\n", kinds{Violated}, Unknown},
		{"output while ready", false, "READY\nx", kinds{BecameReady, Violated}, Unknown},
		{"result ok", true, "RESULT 2\nOK", kinds{Handled}, Acknowledged},
		{"result ok and ready", true, "RESULT 2\nOKREADY\n", kinds{Handled, BecameReady}, Ready},
		{"result fail", true, "RESULT 4\nFAIL", kinds{Rejected}, Acknowledged},
		{"result empty", true, "RESULT 0\n", kinds{Rejected}, Acknowledged},
		{"no number", true, "RESULT x\nOK", kinds{BadResult}, Unknown},
		{"no result word", true, "hello 2\nOK", kinds{BadResult}, Unknown},
		{"result without an end", true, strings.Repeat("x", 2000), kinds{BadResult}, Unknown},
		{"body of absurd length", true, "RESULT 999999999999\n", kinds{BadResult}, Unknown},
	} {
		t.Run(row.name, func(t *testing.T) {
			for _, chunk := range []int{1, 3, len(row.in) + 1} {
				var l Listener
				if row.busy {
					l.Feed([]byte("READY\n"))
					l.Send(e)
				}
				var got kinds
				for in := row.in; in != ""; {
					n := min(chunk, len(in))
					for _, o := range l.Feed([]byte(in[:n])) {
						got = append(got, o.Kind)
						if o.Kind != BecameReady && o.Kind != Violated && o.Envelope != e {
							t.Errorf("outcome %v carries %v, want %v", o.Kind, o.Envelope, e)
						}
					}
					in = in[n:]
				}
				if !reflect.DeepEqual(got, row.want) || l.State() != row.state {
					t.Errorf("chunks of %d: outcomes %v in state %v, want %v in %v", chunk, got, l.State(), row.want, row.state)
				}
			}
		})
	}
}

func TestListenerGone(t *testing.T) {
	var l Listener
	e := &Envelope{}
	l.Feed([]byte("READY\n"))
	l.Send(e)
	if got := l.Gone(); got != e {
		t.Errorf("Gone() = %v, want the unanswered envelope", got)
	}
	if got := l.State(); got != Acknowledged {
		t.Errorf("state after Gone = %v, want ACKNOWLEDGED", got)
	}
}
