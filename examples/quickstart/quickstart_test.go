package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"slipway/internal/test/testkit"
)

var update = flag.Bool("update", false, "write the table of the README anew")

// The README shows what the image needs.
func TestReadme(t *testing.T) {
	dir := t.TempDir()
	if err := layOut(dir); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(testkit.Binaries(t).Slipway, "inspect", "--output", "markdown", "-c", filepath.Join(dir, "image/etc/slipway/slipway.conf"))
	cmd.Env = []string{"QUICKSTART=" + dir}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	table, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	testkit.Section(t, "README.md", "slipway inspect", strings.ReplaceAll(string(table), dir+"/image/", "/"), *update)
}

// screen is what the newcomer sees, readable while it is written.
type screen struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Write(p)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.String()
}

// The README's first command, from its start to Ctrl-C.
func TestQuickstart(t *testing.T) {
	testkit.Need(t, testkit.Linux)
	for _, page := range []string{"README.md", "examples/quickstart/README.md"} {
		if first, _, _ := strings.Cut(testkit.OneBlock(t, page, t.Name()), "\n"); !strings.HasPrefix(first, "go run ./examples/quickstart") {
			t.Fatalf("%s begins with %q, want the command that this is a test of", page, first)
		}
	}
	bin := filepath.Join(t.TempDir(), "quickstart")
	build := exec.Command("go", "build", "-o", bin, ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("cannot build: %v\n%s", err, out)
	}
	tmp := t.TempDir()
	var seen screen
	cmd := exec.Command(bin)
	cmd.Env = append(os.Environ(), "TMPDIR="+tmp)
	cmd.Stdout, cmd.Stderr = &seen, &seen
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // fails when it has ended, as it should
	testkit.Eventually(t, testkit.Patience, "both programs speak", func() error {
		for _, want := range []string{
			"+ELASTICSEARCH_PORT_9200_TCP_ADDR='10.0.0.7'", // the first file
			"+log4j.rootLogger=DEBUG, stdout",              // the second
			"webapp: started with JAVA_OPTS=-Dsearch=http://10.0.0.7:9200",
			"logger: log4j.rootLogger=DEBUG, stdout",
		} {
			if !strings.Contains(seen.String(), want) {
				return fmt.Errorf("no %q in:\n%s", want, seen.String())
			}
		}
		return nil
	})
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("after Ctrl-C: %v, want status 0\n%s", err, seen.String())
	}
	for _, want := range []string{"webapp: told to stop", "logger: told to stop", "slipway ended with status 0", "what to try next", "bin/slipway init image "} {
		if !strings.Contains(seen.String(), want) {
			t.Errorf("no %q in:\n%s", want, seen.String())
		}
	}
	for _, line := range next() {
		if page := strings.Fields(line)[0]; strings.HasPrefix(page, "docs/") {
			if _, err := os.Stat(filepath.Join("../..", page)); err != nil {
				t.Errorf("it names a page that there is not: %v", err)
			}
		}
	}
	wantPicture(t, seen.String())
	if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
		t.Errorf("left in the temporary folder: %v, %v", left, err)
	}
}
