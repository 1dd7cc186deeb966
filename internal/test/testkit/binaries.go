package testkit

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// Bins are the product's executables, built as they are released: static,
// trimmed, stripped. They lie in one directory, as in an image.
type Bins struct {
	Dir        string
	Slipway    string
	Init       string // slipway-init
	SourceEtcd string // slipway-source-etcd
}

// Binaries builds the executables and returns where they are. They are built
// once per state of the source: the directory is named by a digest of the
// sources, so all test processes of a run share one build.
func Binaries(t testing.TB) Bins {
	t.Helper()
	dir, err := builtBinaries()
	if err != nil {
		t.Fatalf("cannot build the executables: %v", err)
	}
	return Bins{
		Dir:        dir,
		Slipway:    filepath.Join(dir, "slipway"),
		Init:       filepath.Join(dir, "slipway-init"),
		SourceEtcd: filepath.Join(dir, "slipway-source-etcd"),
	}
}

// build makes the executables in dir as the Makefile does.
func build(root, dir string) error {
	entry := "" // of those that can be PID 1; see supervise/early
	if runtime.GOOS == "linux" && (runtime.GOARCH == "amd64" || runtime.GOARCH == "arm64") {
		entry = " -E slipway/supervise/early.entry"
	}
	for _, args := range [][]string{
		{"-ldflags=-s -w" + entry, "./cmd/slipway", "./cmd/slipway-init"},
		{"-ldflags=-s -w", "./cmd/slipway-source-etcd"},
	} {
		cmd := exec.Command("go", append([]string{"build", "-trimpath", "-o", dir + "/"}, args...)...)
		cmd.Dir = root
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%w\n%s", err, out)
		}
	}
	return nil
}

// Module is the root directory of the module.
func Module(t testing.TB) string {
	t.Helper()
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// CacheDir is a directory that outlives the test run, for what is dear to make
// and cheap to keep. It is below the user's cache directory.
func CacheDir(t testing.TB, name string) string {
	t.Helper()
	dir, err := cacheDir(name)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func cacheDir(name string) (string, error) {
	base, err := os.UserCacheDir()
	if err != nil { // no HOME: a bare environment
		base = os.TempDir()
	}
	dir := filepath.Join(base, "slipway-test", name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("cannot make cache directory: %w", err)
	}
	return dir, nil
}

var moduleRoot = sync.OnceValues(func() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", fmt.Errorf("cannot find go.mod above the working directory")
		}
		dir = up
	}
})

var builtBinaries = sync.OnceValues(func() (string, error) {
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	digest, err := sourceDigest(root)
	if err != nil {
		return "", err
	}
	base, err := cacheDir("bin")
	if err != nil {
		return "", err
	}
	dir := filepath.Join(base, digest)
	done := filepath.Join(dir, ".complete")
	unlock, err := lock(filepath.Join(base, "lock"))
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, err := os.Stat(done); err == nil {
		return dir, nil
	}
	prune(base, 24*time.Hour)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	if err := build(root, dir); err != nil {
		return "", err
	}
	return dir, os.WriteFile(done, nil, 0o644)
})

// sourceDigest names a state of everything that go build reads of the module.
// Tests and what the go tool does not build are left out.
func sourceDigest(root string) (string, error) {
	h := sha256.New()
	fmt.Fprintln(h, runtime.Version(), runtime.GOARCH)
	for _, top := range []string{"go.mod", "go.sum", "cmd", "internal", "render", "sources", "supervise", "templates"} {
		err := filepath.WalkDir(filepath.Join(root, top), func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && (d.Name() == "testdata" || path == filepath.Join(root, "internal", "test")):
				return fs.SkipDir
			case d.IsDir() || strings.HasSuffix(path, "_test.go"):
				return nil
			}
			f, err := os.Open(path)
			if err != nil {
				return err
			}
			defer f.Close()
			fmt.Fprintln(h, strings.TrimPrefix(path, root))
			_, err = io.Copy(h, f)
			return err
		})
		if err != nil {
			return "", fmt.Errorf("cannot read the sources: %w", err)
		}
	}
	return hex.EncodeToString(h.Sum(nil))[:20], nil
}

// prune removes builds of states that nobody asks for any more.
func prune(base string, age time.Duration) {
	entries, err := os.ReadDir(base)
	if err != nil {
		return
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && e.IsDir() && time.Since(info.ModTime()) > age {
			os.RemoveAll(filepath.Join(base, e.Name()))
		}
	}
}
