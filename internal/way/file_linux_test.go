package way

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"slipway/internal/test/testkit"
)

// writing are the ways in which files of programs are opened: as a log, as a pid file, as a new
// file, and for reading.
var writing = map[string]int{
	"log": unix.O_WRONLY | unix.O_APPEND | unix.O_CREAT | unix.O_NONBLOCK | unix.O_NOCTTY, "pid": unix.O_WRONLY | unix.O_CREAT | unix.O_TRUNC | unix.O_NONBLOCK | unix.O_NOCTTY,
	"clear": unix.O_WRONLY | unix.O_TRUNC | unix.O_NONBLOCK, "read": unix.O_RDONLY | unix.O_NONBLOCK,
}

func chown(t *testing.T, path string) string {
	t.Helper()
	if err := os.Lchown(path, stranger, stranger); err != nil {
		t.Fatal(err)
	}
	return path
}

func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// What others can have put in the place of a file is not opened, and not changed.
func TestFileOfOthers(t *testing.T) {
	testkit.Need(t, testkit.Root)
	root := t.TempDir()
	victim := write(t, filepath.Join(root, "victim"), "secret")
	hard := func(at string) {
		t.Helper()
		if err := os.Link(victim, at); err != nil {
			t.Fatal(err)
		}
	}
	fifo := func(at string) {
		t.Helper()
		if err := unix.Mkfifo(at, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	mkdir(t, filepath.Join(root, "theirs"), 0o755)
	mkdir(t, filepath.Join(root, "open"), 0o777)
	mkdir(t, filepath.Join(root, "sticky"), 0o777|os.ModeSticky)
	for _, dir := range []string{"theirs", "open", "sticky"} {
		at := func(name string) string { return filepath.Join(root, dir, name) }
		symlink(t, victim, at("symlink"))
		chown(t, at("symlink"))
		symlink(t, "symlink", at("twice"))
		chown(t, at("twice"))
		symlink(t, root+"/made", at("dangling"))
		chown(t, at("dangling"))
		hard(at("hard"))
		fifo(at("fifo"))
		chown(t, at("fifo"))
		mkdir(t, at("real"), 0o755)
		symlink(t, root, at("folder"))
		chown(t, at("folder"))
	}
	symlink(t, victim, filepath.Join(root, "open/ours")) // ours, but others can exchange it
	chown(t, filepath.Join(root, "theirs"))
	for _, name := range []string{
		"theirs/symlink", "theirs/twice", "theirs/dangling", "theirs/hard", "theirs/fifo", "theirs/folder/victim", "open/symlink", "open/twice", "open/dangling", "open/hard",
		"open/fifo", "open/ours", "open/folder/victim", "sticky/symlink", "sticky/twice", "sticky/dangling", "sticky/hard", "sticky/fifo", "sticky/folder/victim",
	} {
		for how, flags := range writing {
			fd, err := File(filepath.Join(root, name), flags, 0o666)
			if !errors.Is(err, unix.ELOOP) {
				t.Errorf("%s as %s: %d, %v, want ELOOP", name, how, fd, err)
				Close(fd)
			}
		}
	}
	if got := read(t, victim); got != "secret" {
		t.Errorf("the victim is now %q", got)
	}
	if _, err := os.Lstat(root + "/made"); err == nil {
		t.Error("a file was made through a link")
	}
}

// What root or we made is opened as always, and so is a file of theirs in a folder of theirs.
func TestFile(t *testing.T) {
	root := tree(t)
	mkdir(t, filepath.Join(root, "log"), 0o755)
	mkdir(t, filepath.Join(root, "sticky"), 0o777|os.ModeSticky)
	target := write(t, filepath.Join(root, "target"), "")
	symlink(t, target, filepath.Join(root, "log/absolute"))
	symlink(t, "../target", filepath.Join(root, "log/relative"))
	symlink(t, "relative", filepath.Join(root, "log/twice"))
	symlink(t, "log", filepath.Join(root, "folder"))
	symlink(t, "../target", filepath.Join(root, "sticky/ours"))
	if err := os.Link(target, filepath.Join(root, "log/hard")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"target", "log/absolute", "log/relative", "log/twice", "log/hard", "folder/relative", "sticky/ours"} {
		fd, err := File(filepath.Join(root, name), writing["pid"], 0o666)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, err := unix.Write(fd, []byte(name)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		unix.Close(fd)
		if got := read(t, target); got != name {
			t.Errorf("%s: the file holds %q", name, got)
		}
	}
	for _, name := range []string{"log/new", "folder/new2", "sticky/new"} {
		fd, err := File(filepath.Join(root, name), writing["log"], 0o640)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		unix.Close(fd)
	}
	if _, err := File(filepath.Join(root, "nosuch"), writing["clear"], 0); err != unix.ENOENT { //nolint:errorlint // a bare errno is promised
		t.Errorf("nosuch: %v, want ENOENT", err)
	}
	if _, err := File(filepath.Join(root, "target"), unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL, 0o600); err != unix.EEXIST { //nolint:errorlint // a bare errno is promised
		t.Errorf("target anew: %v, want EEXIST", err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	fd, err := File("/proc/self/fd/"+strconv.Itoa(int(w.Fd())), writing["log"], 0)
	if err != nil {
		t.Fatalf("the descriptor of a pipe: %v", err)
	}
	defer unix.Close(fd)
	if _, err := unix.Write(fd, []byte("x")); err != nil {
		t.Error(err)
	}
	var got [1]byte
	if _, err := r.Read(got[:]); err != nil || got[0] != 'x' {
		t.Errorf("the pipe has %q, %v", got, err)
	}
}

// Files of others in folders of others are theirs to give: a log that they have made, a folder
// that holds it.
func TestFileThatOthersMade(t *testing.T) {
	testkit.Need(t, testkit.Root)
	root := t.TempDir()
	mkdir(t, filepath.Join(root, "theirs"), 0o755)
	own := chown(t, write(t, filepath.Join(root, "theirs/log"), "text"))
	chown(t, filepath.Join(root, "theirs"))
	for _, name := range []string{own, filepath.Join(root, "theirs/new")} {
		fd, err := File(name, writing["log"], 0o666)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		unix.Close(fd)
	}
	if got := read(t, own); got != "text" {
		t.Errorf("their log is %q", got)
	}
	if err := errors.Join(Rename(own, own+".1"), Remove(own+".1")); err != nil {
		t.Error(err)
	}
	mkdir(t, filepath.Join(root, "victim"), 0o755)
	kept := write(t, filepath.Join(root, "victim/log"), "kept")
	symlink(t, root+"/victim", filepath.Join(root, "theirs/link"))
	chown(t, filepath.Join(root, "theirs/link"))
	if err := Rename(filepath.Join(root, "theirs/link/log"), filepath.Join(root, "theirs/link/log.1")); !errors.Is(err, unix.ELOOP) {
		t.Errorf("Rename through their link: %v, want ELOOP", err)
	}
	if err := Remove(filepath.Join(root, "theirs/link/log")); !errors.Is(err, unix.ELOOP) {
		t.Errorf("Remove through their link: %v, want ELOOP", err)
	}
	if got := read(t, kept); got != "kept" {
		t.Errorf("the victim is %q", got)
	}
}

// exchange exchanges two names until the function that it returns is called.
func exchange(a, b string) (stop func()) {
	end := make(chan struct{})
	var exchanging sync.WaitGroup
	exchanging.Go(func() { // until stop, which waits for it
		for {
			select {
			case <-end:
				return
			default:
			}
			unix.Renameat2(unix.AT_FDCWD, a, unix.AT_FDCWD, b, unix.RENAME_EXCHANGE) //nolint:errcheck // again in a moment
		}
	})
	return func() {
		close(end)
		exchanging.Wait()
	}
}

// A log is exchanged for another name of a file of ours, over and over, while it is opened: the
// file is never opened, written or made empty.
func TestFileExchangedWhileOpened(t *testing.T) {
	testkit.Need(t, testkit.Root)
	for what, plant := range map[string]func(victim, at string) error{
		"symlink":   os.Symlink,
		"hard link": os.Link,
	} {
		for how, flags := range writing {
			t.Run(what+" as "+how, func(t *testing.T) {
				root := t.TempDir()
				victim := write(t, filepath.Join(root, "victim"), "secret")
				mkdir(t, filepath.Join(root, "theirs"), 0o755)
				log := chown(t, write(t, filepath.Join(root, "theirs/log"), "log"))
				planted := filepath.Join(root, "theirs/planted")
				if err := plant(victim, planted); err != nil {
					t.Fatal(err)
				}
				if what == "symlink" {
					chown(t, planted)
				}
				chown(t, filepath.Join(root, "theirs"))
				defer exchange(log, planted)()
				tries, opened, refused := 0, 0, 0
				for end := time.Now().Add(testkit.Patience); tries < testkit.Repeat(t, 1250) || (opened == 0 || refused == 0) && time.Now().Before(end); tries++ {
					fd, err := File(log, flags, 0o666)
					if err != nil {
						if !errors.Is(err, unix.ELOOP) {
							t.Fatalf("try %d: %v", tries, err)
						}
						refused++
						continue
					}
					opened++
					var is, secret unix.Stat_t
					if err := errors.Join(unix.Fstat(fd, &is), unix.Stat(victim, &secret)); err != nil {
						t.Fatal(err)
					}
					unix.Close(fd)
					if is.Ino == secret.Ino {
						t.Fatalf("try %d: the file of ours was opened", tries)
					}
				}
				if got := read(t, victim); got != "secret" {
					t.Errorf("the file of ours is %q after %d tries", got, tries)
				}
				if opened == 0 || refused == 0 {
					t.Errorf("%d opened and %d refused of %d", opened, refused, tries)
				}
			})
		}
	}
}

// listener makes the file of a socket.
func listener(t *testing.T, path string) string {
	t.Helper()
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	if err := unix.Bind(fd, &unix.SockaddrUnix{Name: path}); err != nil {
		if strings.Contains(err.Error(), "invalid argument") {
			t.Skipf("the path %s is too long for a socket", path)
		}
		t.Fatal(err)
	}
	return path
}

// A socket is exchanged for a link, or for another name of a socket of ours, while it gets its
// owner and its mode: those of ours stay what they are.
func TestSocketExchangedWhileOwned(t *testing.T) {
	testkit.Need(t, testkit.Root)
	for what, plant := range map[string]func(victim, at string) error{"symlink": os.Symlink, "hard link": os.Link} {
		t.Run(what, func(t *testing.T) {
			root, err := os.MkdirTemp("/tmp", "way")
			if err != nil {
				t.Fatal(err)
			}
			defer os.RemoveAll(root)
			victim := listener(t, filepath.Join(root, "victim"))
			if err := os.Chmod(victim, 0o600); err != nil {
				t.Fatal(err)
			}
			mkdir(t, filepath.Join(root, "theirs"), 0o755)
			socket, planted := listener(t, filepath.Join(root, "theirs/s")), filepath.Join(root, "theirs/p")
			if err := plant(victim, planted); err != nil {
				t.Fatal(err)
			}
			chown(t, filepath.Join(root, "theirs"))
			defer exchange(socket, planted)()
			tries, owned, refused := 0, 0, 0
			for end := time.Now().Add(testkit.Patience); tries < testkit.Repeat(t, 1250) || (owned == 0 || refused == 0) && time.Now().Before(end); tries++ {
				if err := OwnSocket(socket, stranger, stranger, 0o666); err != nil {
					refused++
					continue
				}
				owned++
			}
			var st unix.Stat_t
			if err := unix.Stat(victim, &st); err != nil {
				t.Fatal(err)
			}
			if st.Uid != 0 || st.Mode&0o777 != 0o600 {
				t.Errorf("the socket of ours is of uid %d and has mode %o", st.Uid, st.Mode&0o777)
			}
			if owned == 0 || refused == 0 {
				t.Errorf("%d owned and %d refused of %d", owned, refused, tries)
			}
		})
	}
}

// A folder on the way to a socket is exchanged for a link, over and over, while it is bound: no
// file is made where the link leads.
func TestFolderExchangedWhileBound(t *testing.T) {
	testkit.Need(t, testkit.Root)
	root, err := os.MkdirTemp("/tmp", "way")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(root)
	mkdir(t, filepath.Join(root, "ours"), 0o700)
	mkdir(t, filepath.Join(root, "theirs/sub"), 0o755)
	symlink(t, filepath.Join(root, "ours"), filepath.Join(root, "theirs/link"))
	for _, path := range []string{"theirs", "theirs/sub", "theirs/link"} {
		chown(t, filepath.Join(root, path))
	}
	defer exchange(filepath.Join(root, "theirs/sub"), filepath.Join(root, "theirs/link"))()
	bound, refused := 0, 0
	for end := time.Now().Add(testkit.Patience); bound+refused < testkit.Repeat(t, 2500) || (bound == 0 || refused == 0) && time.Now().Before(end); {
		fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := Bind(fd, filepath.Join(root, "theirs/sub/s")); err != nil {
			refused++
		} else {
			bound++
		}
		unix.Close(fd)
		os.Remove(filepath.Join(root, "theirs/link/s")) //nolint:errcheck // whichever of the two it is
		os.Remove(filepath.Join(root, "theirs/sub/s"))  //nolint:errcheck // as above
		if left, err := os.ReadDir(filepath.Join(root, "ours")); err != nil || len(left) != 0 {
			t.Fatalf("SUCCEEDED after %d: a folder of ours has %v, %v", bound+refused, left, err)
		}
	}
	if bound == 0 || refused == 0 {
		t.Errorf("%d bound and %d refused", bound, refused)
	}
}

// The name of a socket is the one that was asked for, unless others can change the way.
func TestNameOfBound(t *testing.T) {
	testkit.Need(t, testkit.Root)
	root, err := os.MkdirTemp("/tmp", "way")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(root)
	mkdir(t, filepath.Join(root, "theirs/sub"), 0o755)
	chown(t, filepath.Join(root, "theirs"))
	for path, own := range map[string]bool{"s": true, "theirs/s": true, "theirs/sub/s": false} {
		path = filepath.Join(root, path)
		fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(fd)
		if err := errors.Join(Bind(fd, path), unix.Listen(fd, 1)); err != nil {
			t.Fatal(err)
		}
		addr, err := unix.Getsockname(fd)
		if err != nil {
			t.Fatal(err)
		}
		if name := addr.(*unix.SockaddrUnix).Name; (name == path) != own || !own && !strings.HasPrefix(name, BoundBelow) {
			t.Errorf("the name of %s is %s", path, name)
		}
		conn, err := net.Dial("unix", path)
		if err != nil {
			t.Errorf("nobody answers at %s: %v", path, err)
			continue
		}
		conn.Close()
	}
}

// Folders are made, but not where a link of others leads; and what others have made is not trusted.
func TestMakeDirsAndOwn(t *testing.T) {
	testkit.Need(t, testkit.Root)
	root, err := os.MkdirTemp("/tmp", "way")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(root)
	at := func(path string) string { return filepath.Join(root, path) }
	mkdir(t, at("ours"), 0o755)
	mkdir(t, at("theirs"), 0o755)
	symlink(t, at("ours"), at("link"))
	symlink(t, at("ours"), at("theirs/link"))
	for _, path := range []string{"theirs", "theirs/link"} {
		chown(t, at(path))
	}
	for path, want := range map[string]bool{"ours/a/b/c": true, "ours/a": true, "link/d/e": true, "theirs/a/b": true, "theirs/link": false, "theirs/link/x": false, "theirs/link/x/y": false} {
		if err := MakeDirs(at(path), 0o755); (err == nil) != want {
			t.Errorf("MakeDirs(%s) = %v", path, err)
		}
	}
	for _, path := range []string{"ours/a/b/c", "ours/d/e", "theirs/a/b"} {
		if info, err := os.Stat(at(path)); err != nil || !info.IsDir() {
			t.Errorf("%s is not there: %v", path, err)
		}
	}
	if _, err := os.Stat(at("ours/x")); err == nil {
		t.Error("SUCCEEDED: a folder was made where a link of another user leads")
	}
	err = errors.Join(os.WriteFile(at("file"), nil, 0o600), os.WriteFile(at("theirs/file"), nil, 0o666), unix.Mkfifo(at("fifo"), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	chown(t, at("theirs/file"))
	for path, want := range map[string]bool{"file": true, "theirs/file": false, "fifo": false, "theirs": false, "theirs/link": false, "nothing": false} {
		fd, err := Own(at(path))
		if (err == nil) != want {
			t.Errorf("Own(%s) = %v", path, err)
		}
		if err == nil {
			unix.Close(fd)
		}
	}
}
