//go:build linux

package sink

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"slipway/internal/test/testkit"
	"slipway/supervise/logs/sink/sinktest"
)

// bench is a set of targets in a directory of its own, with a clock that stands
// still and a kernel that can be made to fail.
type bench struct {
	*testing.T
	*Targets
	sys     *system
	dir     string
	now     time.Time
	reports []string
}

func newBench(t *testing.T) *bench {
	b := &bench{T: t, dir: t.TempDir(), now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	b.Targets, b.sys = newTargets(Options{Report: func(s string) { b.reports = append(b.reports, s) }})
	b.sys.now = func() time.Time { return b.now }
	t.Cleanup(func() { b.Targets.Close(time.Now().Add(time.Minute)) })
	return b
}

func (b *bench) path(name string) string { return filepath.Join(b.dir, name) }

// wantFiles compares the directory with what it should hold.
func (b *bench) wantFiles(want map[string]string) {
	b.Helper()
	if diff := cmp.Diff(sinktest.ReadDir(b.T, b.dir), want); diff != "" {
		b.Errorf("files (-got +want):\n%s", diff)
	}
}

// wantReports checks how often something was reported, and that the last report
// has the given words.
func (b *bench) wantReports(n int, words ...string) {
	b.Helper()
	if len(b.reports) != n {
		b.Fatalf("reports = %q, want %d of them", b.reports, n)
	}
	for _, w := range words {
		if !strings.Contains(b.reports[n-1], w) {
			b.Errorf("report = %q, want it to say %q", b.reports[n-1], w)
		}
	}
}

// Each row has been checked against the original; TestRotationLikeSupervisor does
// so for these and for random ones where it is installed.
var rotations = []struct {
	name     string
	rotation Rotation
	before   map[string]string
	writes   []string
	want     map[string]string
}{
	{"never", Rotation{0, 3}, nil, []string{"aaaa", "bbbb"}, map[string]string{"log": "aaaabbbb"}},
	{"at the limit exactly", Rotation{4, 2}, nil, []string{"aaaa"}, map[string]string{"log": "", "log.1": "aaaa"}},
	{"one below", Rotation{5, 2}, nil, []string{"aaaa"}, map[string]string{"log": "aaaa"}},
	{"a write is not split", Rotation{4, 2}, nil, []string{"aaaaaaaaaa", "b"}, map[string]string{"log": "b", "log.1": "aaaaaaaaaa"}},
	{"backups move up", Rotation{2, 3}, nil, []string{"aa", "bb", "cc"}, map[string]string{"log": "", "log.1": "cc", "log.2": "bb", "log.3": "aa"}},
	{"the oldest goes", Rotation{2, 2}, nil, []string{"aa", "bb", "cc", "d"}, map[string]string{"log": "d", "log.1": "cc", "log.2": "bb"}},
	{"one backup", Rotation{2, 1}, nil, []string{"aa", "bb", "c"}, map[string]string{"log": "c", "log.1": "bb"}},
	{"no backups", Rotation{2, 0}, nil, []string{"aa", "bb", "c"}, map[string]string{"log": "c"}},
	{"what was there counts", Rotation{5, 1}, map[string]string{"log": "old-"}, []string{"a", "b"}, map[string]string{"log": "b", "log.1": "old-a"}},
	{"only after a write", Rotation{2, 1}, map[string]string{"log": "older"}, nil, map[string]string{"log": "older"}},
	{"a gap stops no backup", Rotation{1, 3}, map[string]string{"log.2": "two", "log.3": "three"}, []string{"a"}, map[string]string{"log": "", "log.1": "a", "log.3": "two"}},
	{"a gap keeps the oldest", Rotation{1, 3}, map[string]string{"log.1": "one", "log.3": "three"}, []string{"a"}, map[string]string{"log": "", "log.1": "a", "log.2": "one", "log.3": "three"}},
	{"more backups than allowed stay", Rotation{1, 1}, map[string]string{"log.1": "one", "log.2": "two"}, []string{"a"}, map[string]string{"log": "", "log.1": "a", "log.2": "two"}},
}

func TestRotation(t *testing.T) {
	for _, row := range rotations {
		t.Run(row.name, func(t *testing.T) {
			b := newBench(t)
			for name, text := range row.before {
				sinktest.Put(t, b.path(name), text)
			}
			f := b.File(b.path("log"), row.rotation, false)
			for _, w := range row.writes {
				f.Write([]byte(w))
			}
			f.Close()
			b.wantFiles(row.want)
			b.wantReports(0)
		})
	}
}

// Whoever looks between two steps of a rotation finds everything that is kept,
// under some name: only the oldest backup goes, and nothing is written meanwhile.
func TestRotationKeepsAllAtEveryStep(t *testing.T) {
	b := newBench(t)
	for name, text := range map[string]string{"log": "new", "log.1": "one", "log.2": "two", "log.3": "three"} {
		sinktest.Put(t, b.path(name), text)
	}
	f := b.File(b.path("log"), Rotation{4, 3}, false)
	steps := 0
	look := func() {
		steps++
		got := slices.Sorted(maps.Values(sinktest.ReadDir(t, b.dir)))
		got = slices.DeleteFunc(got, func(text string) bool { return text == "" || text == "three" })
		if want := []string{"new!", "one", "two"}; !slices.Equal(got, want) {
			t.Errorf("after step %d the files hold %q, want %q", steps, got, want)
		}
	}
	rename, open := b.sys.rename, b.sys.open
	b.sys.rename = func(from, to string) error {
		defer look()
		return rename(from, to)
	}
	b.sys.open = func(path string, flags int, perm uint32) (int, error) {
		defer look()
		return open(path, flags, perm)
	}
	f.Write([]byte("!"))
	if steps != 4 {
		t.Errorf("%d steps, want three renames and an open", steps)
	}
	b.wantFiles(map[string]string{"log": "", "log.1": "new!", "log.2": "one", "log.3": "two"})
}

func TestRotationBoundsSizes(t *testing.T) {
	b := newBench(t)
	b.dir = testkit.MemoryDir(t)
	f := b.File(b.path("log"), Rotation{100, 3}, false)
	n := testkit.Repeat(t, 1000)
	for i := range n {
		f.Write([]byte(strconv.Itoa(i) + strings.Repeat(".", 100) + "\n"))
	}
	files := sinktest.ReadDir(t, b.dir)
	if len(files) != 4 {
		t.Errorf("%d files, want 4", len(files))
	}
	for name, text := range files {
		if len(text) > 106 {
			t.Errorf("%s has %d bytes", name, len(text))
		}
	}
	if want := strconv.Itoa(n-1) + "."; !strings.HasPrefix(files["log.1"], want) {
		t.Errorf("log.1 = %.10q, want it to begin with %q", files["log.1"], want)
	}
}

func TestSharedFile(t *testing.T) {
	b := newBench(t)
	if err := os.Symlink(b.dir, b.dir+".link"); err != nil {
		t.Fatal(err)
	}
	one := b.File(b.path("log"), Rotation{6, 2}, false)
	two := b.File(filepath.Join(b.dir+".link", "log"), Rotation{6, 2}, false)
	for range 3 {
		one.Write([]byte("one"))
		two.Write([]byte("two"))
	}
	one.Close()
	two.Write([]byte("end"))
	two.Close()
	b.wantFiles(map[string]string{"log": "end", "log.1": "onetwo", "log.2": "onetwo"})
	if n := len(b.files); n != 0 {
		t.Errorf("%d files are still open", n)
	}
}

func TestFileModes(t *testing.T) {
	old := unix.Umask(0o027)
	defer unix.Umask(old)
	b := newBench(t)
	rows := []struct {
		name    string
		private bool
		want    os.FileMode
	}{
		{"umask decides", false, 0o640},
		{"AUTO logs are their owner's", true, 0o600},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			path := b.path(strconv.FormatBool(row.private))
			f := b.File(path, Rotation{1, 1}, row.private)
			f.Write([]byte("rotated"))
			for _, p := range []string{path, path + ".1"} {
				st, err := os.Stat(p)
				if err != nil {
					t.Fatal(err)
				}
				if got := st.Mode().Perm(); got != row.want {
					t.Errorf("mode of %s = %o, want %o", filepath.Base(p), got, row.want)
				}
			}
		})
	}
}

func TestReopen(t *testing.T) {
	rows := []struct {
		name    string
		outside func(t *testing.T, path string)
		want    map[string]string
	}{
		{"renamed outside", func(t *testing.T, path string) { os.Rename(path, path+".old") }, map[string]string{"log": "after", "log.old": "before"}},
		{"removed outside", func(t *testing.T, path string) { os.Remove(path) }, map[string]string{"log": "after"}},
		{"untouched", func(t *testing.T, path string) {}, map[string]string{"log": "beforeafter"}},
		{"truncated outside", func(t *testing.T, path string) { os.Truncate(path, 0) }, map[string]string{"log": "after"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			b := newBench(t)
			f := b.File(b.path("log"), Rotation{100, 1}, false)
			f.Write([]byte("before"))
			row.outside(t, b.path("log"))
			b.Reopen()
			f.Write([]byte("after"))
			b.wantFiles(row.want)
		})
	}
}

func TestReopenThatFailsKeepsTheFile(t *testing.T) {
	b := newBench(t)
	f := b.File(b.path("log"), Rotation{}, false)
	f.Write([]byte("before"))
	os.Rename(b.path("log"), b.path("moved"))
	os.Mkdir(b.path("log"), 0o755)
	f.Reopen()
	f.Write([]byte("after"))
	b.wantReports(1, "cannot reopen log file", "is a directory")
	b.wantFiles(map[string]string{"log": "d---------", "moved": "beforeafter"})
}

func TestRotationOfARemovedFile(t *testing.T) {
	b := newBench(t)
	f := b.File(b.path("log"), Rotation{4, 2}, false)
	f.Write([]byte("aa"))
	os.Remove(b.path("log"))
	f.Write([]byte("bb"))
	f.Write([]byte("c"))
	b.wantFiles(map[string]string{"log": "c"})
	b.wantReports(0)
}

// Where others touch the file, the original has two accidents: it writes with a
// position of its own after its first rotation, and deletes a single backup when
// there is nothing to replace it with.
func TestRotationWhereOthersTouchTheFile(t *testing.T) {
	b := newBench(t)
	f := b.File(b.path("log"), Rotation{4, 1}, false)
	f.Write([]byte("aaaa"))
	f.Write([]byte("bb"))
	os.Truncate(b.path("log"), 0)
	f.Write([]byte("c"))
	b.wantFiles(map[string]string{"log": "c", "log.1": "aaaa"})
	os.Remove(b.path("log"))
	f.Write([]byte("dddd"))
	b.wantFiles(map[string]string{"log": "", "log.1": "aaaa"})
	b.wantReports(0)
}

func TestClear(t *testing.T) {
	t.Run("regular file", func(t *testing.T) {
		b := newBench(t)
		f := b.File(b.path("log"), Rotation{}, false)
		f.Write([]byte("before"))
		before, _ := os.Stat(b.path("log"))
		if err := f.Clear(); err != nil {
			t.Fatal(err)
		}
		f.Write([]byte("after"))
		b.wantFiles(map[string]string{"log": "after"})
		if after, _ := os.Stat(b.path("log")); os.SameFile(before, after) {
			t.Error("the file is the same one, want a new one")
		}
	})
	t.Run("directory is read-only", func(t *testing.T) {
		b := newBench(t)
		f := b.File(b.path("log"), Rotation{}, false)
		f.Write([]byte("before"))
		b.sys.unlink = func(string) error { return unix.EROFS }
		if err := f.Clear(); err != nil {
			t.Fatal(err)
		}
		f.Write([]byte("after"))
		b.wantFiles(map[string]string{"log": "after"})
	})
	t.Run("cannot be created again", func(t *testing.T) {
		b := newBench(t)
		f := b.File(b.path("log"), Rotation{}, false)
		real := b.sys.open
		b.sys.open = func(string, int, uint32) (int, error) { return -1, unix.ENOSPC }
		if err := f.Clear(); !errors.Is(err, unix.ENOSPC) {
			t.Errorf("Clear() = %v, want %v", err, unix.ENOSPC)
		}
		b.sys.open = real
		b.now = b.now.Add(firstRetry)
		f.Write([]byte("after"))
		b.wantFiles(map[string]string{"log": "after"})
	})
	t.Run("of a program that is not running", func(t *testing.T) {
		b := newBench(t)
		sinktest.Put(t, b.path("log"), "before")
		if err := b.Clear(b.path("log")); err != nil {
			t.Fatal(err)
		}
		b.wantFiles(map[string]string{"log": ""})
	})
	t.Run("of a running program by path", func(t *testing.T) {
		b := newBench(t)
		f := b.File(b.path("log"), Rotation{}, false)
		f.Write([]byte("before"))
		if err := b.Clear(b.path("log")); err != nil {
			t.Fatal(err)
		}
		f.Write([]byte("after"))
		b.wantFiles(map[string]string{"log": "after"})
	})
	t.Run("nothing to clear", func(t *testing.T) {
		b := newBench(t)
		if err := unix.Mkfifo(b.path("fifo"), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{"/dev/stdout", "/dev/null", "/dev/fd/2", b.path("fifo"), b.path("missing")} {
			if err := b.Clear(path); err != nil {
				t.Errorf("Clear(%s) = %v, want nil", path, err)
			}
		}
		f := b.File("/dev/null", Rotation{1, 1}, false)
		if err := f.Clear(); err != nil {
			t.Errorf("Clear of an open /dev/null = %v, want nil", err)
		}
		if st, err := os.Stat("/dev/null"); err != nil || st.Mode()&os.ModeCharDevice == 0 {
			t.Fatalf("/dev/null is gone: %v, %v", st, err)
		}
		b.wantFiles(map[string]string{"fifo": "p---------"})
	})
}
