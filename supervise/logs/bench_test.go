//go:build linux

package logs

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"slipway/supervise/kernel"
	"slipway/supervise/logs/sink"

	"golang.org/x/sys/unix"
)

const gib = 1 << 30

// cpu returns what this process has used so far.
func cpu(b *testing.B) time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// relay reads what a program writes into a pipe, as the loop does, and feeds it to
// a stream. It reports this process's CPU seconds for each GiB; Python's supervisord
// needs 1.6 for writes of 64 KiB and 4.7 for writes of 100 bytes.
func relay(b *testing.B, size int, spec Spec, targets *sink.Targets, wake <-chan struct{}) {
	const total = 256 << 20
	buf := make([]byte, 64<<10)
	var used time.Duration
	for b.Loop() {
		var fds [2]int
		if err := unix.Pipe2(fds[:], unix.O_CLOEXEC); err != nil {
			b.Fatal(err)
		}
		pw := os.NewFile(uintptr(fds[1]), "pipe")
		cmd := exec.Command(os.Args[0], "-test.run=^TestSpew$")
		cmd.Env = append(os.Environ(), "LOGS_TEST_SPEW="+strconv.Itoa(size), "LOGS_TEST_TOTAL="+strconv.Itoa(total))
		cmd.Stdout = pw
		if err := cmd.Start(); err != nil {
			b.Skip(err)
		}
		pw.Close()
		s := Open(targets, spec, Hooks{})
		var pace Pace
		start := cpu(b)
		for {
			n, err := unix.Read(fds[0], buf)
			if n <= 0 {
				if err == unix.EINTR {
					continue
				}
				break
			}
			s.Feed(buf[:n])
			for s.Full() {
				<-wake
			}
			time.Sleep(pace.After(n, len(buf), time.Now()))
		}
		s.Close()
		used += cpu(b) - start
		unix.Close(fds[0])
		if err := cmd.Wait(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(used.Seconds()/float64(b.N)*gib/total, "cpu-s/GiB")
	b.ReportMetric(total*float64(b.N)/b.Elapsed().Seconds()/1e6, "MB/s")
	b.ReportMetric(0, "ns/op")
}

// TestSpew is the program that floods, when a benchmark runs this binary for it.
func TestSpew(t *testing.T) {
	size, _ := strconv.Atoi(os.Getenv("LOGS_TEST_SPEW"))
	total, _ := strconv.Atoi(os.Getenv("LOGS_TEST_TOTAL"))
	if size == 0 {
		return
	}
	p := bytes.Repeat([]byte("a line of output, which is one hundred bytes long with its end, as lines of programs are: 123456789\n"), size/100+1)[:size]
	for done := 0; done < total; done += size {
		for q := p; len(q) > 0; {
			n, err := unix.Write(1, q)
			if err != nil && err != unix.EINTR {
				os.Exit(1)
			}
			q = q[max(n, 0):]
		}
	}
	os.Exit(0)
}

func BenchmarkRelay(b *testing.B) {
	for _, size := range []int{64 << 10, 100} {
		writes := "writes of " + strconv.Itoa(size) + " to "
		b.Run(writes+"a file", func(b *testing.B) {
			targets := sink.NewTargets(sink.Options{})
			relay(b, size, Spec{Destination: sink.Destination{Logfile: filepath.Join(b.TempDir(), "log"), Rotation: sink.Rotation{Maxbytes: 50 << 20, Backups: 2}}}, targets, nil)
		})
		b.Run(writes+"nothing", func(b *testing.B) {
			relay(b, size, Spec{}, sink.NewTargets(sink.Options{}), nil)
		})
		b.Run(writes+"stdout", func(b *testing.B) {
			// The reader is another process, as the container's is.
			drain := exec.Command("/bin/dd", "of=/dev/null", "bs=64k")
			in, err := drain.StdinPipe()
			if err != nil {
				b.Fatal(err)
			}
			if err := drain.Start(); err != nil {
				b.Skip(err)
			}
			wake := make(chan struct{}, 1)
			targets := sink.NewTargets(sink.Options{
				System: &elsewhere{stdout: int(in.(*os.File).Fd())},
				Wake: func() {
					select {
					case wake <- struct{}{}:
					default:
					}
				},
			})
			relay(b, size, Spec{Destination: sink.Destination{Logfile: "/dev/stdout"}}, targets, wake)
			if targets.Close(time.Now().Add(10 * time.Second)); len(targets.Losses()) > 0 {
				b.Errorf("lost: %v", targets.Losses())
			}
			in.Close()
			if err := drain.Wait(); err != nil {
				b.Error(err)
			}
		})
	}
}

// BenchmarkFeed is the way through a stream alone.
func BenchmarkFeed(b *testing.B) {
	line := []byte("\x1b[32mINFO\x1b[0m a line of output as programs write them, with <tags> in it 0123456789 0123456789 ...\n")
	rows := []struct {
		name  string
		spec  Spec
		hooks Hooks
	}{
		{"raw", Spec{}, Hooks{}},
		{"events", Spec{}, Hooks{Chunk: func([]byte) {}}},
		{"capture", Spec{CaptureMaxbytes: 1 << 20}, Hooks{}},
		{"strip_ansi", Spec{StripANSI: true}, Hooks{}},
	}
	for _, row := range rows {
		for _, size := range []int{64 << 10, len(line)} {
			b.Run(row.name+" "+strconv.Itoa(size), func(b *testing.B) {
				p := bytes.Repeat(line, size/len(line))
				s := Open(sink.NewTargets(sink.Options{}), row.spec, row.hooks)
				s.sinks = []sink.Sink{sinkFunc(func([]byte) {})}
				b.SetBytes(int64(len(p)))
				b.ReportAllocs()
				for b.Loop() {
					s.Feed(p)
				}
			})
		}
	}
}

func BenchmarkActivity(b *testing.B) {
	a := NewActivity(time.Now)
	a.Open(sink.NewTargets(sink.Options{}), ActivitySpec{Level: Info, Logfile: "/dev/null"})
	b.ReportAllocs()
	for b.Loop() {
		a.Info("spawned: '", "web", "' with pid ", "12")
	}
}

// elsewhere is a system whose standard output is another descriptor.
type elsewhere struct {
	kernel.Linux
	stdout int
}

func (e *elsewhere) Write(fd int, p []byte) (int, error) { return e.Linux.Write(e.fd(fd), p) }

func (e *elsewhere) Writable(fd int) error { return e.Linux.Writable(e.fd(fd)) }

func (e *elsewhere) fd(fd int) int {
	if fd == 1 {
		return e.stdout
	}
	return fd
}
