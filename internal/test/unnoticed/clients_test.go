package unnoticed

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"slipway/internal/test/testkit"
)

// supervised is a supervisor, and what it supervises.
type supervised struct {
	t    *testing.T
	dir  string
	bins testkit.Bins
}

type file struct{ name, text string }

// supervise starts a supervisor with a configuration in which DIR is its folder, SELF this
// executable, and PORT a port that is free, as in the files that go with it. It ends with the test.
func supervise(t *testing.T, conf string, files ...file) (*supervised, string) {
	t.Helper()
	testkit.Need(t, testkit.Linux)
	s := &supervised{t: t, dir: t.TempDir(), bins: testkit.Binaries(t)}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	port := strconv.Itoa(testkit.FreePort(t))
	address := net.JoinHostPort("127.0.0.1", port)
	for _, f := range append(files, file{"app.conf", "[slipway]\nruntime = DIR/run\ntemplates = none\n" + conf}) {
		s.write(f.name, strings.NewReplacer("SELF", self, "PORT", port).Replace(f.text))
	}
	log, err := os.Create(filepath.Join(s.dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(s.bins.Slipway, "run", "-c", filepath.Join(s.dir, "app.conf"))
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("the supervisor: %v", err)
		}
		log.Close()
		if t.Failed() {
			text, _ := os.ReadFile(log.Name())
			t.Logf("its log:\n%s", text)
		}
	})
	testkit.Eventually(t, testkit.Patience, "somebody answers", func() error {
		_, err := get(plain(), address)
		return err
	})
	return s, address
}

// write writes a file of the folder, in which DIR is its name.
func (s *supervised) write(name, text string) {
	s.t.Helper()
	if err := os.MkdirAll(filepath.Dir(filepath.Join(s.dir, name)), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.dir, name), []byte(strings.ReplaceAll(text, "DIR", s.dir)), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

// does runs a command of slipway.
func (s *supervised) does(args ...string) {
	s.t.Helper()
	if out, err := s.try(args...); err != nil {
		s.t.Fatalf("slipway %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func (s *supervised) try(args ...string) (string, error) {
	cmd := exec.Command(s.bins.Slipway, args...)
	cmd.Env = append(os.Environ(), "SLIPWAY_RUNTIME="+filepath.Join(s.dir, "run"))
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// pids are those of the processes of the programs, by name.
func (s *supervised) pids() map[string]int {
	s.t.Helper()
	out, err := s.try("status", "--output", "json")
	var list []struct {
		Name string
		PID  int `json:"pid"`
	}
	if err := errors.Join(err, json.Unmarshal([]byte(out), &list)); err != nil {
		s.t.Fatalf("slipway status: %v\n%s", err, out)
	}
	pids := map[string]int{}
	for _, p := range list {
		pids[p.Name] = p.PID
	}
	return pids
}

// restarts restarts processes, and fails the test unless each is another one afterwards.
func (s *supervised) restarts(names string) {
	s.t.Helper()
	before := s.pids()
	s.does("restart", names)
	for name, pid := range s.pids() {
		if pid == 0 || pid == before[name] {
			s.t.Errorf("%s is process %d after its restart, and was %d", name, pid, before[name])
		}
	}
}

// plain is a client that connects for each request.
func plain() *http.Client {
	return &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: testkit.Patience}
}

func get(c *http.Client, address string) (string, error) {
	r, err := c.Get("http://" + address + "/")
	if err != nil {
		return "", err
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err == nil && r.StatusCode != http.StatusOK {
		err = errors.New(r.Status)
	}
	return strings.TrimSpace(string(text)), err
}

// tally is what became of requests.
type tally struct {
	mu       sync.Mutex
	answered int
	by       map[string]int // answer → how often
	failed   map[string]int // error → how often
	refused  int
	slowest  time.Duration
}

func (c *tally) add(answer string, err error, took time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.slowest = max(c.slowest, took)
	switch {
	case err == nil:
		c.answered++
		c.by[answer]++
	case errors.Is(err, syscall.ECONNREFUSED):
		c.refused++
		c.failed["refused"]++
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.EOF):
		c.failed["ended without an answer"]++
	default:
		c.failed[err.Error()]++
	}
}

func (c *tally) String() string {
	return strconv.Itoa(c.answered) + " answered by " + strconv.Itoa(len(c.by)) + ", failed " + fmt.Sprint(c.failed) + ", slowest " + c.slowest.Round(time.Millisecond).String()
}

// during has clients ask while something is done, each again as soon as it is answered: some
// connect each time, the others keep their connections.
func during(t *testing.T, address string, do func()) *tally {
	t.Helper()
	c := &tally{by: map[string]int{}, failed: map[string]int{}}
	ctx, stop := context.WithCancel(t.Context())
	var clients sync.WaitGroup
	for i := range 8 {
		clients.Go(func() {
			client := plain()
			if i%2 == 0 {
				client = &http.Client{Transport: &http.Transport{}, Timeout: testkit.Patience}
			}
			for ctx.Err() == nil {
				begin := time.Now()
				answer, err := get(client, address)
				c.add(answer, err, time.Since(begin))
			}
		})
	}
	do()
	stop()
	clients.Wait()
	t.Log(c)
	return c
}
