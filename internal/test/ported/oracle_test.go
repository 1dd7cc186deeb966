package ported

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"slipway/internal/test/testkit"
)

// request is a template with what it is rendered with.
type request struct {
	Template string
	Resource string            `json:",omitempty"` // confd: more lines of the resource
	Env      map[string]string `json:",omitempty"`
	Keys     map[string]string `json:",omitempty"` // a store
}

// answer is what a tool makes of a request.
type answer struct{ Text, Error string }

// tool renders by the original.
type tool interface{ render(r request) answer }

// oracle builds the tool of a nested module, or skips the test.
func oracle(t testing.TB, name string) string {
	t.Helper()
	testkit.Need(t, testkit.Oracles)
	path, err := build(t, name)
	if err != nil {
		if testkit.Required() {
			t.Fatalf("cannot build the %s of internal/test/ported/oracles: %v", name, err)
		}
		t.Skipf("needs %s, built from the network: %v", name, err)
	}
	return path
}

// build makes the program of a nested module once for each state of its sources.
func build(t testing.TB, name string) (string, error) {
	dir := filepath.Join(testkit.Module(t), "internal", "test", "ported", "oracles", name)
	digest := sha256.New()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		fmt.Fprintf(digest, "%s %d\n%s", path, len(text), text)
		return err
	})
	if err != nil {
		return "", err
	}
	path := filepath.Join(testkit.CacheDir(t, "oracles"), name+"-"+hex.EncodeToString(digest.Sum(nil)[:8]))
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 9*time.Minute)
	defer cancel()
	pkg := "."
	switch name {
	case "dockerize":
		pkg = "github.com/jwilder/dockerize"
	case "confd":
		pkg = "./oracle"
		if dir, err = fill(ctx, t, dir, "github.com/kelseyhightower/confd@v0.16.0", "log", "util", "resource/template"); err != nil {
			return "", err
		}
	}
	tmp := fmt.Sprintf("%s.%d", path, os.Getpid())
	if _, err := run(ctx, dir, "go", "build", "-ldflags=-s -w", "-o", tmp, pkg); err != nil {
		return "", err
	}
	return path, os.Rename(tmp, path)
}

// fill copies a nested module, and into it some packages of a module that was published
// before there were modules: all of its clients would have to be built with it otherwise.
func fill(ctx context.Context, t testing.TB, dir, module string, packages ...string) (string, error) {
	out, err := run(ctx, t.TempDir(), "go", "mod", "download", "-json", module)
	if err != nil {
		return "", err
	}
	var from struct{ Dir string }
	if err := json.Unmarshal(out, &from); err != nil {
		return "", err
	}
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		return "", err
	}
	for _, p := range packages {
		files, err := filepath.Glob(filepath.Join(from.Dir, p, "*.go"))
		if err != nil {
			return "", err
		}
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				return "", err
			}
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			if err := os.MkdirAll(filepath.Join(to, p), 0o755); err != nil {
				return "", err
			}
			if err := os.WriteFile(filepath.Join(to, p, filepath.Base(f)), text, 0o644); err != nil {
				return "", err
			}
		}
	}
	return to, nil
}

func run(ctx context.Context, dir, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=", "PWD="+dir)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		lines := strings.Split(strings.TrimSpace(stderr.String()), "\n")
		return out, fmt.Errorf("%w: %s", err, lines[len(lines)-1])
	}
	return out, nil
}

// server is an oracle that answers a line for each line.
type server struct {
	t   testing.TB
	mu  sync.Mutex
	in  *json.Encoder
	out *bufio.Scanner
}

func serve(t testing.TB, name string) *server {
	t.Helper()
	cmd := exec.Command(oracle(t, name))
	cmd.Dir = t.TempDir()
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("the original's process: %v\n%s", err, &stderr)
		}
	})
	s := &server{t: t, in: json.NewEncoder(in), out: bufio.NewScanner(out)}
	s.out.Buffer(nil, 64<<20)
	return s
}

func (s *server) render(r request) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.in.Encode(r); err != nil {
		s.t.Fatal(err)
	}
	if !s.out.Scan() {
		s.t.Fatalf("the original has ended at %q: %v", r.Template, s.out.Err())
	}
	var got struct {
		Text  []byte
		Error string
	}
	if err := json.Unmarshal(s.out.Bytes(), &got); err != nil {
		s.t.Fatal(err)
	}
	return answer{string(got.Text), got.Error}
}

// dockerize is the program itself, run for each template: it ends at the first mistake.
type dockerize struct {
	t    testing.TB
	path string
	args []string
}

func (d dockerize) render(r request) answer {
	dir, err := os.MkdirTemp(d.t.TempDir(), "")
	if err != nil {
		d.t.Fatal(err)
	}
	in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
	if err := os.WriteFile(in, []byte(r.Template), 0o644); err != nil {
		d.t.Fatal(err)
	}
	cmd := exec.Command(d.path, append(d.args, "-template", in+":"+out)...)
	cmd.Env = []string{}
	for name, value := range r.Env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	complaint, err := cmd.CombinedOutput()
	if err != nil {
		return answer{Error: string(complaint)}
	}
	text, err := os.ReadFile(out)
	if err != nil {
		d.t.Fatal(err)
	}
	return answer{Text: string(text)}
}
