//go:build linux

package sink

import (
	"bufio"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slipway/internal/test/testkit"
	"slipway/supervise/logs/syslog"
)

// daemon is a syslog daemon that listens on a datagram socket.
func daemon(t *testing.T, path string) *net.UnixConn {
	t.Helper()
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// messages reads what has arrived.
func messages(t *testing.T, c *net.UnixConn, n int) []string {
	t.Helper()
	var all []string
	buf := make([]byte, 64<<10)
	c.SetReadDeadline(time.Now().Add(testkit.Patience))
	for range n {
		k, err := c.Read(buf)
		if err != nil {
			t.Fatalf("after %d of %d messages: %v", len(all), n, err)
		}
		all = append(all, string(buf[:k]))
	}
	return all
}

// syslogTo returns a sink to the daemon at path.
func (b *bench) syslogTo(path, prefix string) Sink {
	b.opts.Syslog.Path = path
	return b.Syslog(prefix)
}

func TestSyslog(t *testing.T) {
	const head = "<14>Jan  2 03:04:05 supervisord: "
	long := strings.Repeat("x", 2*syslog.LineMost+10)
	rows := []struct {
		name   string
		writes []string
		want   []string
	}{
		{"a line", []string{"hello\n"}, []string{"web hello"}},
		{"lines of one read", []string{"a\nb\n"}, []string{"web a", "web b"}},
		{"a line of two reads", []string{"he", "llo\nx", "y\n"}, []string{"web hello", "web xy"}},
		{"a blank line", []string{"a\n\nb\n"}, []string{"web a", "web ", "web b"}},
		{"the last line has no end", []string{"a\nb"}, []string{"web a", "web b"}},
		{"percent and zero", []string{"%s\x00\n"}, []string{"web %s\x00"}},
		{"a long line is continued", []string{long + "\n"}, []string{"web " + long[:syslog.LineMost], "web " + long[:syslog.LineMost], "web " + long[:10]}},
		{"a long line in pieces", strings.SplitAfter(long+"\n", "xxx"), []string{"web " + long[:syslog.LineMost], "web " + long[:syslog.LineMost], "web " + long[:10]}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			b := newBench(t)
			d := daemon(t, b.path("log"))
			s := b.syslogTo(b.path("log"), "web ")
			for _, w := range row.writes {
				s.Write([]byte(w))
			}
			s.Close()
			got := messages(t, d, len(row.want))
			for i := range got {
				got[i] = strings.TrimPrefix(got[i], head)
			}
			if diff := cmp.Diff(got, row.want); diff != "" {
				t.Errorf("messages (-got +want):\n%s", diff)
			}
			b.wantReports(0)
		})
	}
}

func TestSyslogOnAStream(t *testing.T) {
	b := newBench(t)
	l, err := net.Listen("unix", b.path("log"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s := b.syslogTo(b.path("log"), "web ")
	s.Write([]byte("one\ntwo\n"))
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetReadDeadline(time.Now().Add(testkit.Patience))
	r := bufio.NewReader(c)
	for _, want := range []string{"one", "two"} {
		got, err := r.ReadString(0)
		if err != nil || got != "<14>Jan  2 03:04:05 supervisord: web "+want+"\x00" {
			t.Errorf("message = %q, %v, want %q", got, err, want)
		}
	}
}

func TestSyslogDaemonComesAndGoes(t *testing.T) {
	b := newBench(t)
	s := b.syslogTo(b.path("log"), "web ")
	s.Write([]byte("nobody\n"))
	b.wantReports(1, "cannot write syslog", "no such file", "7 bytes lost")

	d := daemon(t, b.path("log"))
	s.Write([]byte("too early\n"))
	b.now = b.now.Add(firstRetry)
	s.Write([]byte("here\n"))
	b.wantReports(2, "written again", "17 bytes lost in all")
	if got := messages(t, d, 1)[0]; !strings.HasSuffix(got, "web here") {
		t.Errorf("message = %q", got)
	}

	d.Close()
	s.Write([]byte("gone\n"))
	b.now = b.now.Add(reportEvery)
	s.Write([]byte("still gone\n"))
	b.wantReports(3, "16 bytes lost")
	if got := b.Losses(); len(got) != 1 || got[0].Bytes != 33 {
		t.Errorf("Losses() = %v, want 33 bytes", got)
	}
}

// A daemon that does not read never holds anyone up: this test would not end.
func TestSyslogDaemonThatStalls(t *testing.T) {
	b := newBench(t)
	daemon(t, b.path("log"))
	s := b.syslogTo(b.path("log"), "web ")
	for range 10_000 {
		s.Write([]byte("a line of some length that nobody ever reads\n"))
	}
	if s.Full() {
		t.Error("full")
	}
	b.wantReports(1, "resource temporarily unavailable")
}

func TestSyslogServer(t *testing.T) {
	server, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	b := newBench(t)
	b.SendSyslogTo(syslog.Server{Addr: [4]byte{127, 0, 0, 1}, Port: server.LocalAddr().(*net.UDPAddr).Port})
	b.Syslog("web ").Write([]byte("hello\n"))
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 1024)
	server.SetReadDeadline(time.Now().Add(testkit.Patience))
	n, err := server.Read(buf)
	if want := "<14>Jan  2 03:04:05 " + host + " supervisord: web hello"; err != nil || string(buf[:n]) != want {
		t.Errorf("the server gets %q, %v, want %q", buf[:n], err, want)
	}
}
