package control

import (
	"bytes"
	"math"
	"reflect"
	"strings"
	"testing"

	"slipway/internal/test/testkit"
)

func frames(t *testing.T, p []byte) []Frame {
	t.Helper()
	d := Decoder{Max: MaxAnswer}
	var out []Frame
	if err := d.Feed(p, func(f Frame) { out = append(out, f) }); err != nil {
		t.Fatalf("Feed: %v", err)
	}
	return out
}

func TestFrameRoundTrip(t *testing.T) {
	rows := []struct {
		name string
		f    Frame
	}{
		{"request without arguments", Frame{Kind: FrameRequest, ID: 1, Method: OpProcessList}},
		{"request", Frame{Kind: FrameRequest, ID: math.MaxUint64, Method: OpProcessStart, Args: []Value{String("g:x"), Bool(true)}}},
		{"cancel", Frame{Kind: FrameCancel, ID: 7}},
		{"chunk of binary data", Frame{Kind: FrameChunk, ID: 300, Value: String("\x00\xff\n\x80")}},
		{"reply", Frame{Kind: FrameReply, ID: 2, Value: Struct(Field{"a", Int(-1)}, Field{"b", List(Bool(false), Value{}, Strings([]string{"x", ""}))})}},
		{"reply with descriptor", Frame{Kind: FrameReply, ID: 2, Value: Int(math.MinInt64), HasFD: true}},
		{"empty list and struct", Frame{Kind: FrameReply, ID: 2, Value: List(List(), Struct())}},
		{"fault", Frame{Kind: FrameFault, ID: 3, Fault: NewFault(BadName, "x")}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			p := AppendFrame(nil, row.f)
			got := frames(t, p)
			if len(got) != 1 || string(AppendFrame(nil, got[0])) != string(p) {
				t.Errorf("decoded %+v, want %+v", got, row.f)
			}
		})
	}
}

func TestDecoderTakesAnyPieces(t *testing.T) {
	var p []byte
	for i := range 50 {
		p = AppendFrame(p, Frame{Kind: FrameRequest, ID: uint64(i), Method: "m", Args: []Value{String(strings.Repeat("x", i*7))}})
	}
	for _, size := range []int{1, 2, 3, 5, 17, 100, len(p)} {
		var d Decoder
		var ids []uint64
		for rest := p; len(rest) > 0; {
			n := min(size, len(rest))
			piece := bytes.Clone(rest[:n])
			if err := d.Feed(piece, func(f Frame) { ids = append(ids, f.ID) }); err != nil {
				t.Fatalf("pieces of %d: %v", size, err)
			}
			for i := range piece {
				piece[i] = 0xee // the caller may reuse its buffer
			}
			rest = rest[n:]
		}
		if len(ids) != 50 || ids[49] != 49 || d.Buffered() != 0 {
			t.Errorf("pieces of %d: %d frames, %d bytes left, want 50 and 0", size, len(ids), d.Buffered())
		}
	}
}

func TestDecoderRefuses(t *testing.T) {
	deep := Value{}
	for range maxDepth + 2 {
		deep = List(deep)
	}
	rows := []struct {
		name string
		p    []byte
		want error
	}{
		{"a length above the limit", []byte{0x7f, 0, 0, 0}, errFrameLen},
		{"a negative length", []byte{0xff, 0xff, 0xff, 0xff}, errFrameLen},
		{"an unknown kind", []byte{0, 0, 0, 2, 99, 1}, errFrameKind},
		{"an empty frame", []byte{0, 0, 0, 0}, errShort},
		{"a count without items", []byte{0, 0, 0, 9, 4, 1, 0, 4, 0xff, 0xff, 0xff, 0x7f, 0}, errTooMany},
		{"a string longer than the frame", []byte{0, 0, 0, 6, 3, 1, 3, 0xff, 1, 'x'}, errShort},
		{"an unknown tag", []byte{0, 0, 0, 3, 3, 1, 77}, errTag},
		{"trailing bytes", []byte{0, 0, 0, 3, 2, 1, 0}, errFrameTrail},
		{"deep nesting", AppendFrame(nil, Frame{Kind: FrameChunk, ID: 1, Value: deep}), errDeep},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			var d Decoder
			err := d.Feed(row.p, func(Frame) { t.Error("a frame came out") })
			if err != row.want {
				t.Errorf("Feed = %v, want %v", err, row.want)
			}
		})
	}
}

func FuzzDecoder(f *testing.F) {
	f.Add(AppendFrame(nil, Frame{Kind: FrameRequest, ID: 1, Method: "m", Args: []Value{String("x"), Int(-5)}}))
	f.Add(AppendFrame(nil, Frame{Kind: FrameReply, ID: 1, Value: Encode(&ProcessInfo{Name: "x"}), HasFD: true}))
	f.Add([]byte{0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, p []byte) {
		defer testkit.Timed(t, len(p))()
		var d Decoder
		_ = d.Feed(p, func(fr Frame) {
			enc := AppendFrame(nil, fr)
			var again Decoder
			n := 0
			if err := again.Feed(enc, func(fr2 Frame) {
				n++
				if !bytes.Equal(AppendFrame(nil, fr2), enc) {
					t.Errorf("frame changes when it is written again")
				}
			}); err != nil || n != 1 {
				t.Errorf("own encoding: %d frames, %v", n, err)
			}
		})
	})
}

// sink collects what Flush writes, at most room bytes per call.
type sink struct {
	p    []byte
	fds  []int
	room int
}

func (s *sink) write(p []byte, fd int) (int, error) {
	n := min(len(p), s.room)
	if n > 0 && fd >= 0 {
		s.fds = append(s.fds, fd)
	}
	s.p = append(s.p, p[:n]...)
	return n, nil
}

func request(id uint64, method string, args ...Value) []byte {
	return AppendFrame(nil, Frame{Kind: FrameRequest, ID: id, Method: method, Args: args})
}

func TestConnChecksRequests(t *testing.T) {
	rows := []struct {
		name    string
		private bool
		p       []byte
		want    Code // 0: the loop is called
	}{
		{"good", false, request(1, OpProcessStart, String("x"), Bool(true)), 0},
		{"unknown method", false, request(1, "nosuch"), UnknownMethod},
		{"too few arguments", false, request(1, OpProcessStart, String("x")), IncorrectParameters},
		{"too many arguments", false, request(1, OpProcessList, String("x")), IncorrectParameters},
		{"wrong type", false, request(1, OpProcessStart, Int(1), Bool(true)), IncorrectParameters},
		{"private from outside", false, request(1, OpServers), Forbidden},
		{"private from our child", true, request(1, OpServers), 0},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			called := 0
			c := Conn{Private: row.private, Call: func(Request) { called++ }}
			if err := c.Feed(row.p); err != nil {
				t.Fatal(err)
			}
			s := sink{room: 1 << 20}
			_ = c.Flush(s.write)
			var got Code
			if fs := frames(t, s.p); len(fs) == 1 {
				got = fs[0].Fault.Code
			}
			if got != row.want || (called == 1) != (row.want == 0) {
				t.Errorf("fault %v and %d calls, want fault %v", got, called, row.want)
			}
		})
	}
}

func TestConnAnswersOnce(t *testing.T) {
	var closed []int
	c := Conn{Call: func(Request) {}, Close: func(fd int) { closed = append(closed, fd) }}
	_ = c.Feed(request(1, OpProcessList))
	_ = c.Feed(request(1, OpProcessList)) // same id: refused
	_ = c.Feed(request(2, OpLogOpen))
	c.Reply(1, Int(1))
	c.Reply(1, Int(2)) // dropped
	c.ReplyFD(2, Int(3), 33)
	c.ReplyFD(2, Int(3), 34) // dropped, closed
	s := sink{room: 3}       // partial writes
	for c.Pending() > 0 {
		_ = c.Flush(s.write)
	}
	fs := frames(t, s.p)
	if len(fs) != 3 || fs[0].Fault == nil || fs[1].Value.Int() != 1 || !fs[2].HasFD {
		t.Errorf("answers %+v, want a fault, 1 and a descriptor", fs)
	}
	if !reflect.DeepEqual(s.fds, []int{33}) || !reflect.DeepEqual(closed, []int{34, 33}) {
		t.Errorf("descriptors sent %v closed %v, want [33] and [34 33]", s.fds, closed)
	}
}

func TestConnCancel(t *testing.T) {
	var cancelled []uint64
	c := Conn{Call: func(Request) {}, Cancel: func(id uint64) { cancelled = append(cancelled, id) }}
	_ = c.Feed(request(5, OpProcessStart, String("x"), Bool(true)))
	_ = c.Feed(AppendFrame(nil, Frame{Kind: FrameCancel, ID: 5}))
	_ = c.Feed(AppendFrame(nil, Frame{Kind: FrameCancel, ID: 6}))
	c.Reply(5, Bool(true))
	s := sink{room: 1 << 20}
	_ = c.Flush(s.write)
	fs := frames(t, s.p)
	if len(fs) != 1 || fs[0].Fault == nil || fs[0].Fault.Code != Cancelled || len(cancelled) != 1 {
		t.Errorf("answers %+v, cancelled %v, want one Cancelled", fs, cancelled)
	}
}

// A stream whose reader does not read is ended, and what waits stays bounded
// (F70 of the catalogue: no back-pressure from a follower that sleeps).
func TestConnEndsSlowStream(t *testing.T) {
	c := Conn{Call: func(Request) {}}
	_ = c.Feed(request(1, OpEventStream, List()))
	chunk := String(strings.Repeat("x", 10000))
	n := 0
	for c.Chunk(1, chunk) {
		if n++; n > 1000 {
			t.Fatal("the stream never ends")
		}
	}
	if c.Pending() > MaxStream+20000 || c.Open() != 0 {
		t.Errorf("%d bytes wait and %d calls are open, want at most %d and 0", c.Pending(), c.Open(), MaxStream)
	}
	s := sink{room: 1 << 30}
	_ = c.Flush(s.write)
	fs := frames(t, s.p)
	if last := fs[len(fs)-1]; last.Fault == nil || last.Fault.Code != TooSlow {
		t.Errorf("last frame %+v, want TooSlow", last)
	}
}

func TestConnBoundsOpenCalls(t *testing.T) {
	for private, most := range map[bool]int{true: MaxOpen, false: maxStrange} {
		c := Conn{Private: private, Call: func(Request) {}}
		for i := range most + 10 {
			_ = c.Feed(request(uint64(i), OpProcessList))
		}
		if c.Open() != most {
			t.Errorf("private %v: %d calls open, want %d", private, c.Open(), most)
		}
		if got := len(c.Drop()); got != most || c.Pending() != 0 {
			t.Errorf("private %v: Drop returned %d calls and left %d bytes, want %d and 0", private, got, c.Pending(), most)
		}
	}
}

func TestTables(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range Table() {
		if m.Name == "" || seen[m.Name] {
			t.Errorf("row %q: no name, or there twice", m.Name)
		}
		seen[m.Name] = true
		for _, p := range m.Args {
			if p.Name == "" || p.Kind == KindNil {
				t.Errorf("row %q: argument %q of kind %s", m.Name, p.Name, p.Kind)
			}
		}
	}
	last := Code(0)
	for _, c := range Codes() {
		back, ok := CodeOf(c.Name())
		if c <= last || !ok || back != c || c.Text() == "" {
			t.Errorf("fault %d: not ascending, or name %q does not lead back", c, c.Name())
		}
		last = c
	}
}

func TestAnswersRoundTrip(t *testing.T) {
	p := ProcessInfo{Name: "x", Group: "g", State: Running, PID: 7, Start: 1, Stop: 2, Now: 3, ExitStatus: -1, SpawnError: "e",
		StdoutLog: "/a", StderrLog: "/b", Generation: 4, Restarts: 3, Signal: 9, Health: "healthy", Ready: true, Waiting: "db",
		LostLog: 5, Kind: "program"}
	if got := Read[ProcessInfo](Encode(&p)); got != p {
		t.Errorf("got %+v, want %+v", got, p)
	}
	out := ConfigOutput{Logfile: "none", Maxbytes: 1, Backups: 2, CaptureMaxbytes: 3, EventsEnabled: true, SyslogUsed: true}
	c := ConfigInfo{Name: "x", Group: "g", Autostart: true, Autorestart: "unexpected", Command: "c", Directory: "none",
		ExitCodes: []int64{0, 2}, GroupPriority: 999, InUse: true, KillAsGroup: true, Priority: 1, RedirectStderr: true,
		ServerURL: "none", StartRetries: 3, StartSecs: 1, StopSignal: 15, StopWait: 10, UID: -1, Stdout: out, Stderr: out}
	if got := Read[ConfigInfo](Encode(&c)); !reflect.DeepEqual(got, c) {
		t.Errorf("got %+v, want %+v", got, c)
	}
	l := LogInfo{Path: "/a", Regular: true, Size: 1, Inode: 2}
	if got := Read[LogInfo](Encode(&l)); got != l {
		t.Errorf("got %+v, want %+v", got, l)
	}
	r := RereadResult{Added: []string{"a"}, Changed: []string{"b"}, Removed: []string{"c"}}
	if got := Read[RereadResult](Encode(&r)); !reflect.DeepEqual(got, r) {
		t.Errorf("got %+v, want %+v", got, r)
	}
	s := SupervisorInfo{PID: 1, Identifier: "i", Version: "v", Mode: "run", Start: 2, Logfile: "l", ConfigFile: "c"}
	if got := Read[SupervisorInfo](Encode(&s)); got != s {
		t.Errorf("got %+v, want %+v", got, s)
	}
	si := ServerInfo{Section: "s", Unix: true, Address: "a", Username: "u", Password: "p", NoRPC: true, Hosts: []string{"h"}}
	if got := Read[ServerInfo](Encode(&si)); !reflect.DeepEqual(got, si) {
		t.Errorf("got %+v, want %+v", got, si)
	}
	e := Event{Serial: 1, When: 2, Name: "TICK_5", Payload: "when:5"}
	if got := Read[Event](Encode(&e)); got != e {
		t.Errorf("got %+v, want %+v", got, e)
	}
}

func TestSplitName(t *testing.T) {
	rows := []struct{ in, group, name string }{
		{"x", "x", "x"}, {"g:x", "g", "x"}, {"g:*", "g", ""}, {"g:", "g", ""}, {"", "", ""}, {"a:b:c", "a", "b:c"},
	}
	for _, row := range rows {
		if group, name := SplitName(row.in); group != row.group || name != row.name {
			t.Errorf("SplitName(%q) = %q, %q, want %q, %q", row.in, group, name, row.group, row.name)
		}
	}
}
