//go:build linux

package sink

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"slipway/internal/test/testkit"
	"slipway/supervise/logs/sink/sinktest"
)

// What cannot be written costs bytes, which are counted and reported, and nothing
// else.
func TestFileFaults(t *testing.T) {
	rows := []struct {
		name   string
		broken func(s *system, err error)
		err    error
		lost   int64
	}{
		{"disk full", failWrites, unix.ENOSPC, 9},
		{"quota", failWrites, unix.EDQUOT, 9},
		{"bad disk", failWrites, unix.EIO, 9},
		{"half a write", func(s *system, err error) {
			real := s.write
			s.write = func(fd int, p []byte) (int, error) {
				n, _ := real(fd, p[:1])
				return n, err
			}
		}, unix.ENOSPC, 8},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			b := newBench(t)
			f := b.File(b.path("log"), Rotation{100, 1}, false).(*File)
			f.Write([]byte("before\n"))
			whole := *b.sys
			row.broken(b.sys, row.err)
			f.Write([]byte("lost "))
			f.Write([]byte("more"))
			b.wantReports(1, "cannot write log file", row.err.Error(), "trying again")
			if got := f.Lost(); got != row.lost {
				t.Errorf("Lost() = %d, want %d", got, row.lost)
			}
			if got := b.Losses(); len(got) != 1 || !errors.Is(got[0].Err, row.err) {
				t.Errorf("Losses() = %v, want one because of %v", got, row.err)
			}
			*b.sys = whole
			f.Write([]byte("resting\n"))
			b.now = b.now.Add(firstRetry)
			f.Write([]byte("after\n"))
			b.wantReports(2, "is written again", strconv.FormatInt(row.lost+8, 10)+" bytes lost in all")
			if got := sinktest.ReadDir(t, b.dir)["log"]; !strings.HasPrefix(got, "before\n") || !strings.HasSuffix(got, "after\n") {
				t.Errorf("log = %q", got)
			}
		})
	}
}

func failWrites(s *system, err error) {
	s.write = func(int, []byte) (int, error) { return 0, err }
}

func TestFileThatCannotBeOpened(t *testing.T) {
	b := newBench(t)
	path := filepath.Join(b.dir, "missing", "log")
	f := b.File(path, Rotation{}, false)
	b.wantReports(1, "cannot write log file", "no such file")
	opens := 0
	real := b.sys.open
	b.sys.open = func(path string, flags int, perm uint32) (int, error) {
		opens++
		return real(path, flags, perm)
	}
	for range 600 { // ten minutes
		f.Write([]byte("0123456789"))
		b.now = b.now.Add(time.Second)
	}
	if opens > 70 {
		t.Errorf("%d attempts in ten minutes, want the pause to grow", opens)
	}
	b.wantReports(10, "600 bytes lost")
	os.Mkdir(filepath.Dir(path), 0o755)
	b.now = b.now.Add(lastRetry)
	f.Write([]byte("at last"))
	b.wantReports(11, "written again")
	if got, _ := os.ReadFile(path); string(got) != "at last" {
		t.Errorf("log = %q, want %q", got, "at last")
	}
}

// A target that fails with every other write is not reported twice for each.
func TestFlappingFileIsReportedOncePerMinute(t *testing.T) {
	b := newBench(t)
	f := b.File(b.path("log"), Rotation{}, false)
	real := b.sys.write
	for i := range 100 {
		b.sys.write = real
		if i%2 == 0 {
			failWrites(b.sys, unix.ENOSPC)
		}
		f.Write([]byte("x"))
		b.now = b.now.Add(firstRetry)
	}
	b.wantReports(2)
}

func TestLastLossIsReportedAtClose(t *testing.T) {
	b := newBench(t)
	f := b.File(b.path("log"), Rotation{}, false)
	failWrites(b.sys, unix.ENOSPC)
	f.Write([]byte("x"))
	f.Write([]byte("yy"))
	f.Close()
	b.wantReports(2, "2 bytes lost")
}

func TestRotationFaults(t *testing.T) {
	rows := []struct {
		name   string
		breaks func(s *system)
		want   map[string]string
	}{
		{"read-only directory: the file grows", func(s *system) {
			s.rename = func(string, string) error { return unix.EROFS }
		}, map[string]string{"log": "aaaabbbb"}},
		{"the new file cannot be made: the old one is written on", func(s *system) {
			s.open = func(string, int, uint32) (int, error) { return -1, unix.ENOSPC }
		}, map[string]string{"log.1": "aaaabbbb"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			b := newBench(t)
			f := b.File(b.path("log"), Rotation{4, 2}, false).(*File)
			whole := *b.sys
			row.breaks(b.sys)
			f.Write([]byte("aaaa"))
			f.Write([]byte("bbbb"))
			b.wantReports(1, "cannot rotate log file")
			b.wantFiles(row.want)
			if f.Lost() != 0 {
				t.Errorf("Lost() = %d, want 0", f.Lost())
			}
			*b.sys = whole
			b.now = b.now.Add(reportEvery)
			f.Write([]byte("cccc"))
			f.Write([]byte("d"))
			if got := sinktest.ReadDir(t, b.dir)["log"]; got != "d" {
				t.Errorf("log = %q, want %q", got, "d")
			}
		})
	}
}

func TestFullDisk(t *testing.T) {
	testkit.Need(t, testkit.Root)
	b := newBench(t)
	if err := unix.Mount("tmpfs", b.dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Fatal(err)
	}
	defer unix.Unmount(b.dir, unix.MNT_DETACH)
	// Three files of 16 KiB and a page for each beside the rest fill it.
	sinktest.Put(t, b.path("filler"), strings.Repeat("x", 60<<10))
	f := b.File(b.path("log"), Rotation{16 << 10, 1}, false).(*File)
	line := []byte(strings.Repeat("y", 1023) + "\n")
	for range 64 {
		f.Write(line)
	}
	if f.Lost() == 0 {
		t.Fatal("nothing lost on a full disk")
	}
	b.wantReports(1, "no space left on device")
	os.Remove(b.path("filler"))
	b.now = b.now.Add(lastRetry)
	for range 64 {
		f.Write(line)
	}
	b.wantReports(2, "written again")
	if got, want := sinktest.ReadDir(t, b.dir)["log.1"], bytes.Repeat(line, 16); len(got) != len(want) {
		t.Errorf("log.1 has %d bytes, want %d", len(got), len(want))
	}
	f.Close()
}

func TestFIFO(t *testing.T) {
	b := newBench(t)
	path := b.path("fifo")
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	f := b.File(path, Rotation{1, 1}, false).(*File)
	f.Write([]byte("nobody\n"))
	b.wantReports(1, "nothing reads from it")

	reader, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	b.now = b.now.Add(firstRetry)
	f.Write([]byte("hello\n"))
	buf := make([]byte, 100)
	n, err := reader.Read(buf)
	if err != nil || string(buf[:n]) != "hello\n" {
		t.Errorf("Read() = %q, %v, want %q", buf[:n], err, "hello\n")
	}

	reader.Close()
	testkit.Eventually(t, testkit.Patience, "the writer sees that its reader is gone", func() error {
		f.Write([]byte("gone\n"))
		if f.queue != nil {
			return errors.New("still open")
		}
		return nil
	})
	reader, err = os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	b.now = b.now.Add(lastRetry)
	f.Write([]byte("back\n"))
	if n, err = reader.Read(buf); err != nil || string(buf[:n]) != "back\n" {
		t.Errorf("Read() = %q, %v, want %q", buf[:n], err, "back\n")
	}
	b.wantFiles(map[string]string{"fifo": "p---------"})
}

func TestDevNullCostsNoCall(t *testing.T) {
	b := newBench(t)
	b.sys.write = func(int, []byte) (int, error) { t.Error("written"); return 0, unix.EIO }
	f := b.File("/dev/null", Rotation{1, 1}, false)
	f.Write([]byte("x"))
	if got := b.Losses(); got != nil {
		t.Errorf("Losses() = %v, want none", got)
	}
}

// A device that is always full loses what it is given, and is reported.
func TestDevFull(t *testing.T) {
	b := newBench(t)
	f := b.File("/dev/full", Rotation{}, false).(*File)
	f.Write([]byte("x"))
	testkit.Eventually(t, testkit.Patience, "loss is counted", func() error {
		if f.Lost() != 1 {
			return errors.New("Lost() = " + strconv.FormatInt(f.Lost(), 10))
		}
		return nil
	})
}

// What was lost just before a device is closed is said, also if something was said a moment
// ago: nobody asks again.
func TestLastLossIsSaid(t *testing.T) {
	for _, tt := range []struct {
		name  string
		polls bool // a loss before was said
		want  string
	}{
		{"the first one", false, "1 bytes lost"},
		{"a further one", true, "2 bytes lost"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t)
			f := b.File("/dev/full", Rotation{}, false).(*File)
			lost := func(want int64) {
				t.Helper()
				f.Write([]byte("x"))
				testkit.Eventually(t, testkit.Patience, "loss is counted", func() error {
					if f.Lost() != want {
						return errors.New("Lost() = " + strconv.FormatInt(f.Lost(), 10))
					}
					return nil
				})
			}
			lost(1)
			if tt.polls {
				b.Poll()
				lost(2)
				b.reports = nil
			}
			f.Close()
			b.wantReports(1, "cannot write /dev/full: no space left on device", tt.want)
			b.Poll()
			b.wantReports(1)
		})
	}
}

// What is on its way when the device is closed is said as soon as it is lost.
func TestLossAfterCloseIsSaid(t *testing.T) {
	b := newBench(t)
	f := b.File("/dev/full", Rotation{}, false).(*File)
	f.Write([]byte("x"))
	f.Close()
	testkit.Eventually(t, testkit.Patience, "the loss is said", func() error {
		b.Poll()
		if len(b.reports) == 0 {
			return errors.New("nothing is said")
		}
		return nil
	})
	b.wantReports(1, "cannot write /dev/full: no space left on device; 1 bytes lost")
	if got := b.Losses(); len(got) != 1 || got[0].Bytes != 1 {
		t.Errorf("Losses() = %v, want 1 byte", got)
	}
}
