//go:build linux

package logs

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"slipway/internal/test/testkit"
	"slipway/supervise/config"
	"slipway/supervise/logs/format"
	"slipway/supervise/logs/sink"

	"github.com/google/go-cmp/cmp"
)

// memory is a sink that keeps what it gets.
type memory struct {
	bytes.Buffer
	full   bool
	closed int
}

func (m *memory) Write(p []byte) { m.Buffer.Write(p) }
func (m *memory) Full() bool     { return m.full }
func (m *memory) Reopen()        {}
func (m *memory) Clear() error   { m.Reset(); return nil }
func (m *memory) Close()         { m.closed++ }

// result is all that comes out of a stream.
type result struct {
	Log      string
	Chunks   string // joined: where they are cut is no matter
	Captured []string
}

// run feeds the chunks to a stream of spec.
func run(spec Spec, chunks ...string) result {
	var r result
	var chunk strings.Builder
	s := Open(sink.NewTargets(sink.Options{}), spec, Hooks{
		Chunk:    func(p []byte) { chunk.Write(p) },
		Captured: func(p []byte) { r.Captured = append(r.Captured, string(p)) },
	})
	m := &memory{}
	s.sinks = []sink.Sink{m}
	for _, c := range chunks {
		s.Feed([]byte(c))
	}
	s.Close()
	r.Log, r.Chunks = m.String(), chunk.String()
	return r
}

func TestStream(t *testing.T) {
	const begin, end = beginToken, endToken
	capturing := Spec{CaptureMaxbytes: 1 << 10}
	stripping := Spec{StripANSI: true}
	both := Spec{CaptureMaxbytes: 1 << 10, StripANSI: true}
	rows := []struct {
		name string
		spec Spec
		in   string
		want result
	}{
		{"raw is byte-exact", Spec{}, "a\x00\xff\x1b[1m%d\r\n" + begin, result{"a\x00\xff\x1b[1m%d\r\n" + begin, "a\x00\xff\x1b[1m%d\r\n" + begin, nil}},
		{"short output is not withheld", capturing, "lost", result{"lost", "lost", nil}},
		{"captured text leaves the log", capturing, "a" + begin + "text" + end + "b\n", result{"ab\n", "atextb\n", []string{"text"}}},
		{"two captures", capturing, begin + "1" + end + begin + "2" + end, result{"", "12", []string{"1", "2"}}},
		{"empty capture", capturing, begin + end, result{"", "", []string{""}}},
		{"end token alone is text", capturing, "a" + end + "b", result{"a" + end + "b", "a" + end + "b", nil}},
		{"begin token inside is text", capturing, begin + "x" + begin + "y" + end, result{"", "x" + begin + "y", []string{"x" + begin + "y"}}},
		{"beginning of a token at the end is flushed", capturing, "a" + begin[:23], result{"a" + begin[:23], "a" + begin[:23], nil}},
		{"broken token", capturing, "a<!--XSUPER<!--XSUPERVISOR:BEG" + begin + "t" + end, result{"a<!--XSUPER<!--XSUPERVISOR:BEG", "a<!--XSUPER<!--XSUPERVISOR:BEGt", []string{"t"}}},
		{"unfinished capture is not lost", capturing, "a" + begin + "died here", result{"adied here", "adied here", nil}},
		{"unfinished capture and half an end token", capturing, begin + "x" + end[:5], result{"x" + end[:5], "x" + end[:5], nil}},
		{"escapes are stripped", stripping, "\x1b[31mred\x1b[0m\x1b[2Kx\n", result{"redx\n", "redx\n", nil}},
		{"other escapes stay", stripping, "\x1b]0;title\x07\x1b(B\x1b\x1b[1mx", result{"\x1b]0;title\x07\x1b(B\x1bx", "\x1b]0;title\x07\x1b(B\x1bx", nil}},
		{"escape at the end is kept", stripping, "x\x1b", result{"x\x1b", "x\x1b", nil}},
		{"unfinished sequence at the end", stripping, "x\x1b[31", result{"x", "x", nil}},
		{"captured text is stripped too", both, "\x1b[1ma" + begin + "\x1b[2mb\x1b" + end + "\x1b[3mc", result{"ac", "ab\x1bc", []string{"b\x1b"}}},
		{"a sequence ends at a token", both, "a\x1b[1" + begin + "1m" + end, result{"a", "a1m", []string{"1m"}}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if diff := cmp.Diff(run(row.spec, row.in), row.want); diff != "" {
				t.Errorf("stream (-got +want):\n%s", diff)
			}
			// The same cut at every two places.
			for i := range len(row.in) + 1 {
				for j := i; j <= len(row.in); j++ {
					got := run(row.spec, row.in[:i], row.in[i:j], row.in[j:])
					if diff := cmp.Diff(got, row.want); diff != "" {
						t.Fatalf("cut at %d and %d (-got +want):\n%s", i, j, diff)
					}
				}
			}
			got := run(row.spec, strings.Split(row.in, "")...)
			if diff := cmp.Diff(got, row.want); diff != "" && len([]rune(row.in)) == len(row.in) {
				t.Errorf("byte by byte (-got +want):\n%s", diff)
			}
		})
	}
}

func TestCaptureKeepsMostRecent(t *testing.T) {
	for _, size := range []int{1, 3, 7, 100} {
		t.Run(fmt.Sprint("chunks of ", size), func(t *testing.T) {
			text := strings.Repeat("0123456789", 10)
			chunks := []string{beginToken}
			for rest := text; rest != ""; {
				n := min(size, len(rest))
				chunks = append(chunks, rest[:n])
				rest = rest[n:]
			}
			got := run(Spec{CaptureMaxbytes: 16}, append(chunks, endToken)...)
			if want := []string{text[84:]}; !cmp.Equal(got.Captured, want) {
				t.Errorf("captured = %q, want %q", got.Captured, want)
			}
		})
	}
}

func TestCaptureMemoryIsBounded(t *testing.T) {
	c := newCapture(1 << 10)
	s := &Stream{cap: c, tail: ring{max: format.KeepDefault}}
	s.Feed([]byte(beginToken))
	chunk := bytes.Repeat([]byte("x"), 64<<10)
	for range 64 {
		s.Feed(chunk)
	}
	if got := cap(c.kept.buf); got > 1<<10 {
		t.Errorf("capture buffer = %d bytes, want at most %d", got, 1<<10)
	}
}

// In raw mode without hooks what is fed is what the sink sees: the same memory.
func TestRawStreamCopiesNothing(t *testing.T) {
	var seen *byte
	s := &Stream{tail: ring{max: format.KeepDefault}, sinks: []sink.Sink{sinkFunc(func(p []byte) { seen = &p[0] })}}
	p := []byte("some output\n")
	s.Feed(p)
	if seen != &p[0] {
		t.Error("the sink got a copy")
	}
	if n := testing.AllocsPerRun(100, func() { s.Feed(p) }); n != 0 {
		t.Errorf("Feed allocates %v times, want 0", n)
	}
}

type sinkFunc func(p []byte)

func (f sinkFunc) Write(p []byte) { f(p) }
func (sinkFunc) Full() bool       { return false }
func (sinkFunc) Reopen()          {}
func (sinkFunc) Clear() error     { return nil }
func (sinkFunc) Close()           {}

func TestStreamAsksEverySinkWhetherItIsFull(t *testing.T) {
	s := &Stream{sinks: []sink.Sink{&memory{}, &memory{full: true}, &memory{}}}
	if !s.Full() {
		t.Error("Full() = false with a full sink")
	}
}

func TestStreamClosesSinksOnce(t *testing.T) {
	m := &memory{}
	s := &Stream{sinks: []sink.Sink{m}}
	s.Close()
	s.Close()
	if m.closed != 1 {
		t.Errorf("sink closed %d times, want once", m.closed)
	}
}

func TestTail(t *testing.T) {
	numbered := func(from, to int) (lines []string) {
		for i := from; i <= to; i++ {
			lines = append(lines, fmt.Sprintf("line %d", i))
		}
		return lines
	}
	rows := []struct {
		name string
		in   string
		n    int
		want []string
	}{
		{"nothing", "", 10, nil},
		{"only line ends", "\n\n", 10, nil},
		{"last of many", strings.Join(numbered(1, 50), "\n") + "\n", 3, numbered(48, 50)},
		{"fewer than asked", "a\nb", 10, []string{"a", "b"}},
		{"blank line inside", "a\n\nb\n", 10, []string{"a", "", "b"}},
		{"colours and control characters", "\x1b[31mred\x1b[0m\r\nb\x07\x00e\tl\xffl\n", 10, []string{"red", "be\tl\uFFFDl"}},
		{"a line longer than what is kept", strings.Repeat("x", 5000) + "\n", 10, []string{"…" + strings.Repeat("x", format.KeepDefault-1)}},
		{"exactly what is kept", strings.Repeat("x", format.KeepDefault), 10, []string{strings.Repeat("x", format.KeepDefault)}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			for _, size := range []int{1, 100, 1 << 20} {
				s := &Stream{tail: ring{max: format.KeepDefault}}
				for rest := row.in; rest != ""; {
					n := min(size, len(rest))
					s.Feed([]byte(rest[:n]))
					rest = rest[n:]
				}
				if got := s.Tail(row.n); !cmp.Equal(got, row.want) {
					t.Errorf("chunks of %d: Tail(%d) = %q, want %q", size, row.n, got, row.want)
				}
				if c := cap(s.tail.buf); c > format.KeepDefault {
					t.Errorf("tail takes %d bytes, want at most %d", c, format.KeepDefault)
				}
			}
		})
	}
}

func TestRecent(t *testing.T) {
	s := &Stream{tail: ring{max: format.KeepDefault}}
	if got := s.Recent(); len(got) != 0 {
		t.Errorf("Recent() = %q before any output", got)
	}
	text := strings.Repeat("0123456789", 300)
	for i := 0; i < len(text); i += 7 {
		s.Feed([]byte(text[i:min(i+7, len(text))]))
	}
	if got, want := string(s.Recent()), text[len(text)-format.KeepDefault:]; got != want {
		t.Errorf("Recent() = %.20q… (%d bytes), want %.20q… (%d)", got, len(got), want, len(want))
	}
}

func TestInherit(t *testing.T) {
	rows := []struct {
		name    string
		spec    Spec
		watched bool
		want    int
	}{
		{"stdout", Spec{Destination: sink.Destination{Logfile: "/dev/stdout"}}, false, 1},
		{"stderr", Spec{Destination: sink.Destination{Logfile: "/dev/fd/2"}}, false, 2},
		{"limits do not matter on stdout", Spec{Destination: sink.Destination{Logfile: "/dev/stdout", Rotation: sink.Rotation{Maxbytes: 50 << 20, Backups: 10}}}, false, 1},
		{"file", Spec{Destination: sink.Destination{Logfile: "/var/log/x.log"}}, false, 0},
		{"none", Spec{}, false, 0},
		{"hooks", Spec{Destination: sink.Destination{Logfile: "/dev/stdout"}}, true, 0},
		{"syslog", Spec{Destination: sink.Destination{Logfile: "/dev/stdout", Destinations: config.Destinations{Syslog: true}}}, false, 0},
		{"capture", Spec{Destination: sink.Destination{Logfile: "/dev/stdout"}, CaptureMaxbytes: 1}, false, 0},
		{"strip_ansi", Spec{Destination: sink.Destination{Logfile: "/dev/stdout"}, StripANSI: true}, false, 0},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if got := Inherited(sink.NewTargets(sink.Options{}), row.spec, row.watched); got != row.want {
				t.Errorf("Inherit(%v) = %d, want %d", row.watched, got, row.want)
			}
		})
	}
}

// FuzzStream checks that nothing that comes out depends on where reads ended, and
// that raw mode changes no byte.
func FuzzStream(f *testing.F) {
	f.Add([]byte("plain\n"), []byte{1, 2}, false, false)
	f.Add([]byte("a"+beginToken+"b"+endToken+"c"), []byte{5, 9, 30}, true, true)
	f.Add([]byte("\x1b[1mx\x1b\x1b[0m<!--X"+beginToken), []byte{1, 1, 1}, true, true)
	f.Fuzz(func(t *testing.T, in, cuts []byte, capturing, strip bool) {
		defer testkit.Timed(t, len(in)+len(cuts))()
		spec := Spec{StripANSI: strip}
		if capturing {
			spec.CaptureMaxbytes = 8
		}
		var chunks []string
		rest := string(in)
		for _, c := range cuts {
			n := min(int(c), len(rest))
			chunks = append(chunks, rest[:n])
			rest = rest[n:]
		}
		whole, cut := run(spec, string(in)), run(spec, append(chunks, rest)...)
		if diff := cmp.Diff(whole, cut); diff != "" {
			t.Fatalf("cut differs from whole (-whole +cut):\n%s", diff)
		}
		if !capturing && !strip && whole.Log != string(in) {
			t.Fatalf("raw output = %q, want %q", whole.Log, in)
		}
	})
}

// strip_ansi in one expression, to check the state machine against.
var sequences = regexp.MustCompile(`(?s)\x1b\[.*?(?:[HfABCDRsuJKhlpm]|\z)`)

func FuzzStripANSI(f *testing.F) {
	f.Add("a\x1b[31mb\x1b[0;1Hc\x1b[")
	f.Add("\x1b\x1b[m\x1b")
	f.Fuzz(func(t *testing.T, in string) {
		defer testkit.Timed(t, len(in))()
		if got, want := run(Spec{StripANSI: true}, in).Log, sequences.ReplaceAllString(in, ""); got != want {
			t.Fatalf("strip(%q) = %q, want %q", in, got, want)
		}
	})
}
