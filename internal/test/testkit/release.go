package testkit

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// Release is a folder with what `make dist` makes for this machine, of the commit that is
// checked out. It is made once per commit.
func Release(t testing.TB) string {
	t.Helper()
	Need(t, Linux, "make", "git")
	if runtime.GOARCH != "amd64" {
		t.Skipf("the pages name the files of amd64, and this is %s", runtime.GOARCH)
	}
	dir, err := released()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

var released = sync.OnceValues(func() (string, error) {
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	commit, err := exec.Command("git", "-C", root, "rev-parse", "HEAD").Output()
	if err != nil {
		return "", err
	}
	base, err := cacheDir("dist")
	if err != nil {
		return "", err
	}
	unlock, err := lock(filepath.Join(base, "lock"))
	if err != nil {
		return "", err
	}
	defer unlock()
	dir := filepath.Join(base, strings.TrimSpace(string(commit)))
	if _, err := os.Stat(filepath.Join(dir, "SHA256SUMS")); err == nil { // written last
		return dir, nil
	}
	prune(base, time.Hour)
	return dir, MakeRelease(root, dir)
})

// MakeRelease runs `make dist` for this machine's architecture.
func MakeRelease(root, out string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "make", "-C", root, "dist", "OUT="+out, "ARCHES="+runtime.GOARCH)
	cmd.WaitDelay = time.Second
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("cannot make a release: %w\n%s", err, text)
	}
	return nil
}
