package way

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"slipway/internal/test/testkit"
)

const stranger = 4711

// ways are the two: what the kernel does by itself, and name by name where it cannot.
var ways = map[string]func(string) (int, error){"openat2": Open, "walk": func(folder string) (int, error) {
	fd, _, err := walk(folder)
	return fd, err
}}

// tree makes a folder that only we can write, with real/inner/file in it.
func tree(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	mkdir(t, filepath.Join(root, "real/inner"), 0o755)
	if err := os.WriteFile(filepath.Join(root, "real/inner/file"), []byte("text"), 0o644); err != nil {
		t.Fatal(err)
	}
	return root
}

func mkdir(t *testing.T, dir string, mode os.FileMode) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(dir, 0o755), os.Chmod(dir, mode)); err != nil {
		t.Fatal(err)
	}
}

func symlink(t *testing.T, to, at string) {
	t.Helper()
	if err := os.Symlink(to, at); err != nil {
		t.Fatal(err)
	}
}

// isFolder reports whether an open folder is the one at a path.
func isFolder(t *testing.T, fd int, path string) bool {
	t.Helper()
	var got, want unix.Stat_t
	if err := errors.Join(unix.Fstat(fd, &got), unix.Stat(path, &want)); err != nil {
		t.Fatal(err)
	}
	return got.Ino == want.Ino && got.Dev == want.Dev
}

// Both ways lead to the same folder, through links that only root or we could have made.
func TestOpen(t *testing.T) {
	root := tree(t)
	symlink(t, "real", filepath.Join(root, "relative"))
	symlink(t, filepath.Join(root, "real"), filepath.Join(root, "absolute"))
	symlink(t, "relative/inner", filepath.Join(root, "two"))
	symlink(t, "../real/inner", filepath.Join(root, "real/up"))
	mkdir(t, filepath.Join(root, "sticky"), 0o777|os.ModeSticky)
	symlink(t, "../real/inner", filepath.Join(root, "sticky/ours"))
	inner := filepath.Join(root, "real/inner")
	for _, path := range []string{
		"real/inner", "real/inner/", "real//./inner/.", "real/inner/../inner", "relative/inner", "absolute/inner", "two", "real/up", "sticky/ours",
	} {
		for name, open := range ways {
			t.Run(path+" by "+name, func(t *testing.T) {
				fd, err := open(root + "/" + path)
				if err != nil {
					t.Fatal(err)
				}
				defer Close(fd)
				if !isFolder(t, fd, inner) {
					t.Error("it is another folder")
				}
			})
		}
	}
	t.Chdir(root)
	for name, open := range ways {
		for path, want := range map[string]string{"real/inner": inner, "two": inner, ".": root, "/": "/"} {
			fd, err := open(path)
			if err != nil || !isFolder(t, fd, want) {
				t.Errorf("%s by %s: %v, want %s", path, name, err, want)
			}
			Close(fd)
		}
	}
}

// What is no folder is no way, and says so as the kernel does.
func TestOpenFails(t *testing.T) {
	root := tree(t)
	symlink(t, "loop", filepath.Join(root, "loop"))
	symlink(t, "nowhere", filepath.Join(root, "dangling"))
	symlink(t, "real/inner/file", filepath.Join(root, "file"))
	if err := unix.Mkfifo(filepath.Join(root, "fifo"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]error{
		"nosuch": unix.ENOENT, "real/nosuch/x": unix.ENOENT, "dangling": unix.ENOENT, "loop": unix.ELOOP,
		"real/inner/file": unix.ENOTDIR, "file": unix.ENOTDIR, "real/inner/file/x": unix.ENOTDIR, "fifo": unix.ENOTDIR,
	} {
		for name, open := range ways {
			if fd, err := open(filepath.Join(root, path)); !errors.Is(err, want) {
				t.Errorf("%s by %s: %d, %v, want %v", path, name, fd, err, want)
				Close(fd)
			}
		}
	}
}

// A link that somebody else made, or could put another in the place of, is not followed,
// wherever on the way it is. The error names it.
func TestPlantedLinks(t *testing.T) {
	testkit.Need(t, testkit.Root)
	root := tree(t)
	own := func(name string) string {
		path := filepath.Join(root, name)
		if err := os.Lchown(path, stranger, stranger); err != nil {
			t.Fatal(err)
		}
		return path
	}
	symlink(t, "real", filepath.Join(root, "foreign")) // theirs, in a folder of ours
	own("foreign")
	mkdir(t, filepath.Join(root, "open"), 0o777) // ours, where everybody may write
	symlink(t, "../real", filepath.Join(root, "open/link"))
	mkdir(t, filepath.Join(root, "theirs"), 0o755) // ours, in their folder
	symlink(t, "../real", filepath.Join(root, "theirs/link"))
	own("theirs")
	mkdir(t, filepath.Join(root, "group"), 0o775) // ours, where their group may write
	symlink(t, "../real", filepath.Join(root, "group/link"))
	if err := os.Lchown(filepath.Join(root, "group"), 0, stranger); err != nil {
		t.Fatal(err)
	}
	mkdir(t, filepath.Join(root, "sticky"), 0o777|os.ModeSticky) // theirs in a folder such as /tmp
	symlink(t, "../real", filepath.Join(root, "sticky/link"))
	own("sticky/link")
	symlink(t, "foreign", filepath.Join(root, "to-foreign")) // ours, which leads through theirs
	symlink(t, root+"/sticky/link", filepath.Join(root, "to-sticky"))
	for path, link := range map[string]string{
		"foreign": "foreign", "open/link": "open/link", "theirs/link": "theirs/link", "group/link": "group/link", "sticky/link": "sticky/link",
		"to-foreign": "foreign", "to-sticky": "sticky/link",
	} {
		for name, open := range ways {
			fd, err := open(filepath.Join(root, path, "inner"))
			var refused *LinkError
			if !errors.As(err, &refused) || !errors.Is(err, unix.ELOOP) {
				t.Errorf("%s by %s = %d, %v, want a LinkError", path, name, fd, err)
				Close(fd)
				continue
			}
			if want := filepath.Join(root, link); refused.Link != want {
				t.Errorf("%s by %s: the link is %s, want %s", path, name, refused.Link, want)
			}
		}
	}
	// Folders of others are no links: what is below is theirs anyway.
	for name, open := range ways {
		mkdir(t, filepath.Join(root, "theirs/below"), 0o755)
		fd, err := open(filepath.Join(root, "theirs/below"))
		if err != nil {
			t.Errorf("a folder of others by %s: %v", name, err)
		}
		Close(fd)
	}
}

// Folder parts the last name, which it does not look at.
func TestFolder(t *testing.T) {
	root := tree(t)
	symlink(t, "nowhere", filepath.Join(root, "real/link"))
	for path, want := range map[string]string{"real/inner/file": "file", "real/inner/": "inner", "real/link": "link", "real/new": "new"} {
		dir, base, err := Folder(root + "/" + path)
		if err != nil || base != want || !isFolder(t, dir, filepath.Dir(strings.TrimRight(root+"/"+path, "/"))) {
			t.Errorf("Folder(%s) = %q, %v, want %q in its folder", path, base, err, want)
		}
		Close(dir)
	}
	for _, path := range []string{"/", ".", "..", "name", "x/.."} {
		if dir, _, err := Folder(path); dir != unix.AT_FDCWD || err != nil {
			t.Errorf("Folder(%s) = %d, %v, want the working directory", path, dir, err)
		}
	}
}

// A folder of our own is exchanged for a link, over and over, while files are written by the
// way to it: none gets to where the link leads.
func TestExchangedWhileOpened(t *testing.T) {
	testkit.Need(t, testkit.Root)
	for name, open := range ways {
		t.Run(name, func(t *testing.T) {
			root := tree(t)
			mkdir(t, filepath.Join(root, "shared"), 0o755) // theirs: they may exchange what is in it
			mkdir(t, filepath.Join(root, "shared/folder"), 0o755)
			mkdir(t, filepath.Join(root, "victim"), 0o755)
			symlink(t, root+"/victim", filepath.Join(root, "shared/link"))
			for _, path := range []string{"shared", "shared/folder", "shared/link"} {
				if err := os.Lchown(filepath.Join(root, path), stranger, stranger); err != nil {
					t.Fatal(err)
				}
			}
			stop := make(chan struct{})
			var exchanging sync.WaitGroup
			exchanging.Go(func() { // until stop; the test waits for it
				for {
					select {
					case <-stop:
						return
					default:
					}
					unix.Renameat2(unix.AT_FDCWD, root+"/shared/folder", unix.AT_FDCWD, root+"/shared/link", unix.RENAME_EXCHANGE) //nolint:errcheck // again in a moment
				}
			})
			tries, wrote, refused := 0, 0, 0
			// Both must have been met, or nothing was exchanged meanwhile.
			for end := time.Now().Add(testkit.Patience); tries < testkit.Repeat(t, 2000) || (wrote == 0 || refused == 0) && time.Now().Before(end); {
				i := tries
				tries++
				dir, err := open(root + "/shared/folder")
				if err != nil {
					if !errors.Is(err, unix.ELOOP) {
						t.Fatalf("try %d: %v", i, err)
					}
					refused++
					continue
				}
				fd, err := unix.Openat(dir, fmt.Sprint("file", i), unix.O_CREAT|unix.O_EXCL|unix.O_WRONLY|unix.O_CLOEXEC, 0o600)
				Close(dir)
				if err != nil {
					t.Fatalf("try %d: %v", i, err)
				}
				unix.Close(fd)
				wrote++
			}
			close(stop)
			exchanging.Wait()
			if planted, err := os.ReadDir(filepath.Join(root, "victim")); err != nil || len(planted) > 0 {
				t.Errorf("%d of %d files got to where the link leads, %v", len(planted), tries, err)
			}
			if wrote == 0 || refused == 0 {
				t.Errorf("%d written and %d refused of %d", wrote, refused, tries)
			}
		})
	}
}
