package secretdir

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"slipway/sources"
	"slipway/sources/internal/smallfile"
	"slipway/sources/sourcetest"
)

func put(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func subject(name string, open, kubernetes bool) sourcetest.Subject {
	opts := Options{Source: name, Open: open}
	return sourcetest.Subject{
		Source: name, Secret: !open, Trims: true, Places: true,
		Put: func(t *testing.T, vars map[string]string) sourcetest.Read {
			opts := opts
			opts.Root = t.TempDir()
			dir := filepath.Join(opts.Root, "run/secrets")
			if kubernetes {
				put(t, filepath.Join(dir, "..v1"), vars)
				publish(t, dir, "..v1")
				for n := range vars {
					if err := os.Symlink("..data/"+n, filepath.Join(dir, n)); err != nil {
						t.Fatal(err)
					}
				}
			} else {
				put(t, dir, vars)
			}
			return func() (sources.Layer, []sources.Note, error) { return Read([]string{"/run/secrets"}, opts) }
		},
		Break: func(t *testing.T) sourcetest.Read {
			opts := opts
			opts.Root = t.TempDir()
			put(t, filepath.Join(opts.Root, "run/secrets"), map[string]string{"nul": sourcetest.Canary + "\x00", "a-b": sourcetest.Canary, "a_b": "x"})
			return func() (sources.Layer, []sources.Note, error) { return Read([]string{"/run/secrets"}, opts) }
		},
	}
}

// publish points ..data to another version, as Kubernetes does: by a rename.
func publish(t *testing.T, dir, version string) {
	t.Helper()
	tmp := filepath.Join(dir, "..data_tmp")
	if err := os.Symlink(version, tmp); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(tmp, filepath.Join(dir, "..data")); err != nil {
		t.Fatal(err)
	}
}

func TestConformance(t *testing.T) {
	t.Run("plain files", func(t *testing.T) { sourcetest.Run(t, subject("secrets", false, false)) })
	t.Run("kubernetes secret", func(t *testing.T) { sourcetest.Run(t, subject("secrets", false, true)) })
	t.Run("config map", func(t *testing.T) { sourcetest.Run(t, subject("settings", true, true)) })
}

func TestErrorsAndWhatIsSkipped(t *testing.T) {
	root := t.TempDir()
	put(t, filepath.Join(root, "s"), map[string]string{"a-b": "1", "a.b": "2", ".hidden": "3", "big": strings.Repeat("x", smallfile.MaxSize+1), "ok": "4", "---": "5"})
	put(t, filepath.Join(root, "s/kubernetes.io"), map[string]string{"token": "6"})
	if err := os.Symlink("nowhere", filepath.Join(root, "s/dangling")); err != nil {
		t.Fatal(err)
	}
	layer, notes, err := Read([]string{"/s", "/absent"}, Options{Root: root})
	want := "cannot take /s/a.b as A_B: /s/a-b is that already"
	if err == nil || err.Error() != want {
		t.Errorf("error =\n%v\nwant\n%s", err, want)
	}
	if diff := cmp.Diff([]string{"A_B=1", "OK=4"}, sources.Merge(layer).Environ()); diff != "" {
		t.Errorf("variables (-want +got):\n%s", diff)
	}
	if len(notes) != 3 {
		t.Errorf("notes = %v, want one about ---, one about big and one about dangling", notes)
	}
}

// TestWhatIsNoFile: what has a name below a secret folder and is no file stops nobody, and is
// noted by its name. It does not block.
func TestWhatIsNoFile(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "s")
	put(t, dir, map[string]string{"ok": "1"})
	put(t, filepath.Join(dir, "kubernetes.io"), map[string]string{"token": "2"})
	put(t, filepath.Join(dir, "folder"), nil)
	link := func(to, name string) {
		t.Helper()
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	link("/nonexistent/x", "dangling")
	link("circle", "circle")
	link("ok/x", "through-file")
	link("folder", "to-folder")
	link("/dev/null", "device")
	link("pipe", "to-pipe")
	link("ok", "to-ok")
	if err := unix.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	socket, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(socket)
	if err := unix.Bind(socket, &unix.SockaddrUnix{Name: filepath.Join(dir, "socket")}); err != nil {
		t.Skipf("no socket can be made below %s: %v", dir, err)
	}
	layer, notes, err := Read([]string{"/s"}, Options{Root: root})
	if err != nil {
		t.Errorf("error = %v, want none", err)
	}
	if diff := cmp.Diff([]string{"OK=1", "TO_OK=1"}, sources.Merge(layer).Environ()); diff != "" {
		t.Errorf("variables (-want +got):\n%s", diff)
	}
	var got []string
	for _, n := range notes {
		got = append(got, n.String())
	}
	var want []string
	for _, row := range [][3]string{
		{"circle", "CIRCLE", "a link to circle, which leads round in a circle"},
		{"dangling", "DANGLING", "a link to /nonexistent/x, which is not there"},
		{"device", "DEVICE", "a link to /dev/null, a device"},
		{"folder", "FOLDER", "a folder"},
		{"pipe", "PIPE", "a FIFO"},
		{"socket", "SOCKET", "a socket"},
		{"through-file", "THROUGH_FILE", "a link to ok/x, on the way to which there is no folder"},
		{"to-folder", "TO_FOLDER", "a link to folder, a folder"},
		{"to-pipe", "TO_PIPE", "a link to pipe, a FIFO"},
	} {
		want = append(want, "secrets /s/"+row[0]+": "+row[1]+": no file, and so no variable: it is "+row[2])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

// TestNoFolder: a folder that is not there is an empty one, but a link to it is noted.
func TestNoFolder(t *testing.T) {
	root := t.TempDir()
	for name, to := range map[string]string{"gone": "/nonexistent", "v/..data": "..gone"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(to, filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	for dir, want := range map[string]string{
		"/absent": "[]",
		"/gone":   "[secrets /gone: no folder of files: it is a link to /nonexistent, which is not there]",
		"/v":      "[secrets /v/..data: no folder of files: it is a link to ..gone, which is not there]",
	} {
		_, notes, err := Read([]string{dir}, Options{Root: root})
		if got := fmt.Sprint(notes); err != nil || got != want {
			t.Errorf("%s: %s, %v, want %s", dir, got, err, want)
		}
	}
}

// A volume is replaced while it is read, over and over: every read is of one
// version.
func TestNoMixtureOfTwoVersions(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "v")
	for _, v := range []string{"1", "2"} {
		files := map[string]string{}
		for i := range 40 {
			files[fmt.Sprintf("F%02d", i)] = v
		}
		put(t, filepath.Join(dir, "..v"+v), files)
	}
	publish(t, dir, "..v1")
	var stop atomic.Bool
	done := make(chan struct{})
	go func() { // ends with stop; the test waits for done
		defer close(done)
		for i := 0; !stop.Load(); i++ {
			publish(t, dir, fmt.Sprintf("..v%d", i%2+1))
		}
	}()
	for range 200 {
		layer, _, err := Read([]string{"/v"}, Options{Root: root})
		if err != nil {
			continue // it changed faster than it could be read, and said so
		}
		for _, v := range layer.Vars {
			if v.Value.Text != layer.Vars[0].Value.Text {
				t.Fatalf("%s is of version %s, %s of version %s", layer.Vars[0].Name, layer.Vars[0].Value.Text, v.Name, v.Value.Text)
			}
		}
	}
	stop.Store(true)
	<-done
}

// TestFiles: what can be no variable is a file, and stops nobody.
func TestFiles(t *testing.T) {
	root := t.TempDir()
	put(t, filepath.Join(root, "s"), map[string]string{
		"text": "a\n", "keystore.p12": "0\x82\x00" + sourcetest.Canary, "krb5.keytab": "\x05\x02\x00", "big": strings.Repeat("x", smallfile.MaxSize+1),
		"largest": strings.Repeat("x", smallfile.MaxSize),
	})
	layer, notes, err := Read([]string{"/s"}, Options{Root: root})
	if err != nil {
		t.Fatal(err)
	}
	if got := sources.Merge(layer).Names(); !slices.Equal(got, []string{"LARGEST", "TEXT"}) {
		t.Errorf("variables are %v, want LARGEST and TEXT", got)
	}
	var got []string
	for _, f := range layer.Files {
		got = append(got, fmt.Sprintf("%v %d %t", f, len(f.Bytes), f.Unfit != ""))
	}
	want := []string{
		"BIG (1048577 bytes) 0 true", "KEYSTORE_P12 (" + fmt.Sprint(3+len(sourcetest.Canary)) + " bytes) " + fmt.Sprint(3+len(sourcetest.Canary)) + " true",
		"KRB5_KEYTAB (3 bytes) 3 true", "LARGEST (1048576 bytes) 1048576 false", "TEXT (2 bytes) 2 false",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if len(notes) != 3 || !strings.Contains(notes[1].String(), "secrets /s/keystore.p12: KEYSTORE_P12: a file of ") || !strings.Contains(notes[1].Hint, `secretFile "KEYSTORE_P12"`) {
		t.Errorf("notes are %v, want one for each with name, size and place", notes)
	}
}
