//go:build linux

package sink

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"slipway/internal/compress"
	"slipway/internal/test/testkit"
	"slipway/supervise/kernel"
	"slipway/supervise/logs/rotation"
	"slipway/supervise/logs/sink/sinktest"
)

func rule(t *testing.T, o rotation.Options) *rotation.Rule {
	t.Helper()
	if wrong := o.Mistakes(); len(wrong) > 0 {
		t.Fatal(wrong)
	}
	return o.Rule()
}

// compressAll compresses what is due, as the process of its own does.
func (b *bench) compressAll() {
	for {
		o, err := b.NextOld()
		if err != nil || o == nil {
			return
		}
		from, to := os.NewFile(uintptr(o.From), "from"), os.NewFile(uintptr(o.To), "to")
		err = compress.File(from, to)
		from.Close()
		to.Close()
		if o.Done(err == nil) != nil {
			return
		}
	}
}

// whole returns what a log and its old files hold, oldest first, and their names.
func whole(t *testing.T, dir string) (text string, names []string) {
	t.Helper()
	files := sinktest.ReadDir(t, dir)
	number := func(name string) int {
		n, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(name, "log."), ".gz"))
		return n
	}
	for name := range files {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return number(b) - number(a) })
	for _, name := range names {
		content := files[name]
		if strings.HasSuffix(name, ".gz") {
			r, err := gzip.NewReader(strings.NewReader(content))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			p, err := io.ReadAll(r)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			content = string(p)
		}
		text += content
	}
	return text, names
}

func TestTimeRotation(t *testing.T) {
	for _, tt := range []struct {
		name   string
		writes []string // "" is the next day
		want   map[string]string
	}{
		{"a day each", []string{"one\n", "", "two\n", "", "three\n"}, map[string]string{"log": "three\n", "log.1": "two\n", "log.2": "one\n"}},
		{"a line that goes over midnight stays whole", []string{"begins ", "", "and ends\nnext\n"}, map[string]string{"log": "next\n", "log.1": "begins and ends\n"}},
		{"a line over midnight in three pieces", []string{"a", "", "b", "c\nd\n"}, map[string]string{"log": "d\n", "log.1": "abc\n"}},
		{"a day without a line has no file", []string{"one\n", "", "", "", "two\n"}, map[string]string{"log": "two\n", "log.1": "one\n"}},
		{"nothing is written", []string{"", ""}, map[string]string{"log": ""}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t)
			f := b.Rotated(b.path("log"), Rotation{0, 3}, rule(t, rotation.Options{Rotate: "daily"}), false)
			for _, w := range tt.writes {
				if w == "" {
					b.now = b.now.Add(24 * time.Hour)
				}
				f.Write([]byte(w))
			}
			f.Close()
			b.wantFiles(tt.want)
			b.wantReports(0)
		})
	}
}

// What an earlier supervisor has written yesterday is put away with the first line of today.
func TestTimeRotationOverARestart(t *testing.T) {
	b := newBench(t)
	sinktest.Put(t, b.path("log"), "yesterday\n")
	if err := os.Chtimes(b.path("log"), b.now, b.now.Add(-24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	f := b.Rotated(b.path("log"), Rotation{0, 3}, rule(t, rotation.Options{Rotate: "daily"}), false)
	b.wantFiles(map[string]string{"log": "yesterday\n"})
	f.Write([]byte("today\n"))
	b.wantFiles(map[string]string{"log": "today\n", "log.1": "yesterday\n"})
}

// A rotation that fails is tried again; nothing is lost, and it is said once.
func TestTimeRotationThatFails(t *testing.T) {
	b := newBench(t)
	f := b.Rotated(b.path("log"), Rotation{0, 3}, rule(t, rotation.Options{Rotate: "hourly"}), false)
	f.Write([]byte("one\n"))
	b.sys.rename = func(string, string) error { return unix.EROFS }
	b.now = b.now.Add(time.Hour)
	f.Write([]byte("two\n"))
	f.Write([]byte("three\n"))
	b.wantFiles(map[string]string{"log": "one\ntwo\nthree\n"})
	b.wantReports(1, "cannot rotate log file")
	b.sys.rename = realSystem().rename
	b.now = b.now.Add(reportEvery)
	f.Write([]byte("four\n"))
	b.wantFiles(map[string]string{"log": "four\n", "log.1": "one\ntwo\nthree\n"})
}

// A line is not split by a limit either, unless it is very long.
func TestRuleSplitsNoLine(t *testing.T) {
	b := newBench(t)
	f := b.Rotated(b.path("log"), Rotation{10, 9}, rule(t, rotation.Options{Rotate: "daily"}), false)
	for _, w := range []string{"one\ntwo\nthr", "ee\nfo", "ur four four", "\nfive\n"} {
		f.Write([]byte(w))
	}
	b.wantFiles(map[string]string{"log": "", "log.1": "four four four\nfive\n", "log.2": "one\ntwo\nthree\n"})
	f.Write(bytes.Repeat([]byte("x"), lineMost+10))
	f.Write([]byte("rest\n"))
	if files := sinktest.ReadDir(t, b.dir); len(files["log.1"]) != lineMost+10 || files["log"] != "rest\n" {
		t.Errorf("log.1 has %d bytes, log is %q", len(files["log.1"]), files["log"])
	}
}

// Old files move in both forms, and the one that is replaced goes in both.
func TestOldFilesInBothForms(t *testing.T) {
	for _, tt := range []struct {
		name         string
		before, want map[string]string
	}{
		{"compressed ones move", map[string]string{"log.1.gz": "1", "log.2.gz": "2"}, map[string]string{"log": "", "log.1": "new\n", "log.2.gz": "1", "log.3.gz": "2"}},
		{"the oldest goes", map[string]string{"log.1.gz": "1", "log.2.gz": "2", "log.3.gz": "3"}, map[string]string{"log": "", "log.1": "new\n", "log.2.gz": "1", "log.3.gz": "2"}},
		{"a compressed one replaces a plain one", map[string]string{"log.2.gz": "2", "log.3": "3"}, map[string]string{"log": "", "log.1": "new\n", "log.3.gz": "2"}},
		{"a plain one replaces a compressed one", map[string]string{"log.2": "2", "log.3.gz": "3"}, map[string]string{"log": "", "log.1": "new\n", "log.3": "2"}},
		{"after a crash both are there", map[string]string{"log.1": "1", "log.1.gz": "zip"}, map[string]string{"log": "", "log.1": "new\n", "log.2": "1", "log.2.gz": "zip"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t)
			for name, text := range tt.before {
				sinktest.Put(t, b.path(name), text)
			}
			f := b.Rotated(b.path("log"), Rotation{4, 3}, rule(t, rotation.Options{Compress: "gzip"}), false)
			f.Write([]byte("new\n"))
			b.wantFiles(tt.want)
		})
	}
	t.Run("one backup", func(t *testing.T) {
		b := newBench(t)
		sinktest.Put(t, b.path("log.1.gz"), "old")
		f := b.Rotated(b.path("log"), Rotation{4, 1}, rule(t, rotation.Options{Compress: "gzip"}), false)
		f.Write([]byte("new\n"))
		b.wantFiles(map[string]string{"log": "", "log.1": "new\n"})
	})
}

// A compressed file has the owner's mode and the time of its original, and nothing else is left.
func TestCompression(t *testing.T) {
	b := newBench(t)
	asked := 0
	b.opts.Compress = func() { asked++ }
	f := b.Rotated(b.path("log"), Rotation{4, 3}, rule(t, rotation.Options{Compress: "gzip"}), true)
	for _, w := range []string{"one\n", "two\n", "x\n"} {
		f.Write([]byte(w))
	}
	if asked == 0 {
		t.Error("nobody was asked to compress")
	}
	was, err := os.Stat(b.path("log.1"))
	if err != nil {
		t.Fatal(err)
	}
	b.compressAll()
	text, names := whole(t, b.dir)
	if want := []string{"log.2.gz", "log.1.gz", "log"}; text != "one\ntwo\nx\n" || !slices.Equal(names, want) {
		t.Errorf("%v hold %q, want %v and all lines", names, text, want)
	}
	is, err := os.Stat(b.path("log.1.gz"))
	if err != nil {
		t.Fatal(err)
	}
	if is.Mode() != was.Mode() || was.ModTime().Sub(is.ModTime()).Abs() > time.Microsecond {
		t.Errorf("mode %v, time %v; the original had %v and %v", is.Mode(), is.ModTime(), was.Mode(), was.ModTime())
	}
	b.wantReports(0)
}

// While a file is being compressed the names move on. The result follows its original, and goes
// with it.
func TestNamesMoveWhileOneIsCompressed(t *testing.T) {
	for moves := range 5 {
		t.Run(strconv.Itoa(moves), func(t *testing.T) {
			b := newBench(t)
			f := b.Rotated(b.path("log"), Rotation{2, 3}, rule(t, rotation.Options{Compress: "gzip"}), false)
			f.Write([]byte("0\n"))
			o, err := b.NextOld()
			if err != nil || o == nil {
				t.Fatalf("NextOld() = %v, %v", o, err)
			}
			want := []string{"0\n"}
			for i := range moves {
				line := strconv.Itoa(i+1) + "\n"
				f.Write([]byte(line))
				want = append(want, line)
			}
			from, to := os.NewFile(uintptr(o.From), "from"), os.NewFile(uintptr(o.To), "to")
			if err := compress.File(from, to); err != nil {
				t.Fatal(err)
			}
			from.Close()
			to.Close()
			if err := o.Done(true); err != nil {
				t.Fatal(err)
			}
			b.compressAll()
			text, names := whole(t, b.dir)
			if want := strings.Join(want[max(0, len(want)-3):], ""); text != want {
				t.Errorf("%v hold %q, want %q", names, text, want)
			}
		})
	}
}

// The log and its old files never take more than log_total, whatever is compressed when, and
// the newest are those that are kept.
func TestTotal(t *testing.T) {
	const total = 4000
	b := newBench(t)
	b.dir = testkit.MemoryDir(t)
	random := rand.New(rand.NewPCG(testkit.Seed(t), 1))
	f := b.Rotated(b.path("log"), Rotation{0, 50}, rule(t, rotation.Options{Total: strconv.Itoa(total), Compress: "gzip"}), false)
	n := testkit.Repeat(t, 1000)
	for i := range n {
		f.Write([]byte(fmt.Sprintf("%08d%s\n", i, strings.Repeat(".", random.IntN(90)))))
		if random.IntN(20) == 0 {
			b.compressAll()
		}
		size := 0
		for _, text := range sinktest.ReadDir(t, b.dir) {
			size += len(text)
		}
		if size > total+100 {
			t.Fatalf("after line %d the files take %d bytes, want %d", i, size, total)
		}
	}
	b.compressAll()
	text, names := whole(t, b.dir)
	first, _ := strconv.Atoi(text[:8])
	for line := range strings.Lines(text) {
		if got, _ := strconv.Atoi(line[:8]); got != first {
			t.Fatalf("%v: line %d where %d should be", names, got, first)
		}
		first++
	}
	if first != n {
		t.Errorf("the last line is %d, want %d", first-1, n-1)
	}
	b.wantReports(0)
}

// A total that was made smaller holds as soon as the log is opened.
func TestTotalHoldsFromTheStart(t *testing.T) {
	b := newBench(t)
	for i := range 5 {
		sinktest.Put(t, b.path("log."+strconv.Itoa(i+1)), strings.Repeat("x", 100))
	}
	b.Rotated(b.path("log"), Rotation{0, 9}, rule(t, rotation.Options{Total: "500"}), false)
	if _, names := whole(t, b.dir); !slices.Equal(names, []string{"log.2", "log.1", "log"}) {
		t.Errorf("there are %v, want two old files", names)
	}
}

// dying is a System that does nothing any more after some operations, as after a kill.
func dying(s *system, after int) (dead *bool) {
	dead = new(bool)
	step := func() error {
		if after--; after < 0 {
			*dead = true
			return unix.EIO
		}
		return nil
	}
	open, rename, unlink := s.open, s.rename, s.unlink
	s.open = func(path string, flags int, perm uint32) (int, error) {
		if err := step(); err != nil {
			return -1, err
		}
		return open(path, flags, perm)
	}
	s.rename = func(from, to string) error {
		if err := step(); err != nil {
			return err
		}
		return rename(from, to)
	}
	s.unlink = func(path string) error {
		if err := step(); err != nil {
			return err
		}
		return unlink(path)
	}
	write := s.write
	s.write = func(fd int, p []byte) (int, error) {
		if err := step(); err != nil {
			return 0, err
		}
		return write(fd, p)
	}
	return dead
}

// Wherever the supervisor is killed, between a rename and a compression or within one: the next
// one has every line that was written, once and in order, and leaves nothing that was begun.
func TestCrashAtEveryStepOfARotation(t *testing.T) {
	for after := 0; ; after++ {
		b := newBench(t)
		b.dir = testkit.MemoryDir(t)
		want := ""
		dead := dying(b.sys, after)
		life := func(from, to int) {
			f := b.Rotated(b.path("log"), Rotation{8, 12}, rule(t, rotation.Options{Compress: "gzip"}), false)
			for i := from; i < to && !*dead; i++ {
				line := fmt.Sprintf("line %d\n", i)
				write := b.sys.write
				b.sys.write = func(fd int, p []byte) (int, error) {
					n, err := write(fd, p)
					want += string(p[:n])
					return n, err
				}
				f.Write([]byte(line))
				b.sys.write = write
				if i%3 == 2 && !*dead {
					b.compressAll()
				}
			}
		}
		life(0, 10)
		over := !*dead
		b.Targets, b.sys = newTargets(Options{})
		b.sys.now = func() time.Time { return b.now }
		dead = new(bool)
		life(10, 14)
		b.compressAll()
		text, names := whole(t, b.dir)
		if text != want {
			t.Fatalf("killed at operation %d, %v hold\n%s\nwant\n%s", after, names, text, want)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "~") {
				t.Errorf("killed at operation %d: %s is left", after, name)
			}
		}
		if over {
			if after < 30 {
				t.Errorf("there were %d operations only", after)
			}
			return
		}
	}
}

// On a full disk nothing can be compressed. The files stay as they are.
func TestCompressionOnAFullDisk(t *testing.T) {
	b := newBench(t)
	f := b.Rotated(b.path("log"), Rotation{4, 3}, rule(t, rotation.Options{Compress: "gzip"}), false)
	f.Write([]byte("one\n"))
	open := b.sys.open
	b.sys.open = func(path string, flags int, perm uint32) (int, error) {
		if flags&unix.O_CREAT != 0 {
			return -1, unix.ENOSPC
		}
		return open(path, flags, perm)
	}
	if o, err := b.NextOld(); o != nil || err == nil || !strings.Contains(err.Error(), "cannot compress an old log file") {
		t.Errorf("NextOld() = %v, %v", o, err)
	}
	b.sys.open = open
	o, err := b.NextOld()
	if err != nil || o == nil {
		t.Fatalf("NextOld() = %v, %v", o, err)
	}
	unix.Close(o.From)
	unix.Close(o.To)
	if err := o.Done(false); err != nil { // the process has found no room
		t.Fatal(err)
	}
	b.wantFiles(map[string]string{"log": "", "log.1": "one\n"})
	b.compressAll()
	if text, names := whole(t, b.dir); text != "one\n" || !slices.Equal(names, []string{"log.1.gz", "log"}) {
		t.Errorf("%v hold %q", names, text)
	}
}

// What somebody has put in the place of an old file is not followed.
func TestCompressionFollowsNoLink(t *testing.T) {
	b := newBench(t)
	secret := filepath.Join(t.TempDir(), "secret")
	sinktest.Put(t, secret, "secret")
	if err := os.Symlink(secret, b.path("log.1")); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mkfifo(b.path("log.2"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.Rotated(b.path("log"), Rotation{4, 3}, rule(t, rotation.Options{Compress: "gzip"}), false)
	if o, err := b.NextOld(); o != nil || err != nil {
		t.Errorf("NextOld() = %v, %v, want none", o, err)
	}
}

// A file without a rule costs no call more than before.
func TestNoRuleCostsNothing(t *testing.T) {
	b := newBench(t)
	f := b.Rotated(b.path("log"), Rotation{0, 3}, nil, false)
	stats, line := 0, []byte("line\n")
	b.sys.fstat = func(int) (kernel.FileInfo, error) { stats++; return kernel.FileInfo{}, nil }
	b.sys.position = func(int) (int64, error) { stats++; return 0, nil }
	if n := testing.AllocsPerRun(100, func() { f.Write(line) }); n != 0 || stats != 0 {
		t.Errorf("%v allocations and %d calls for a write, want none", n, stats)
	}
}
