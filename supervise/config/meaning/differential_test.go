package meaning_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slipway/internal/test/testkit"
	"slipway/supervise/config/meaning"
	"slipway/supervise/decode"
	"slipway/supervise/system"
)

// scenario is a configuration that is read by the original, too.
type scenario struct {
	name  string
	conf  string            // supervisord.conf
	files map[string]string // others, by path below its folder
	env   []string          // besides PATH and HOME
	// ours is the error_kind, or "accepted", where we differ on purpose.
	ours string
}

// TestDifferential reads every scenario with the installed Supervisor, whatever
// its version, and with ours. The expectation is observed, not believed.
func TestDifferential(t *testing.T) { compareWithOriginal(t, scenarios) }

func compareWithOriginal(t *testing.T, scenarios []scenario) {
	testkit.Need(t, testkit.Python, testkit.Supervisor)
	dirs := make([]string, len(scenarios))
	type request struct {
		Dir string            `json:"dir"`
		Env map[string]string `json:"env"`
	}
	requests := make([]request, len(scenarios))
	for i, s := range scenarios {
		dirs[i] = s.write(t)
		env := map[string]string{}
		for _, e := range s.environ() {
			k, v, _ := strings.Cut(e, "=")
			env[k] = v
		}
		requests[i] = request{dirs[i], env}
	}
	ask, err := json.Marshal(requests)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/usr/bin/python3", "testdata/oracle.py")
	cmd.Stdin = bytes.NewReader(ask)
	cmd.Stderr = os.Stderr
	answer, err := cmd.Output()
	if err != nil {
		t.Fatalf("the original's parser: %v", err)
	}
	var want []map[string]any
	if err := json.Unmarshal(answer, &want); err != nil {
		t.Fatal(err)
	}
	same := 0
	for i, s := range scenarios {
		if t.Run(s.name, func(t *testing.T) { s.check(t, dirs[i], want[i]) }) {
			same++
		}
	}
	fmt.Printf("differential: %d of %d configurations as expected\n", same, len(scenarios))
}

func (s *scenario) environ() []string {
	return append([]string{"PATH=/bin", "HOME=/root"}, s.env...)
}

func (s *scenario) write(t *testing.T) string {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{"supervisord.conf": s.conf}
	for name, text := range s.files {
		all[name] = text
	}
	for name, text := range all {
		full := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func (s *scenario) check(t *testing.T, dir string, want map[string]any) {
	sys := system.Unix("")
	sys.Getwd = func() string { return dir }
	at := func(p string) string {
		if filepath.IsAbs(p) {
			return p
		}
		return filepath.Join(dir, p)
	}
	readFile := sys.ReadFile
	sys.ReadFile = func(p string) ([]byte, error) { return readFile(at(p)) }
	got := meaning.Of("supervisord.conf", decode.Input{Environ: s.environ(), System: sys})
	text, err := meaning.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	var plain map[string]any
	if err := json.Unmarshal(text, &plain); err != nil {
		t.Fatal(err)
	}
	theirs, message := want["error"], plain["error"]
	normalise(plain)
	normalise(want)
	if s.ours != "" {
		kind, refused := plain["error_kind"]
		if !refused {
			kind = "accepted"
		}
		if kind != s.ours {
			t.Errorf("ours is %v (%v), want %s", kind, message, s.ours)
		}
		if reflect.DeepEqual(plain, want) {
			t.Error("the original agrees: this is no difference any more")
		}
		return
	}
	if !reflect.DeepEqual(plain, want) {
		t.Errorf("meaning differs (-original +ours):\n%s\noriginal: %v\nours: %v", cmp.Diff(want, plain), theirs, message)
	}
}

// normalise takes out the wording of errors.
func normalise(o map[string]any) {
	dropMessages(o)
	groups, _ := o["groups"].([]any)
	for _, g := range groups {
		processes, _ := g.(map[string]any)["processes"].([]any)
		for _, p := range processes {
			if _, ok := p.(map[string]any)["argv_error"]; ok {
				p.(map[string]any)["argv_error"] = ""
			}
		}
	}
}
