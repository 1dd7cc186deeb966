package transaction

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/internal/test/testkit"
	"slipway/render"
	"slipway/render/transaction/durable"
)

const killChild = "SLIPWAY_TEST_KILL_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(killChild); dir != "" {
		applyForever(dir)
	}
	if args := os.Getenv(userChild); args != "" {
		applyAsChild(args)
	}
	os.Exit(m.Run())
}

const killFiles = 50

// killSet is a set in one of its versions. Files differ in length, so that a half
// one is seen.
func killSet(version int) *render.Plan {
	plan := &render.Plan{}
	for i := range killFiles {
		t := target(fmt.Sprintf("/etc/f%02d.conf", i), strings.Repeat(fmt.Sprintf("version %d\n", version), 1+i*7))
		t.Notify = []string{"app"}
		plan.Targets = append(plan.Targets, t)
	}
	return plan
}

func applyForever(dir string) {
	opts := Options{Root: filepath.Join(dir, "root"), Runtime: filepath.Join(dir, "run"), Keep: 1}
	for version := 1; ; version++ {
		if version == 2 {
			fmt.Println("going") // the set exists; from here on it is killed
		}
		if _, err := Apply(context.Background(), durable.OS{}, killSet(version), opts); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// A process that changes 50 files over and over is killed at any moment. What
// recovery leaves is one version, whole.
func TestRealKills(t *testing.T) {
	testkit.Need(t, testkit.Linux)
	kills := testkit.Repeat(t, 12)
	t.Run("temporary folder", func(t *testing.T) { killMany(t, t.TempDir(), kills) })
	t.Run("overlay", func(t *testing.T) {
		testkit.Need(t, testkit.Root)
		killMany(t, overlay(t), kills)
	})
}

// overlay mounts an overlayfs whose lower layer has the files in version 0.
func overlay(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, d := range []string{"lower/root/etc", "upper", "work", "merged"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, tgt := range killSet(0).Targets {
		if err := os.WriteFile(filepath.Join(dir, "lower/root", tgt.Dest), tgt.Content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	merged := filepath.Join(dir, "merged")
	mount(t, "overlay", merged, "overlay", 0, fmt.Sprintf("lowerdir=%s/lower,upperdir=%s/upper,workdir=%s/work", dir, dir, dir))
	return merged
}

func killMany(t *testing.T, dir string, kills int) {
	if err := os.MkdirAll(filepath.Join(dir, "root/etc"), 0o755); err != nil {
		t.Fatal(err)
	}
	opts := Options{Root: filepath.Join(dir, "root"), Runtime: filepath.Join(dir, "run"), Keep: 1}
	r := rand.New(rand.NewPCG(testkit.Seed(t), 0))
	outcomes := map[string]int{}
	for range kills {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), killChild+"="+dir)
		cmd.Stderr = os.Stderr
		going, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		going.Read(make([]byte, 1)) //nolint:errcheck // it ends with the process at the latest
		<-time.After(time.Duration(r.Int64N(int64(40 * time.Millisecond))))
		cmd.Process.Signal(syscall.SIGKILL) //nolint:errcheck // it runs until it is killed
		if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() == 1 {
			t.Fatalf("the process ended by itself: %v", cmd.ProcessState)
		}
		what, err := Recover(durable.OS{}, opts)
		if err != nil {
			t.Fatalf("Recover: %v", err)
		}
		outcomes[what]++
		oneVersion(t, opts.Root)
	}
	t.Logf("outcomes: %v", outcomes)
}

func oneVersion(t *testing.T, root string) {
	t.Helper()
	names, err := os.ReadDir(filepath.Join(root, "etc"))
	if err != nil {
		t.Fatal(err)
	}
	if len(names) == 0 {
		return // killed before the first change
	}
	if len(names) != killFiles {
		t.Fatalf("there are %d files, want %d: %v", len(names), killFiles, names)
	}
	first := -1
	for i, n := range names {
		text, err := os.ReadFile(filepath.Join(root, "etc", n.Name()))
		if err != nil {
			t.Fatal(err)
		}
		var version int
		if _, err := fmt.Sscanf(string(text), "version %d\n", &version); err != nil {
			t.Fatalf("%s is %q", n.Name(), text)
		}
		if first < 0 {
			first = version
		}
		if version != first || string(text) != string(killSet(version).Targets[i].Content) {
			t.Fatalf("%s has version %d in %d bytes, and the set began with version %d", n.Name(), version, len(text), first)
		}
	}
}
